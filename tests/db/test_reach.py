"""What is known of an app elsewhere: only what a look could tell that is not too old."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from appwatch.db import reach, watching
from appwatch.db.engine import Database
from appwatch.db.standing import tallies_text
from appwatch.db.tables import targets
from appwatch.domain.model import Outcome, Place
from appwatch.domain.scope import Sight
from appwatch.domain.state import Tally

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MISSED_AT, MINUTE, DAY = NOW - timedelta(minutes=30), timedelta(minutes=1), timedelta(days=1)
CN, US, PLAY = Place("app_store", "cn"), Place("app_store", "us"), Place("google_play", "us")


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    """Return a write transaction: an app watched in two storefronts and in another store."""
    database = Database(migrated_url)
    with database.write() as connection:
        places = [(CN, "1"), (US, "1"), (PLAY, "a.b")]
        jike = watching.WatchedApp("jike", "Jike", (), "", "", paused=False, targets=places)
        watching.sync(connection, [jike], "digest", "", NOW - 9 * DAY)
        yield connection
    database.close()


def doubt(outcome: Outcome, looks: int = 1) -> str | None:
    return tallies_text([Tally(outcome, NOW, NOW, looks)])


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({}, "available"),
        ({"last_conclusive_at": MISSED_AT - MINUTE}, "available"),
        ({"last_conclusive_at": NOW - 2 * DAY}, "unknown"),
        ({"lapse_id": 7, "last_conclusive_at": MISSED_AT}, "available"),
        ({"lapse_id": 7, "last_conclusive_at": MISSED_AT - MINUTE}, "unknown"),
        ({"lapse_id": 7, "last_conclusive_at": None, "state": "unknown"}, "unknown"),
        ({"lapse_id": 7, "last_conclusive_at": NOW - 5 * DAY, "state": "gone"}, "unknown"),
        ({"state": "never_seen"}, "never_seen"),
        ({"state": "never_seen", "been_available": True}, "gone"),
        ({"tallies": doubt(Outcome.NOT_FOUND)}, "suspected"),
        ({"tallies": doubt(Outcome.NOT_FOUND), "state": "not_installable"}, "suspected"),
        ({"tallies": doubt(Outcome.NOT_INSTALLABLE)}, "available"),
        ({"tallies": doubt(Outcome.NOT_FOUND, looks=0)}, "available"),
    ],
)
def test_elsewhere_an_app_is_what_a_late_enough_look_could_tell(
    connection: Connection, row: dict[str, Any], state: str
) -> None:
    values = {"state": "available", "last_conclusive_at": NOW} | row
    connection.execute(update(targets).values(values))
    since = NOW - DAY
    assert reach.sights(connection, "jike", CN, since, MISSED_AT) == [Sight("us", state)]
    beside = reach.beside(connection, "jike", CN.store, since, MISSED_AT)
    assert beside == {"google_play": [Sight("us", state)]}
