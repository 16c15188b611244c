"""Reminders: of what lasts alone, never as if it were new, and never told past its end."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import update

from appwatch.db import deliveries, reminders, tables
from appwatch.db.outbox import Result
from appwatch.domain.routing import Rate, Route
from tests.alerts.newsroom import Newsroom, Open, ids
from tests.alerts.rows import START

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


def look_again(room: Newsroom, **values: object) -> None:
    """Let looks write this about every target."""
    with room.database.write() as connection:
        connection.execute(update(tables.targets).values(**values))


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


def test_a_reminder_is_as_of_the_last_look_that_could_tell_and_not_of_its_sending(
    newsroom: Open,
) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, remind=[DAY]))
    room.change()
    room.deliver()
    seen_at = room.at + DAY - timedelta(minutes=1)
    look_again(room, last_settled_at=seen_at, next_look_at=seen_at + HOUR)
    room.deliver(DAY + timedelta(minutes=1))
    message = room.told()[1].message
    assert message.title.startswith("Still so: Jike disappeared from")
    assert "looks that could tell, as of 10 June 2020, 14:16:08 UTC, say" in message.body
    assert "No look since then" not in message.body


def test_a_reminder_says_where_no_look_could_tell_since(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, remind=[DAY, 2 * DAY]))
    room.change()
    room.deliver()
    look_again(room, last_settled_at=room.at + HOUR, next_look_at=room.at + 5 * DAY, lapse_id=7)
    room.deliver(DAY + HOUR)
    look_again(room, lapse_id=None, next_look_at=START + 2 * HOUR)
    room.deliver(DAY)
    for one in room.told()[1:]:
        assert one.message.title.startswith("At the last look that could tell: Jike")
        assert "as of 9 June 2020, 15:17:08 UTC, say that it lasts. No look since then" in (
            one.message.body
        )


def test_a_reminder_waits_while_looks_see_otherwise(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, remind=[DAY]))
    room.change()
    room.deliver()
    look_again(room, tallies="[]")
    room.deliver(DAY + HOUR)
    assert len(room.told()) == 1
    look_again(room, tallies=None)
    room.deliver(HOUR)
    assert len(room.told()) == 2


def test_a_reminder_outlives_a_later_change_that_is_retracted(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, remind=[DAY]))
    first = room.change("jike", "restricted", "available not_installable")
    room.deliver()
    room.at += HOUR
    wrong = room.change("jike", "disappeared", "not_installable gone")
    room.deliver()
    with room.database.write() as connection:
        retracted = update(tables.changes).where(tables.changes.c.id == wrong)
        connection.execute(retracted.values(retracted_at=room.at))
    look_again(room, state="not_installable")
    room.deliver(DAY)
    assert ids(room) == [[first], [wrong], [first]]


def test_a_reminder_that_is_due_inside_a_silence_is_told_at_its_end(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, remind=[DAY, 7 * DAY]))
    gone = room.change()
    room.deliver()
    room.silence(2 * DAY, app="jike")
    room.deliver(DAY + HOUR)
    assert ids(room) == [[gone]]
    room.deliver(DAY)
    assert ids(room) == [[gone], [gone]]


def test_what_departed_again_unseen_inside_a_silence_is_still_reminded_of(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, remind=[DAY]))
    gone = room.change()
    room.deliver()
    room.silence(2 * DAY, app="jike")
    room.at += HOUR
    room.change("jike", "returned", "gone available")
    room.at += HOUR
    again = room.change()
    room.deliver(DAY)
    assert ids(room) == [[gone]]
    room.deliver(DAY)
    assert ids(room) == [[gone], [again]]
