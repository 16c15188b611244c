"""The watchlists that came into force, and what is wrong with the one in the folder."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from appwatch.db import tables, versions, watching, watchlist_problems
from appwatch.db.engine import Database
from appwatch.db.watchlist_problems import Kind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    database = Database(migrated_url)
    with database.write() as connection:
        yield connection
    database.close()


def test_every_version_is_kept_with_its_files(connection: Connection) -> None:
    assert [*versions.newest_first(connection)] == []
    watching.sync(connection, [], "a", "apps: []\n", NOW)
    lengths = [("watchlist.yaml", 9), ("即刻.csv", 4)]
    watching.sync(connection, [], "b", "apps: []\n\nid\n即", LATER, lengths)
    second, first = versions.newest_first(connection)
    assert first.files == (("watchlist.yaml", "apps: []\n"),)
    assert second.files == (("watchlist.yaml", "apps: []\n"), ("即刻.csv", "id\n即"))
    assert versions.in_force(connection) == "b"
    assert [*versions.newest_first(connection, first.number)] == [first]


def test_a_version_from_before_names_were_kept_is_the_watchlist_alone(
    connection: Connection,
) -> None:
    watching.sync(connection, [], "a", "apps: []\n", NOW)
    connection.execute(update(tables.watchlists).values(files=None))
    (only,) = versions.newest_first(connection)
    assert only.files == (("watchlist.yaml", "apps: []\n"),)


def test_a_problem_keeps_its_beginning_until_it_ends(connection: Connection) -> None:
    assert watchlist_problems.note(connection, Kind.REJECTED, None, "one", NOW)
    assert not watchlist_problems.note(connection, Kind.REJECTED, None, "another", LATER)
    known = watchlist_problems.open_problem(connection)
    assert known is not None
    assert (known.since, known.text) == (NOW, "another")
    assert watchlist_problems.end(connection, LATER)
    assert not watchlist_problems.end(connection, LATER)
    assert watchlist_problems.open_problem(connection) is None


def test_another_kind_of_problem_is_another_problem(connection: Connection) -> None:
    watchlist_problems.note(connection, Kind.REJECTED, None, "bad", NOW)
    assert watchlist_problems.note(connection, Kind.WAITING, "digest", "much", LATER)
    told = connection.execute(select(tables.watchlist_problems)).all()
    assert [(one.kind, one.since, one.ended_at) for one in told] == [
        (Kind.REJECTED, NOW, LATER),
        (Kind.WAITING, LATER, None),
    ]
