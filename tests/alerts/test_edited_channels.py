"""What waits while a channel is edited: told in its order, once, and no later than is due now."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import insert

from appwatch.db.tables import watchlists
from appwatch.domain.routing import Quiet, Route
from tests.alerts.newsroom import Newsroom, Open, ids

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DAILY = Route("newsroom", digest=(time(8), UTC))


def test_a_digest_that_is_taken_out_is_told_at_once_and_what_follows_after_it(
    newsroom: Open,
) -> None:
    room = newsroom(DAILY)
    gone = room.change()
    room.deliver()
    room.routes = [Route("newsroom")]
    room.at += HOUR
    back = room.change(kind="returned", moved="gone available")
    other = room.change("castro")
    room.deliver()
    assert ids(room) == [[gone, back], [other]]


def test_a_digest_whose_hour_is_moved_forward_is_told_by_then(newsroom: Open) -> None:
    room = newsroom(DAILY)
    gone = room.change()
    room.deliver()
    room.routes = [Route("newsroom", digest=(time(16), UTC))]
    assert room.deliver(HOUR).sent == 0
    room.deliver(HOUR)
    later = room.change("castro")
    for _ in range(24):
        room.deliver(HOUR)
    assert ids(room) == [[gone], [later]]
    assert [one.at.hour for one in room.told()] == [16, 16]


def test_quiet_hours_that_are_added_are_minded_by_what_waits(newsroom: Open) -> None:
    room = newsroom(DAILY)
    gone = room.change()
    room.deliver()
    quiet = Quiet(time(7), time(9), UTC)
    room.routes = [Route("newsroom", digest=(time(8), UTC), quiet=quiet)]
    room.at = datetime(2020, 6, 10, 8, tzinfo=UTC)
    assert room.deliver().sent == 0
    room.deliver(HOUR)
    assert ids(room) == [[gone]]


def test_a_digest_that_is_added_holds_up_nothing_that_waits(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=10 * MINUTE))
    first = room.change()
    room.deliver()
    second = room.change(kind="returned", moved="gone available")
    room.routes = [DAILY]
    third = room.change("castro")
    room.deliver(10 * MINUTE)
    assert ids(room) == [[first], [second]]
    room.at = datetime(2020, 6, 10, 8, tzinfo=UTC)
    room.deliver()
    assert ids(room)[2:] == [[third]]


def edit(room: Newsroom, *routes: Route) -> None:
    room.routes = routes
    with room.database.write() as connection:
        text = {"digest": str(room.at), "content": "", "accepted_at": room.at}
        connection.execute(insert(watchlists).values(text))


def test_what_waits_for_a_channel_that_is_no_more_is_withdrawn_after_days(newsroom: Open) -> None:
    room = newsroom(DAILY, Route("desk"))
    room.change()
    edit(room, Route("desk"))
    assert room.deliver(3 * DAY - MINUTE).waiting == 1
    assert room.deliver(MINUTE).waiting == 0
    [row] = room.rows()
    assert (row.status, row.settled_at) == ("withdrawn", room.at)
    assert len(room.told("desk")) == 1


def test_a_channel_that_comes_back_within_a_day_is_told_what_waited(newsroom: Open) -> None:
    room = newsroom(DAILY, Route("desk"))
    gone = room.change()
    room.at += 3 * DAY
    edit(room, Route("desk"))
    assert room.deliver(DAY - MINUTE).waiting == 1
    edit(room, DAILY, Route("desk"))
    room.deliver()
    assert ids(room) == [[gone]]
