"""Ends of silences that nobody was there to see, and apps that were put back meanwhile."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from appwatch.db import silences, tables
from appwatch.db.outbox import Result
from appwatch.domain.routing import SilenceScope
from tests.alerts.newsroom import Open, ids
from tests.monitor import CASTRO, WATCHLIST, monitoring

HOUR = timedelta(hours=1)
EARLY = WATCHLIST.replace('_URL}"', '_URL}", on: [appeared, suspected]')


@pytest.mark.parametrize("result", [Result.SENT, Result.FAILED])
def test_what_a_silence_kept_is_told_before_what_comes_after_its_end(
    newsroom: Open, result: Result
) -> None:
    room = newsroom(results={"newsroom": result})
    room.silence(HOUR, app="jike")
    gone = room.change()
    room.at += 2 * HOUR
    back = room.change(kind="returned", moved="gone available")
    again = room.change()
    room.deliver()
    room.results.clear()
    room.deliver(HOUR)
    assert [one for told in ids(room) for one in told] == [gone, back, again]


def test_what_a_change_settled_in_a_silence_is_not_told_as_in_doubt_at_its_end(
    newsroom: Open,
) -> None:
    room = newsroom()
    room.change("jike", "returned", "gone available")
    room.deliver()
    room.silence(HOUR, app="jike")
    for kind in ("suspected", "disputed"):
        room.notice(kind)
    room.at += HOUR / 2
    gone = room.change()
    unconfirmed = update(tables.targets).values(tallies="[]", dispute="{}")
    with room.database.write() as connection:  # seen again once, and contradicted
        connection.execute(unconfirmed)
    room.deliver(2 * HOUR)
    assert ids(room)[1:] == [[gone]]


def test_a_change_after_a_silence_brings_no_suspicion_that_it_settles(newsroom: Open) -> None:
    room = newsroom()
    back = room.change("jike", "returned", "gone available")
    room.deliver()
    room.silence(HOUR, app="jike")
    room.notice("suspected")
    room.at += 2 * HOUR
    gone = room.change()
    room.deliver()
    assert ids(room) == [[back], [gone]]


def test_an_app_that_was_put_back_and_is_there_is_not_told_as_gone(newsroom: Open) -> None:
    room = newsroom()
    room.silence(HOUR, app="jike")
    room.change()
    with room.database.write() as connection:
        connection.execute(update(tables.targets).values(state="available"))
    room.deliver(2 * HOUR)
    assert room.taken == []


def test_an_app_that_was_taken_out_inside_a_silence_is_told_at_its_end(newsroom: Open) -> None:
    room = newsroom()
    room.silence(HOUR, app="jike")
    gone = room.change()
    with room.database.write() as connection:
        connection.execute(update(tables.targets).values(watched=False))
    room.deliver(2 * HOUR)
    assert ids(room) == [[gone]]


def test_a_clock_that_is_set_back_inside_a_silence_hides_no_departure(newsroom: Open) -> None:
    room = newsroom()
    room.silence(9 * HOUR, app="jike")
    room.at += 3 * HOUR
    room.change()
    room.at += HOUR
    room.change("jike", "returned", "gone available")
    room.at -= 2 * HOUR
    gone = room.change()
    room.deliver(11 * HOUR)
    assert ids(room) == [[gone]]


def test_a_silence_that_was_declared_under_a_clock_that_was_ahead_has_ended(newsroom: Open) -> None:
    room = newsroom()
    room.silence(9 * HOUR, app="jike")
    gone = room.change()
    room.deliver(timedelta(days=-30))
    assert ids(room) == [[gone]]


def test_doubts_that_a_silence_kept_are_told_in_their_order(newsroom: Open) -> None:
    room = newsroom()
    room.change()
    room.deliver()
    room.silence(HOUR, app="jike")
    kept = []
    for kind in ("suspected", "disputed", "suspected"):
        room.at += timedelta(minutes=1)
        kept.append(room.notice(kind))
    with room.database.write() as connection:
        connection.execute(update(tables.targets).values(dispute="[]"))
    room.deliver(2 * HOUR)
    assert ids(room)[1:] == [[kept[1]], [kept[2]]]


def test_what_a_silence_kept_is_queued_before_a_suspicion_after_its_end(
    tmp_path: Path, migrated_url: str
) -> None:
    with monitoring(tmp_path, migrated_url) as monitor:
        monitor.services.settings.watchlist.write_text(EARLY)
        monitor.services.sync(monitor.services.watchlist())
        monitor.world.remove("app_store", CASTRO, ["cn"])
        monitor.check()
        with monitor.services.database.write() as connection:
            castro, by = SilenceScope("castro"), ("Ada", "A test")
            silences.add(connection, castro, by, monitor.at + HOUR, monitor.at)
        monitor.world.restore("app_store", CASTRO, ["cn"])
        for minutes in (15, 15):
            monitor.wait(minutes)
            monitor.check()
        monitor.wait(60)
        monitor.world.remove("app_store", CASTRO, ["cn"])
        monitor.check()
        told = sorted(monitor.rows(tables.deliveries), key=lambda row: (row.created_at, row.id))
    assert [row.subject for row in told] == ["first_report", "changes", "notices"]
