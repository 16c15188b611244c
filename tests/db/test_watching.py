"""The database follows the watchlist and forgets nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from appwatch.db import migrate, queries, tables
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


def timeline(database: Database, app_id: str | None = None) -> list[tuple[str, str, str]]:
    """Return the app, listing and state of every period, as they are exported."""
    with database.read() as connection:
        periods = queries.timeline(connection, queries.Chosen(app=app_id))
        return [(period.app, period.listing, period.state) for period in periods]


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


def test_a_paused_app_is_not_looked_at_and_its_period_stays_open(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    follow(database, app("jike", CN, paused=True), digest="b", day=1)
    (target,) = rows(database, tables.targets)
    assert (target.watched, target.state) == (False, "available")
    assert rows(database, tables.apps)[0].archived_at is None
    (period,) = rows(database, tables.periods)
    assert (period.state, period.ended_at) == ("available", None)


def test_a_pause_that_ends_goes_on_where_it_began_and_is_kept_as_a_gap(
    database: Database,
) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    follow(database, app("jike", CN, paused=True), digest="b", day=1)
    follow(database, app("jike", CN), digest="c", day=3)
    (target,) = rows(database, tables.targets)
    assert (target.watched, target.state, target.looks) == (True, "available", 5)
    assert target.next_look_at == NOW + timedelta(days=3)
    (gap,) = rows(database, tables.lapses)
    assert (gap.looks, gap.reasons) == (0, {})
    assert (gap.started_at, gap.ended_at) == (NOW + timedelta(days=1), NOW + timedelta(days=3))


def test_a_timeline_tells_how_often_an_app_was_paused(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    for day in (1, 3):
        follow(database, app("jike", CN, paused=True), digest=f"b{day}", day=day)
        follow(database, app("jike", CN), digest=f"c{day}", day=day + 1)
    follow(database, app("jike", CN, paused=True), digest="d", day=5)
    follow(database, digest="e", day=6)
    with database.read() as connection:
        told = [(p.state, p.pauses) for p in queries.timeline(connection, queries.Chosen())]
    assert told == [("available", 2), ("not_watched", 0)]


def test_what_is_removed_in_a_pause_was_watched_until_the_pause(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    follow(database, app("jike", CN, paused=True), digest="b", day=1)
    assert follow(database, digest="c", day=2) == Synced(0, 1, 0)
    first, gap = rows(database, tables.periods)
    assert (first.ended_at, gap.started_at) == (NOW + timedelta(days=1),) * 2
    assert gap.state == "not_watched"
    follow(database, app("jike", CN), digest="d", day=3)
    assert rows(database, tables.targets)[0].state == "unknown"


def test_what_is_put_back_paused_begins_at_unknown_when_the_pause_ends(
    database: Database,
) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    follow(database, digest="b", day=1)
    follow(database, app("jike", CN, paused=True), digest="c", day=2)
    assert rows(database, tables.periods)[-1].ended_at is None
    follow(database, app("jike", CN), digest="d", day=3)
    assert rows(database, tables.targets)[0].state == "unknown"


def test_a_listing_that_moves_to_another_app_leaves_its_past_where_it_was(
    database: Database,
) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    assert follow(database, app("okjike", CN), digest="b", day=1) == Synced(1, 1, 1)
    assert timeline(database) == [
        ("jike", "1", "available"),
        ("jike", "1", "not_watched"),
    ]
    old, new = sorted(rows(database, tables.targets), key=lambda target: target.id)
    assert (old.app_id, old.watched) == ("jike", False)
    assert (new.app_id, new.state, new.looks) == ("okjike", "unknown", 0)


def test_a_listing_that_moves_back_begins_at_unknown_with_its_past_before_it(
    database: Database,
) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    follow(database, app("okjike", CN), digest="b", day=1)
    follow(database, app("jike", CN), digest="c", day=2)
    first, second = sorted(rows(database, tables.targets), key=lambda target: target.id)
    assert (first.app_id, first.watched, first.state) == ("jike", True, "unknown")
    assert (second.app_id, second.watched) == ("okjike", False)
    assert len(timeline(database)) == 2


def test_two_apps_may_exchange_their_listings_at_once(database: Database) -> None:
    follow(database, app("a", CN), app("b", CN, listing="2"), digest="a")
    exchanged = follow(database, app("a", CN, listing="2"), app("b", CN), digest="b", day=1)
    assert exchanged == Synced(2, 2, 2)
    watched = {(t.app_id, t.listing) for t in rows(database, tables.targets) if t.watched}
    assert watched == {("a", "2"), ("b", "1")}


def test_an_app_keeps_its_past_through_a_new_listing(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    begin(database)
    follow(database, app("jike", CN, listing="2"), digest="b", day=1)
    (new,) = (t for t in rows(database, tables.targets) if t.watched)
    assert (new.app_id, new.listing, new.state) == ("jike", "2", "unknown")
    assert timeline(database, "jike") == [
        ("jike", "1", "available"),
        ("jike", "1", "not_watched"),
    ]


def test_an_app_keeps_its_past_through_a_new_name(database: Database) -> None:
    follow(database, app("jike", CN), digest="a")
    renamed = WatchedApp("jike", "Okjike", ("social",), "", "", False, [(CN, "1")])
    follow(database, renamed, digest="b")
    (known,) = rows(database, tables.apps)
    assert (known.name, known.tags) == ("Okjike", ["social"])
    assert len(rows(database, tables.targets)) == 1
