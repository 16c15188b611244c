"""What holds of routing whatever is asked of it: it picks, delays and sums up."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appwatch.domain.routing import (
    Quiet,
    Rate,
    Route,
    Silenced,
    SilenceScope,
    Topic,
    has_failed_for_days,
    next_digest,
    next_reminder,
    operators,
    rests_until,
    silenced_by,
    still_holds,
    tried_again_at,
    turn,
    when,
)

START = datetime(2026, 3, 28, 12, tzinfo=UTC)
ZONES = st.sampled_from(["UTC", "Europe/Athens", "Pacific/Auckland", "America/St_Johns"])
moments = st.integers(0, 400 * 86_400).map(lambda s: START + timedelta(seconds=s))
spans = st.integers(1, 40 * 86_400).map(lambda s: timedelta(seconds=s))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
rates = st.builds(Rate, st.integers(1, 5), spans)


@given(moments, times, ZONES)
def test_a_digest_comes_within_a_day_and_an_hour_at_its_local_time(
    now: datetime, at: time, zone: str
) -> None:
    told = next_digest(at, ZoneInfo(zone), now)
    assert now < told <= now + timedelta(hours=49)
    local = told.astimezone(ZoneInfo(zone))
    # Where clocks are put forward over it, the hour does not exist.
    skipped = local.replace(tzinfo=None) != datetime.combine(local.date(), at)
    assert local.time() == at or skipped


@given(moments, spans, st.none() | moments)
def test_a_message_is_never_due_before_there_is_something_to_tell(
    now: datetime, group_for: timedelta, told_at: datetime | None
) -> None:
    due = when(Route("a", group_for=group_for), now, told_at)
    assert due >= now
    assert due == now or (told_at is not None and due == told_at + group_for)


@given(rates, st.none() | rates, st.lists(moments, max_size=30))
def test_no_window_ever_holds_more_messages_than_the_rates_allow(
    pace: Rate, at_most: Rate | None, wanted: Sequence[datetime]
) -> None:
    route = Route("a", pace=pace, at_most=at_most)
    told: list[datetime] = []
    now = START
    for at in sorted(wanted):
        now = max(now, at)
        while (until := turn(route, told, told, now).until) is not None:
            assert until > now
            now = until
        told.append(now)
    for rate in filter(None, (pace, at_most)):
        for index in range(len(told) - rate.count):
            assert told[index + rate.count] - told[index] >= rate.per


@given(rates, st.lists(moments, min_size=1, max_size=20), moments)
def test_a_channel_that_waits_for_its_turn_has_one_within_its_window(
    pace: Rate, told: Sequence[datetime], now: datetime
) -> None:
    until = turn(Route("a", pace=pace), told, told, now).until
    assert until is None or now < until <= now + pace.per


@given(st.lists(spans, max_size=4), moments, spans)
def test_reminders_come_after_now_and_never_end(
    intervals: list[timedelta], since: datetime, later: timedelta
) -> None:
    after = since + later
    found = next_reminder(intervals, since, after)
    assert (found is None) == (not intervals)
    if found is not None:
        assert after < found <= max(since + max(intervals), after + max(intervals))


STATES = st.sampled_from(["available", "gone", "not_installable"])


@given(st.lists(STATES, min_size=2, max_size=8), st.data())
def test_what_a_silence_tells_is_the_last_state_and_only_if_it_differs(
    states: list[str], data: st.DataObject
) -> None:
    pairs = pairwise(states)
    moves = [Silenced(str(n), a, b) for n, (a, b) in enumerate(pairs) if a != b]
    held = still_holds(moves, states[-1])
    assert (held is not None) == (states[0] != states[-1])
    assert held is None or held.to_state == states[-1]
    wrong = data.draw(st.sets(st.integers(0, 8)))
    marked = [Silenced(m.id, m.from_state, m.to_state, int(m.id) in wrong) for m in moves]
    told = still_holds(marked, states[-1])
    assert told is None or not told.retracted
    assert still_holds(moves, states[0]) is None


@given(st.none() | st.just("jike"), st.none() | st.just("social"), st.none() | st.just("cn"))
def test_a_silence_covers_what_fits_all_that_it_names(
    app: str | None, tag: str | None, storefront: str | None
) -> None:
    scope = SilenceScope(app, tag, None, storefront)
    assert silenced_by([scope], Topic("disappeared", "jike", ["social"], "app_store", "cn"))
    other = Topic("disappeared", "castro", [], "app_store", "us")
    assert silenced_by([scope], other) == (app is tag is storefront is None)


@given(moments, times, times, ZONES)
def test_quiet_hours_and_the_hours_between_them_make_a_day(
    now: datetime, begins: time, ends: time, zone: str
) -> None:
    if begins != ends:
        tz = ZoneInfo(zone)
        assert Quiet(begins, ends, tz).covers(now) != Quiet(ends, begins, tz).covers(now)


@given(st.integers(1, 40), st.none() | spans)
def test_what_fails_is_tried_again_within_a_day_and_its_channel_sooner(
    failures: int, asked: timedelta | None
) -> None:
    again, rested = (rule(START, failures, asked) for rule in (tried_again_at, rests_until))
    assert START < rested <= again if asked is None else rested > START
    assert again <= START + timedelta(days=1)
    assert asked is None or again - START >= min(asked, timedelta(days=1))


def test_nothing_is_late_that_was_not_tried_often_and_for_days() -> None:
    long_ago = START - timedelta(days=9)
    assert has_failed_for_days(START, long_ago, 8)
    assert not has_failed_for_days(START, long_ago, 7)
    assert not has_failed_for_days(START, START - timedelta(days=2), 80)
    assert not has_failed_for_days(START, None, 80)


def test_trouble_is_told_to_those_marked_for_it_else_to_all_that_work_else_it_waits() -> None:
    plain, marked = Route("a"), Route("b", operator=True)
    assert operators([plain, marked], off=()) == [marked]
    assert operators([plain, marked], off=["b"]) == [plain]
    assert operators([plain, marked], off=(), about="b") == [plain]
    assert operators([plain], off=["a"]) == [plain]
    assert operators([plain, marked], off=["a", "b"]) == [marked]
    assert operators([plain, marked], off=["a"], about="b") == [plain]
    assert operators([plain], off=(), about="a") == []
