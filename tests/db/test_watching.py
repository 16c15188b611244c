"""The database follows the watchlist and forgets nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from appwatch.db import migrate, tables
from appwatch.db.engine import Database
from appwatch.db.watching import Synced, WatchedApp, sync
from appwatch.domain.model import Place

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CN, US = Place("app_store", "cn"), Place("app_store", "us")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a migrated database."""
    database = Database(database_url)
    migrate.upgrade(database)
    yield database
    database.close()


def app(app_id: str, *places: Place, listing: str = "1", paused: bool = False) -> WatchedApp:
    """Return an app that is watched in these storefronts."""
    targets = [(place, listing) for place in places]
    return WatchedApp(app_id, app_id.title(), (), "", "", paused, targets)


def follow(database: Database, *wanted: WatchedApp, digest: str, day: int = 0) -> Synced:
    """Bring the database in line with these apps."""
    with database.write() as connection:
        return sync(connection, wanted, digest, "text", NOW + timedelta(days=day))


def rows(database: Database, table: Table) -> list[Any]:
    """Return every row of a table."""
    with database.read() as connection:
        return list(connection.execute(select(table)))


def begin(database: Database) -> None:
    """Let every target be known as available."""
    with database.write() as connection:
        connection.execute(tables.targets.update().values(state="available", looks=5))
        for target in connection.execute(select(tables.targets.c.id)).scalars().all():
            period = {
                "target_id": target,
                "state": "available",
                "started_at": NOW,
                "looks_before": 0,
                "inconclusive_before": 0,
            }
            connection.execute(tables.periods.insert().values(period))


def test_new_targets_are_due_at_once_and_unknown(database: Database) -> None:
    assert follow(database, app("jike", CN, US), digest="a") == Synced(2, 0, 2)
    for target in rows(database, tables.targets):
        assert (target.state, target.next_look_at) == ("unknown", NOW)
    assert len(rows(database, tables.places)) == 2


def test_the_same_watchlist_again_changes_nothing(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    assert follow(database, app("jike", CN), digest="a", day=1) == Synced(0, 0, 1)
    assert len(rows(database, tables.watchlists)) == 1


def test_what_is_removed_keeps_its_history_and_a_gap_is_noted(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    assert follow(database, digest="b", day=1) == Synced(0, 1, 0)
    first, gap = rows(database, tables.periods)
    assert (first.state, first.ended_at, first.looks) == ("available", NOW + timedelta(days=1), 5)
    assert (gap.state, gap.ended_at) == ("not_watched", None)
    assert rows(database, tables.apps)[0].archived_at is not None


def test_what_is_put_back_begins_at_unknown_again(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    follow(database, digest="b", day=1)
    assert follow(database, app("jike", CN), digest="c", day=2) == Synced(1, 0, 1)
    (target,) = rows(database, tables.targets)
    assert (target.watched, target.state, target.reported) == (True, "unknown", False)
    assert [p.ended_at for p in rows(database, tables.periods)][-1] == NOW + timedelta(days=2)


def test_a_paused_app_is_kept_and_not_looked_at(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    follow(database, app("jike", CN, paused=True), digest="b")
    assert [target.watched for target in rows(database, tables.targets)] == [False]
    assert rows(database, tables.apps)[0].archived_at is None


def test_an_app_keeps_its_past_through_a_new_name(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    renamed = WatchedApp("jike", "Okjike", ("social",), "", "", False, [(CN, "1")])
    follow(database, renamed, digest="b")
    (known,) = rows(database, tables.apps)
    assert (known.name, known.tags) == ("Okjike", ["social"])
    assert len(rows(database, tables.targets)) == 1
