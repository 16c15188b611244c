"""Ends of silences that nobody was there to see, and apps that were put back meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from appwatch.db import tables
from appwatch.db.outbox import Result
from tests.alerts.newsroom import Open, ids

HOUR = timedelta(hours=1)


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


def test_a_change_after_a_silence_brings_no_suspicion_that_it_settles(newsroom: Open) -> None:
    room = newsroom()
    back = room.change("jike", "returned", "gone available")
    room.deliver()
    room.silence(HOUR, app="jike")
    with room.database.write() as connection:
        connection.execute(update(tables.targets).values(tallies="[]"))
    room.keep_notice("suspected")
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
