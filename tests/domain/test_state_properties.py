"""What holds of the state machine whatever is seen, in whatever order."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from appwatch.domain.confirmation import Confirmation, Policy
from appwatch.domain.model import Observation, Outcome, Reason, State
from appwatch.domain.state import Event, Standing, Transition, advance

START = datetime(2026, 1, 1, tzinfo=UTC)

outcomes = st.sampled_from(list(Outcome))
gaps = st.integers(0, 7200).map(lambda seconds: timedelta(seconds=seconds))
confirmations = st.builds(
    Confirmation, st.integers(1, 5), st.integers(0, 7200).map(lambda s: timedelta(seconds=s))
)
policies = st.builds(Policy, confirmations, confirmations)


@st.composite
def histories(draw: st.DrawFn) -> list[Observation]:
    """Draw looks in order of time."""
    at, looks = START, []
    for outcome, gap in draw(st.lists(st.tuples(outcomes, gaps), max_size=40)):
        at += gap
        reason = Reason.TIMEOUT if outcome is Outcome.INCONCLUSIVE else None
        looks.append(Observation("1", "cn", outcome, f"rule.{outcome}", at, reason))
    return looks


def run(looks: list[Observation], policy: Policy) -> tuple[Standing, list[Event]]:
    """Return where the looks lead, and what they caused."""
    standing = Standing()
    events: list[Event] = []
    for look in looks:
        step = advance(standing, look, policy)
        standing = step.standing
        events += step.events
    return standing, events


def moves(events: list[Event]) -> list[Transition]:
    """Return the transitions among the events."""
    return [event for event in events if isinstance(event, Transition)]


@given(histories(), policies)
def test_inconclusive_looks_never_move_count_or_reset(
    looks: list[Observation], policy: Policy
) -> None:
    conclusive = [look for look in looks if look.conclusive]
    with_them, without = run(looks, policy), run(conclusive, policy)
    assert moves(with_them[1]) == moves(without[1])
    assert with_them[0].tallies == without[0].tallies
    assert with_them[0].state is without[0].state


@given(histories(), policies)
def test_a_change_has_the_confirmations_it_needs(looks: list[Observation], policy: Policy) -> None:
    for move in moves(run(looks, policy)[1]):
        if move.from_state is State.UNKNOWN:
            continue
        needed = policy.needs(move.kind)
        assert move.looks >= needed.looks
        assert move.confirmed_at - move.after_at >= needed.over
        agreeing = [
            look
            for look in looks
            if move.after_at <= look.seen_at <= move.confirmed_at and look.rule in move.rules
        ]
        assert len(agreeing) >= move.looks


@given(histories(), policies)
def test_nothing_that_was_never_seen_missing_disappears(
    looks: list[Observation], policy: Policy
) -> None:
    absent = any(look.outcome is Outcome.NOT_FOUND for look in looks)
    states = {move.to_state for move in moves(run(looks, policy)[1])}
    assert absent or states.isdisjoint({State.GONE, State.NEVER_SEEN})


@given(histories(), policies)
def test_the_same_looks_give_the_same_changes(looks: list[Observation], policy: Policy) -> None:
    assert run(looks, policy) == run(looks, policy)


@given(histories(), policies)
def test_a_baseline_is_never_a_change(looks: list[Observation], policy: Policy) -> None:
    transitions = moves(run(looks, policy)[1])
    for number, move in enumerate(transitions):
        assert (move.from_state is State.UNKNOWN) is (number == 0)
        if number == 0:
            assert move.kind is None


@given(histories(), policies)
def test_periods_neither_overlap_nor_run_backwards(
    looks: list[Observation], policy: Policy
) -> None:
    transitions = moves(run(looks, policy)[1])
    for move in transitions:
        assert move.before_at is None or move.before_at <= move.after_at <= move.confirmed_at
    for earlier, later in pairwise(transitions):
        assert earlier.to_state is later.from_state
        assert later.before_at is not None
        assert earlier.confirmed_at <= later.before_at


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), policies)
def test_each_confirmed_turn_is_a_change_of_its_own(runs: list[int], policy: Policy) -> None:
    needed = max(policy.disappeared.looks, policy.returned.looks)
    gap = max(policy.disappeared.over, policy.returned.over) + timedelta(seconds=1)
    at, looks = START, []
    for number, extra in enumerate(runs):
        outcome = Outcome.NOT_FOUND if number % 2 else Outcome.AVAILABLE
        for _ in range(needed + extra):
            at += gap
            looks.append(Observation("1", "cn", outcome, "rule", at))
    changes = [move for move in moves(run(looks, policy)[1]) if move.kind is not None]
    assert len(changes) == len(runs) - 1
