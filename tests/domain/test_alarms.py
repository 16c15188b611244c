from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appwatch.domain.alarms import AT_ONCE, AlarmKind, Patience, Step, step

NOW = datetime(2026, 7, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
USUAL = Patience.of(timedelta(minutes=15))
Times = tuple[datetime, datetime | None, datetime | None]


def taken(minutes: float, *times: float | None, stands: bool) -> Step | None:
    """Return what becomes of a sick storefront, met, told and gone at these minutes."""
    met, opened, quiet = (None if at is None else NOW + at * MINUTE for at in times)
    assert met
    now = NOW + minutes * MINUTE
    return step(AlarmKind.SICK, (met, opened, quiet), now, USUAL, stands=stands)


def test_trouble_is_told_once_it_has_lasted() -> None:
    assert taken(1, 0, None, None, stands=True) is None
    assert taken(2, 0, None, None, stands=True) is Step.OPENED
    assert taken(3, 0, 2, None, stands=True) is None


def test_trouble_that_goes_at_once_is_never_told() -> None:
    assert taken(1, 0, None, None, stands=False) is Step.FORGOTTEN


def test_an_end_is_told_once_it_has_lasted() -> None:
    assert taken(20, 0, 2, None, stands=False) is Step.QUIET
    assert taken(29, 0, 2, 20, stands=False) is None
    assert taken(30, 0, 2, 20, stands=False) is Step.ENDED


def test_trouble_that_comes_back_soon_had_not_ended() -> None:
    assert taken(25, 0, 2, 20, stands=True) is Step.BACK


@pytest.mark.parametrize("kind", sorted(AT_ONCE))
def test_what_is_certain_is_told_at_once(kind: AlarmKind) -> None:
    assert step(kind, (NOW, None, None), NOW, USUAL, stands=True) is Step.OPENED


@pytest.mark.parametrize(("kind", "minutes"), [(AlarmKind.COVERAGE, 30), (AlarmKind.LATE, 15)])
def test_what_a_round_may_mend_must_outlast_it(kind: AlarmKind, minutes: int) -> None:
    times = (NOW, None, None)
    soon, later = NOW + (minutes - 1) * MINUTE, NOW + minutes * MINUTE
    assert step(kind, times, soon, USUAL, stands=True) is None
    assert step(kind, times, later, USUAL, stands=True) is Step.OPENED


@given(st.lists(st.tuples(st.booleans(), st.integers(-90, 90)), max_size=40))
def test_whatever_the_clock_does_every_end_follows_a_beginning(
    seen: list[tuple[bool, int]],
) -> None:
    now, times, told = NOW, None, []
    for stands, minutes in seen:
        now += minutes * MINUTE
        if times is None and not stands:
            continue
        met, opened, quiet = times or (now, None, None)
        match step(AlarmKind.SICK, (met, opened, quiet), now, USUAL, stands=stands):
            case Step.OPENED:
                opened = now
                told.append("opened")
            case Step.QUIET:
                quiet = now
            case Step.BACK:
                quiet = None
            case Step.ENDED | Step.FORGOTTEN as end:
                told += ["ended"] if end is Step.ENDED else []
                times = None
                continue
        times = (met, opened, quiet)
    assert told == ["opened", "ended"] * (len(told) // 2) + ["opened"] * (len(told) % 2)
