"""How observations move the state of a target."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appwatch.domain.clocks import Beat
from appwatch.domain.confirmation import Confirmation, Policy
from appwatch.domain.model import ChangeKind, Observation, Outcome, Reason, State
from appwatch.domain.state import Cleared, Event, Standing, Suspected, Tally, Transition, advance

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DEFAULT = Policy()
AT_ONCE = Policy(Confirmation(1, timedelta(0)), Confirmation(1, timedelta(0)))

SEEN, MISSED = Outcome.AVAILABLE, Outcome.NOT_FOUND
LOCKED, PREREGISTERED = Outcome.NOT_INSTALLABLE, Outcome.PREREGISTRATION
NOTHING = Outcome.INCONCLUSIVE


def saw(outcome: Outcome, at: datetime) -> Observation:
    """Return an observation of that outcome."""
    reason = Reason.NETWORK if outcome is NOTHING else None
    return Observation("1", "cn", outcome, f"rule.{outcome}", at, reason, surfaces=("lookup",))


def play(
    outcomes: Sequence[Outcome], policy: Policy = DEFAULT, step: timedelta = 15 * MINUTE
) -> tuple[Standing, list[Event]]:
    """Return where these looks lead, one every `step`, and all that they caused."""
    standing = Standing()
    events: list[Event] = []
    for number, outcome in enumerate(outcomes):
        moved = advance(standing, saw(outcome, START + number * step), policy)
        standing = moved.standing
        events += moved.events
    return standing, events


def kinds(events: Sequence[Event]) -> list[ChangeKind]:
    """Return the kinds of the changes among the events."""
    return [e.kind for e in events if isinstance(e, Transition) and e.kind is not None]


@pytest.mark.parametrize(
    ("first", "state"),
    [
        (SEEN, State.AVAILABLE),
        (MISSED, State.NEVER_SEEN),
        (LOCKED, State.NOT_INSTALLABLE),
        (PREREGISTERED, State.PREREGISTRATION),
    ],
)
def test_the_first_conclusive_look_is_a_baseline_and_no_change(
    first: Outcome, state: State
) -> None:
    standing, events = play([NOTHING, first])
    assert standing.state is state
    assert kinds(events) == []


def test_an_inconclusive_first_look_leaves_the_state_unknown() -> None:
    standing, events = play([NOTHING, NOTHING])
    assert standing.state is State.UNKNOWN
    assert events == []


MATRIX = [
    ([SEEN], MISSED, ChangeKind.DISAPPEARED, State.GONE),
    ([SEEN], LOCKED, ChangeKind.RESTRICTED, State.NOT_INSTALLABLE),
    ([SEEN], PREREGISTERED, ChangeKind.RESTRICTED, State.PREREGISTRATION),
    ([LOCKED], SEEN, ChangeKind.APPEARED, State.AVAILABLE),
    ([SEEN, LOCKED], SEEN, ChangeKind.RETURNED, State.AVAILABLE),
    ([LOCKED], MISSED, ChangeKind.DISAPPEARED, State.GONE),
    ([LOCKED], PREREGISTERED, None, State.PREREGISTRATION),
    ([PREREGISTERED], LOCKED, None, State.NOT_INSTALLABLE),
    ([PREREGISTERED], SEEN, ChangeKind.APPEARED, State.AVAILABLE),
    ([MISSED], SEEN, ChangeKind.APPEARED, State.AVAILABLE),
    ([MISSED], LOCKED, ChangeKind.LISTED, State.NOT_INSTALLABLE),
    ([SEEN, MISSED], SEEN, ChangeKind.RETURNED, State.AVAILABLE),
    ([SEEN, MISSED], PREREGISTERED, ChangeKind.LISTED, State.PREREGISTRATION),
]


@pytest.mark.parametrize(("before", "seen", "kind", "state"), MATRIX)
def test_the_state_matrix(
    before: list[Outcome], seen: Outcome, kind: ChangeKind | None, state: State
) -> None:
    _, earlier = play(before, AT_ONCE)
    standing, events = play([*before, seen], AT_ONCE)
    assert standing.state is state
    assert kinds(events[len(earlier) :]) == ([kind] if kind else [])
    assert isinstance(events[-1], Transition)


def test_a_departure_is_suspected_until_three_looks_over_half_an_hour_agree() -> None:
    standing, events = play([SEEN, MISSED, MISSED])
    assert standing.shown == "suspected"
    assert kinds(events) == []
    standing, events = play([SEEN, MISSED, MISSED, MISSED])
    assert standing.state is State.GONE
    assert kinds(events) == [ChangeKind.DISAPPEARED]


def test_three_quick_looks_are_not_enough() -> None:
    standing, _ = play([SEEN, MISSED, MISSED, MISSED, MISSED], step=MINUTE)
    assert standing.shown == "suspected"


def test_a_change_is_dated_by_the_looks_around_it() -> None:
    _, events = play([SEEN, SEEN, NOTHING, MISSED, NOTHING, MISSED, MISSED])
    change = events[-1]
    assert isinstance(change, Transition)
    assert change.before_at == START + 15 * MINUTE
    assert change.after_at == START + 45 * MINUTE
    assert change.confirmed_at == START + 90 * MINUTE
    assert change.looks == 3
    assert change.rules == ("rule.not_found",)
    assert change.surfaces == ("lookup",)


def test_one_good_look_clears_a_suspicion_and_the_old_period_goes_on() -> None:
    standing, events = play([SEEN, MISSED, MISSED, SEEN])
    assert standing.shown == "available"
    assert standing.since == START
    assert [type(e) for e in events] == [Transition, Suspected, Cleared]


def test_an_inconclusive_look_neither_clears_nor_confirms_a_suspicion() -> None:
    standing, _ = play([SEEN, MISSED, NOTHING, NOTHING, NOTHING, NOTHING])
    assert standing.shown == "suspected"
    assert standing.tallies[0].looks == 1


def test_two_ways_of_being_away_that_alternate_are_confirmed_in_the_end() -> None:
    standing, events = play([SEEN, MISSED, LOCKED, MISSED, LOCKED, MISSED])
    assert standing.state is State.GONE
    assert kinds(events) == [ChangeKind.DISAPPEARED]
    assert [type(e) for e in events].count(Suspected) == 1


def test_a_return_needs_two_looks() -> None:
    gone = [SEEN, MISSED, MISSED, MISSED]
    assert play([*gone, SEEN])[0].state is State.GONE
    assert kinds(play([*gone, SEEN, SEEN])[1]) == [ChangeKind.DISAPPEARED, ChangeKind.RETURNED]


def test_going_coming_back_and_going_again_gives_three_changes() -> None:
    looks = [SEEN, MISSED, MISSED, MISSED, SEEN, SEEN, MISSED, MISSED, MISSED]
    assert kinds(play(looks)[1]) == [
        ChangeKind.DISAPPEARED,
        ChangeKind.RETURNED,
        ChangeKind.DISAPPEARED,
    ]


def test_a_clock_set_back_does_not_make_times_run_backwards() -> None:
    first = advance(Standing(), saw(SEEN, START), AT_ONCE).standing
    step = advance(first, saw(MISSED, START - timedelta(hours=1)), AT_ONCE)
    change = step.events[0]
    assert isinstance(change, Transition)
    assert (change.before_at, change.after_at, change.confirmed_at) == (START, START, START)


def test_a_look_under_a_clock_that_ran_ahead_does_not_stop_a_removal_from_being_found() -> None:
    standing = advance(Standing(), saw(SEEN, START), DEFAULT).standing
    standing = advance(standing, saw(SEEN, START + timedelta(days=30)), DEFAULT).standing
    events: list[Event] = []
    for number in range(1, 4):
        step = advance(standing, saw(MISSED, START + number * 15 * MINUTE), DEFAULT)
        standing, events = step.standing, [*events, *step.events]
    assert kinds(events) == [ChangeKind.DISAPPEARED]
    change = events[-1]
    assert isinstance(change, Transition)
    assert change.before_at == change.after_at == START + 15 * MINUTE


def test_a_suspicion_under_a_clock_that_is_set_back_counts_its_time_anew() -> None:
    standing, _ = play([SEEN, MISSED, MISSED])
    back = START - timedelta(hours=5)
    step = advance(standing, saw(MISSED, back), DEFAULT)
    assert step.standing.shown == "suspected"
    for minutes in (15, 30):
        step = advance(step.standing, saw(MISSED, back + minutes * MINUTE), DEFAULT)
    assert step.standing.state is State.GONE


def test_a_suspicion_that_was_dropped_begins_with_the_next_look_that_misses() -> None:
    standing = advance(Standing(), saw(SEEN, START), DEFAULT).standing
    dropped = Tally(MISSED, START + MINUTE, START + MINUTE, looks=0)
    standing = replace(standing, tallies=(dropped,))
    events: list[Event] = []
    for minutes in (300, 301, 330):
        step = advance(standing, saw(MISSED, START + minutes * MINUTE), DEFAULT)
        standing, events = step.standing, [*events, *step.events]
    (change,) = events
    assert isinstance(change, Transition)
    assert (change.after_at, change.looks) == (START + 300 * MINUTE, 3)


def test_looks_under_a_clock_that_ran_ahead_are_none_of_those_that_confirm() -> None:
    standing, _ = play([SEEN, MISSED, MISSED])
    back = START - timedelta(hours=5)
    for minutes in (0, 15, 30):
        step = advance(standing, saw(MISSED, back + minutes * MINUTE), DEFAULT)
        standing = step.standing
    (change,) = step.events
    assert isinstance(change, Transition)
    assert (change.looks, standing.state) == (3, State.GONE)


def against(minutes: Sequence[tuple[float, float]]) -> list[Event]:
    """Return what misses cause, each at so many minutes by the clock and by the beat."""
    standing = advance(Standing(), saw(SEEN, START - MINUTE), DEFAULT).standing
    events: list[Event] = []
    for told, passed in minutes:
        beat = Beat("boot", passed * 60)
        step = advance(standing, saw(MISSED, START + told * MINUTE), DEFAULT, beat=beat)
        standing, events = step.standing, [*events, *step.events]
    return events


def test_a_clock_set_forward_shortens_no_half_hour() -> None:
    jumped = [(0, 0), (61, 1), (62, 2), (90, 30)]
    assert kinds(against(jumped)) == []
    (_, change) = against([*jumped, (91, 31)])
    assert isinstance(change, Transition)
    assert (change.looks, change.after_at) == (5, START)
    assert change.confirmed_at - START == 91 * MINUTE


def test_a_clock_that_is_corrected_by_seconds_begins_nothing_anew() -> None:
    assert kinds(against([(0, 0), (15.4, 15), (30.2, 30)])) == [ChangeKind.DISAPPEARED]


def test_a_clock_set_back_a_little_begins_the_half_hour_anew() -> None:
    back = [(0, 0), (20, 20), (10, 25), (35, 50)]
    assert kinds(against(back)) == []
    assert kinds(against([*back, (40, 55)])) == [ChangeKind.DISAPPEARED]


def test_beats_of_two_machines_say_nothing_of_each_other() -> None:
    standing = advance(Standing(), saw(SEEN, START - MINUTE), DEFAULT).standing
    for number in range(3):
        beat = Beat(f"boot {number}", 1.0)
        step = advance(standing, saw(MISSED, START + number * 15 * MINUTE), DEFAULT, beat=beat)
        standing = step.standing
    assert kinds(step.events) == [ChangeKind.DISAPPEARED]
