"""Digests and quiet hours where clocks are put forward or back."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appwatch.db.engine import Database
from appwatch.domain.routing import Quiet, Route
from tests.alerts.newsroom import Newsroom
from tests.alerts.rows import open_database

HALF_HOUR = timedelta(minutes=30)
# The days on which clocks change: forward, then back.
EDGES = [
    ("Europe/Athens", "2026-03-29"),
    ("Europe/Athens", "2026-10-25"),
    ("Pacific/Auckland", "2026-09-27"),
    ("Pacific/Auckland", "2026-04-05"),
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'appwatch.db'}")
    yield opened
    opened.close()


def told_at(room: Newsroom, zone: str, day: str, eve: time) -> list[datetime]:
    """Change something on the eve, deliver every half hour for two days; return when it is told."""
    there = ZoneInfo(zone)
    before = datetime.fromisoformat(day).date() - timedelta(days=1)
    room.at = datetime.combine(before, eve, there).astimezone(UTC)
    room.change()
    for _ in range(96):
        room.deliver(HALF_HOUR)
    return [one.at.astimezone(there).replace(tzinfo=None) for one in room.told()]


@pytest.mark.parametrize(("zone", "day"), EDGES)
def test_a_digest_comes_once_at_its_hour_on_the_day_that_clocks_change(
    database: Database, zone: str, day: str
) -> None:
    room = Newsroom(database, [Route("newsroom", digest=(time(8), ZoneInfo(zone)))])
    assert told_at(room, zone, day, time(12)) == [datetime.fromisoformat(f"{day}T08:00")]


@pytest.mark.parametrize(("zone", "day"), EDGES)
def test_a_digest_at_an_hour_that_is_skipped_or_comes_twice_comes_once(
    database: Database, zone: str, day: str
) -> None:
    skipped = time(3, 30) if zone == "Europe/Athens" else time(2, 30)
    room = Newsroom(database, [Route("newsroom", digest=(skipped, ZoneInfo(zone)))])
    [told] = told_at(room, zone, day, time(12))
    assert told - datetime.combine(told.date(), skipped) in (timedelta(0), timedelta(hours=1))
    assert told.date().isoformat() == day


@pytest.mark.parametrize(("zone", "day"), EDGES)
def test_quiet_hours_end_at_their_hour_on_the_day_that_clocks_change(
    database: Database, zone: str, day: str
) -> None:
    quiet = Quiet(time(22), time(7), ZoneInfo(zone))
    room = Newsroom(database, [Route("newsroom", quiet=quiet)])
    assert told_at(room, zone, day, time(23)) == [datetime.fromisoformat(f"{day}T07:00")]


def test_a_digest_waits_for_its_hour_through_a_day_of_25_hours(database: Database) -> None:
    there = ZoneInfo("Europe/Athens")
    room = Newsroom(database, [Route("newsroom", digest=(time(8), there))])
    room.at = datetime(2026, 10, 24, 8, 1, tzinfo=there).astimezone(UTC)
    room.change()
    for _ in range(96):
        room.deliver(HALF_HOUR)
    assert [one.at.astimezone(there).isoformat() for one in room.told()] == [
        "2026-10-25T08:01:00+02:00"
    ]
