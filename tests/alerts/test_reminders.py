"""Reminders: of what lasts alone, never as if it were new, and never told past its end."""

from datetime import UTC, datetime, time, timedelta

from appwatch.db import deliveries, reminders
from appwatch.db.outbox import Result
from appwatch.domain.routing import Rate, Route
from tests.alerts.newsroom import Newsroom, Open, ids

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_ONCE = timedelta(0)
DAILY = Route("newsroom", digest=(time(8), UTC), remind=[2 * DAY])


def titles(room: Newsroom) -> list[str]:
    return [one.message.title.partition(" from ")[0] for one in room.told()]


def waiting_reminder(newsroom: Open) -> tuple[Newsroom, str]:
    """Return a newsroom for which a reminder of Jike and Zynn waits, and what told Jike's."""
    room = newsroom(DAILY)
    gone = room.change("jike")
    room.change("zynn")
    room.deliver(DAY)
    room.deliver(DAY + HOUR)
    assert [row.subject for row in room.rows()] == ["changes", "reminder"]
    return room, gone


def test_a_reminder_that_waits_is_withdrawn_when_its_app_returns(newsroom: Open) -> None:
    room, gone = waiting_reminder(newsroom)
    back = room.change("jike", "returned", "gone available")
    room.deliver()
    room.deliver(DAY)
    assert sorted(ids(room)[1:]) == sorted([["c-2"], [back]])
    assert [row.status for row in room.rows()] == ["sent", "withdrawn", "sent", "sent"]
    with room.database.read() as connection:
        assert deliveries.require(connection, gone).status == "sent"


def test_a_reminder_that_failed_is_not_tried_again_after_the_return(newsroom: Open) -> None:
    room, _ = waiting_reminder(newsroom)
    room.results["newsroom"] = Result.FAILED
    room.deliver(DAY)
    room.results.clear()
    for app in ("jike", "zynn"):
        room.change(app, "returned", "gone available")
    room.deliver(DAY)
    room.deliver(DAY)
    assert titles(room)[1:] == ["2 changes of 2 apps"]


def test_a_channel_is_not_reminded_of_what_it_does_not_want_to_hear_any_more(
    newsroom: Open,
) -> None:
    room = newsroom(Route("newsroom", remind=[DAY]))
    room.change("jike")
    room.deliver()
    room.routes = [Route("newsroom", remind=[DAY], apps=["castro"])]
    room.deliver(2 * DAY)
    assert len(room.told()) == 1


def test_a_summary_tells_no_reminder_as_if_it_were_new(newsroom: Open) -> None:
    limit = Rate(2, HOUR)
    room = newsroom(Route("newsroom", group_for=AT_ONCE, at_most=limit, remind=[DAY]))
    room.change("jike")
    room.deliver()
    room.at = datetime(2020, 6, 10, 14, 17, 8, tzinfo=UTC)
    for app in ("castro", "overcast", "zynn"):
        room.change(app)
    room.deliver()
    room.deliver(HOUR)
    assert ids(room) == [["c-1"], ["c-2"], ["c-3", "c-4"], ["c-1"]]
    assert titles(room)[2:] == ["In one message: 2 changes", "Still so: Jike disappeared"]


def catch_up(room: Newsroom, *remind: timedelta) -> None:
    """Set `remind`, as a watchlist that comes into force does."""
    room.routes = [Route("newsroom", group_for=AT_ONCE, remind=remind)]
    with room.database.write() as connection:
        reminders.catch_up(connection, room.routes, room.at)


def test_reminders_that_are_set_later_hold_for_what_was_told_before(newsroom: Open) -> None:
    room = newsroom()
    for app in ("jike", "castro", "zynn"):
        room.change(app)
    room.deliver()
    room.change("jike", "returned", "gone available")
    room.deliver(3 * DAY)
    catch_up(room, DAY, 7 * DAY)
    catch_up(room, DAY, 7 * DAY)
    room.deliver(DAY)
    assert len(ids(room)) == 4
    room.deliver(3 * DAY)
    assert ids(room)[4:] == [["c-2", "c-3"]]


def test_a_changed_interval_moves_what_is_to_come_and_loses_nothing_that_is_due(
    newsroom: Open,
) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, remind=[7 * DAY]))
    gone = room.change()
    room.deliver()
    catch_up(room, 2 * DAY)
    room.at += 2 * DAY + HOUR
    catch_up(room, 9 * DAY)
    room.deliver()
    assert ids(room) == [[gone], [gone]]
    room.deliver(6 * DAY)
    assert len(ids(room)) == 2
    room.deliver(DAY)
    assert len(ids(room)) == 3
