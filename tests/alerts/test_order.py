"""A channel's last word on a target is never an older one, whatever waits and joins."""

from datetime import UTC, time, timedelta
from itertools import chain

from appwatch.db.outbox import Result
from appwatch.domain.routing import Quiet, Route
from tests.alerts.newsroom import Newsroom, Open, ids

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AT_ONCE = timedelta(0)


def told(room: Newsroom) -> list[str]:
    return list(chain.from_iterable(ids(room)))


def test_a_suspicion_after_one_that_was_cleared_is_told_after_that(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", quiet=Quiet(time(15), time(17), UTC)))
    waiting = [room.change()]
    room.deliver()
    room.at += HOUR
    for kind in ("suspected", "cleared", "suspected"):
        room.at += MINUTE
        waiting.append(room.notice(kind))
    room.deliver(2 * HOUR)
    assert told(room) == waiting


def test_a_change_after_a_notice_that_waits_joins_no_message_before_it(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", digest=(time(8), UTC)))
    waiting = [room.change()]
    room.at += MINUTE
    waiting.append(room.notice("retracted"))
    room.at += MINUTE
    waiting.append(room.change())
    room.deliver(24 * HOUR)
    assert told(room) == waiting


def test_a_clock_that_is_set_back_turns_no_order_round(newsroom: Open) -> None:
    room = newsroom(results={"newsroom": Result.FAILED})
    gone = room.change()
    room.deliver()
    room.at -= HOUR
    back = room.change(kind="returned", moved="gone available")
    room.results.clear()
    for _ in range(3):
        room.deliver(HOUR)
    assert told(room) == [gone, back]


def test_an_update_waits_from_when_the_incident_was_last_told(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=10 * MINUTE))
    room.change()
    for minute in range(1, 40):
        room.deliver(MINUTE)
        if minute in (5, 12, 14):
            room.change("jike", "returned", "gone available")
    assert [(one.at - room.told()[0].at) // MINUTE for one in room.told()] == [0, 10, 20]


def test_what_was_over_before_it_could_be_told_says_so(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", kinds=["disappeared"], digest=(time(8), UTC)))
    room.change()
    room.at += HOUR
    room.change(kind="returned", moved="gone available")
    room.deliver(24 * HOUR)
    [late] = room.told()
    assert late.message.body.startswith(
        "Jike disappeared from the App Store in China (cn). It has changed again since.\n"
    )


def test_notices_of_one_app_and_kind_come_at_once_and_then_together(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=10 * MINUTE))
    room.change()
    room.deliver()
    noticed = []
    for _ in range(5):
        noticed.append(room.notice("suspected"))
        room.deliver(MINUTE)
    room.deliver(5 * MINUTE)
    assert ids(room)[1:] == [noticed[:1]]
    room.deliver(MINUTE)
    assert ids(room)[1:] == [noticed[:1], noticed[1:]]


def test_what_a_suspicion_comes_to_is_not_kept_waiting_by_it(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=HOUR))
    waiting = [room.change()]
    for kind in ("suspected", "suspected", "cleared"):
        waiting.append(room.notice(kind))
        room.deliver(MINUTE)
    assert ids(room) == [[one] for one in waiting]


def test_a_digest_tells_all_notices_of_a_day_in_one_message_beside_the_changes(
    newsroom: Open,
) -> None:
    room = newsroom(Route("newsroom", digest=(time(8), UTC)))
    changes = [room.change("jike"), room.change("castro")]
    noticed = []
    for kind, app in (("suspected", "jike"), ("disputed", "castro"), ("suspected", "castro")):
        room.at += MINUTE
        noticed.append(room.notice(kind, app))
    room.deliver(24 * HOUR)
    assert ids(room) == [changes, noticed]
