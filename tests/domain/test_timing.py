"""When targets are looked at, and when a look is late."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appwatch.domain.confirmation import Confirmation
from appwatch.domain.model import Outcome
from appwatch.domain.state import Tally
from appwatch.domain.timing import FURTHEST, SOON, is_late, next_look, next_round, rounds_missed

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVERY = timedelta(minutes=15)
NEEDED = Confirmation(3, timedelta(minutes=30))


def missed(looks: int, minutes: float) -> Tally:
    """Return the tally of so many misses over so many minutes."""
    last = START + timedelta(minutes=minutes)
    return Tally(Outcome.NOT_FOUND, START, last, looks)


@given(st.integers(0, 10**6), st.integers(1, 86_400))
def test_the_next_round_is_never_now_and_never_much_later_than_every(
    offset: int, seconds: int
) -> None:
    now, every = START + timedelta(seconds=offset), timedelta(seconds=seconds)
    wait = next_round(now, every, "app_store/cn") - now
    assert 0.2 * every < wait < FURTHEST * every


def test_rounds_come_once_in_every_interval() -> None:
    rounds = [START]
    for _ in range(50):
        rounds.append(next_round(rounds[-1] + timedelta(seconds=20), EVERY, "app_store/cn"))
    for earlier, later in pairwise(rounds[1:]):
        assert timedelta(minutes=13) < later - earlier < timedelta(minutes=17)


def test_targets_of_a_storefront_share_their_rounds_and_storefronts_do_not() -> None:
    late = START + timedelta(seconds=40)
    assert next_round(START, EVERY, "a/cn") == next_round(late, EVERY, "a/cn")
    storefronts = [f"app_store/{number}" for number in range(100)]
    minutes = {next_round(START, EVERY, place).minute for place in storefronts}
    assert len(minutes) > 10


def test_a_suspicion_is_looked_at_again_soon_then_spread_over_what_is_left() -> None:
    soon = next_look(START, EVERY, "a/cn", [(missed(1, 0), NEEDED)])
    assert soon - START == SOON
    after_two = START + timedelta(minutes=1)
    second = next_look(after_two, timedelta(hours=6), "a/cn", [(missed(2, 1), NEEDED)])
    assert second - after_two == timedelta(minutes=29)


def test_a_suspicion_never_waits_longer_than_a_round() -> None:
    every = timedelta(seconds=5)
    assert next_look(START, every, "a/cn", [(missed(1, 0), NEEDED)]) - START <= every


@pytest.mark.parametrize(
    ("tally", "needed"),
    [
        (missed(1, 0), NEEDED),
        (missed(2, 40), NEEDED),
        (missed(1, 0), Confirmation(2, timedelta(0))),
    ],
    ids=["missed once", "missed for long", "arrived"],
)
def test_looks_that_count_for_nothing_come_ever_more_rarely(
    tally: Tally, needed: Confirmation
) -> None:
    at, waits = tally.last_at, []
    for _ in range(7):
        due_at = next_look(at, timedelta(hours=6), "a/cn", [(tally, needed)])
        waits.append((due_at - at) / SOON)
        at = due_at
    assert waits == [1, 1, 2, 4, 8, 16, 32]
    much_later = START + timedelta(days=1)
    with_the_round = next_look(much_later, EVERY, "a/cn", [(tally, needed)])
    assert with_the_round == next_round(much_later, EVERY, "a/cn")


def test_a_look_is_late_after_half_an_interval() -> None:
    assert not is_late(START, START + 0.4 * EVERY, EVERY)
    assert is_late(START, START + 0.6 * EVERY, EVERY)


def test_rounds_that_never_took_place_are_counted() -> None:
    assert rounds_missed(START, START + timedelta(hours=1), EVERY) == 4
    assert rounds_missed(START, START - timedelta(hours=1), EVERY) == 0
