"""What goes when to whom: silences, quiet hours, reminders, limits, and channels that fail."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from appwatch.db import channels, operators, outbox, retracting, silences, tables
from appwatch.db.outbox import Result
from appwatch.domain.routing import Quiet, Rate, Route
from tests.alerts.newsroom import Newsroom, Open, ids
from tests.alerts.rows import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_ONCE = timedelta(0)


# --- silences ------------------------------------------------------------------------------


def test_a_change_inside_a_silence_is_told_at_its_end_if_it_still_holds(newsroom: Open) -> None:
    room = newsroom()
    room.silence(2 * HOUR, app="jike")
    gone, other = room.change("jike"), room.change("castro")
    room.deliver(HOUR)
    assert ids(room) == [[other]]
    room.deliver(HOUR)
    assert ids(room) == [[other], [gone]]


def test_what_went_and_came_back_inside_a_silence_is_never_told(newsroom: Open) -> None:
    room = newsroom()
    room.silence(2 * HOUR, tag="social")
    room.change()
    room.change(kind="returned", moved="gone available")
    room.deliver(3 * HOUR)
    assert room.taken == []


def test_only_the_last_of_the_changes_inside_a_silence_is_told(newsroom: Open) -> None:
    room = newsroom()
    room.silence(2 * HOUR, store="app_store", storefront="cn")
    room.change()
    room.change(kind="returned", moved="gone available")
    last = room.change()
    room.deliver(3 * HOUR)
    assert ids(room) == [[last]]


def test_a_silence_that_ends_early_tells_then(newsroom: Open) -> None:
    room = newsroom()
    silence = room.silence(9 * DAY, app="jike")
    gone = room.change()
    with room.database.write() as connection:
        silences.end(connection, silence, "Ada", room.at)
    room.deliver()
    assert ids(room) == [[gone]]
    with room.database.read() as connection:
        assert silences.listed(connection, room.at) == []
        [ended] = silences.listed(connection, room.at, ended=True)
    assert (ended.author, ended.reason, ended.ended_by) == ("Ada", "A test", "Ada")


def test_two_silences_over_one_app_both_have_to_end(newsroom: Open) -> None:
    room = newsroom()
    room.silence(HOUR, app="jike")
    room.silence(3 * HOUR, tag="social")
    gone = room.change()
    room.deliver(2 * HOUR)
    assert room.taken == []
    room.deliver(2 * HOUR)
    assert ids(room) == [[gone]]


# --- quiet hours ---------------------------------------------------------------------------

NIGHT = Quiet(time(12), time(16), UTC, unless=["restricted"])


def test_quiet_hours_delay_what_may_not_break_them(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, quiet=NIGHT))
    gone = room.change("jike")
    urgent = room.change("castro", "restricted", "available not_installable")
    room.deliver()
    assert ids(room) == [[urgent]]
    room.deliver(2 * HOUR)
    assert ids(room) == [[urgent], [gone]]


@pytest.mark.parametrize(
    ("unless", "breaks"),
    [
        ({"apps": ["jike"]}, True),
        ({"tags": ["social", "other"]}, True),
        ({"unless": ["disappeared"], "tags": ["social"], "apps": ["jike"]}, True),
        ({"unless": ["disappeared"], "apps": ["castro"]}, False),
        ({"unless": ["returned"], "tags": ["social"]}, False),
        ({}, False),
    ],
)
def test_quiet_hours_are_broken_by_what_all_of_their_exceptions_name(
    newsroom: Open, unless: dict[str, list[str]], *, breaks: bool
) -> None:
    room = newsroom(Route("newsroom", quiet=Quiet(time(12), time(16), UTC, **unless)))
    gone = room.change("jike")
    suspected = room.notice("suspected")
    room.deliver()
    told = [one for told in ids(room) for one in told]
    assert (gone in told) is breaks
    assert (suspected in told) is (breaks and "unless" not in unless)


def test_what_breaks_quiet_hours_brings_what_stands_before_it(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", group_for=AT_ONCE, quiet=NIGHT))
    first = room.change()
    assert room.deliver().sent == 0
    room.at += timedelta(minutes=1)
    room.change(kind="returned", moved="gone available")
    last = room.change(kind="restricted", moved="available not_installable")
    room.deliver()
    assert [one for told in ids(room) for one in told] == [first, "c-2", last]


# --- reminders -----------------------------------------------------------------------------

REMINDED = Route("newsroom", group_for=AT_ONCE, remind=(DAY, 7 * DAY))


def test_what_is_still_gone_is_told_again_at_its_intervals(newsroom: Open) -> None:
    room = newsroom(REMINDED)
    gone = room.change()
    for _ in range(22 * 4):
        room.deliver(DAY / 4)
    days = [(one.at - START) // DAY for one in room.told()]
    assert days == [0, 1, 7, 14, 21]
    assert {tuple(one.ids) for one in room.told()} == {(gone,)}
    assert room.told()[1].message.title.startswith("Still so: Jike ")


def test_a_reminder_ends_with_what_it_is_about(newsroom: Open) -> None:
    room = newsroom(REMINDED)
    room.change("jike")
    room.change("castro")
    room.deliver()
    room.change("jike", "returned", "gone available")
    room.deliver(2 * DAY)
    assert [told.ids for told in room.told()[3:]] == [["c-2"]]
    room.routes = [Route("newsroom")]
    room.deliver(9 * DAY)
    assert len(room.told()) == 4


def test_what_could_not_be_told_yet_is_not_reminded_of(newsroom: Open) -> None:
    room = newsroom(REMINDED, results={"newsroom": Result.FAILED})
    room.change()
    room.deliver()
    room.deliver(DAY + HOUR)
    assert [row.subject for row in room.rows()] == ["changes"]


# --- pace and limits -----------------------------------------------------------------------


def test_a_channel_is_told_at_its_pace_and_in_order(newsroom: Open) -> None:
    room = newsroom(Route("newsroom", pace=Rate(2, timedelta(minutes=1))))
    for number in range(5):
        room.change(f"app-{number}")
    counts = [room.deliver(timedelta(seconds=30)).sent for _ in range(6)]
    assert counts == [2, 0, 2, 0, 1, 0]
    assert ids(room) == [[f"c-{number}"] for number in range(1, 6)]


def test_what_is_over_the_limit_comes_in_one_message(newsroom: Open) -> None:
    limit = Rate(3, HOUR)
    room = newsroom(Route("newsroom", at_most=limit, pace=Rate(1000, HOUR)))
    for number in range(50):
        room.change(f"app-{number}")
    room.deliver()
    assert ids(room)[:2] == [["c-1"], ["c-2"]]
    assert sorted(ids(room)[2]) == sorted(f"c-{number}" for number in range(3, 51))
    assert room.told()[2].message.title == "In one message: 48 changes"
    room.change("late")
    room.change("later")
    assert room.deliver(HOUR / 2).sent == 0
    room.deliver(HOUR / 2)
    assert len(ids(room)) == 5
    assert {row.status for row in room.rows()} == {"sent", "gathered"}


def test_what_cannot_be_summed_up_is_told_however_much_changes(newsroom: Open) -> None:
    route = Route("newsroom", group_for=AT_ONCE, at_most=Rate(1, HOUR))
    room = newsroom(route)
    room.change("jike")
    room.deliver()
    with room.database.write() as connection:
        event = operators.Event(operators.CHANNEL_ON, {"channel": "desk"})
        operators.tell(connection, event, [route], room.at)
    for number in range(4):
        room.change(f"castro-{number}")
        room.change(f"zynn-{number}")
        room.deliver(HOUR)
    assert room.told()[1].message.title == "appwatch: the channel desk is on again"
    assert len(ids(room)) == 5


# --- channels that fail --------------------------------------------------------------------


def fail_for(room: Newsroom, long: timedelta) -> None:
    """Let the channel fail, tried every half hour."""
    room.results["newsroom"] = Result.FAILED
    for _ in range(long // timedelta(minutes=30)):
        room.deliver(timedelta(minutes=30))


def test_what_failed_for_days_comes_as_one_late_digest(newsroom: Open) -> None:
    room = newsroom()
    room.results["newsroom"] = Result.FAILED
    for number in range(5):
        room.change(f"app-{number}")
    fail_for(room, 3 * DAY + HOUR)
    young = room.change("young")
    room.results.clear()
    room.deliver(HOUR / 4)
    late, other = sorted(room.told(), key=lambda one: -len(one.ids))
    assert late.message.title == "Late: 5 changes"
    assert sorted(late.ids) == [f"c-{number}" for number in range(1, 6)]
    assert other.ids == [young]
    assert "could not be sent for days" in late.message.body


def test_what_an_outage_delayed_is_told_as_soon_as_the_channel_works(newsroom: Open) -> None:
    room = newsroom()
    gone = [room.change(f"app-{number}") for number in range(4)]
    fail_for(room, DAY)
    room.results.clear()
    gone.append(room.change("young"))
    assert room.deliver(HOUR / 4).sent == 5
    assert sorted(ids(room)) == [[one] for one in gone]


def test_a_machine_that_was_off_for_days_makes_no_late_digest(newsroom: Open) -> None:
    room = newsroom(results={"newsroom": Result.FAILED})
    room.change()
    room.deliver()
    room.results.clear()
    room.deliver(9 * DAY)
    assert [row.subject for row in room.rows()] == ["changes"]


def test_a_channel_that_fails_is_tried_seldom_however_much_waits(newsroom: Open) -> None:
    room = newsroom(results={"newsroom": Result.FAILED})
    for number in range(30):
        room.change(f"app-{number}")
    tried = sum(room.deliver(timedelta(seconds=10)).failed for _ in range(60))
    assert tried == 4  # at once, and after 30 s, 1 min and 5 min


def test_a_service_that_names_a_time_is_left_alone_until_then(newsroom: Open) -> None:
    room = newsroom(results={"newsroom": Result.FAILED}, retry_after=2 * HOUR)
    room.change()
    room.deliver()
    room.results.clear()
    assert room.deliver(2 * HOUR - timedelta(seconds=1)).sent == 0
    assert room.deliver(timedelta(seconds=1)).sent == 1


def test_a_channel_that_is_refused_for_good_is_off_and_told_through_the_others(
    newsroom: Open,
) -> None:
    room = newsroom(Route("newsroom"), Route("desk"), Route("ops", operator=True, apps=["none"]))
    room.results["newsroom"] = Result.PERMANENT
    gone = room.change()
    room.deliver()
    room.deliver(DAY)
    [told] = room.told("ops")
    assert told.message.title == "appwatch: the channel newsroom is switched off"
    assert "permanent, it said." in told.message.body
    assert "appwatch alerts test newsroom" in told.message.body
    assert ids(room, "desk") == [[gone]]
    with room.database.read() as connection:
        assert channels.state_of(connection, "newsroom").off_at == START
    assert room.rows()[0].status == "queued"


def test_a_retry_switches_on_and_sends_what_waited(newsroom: Open) -> None:
    room = newsroom(Route("newsroom"), Route("ops", operator=True, apps=["none"]))
    room.results["newsroom"] = Result.PERMANENT
    gone = room.change()
    room.deliver()
    room.results.clear()
    with room.database.write() as connection:
        assert outbox.retry(connection, [], room.at).channels == ("newsroom",)
        channels.switch_on(connection, "newsroom", room.at)
    room.deliver()
    assert ids(room) == [[gone]]


def test_an_address_that_was_mended_switches_its_channel_on(newsroom: Open) -> None:
    room = newsroom(Route("newsroom"), Route("ops", operator=True, apps=["none"]))
    with room.database.write() as connection:
        cause = channels.Cause.UNUSABLE
        channels.switch_off(connection, "newsroom", cause, "It has no scheme.", room.at)
    gone = room.change()
    room.deliver()
    assert ids(room) == [[gone]]
    assert [one.message.title for one in room.told("ops")] == [
        "appwatch: the channel newsroom is on again"
    ]


def test_an_attempt_is_logged_for_good_with_the_text_that_was_sent(newsroom: Open) -> None:
    room = newsroom(results={"newsroom": Result.AMBIGUOUS})
    room.change()
    room.deliver()
    room.results.clear()
    room.deliver(HOUR)
    with room.database.read() as connection:
        from appwatch.db.deliveries import attempts_of

        first, second = attempts_of(connection, [1])
    assert [first.body, second.body] == [one.message.body for one in room.told()]
    assert (first.result, second.result) == ("ambiguous", "sent")
    for query in (tables.attempts.delete(), tables.attempts.update().values(words="")):
        with pytest.raises(Exception, match="append-only"), room.database.write() as connection:
            connection.execute(query)


def test_a_retraction_waits_for_a_channels_quiet_hours(newsroom: Open) -> None:
    route = Route("newsroom", quiet=Quiet(time(15), time(16), UTC))
    room = newsroom(route)
    gone = room.change()
    room.deliver()
    room.at = datetime(2020, 6, 9, 15, 30, tzinfo=UTC)
    with room.database.write() as connection:
        period = {"target_id": 1, "started_at": START, "looks_before": 0, "inconclusive_before": 0}
        for state in ({"state": "available", "end_change": gone}, {"state": "gone"}):
            more = {"start_change": gone} if state["state"] == "gone" else {}
            connection.execute(tables.periods.insert().values(**period, **state, **more))
        retracting.retract(connection, gone, "Ada", "A test", room.at, [route])
    assert room.deliver().sent == 0
    assert room.deliver(HOUR).sent == 1
    assert all(earlier.at <= later.at for earlier, later in pairwise(room.told()))
