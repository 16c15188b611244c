"""What a second surface adds: it must agree, may stay silent for a while, and may contradict."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from appwatch.domain.confirmation import Policy
from appwatch.domain.model import ChangeKind, Observation, Outcome, Reason, State
from appwatch.domain.state import Disputed, Event, Standing, Transition, advance
from appwatch.domain.timing import recheck_after

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = Policy(second=("product_page", "platform"))
SEEN, SILENT, AGREES, CONTRADICTS = "seen", "silent", "agrees", "contradicts"
UNASKED = "unasked"


def saw(what: str, at: datetime) -> Observation:
    """Return a look whose second surface does this."""
    if what == SEEN:
        return Observation("1", "cn", Outcome.AVAILABLE, "found", at, surfaces=("lookup",))
    if what == CONTRADICTS:
        reason = Reason.SURFACES_DISAGREE
        return Observation("1", "cn", Outcome.INCONCLUSIVE, "disagree", at, reason)
    surfaces = ("lookup", "product_page") if what == AGREES else ("lookup",)
    absent = Observation("1", "cn", Outcome.NOT_FOUND, "absent", at, surfaces=surfaces)
    return absent._replace(unasked=what == UNASKED)


def play(looks: Sequence[str], minutes: float = 15) -> tuple[Standing, list[Event]]:
    """Return where these looks lead, so many minutes apart."""
    standing = Standing()
    events: list[Event] = []
    for number, what in enumerate(looks):
        at = START + number * timedelta(minutes=minutes)
        step = advance(standing, saw(what, at), POLICY)
        standing, events = step.standing, [*events, *step.events]
    return standing, events


def test_one_agreement_of_the_second_surface_is_enough() -> None:
    standing, events = play([SEEN, SILENT, AGREES, SILENT])
    assert standing.state is State.GONE
    change = events[-1]
    assert isinstance(change, Transition)
    assert change.surfaces == ("lookup", "product_page")
    assert not change.waived


def test_without_it_three_looks_are_not_enough() -> None:
    standing, _ = play([SEEN, SILENT, SILENT, SILENT, SILENT, SILENT])
    assert standing.shown == "suspected"


def test_a_silent_second_surface_is_waived_after_six_looks_over_two_hours() -> None:
    standing, events = play([SEEN, *[SILENT] * 9])
    assert standing.state is State.GONE
    change = events[-1]
    assert isinstance(change, Transition)
    assert change.waived
    assert change.looks == 9
    assert play([SEEN, *[SILENT] * 5], 40)[0].state is State.AVAILABLE


def test_who_was_not_asked_was_not_silent() -> None:
    assert play([SEEN, *[UNASKED] * 95])[0].shown == "suspected"
    assert play([SEEN, *[UNASKED] * 9, *[SILENT] * 5])[0].shown == "suspected"
    assert play([SEEN, *[UNASKED] * 9, *[SILENT] * 6])[0].state is State.GONE
    assert play([SEEN, *[UNASKED, SILENT] * 6])[0].state is State.GONE


def test_a_look_that_asked_nobody_counts_beside_one_that_agrees() -> None:
    standing, _ = play([SEEN, UNASKED, UNASKED, AGREES])
    assert standing.state is State.GONE


def test_a_contradiction_never_counts_and_never_ends_in_gone() -> None:
    standing, events = play([SEEN, *[CONTRADICTS] * 95])
    assert standing.state is State.AVAILABLE
    assert not [e for e in events if isinstance(e, Disputed)]
    assert standing.tallies == ()


def test_a_contradiction_that_lasts_a_day_is_told_once() -> None:
    _, events = play([SEEN, *[CONTRADICTS] * 300])
    told = [e for e in events if isinstance(e, Disputed)]
    assert len(told) == 1
    assert told[0].last_at - told[0].first_at >= timedelta(hours=24)


def test_silence_is_counted_from_the_last_contradiction() -> None:
    assert play([SEEN, SILENT, *[SILENT] * 4, CONTRADICTS, *[SILENT] * 4])[0].state is (
        State.AVAILABLE
    )
    after = play([SEEN, SILENT, *[SILENT] * 4, CONTRADICTS, *[SILENT] * 8])[0]
    assert after.state is State.GONE


def test_a_platform_that_lags_and_then_agrees_is_believed() -> None:
    standing, _ = play([SEEN, *[CONTRADICTS] * 8, AGREES, SILENT, SILENT])
    assert standing.state is State.GONE


def test_a_good_look_ends_a_dispute() -> None:
    standing, _ = play([SEEN, CONTRADICTS, SEEN])
    assert standing.dispute is None


def test_a_hold_lets_looks_count_and_confirms_nothing() -> None:
    standing, _ = play([SEEN, AGREES, AGREES])
    at = START + timedelta(hours=1)
    held = advance(standing, saw(AGREES, at), POLICY, held=True)
    assert held.standing.shown == "suspected"
    assert held.standing.tallies[0].looks == 3
    released = advance(held.standing, saw(AGREES, at + timedelta(minutes=15)), POLICY)
    assert isinstance(released.events[0], Transition)
    assert released.events[0].kind is ChangeKind.DISAPPEARED


def test_looks_that_wait_only_for_the_second_surface_are_spread() -> None:
    standing, _ = play([SEEN, SILENT, SILENT, SILENT])
    needed = POLICY.needs(ChangeKind.DISAPPEARED)
    wait = recheck_after(standing.tallies[0], needed, timedelta(hours=6))
    assert wait == timedelta(minutes=30)
