"""Sweeps of long ago are added up, and nothing is lost by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from appwatch.db import proofs, queries, tables
from appwatch.db.engine import Database
from appwatch.db.rollup import KEPT_WHOLE, add_up
from appwatch.evidence.proof import Proof
from tests.monitor import CASTRO, Monitor, monitoring

MIDNIGHT = datetime(2026, 7, 6, tzinfo=UTC)
LATER = MIDNIGHT + timedelta(days=2, hours=7) + KEPT_WHOLE
LONG_AGO = MIDNIGHT - timedelta(days=365)


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """Return a migrated database."""
    database = Database(migrated_url)
    yield database
    database.close()


def sweep(connection: Connection, hour: float, storefront: str = "cn", **more: object) -> None:
    """Write a sweep that began so many hours after midnight."""
    at = MIDNIGHT + timedelta(hours=hour)
    known = {"store": "app_store", "storefront": storefront, "vantage": "local"}
    times = {"started_at": at, "finished_at": at + timedelta(minutes=1)}
    counted = {"planned": 10, "done": 10, "late": 0, "missed_rounds": 0, "inconclusive": {}}
    connection.execute(insert(tables.sweeps).values(**known | times | counted | more))


def coverage(database: Database, since: datetime = LONG_AGO) -> list[queries.Coverage]:
    with database.read() as connection:
        return queries.coverage(connection, since, LATER)


def count(database: Database, table: str) -> int:
    with database.read() as connection:
        return len(connection.execute(select(tables.metadata.tables[table])).all())


def fill(database: Database) -> None:
    """Write sweeps of three days, the last of which is less than 90 whole days old."""
    with database.write() as connection:
        for hour in range(0, 72, 6):
            sweep(connection, hour)
            sweep(connection, hour, "us", done=8, inconclusive={"network": 2}, late=1)
        sweep(connection, 5, "us", missed_rounds=3, inconclusive={"network": 1, "timeout": 4})


def test_old_sweeps_become_one_row_a_day_and_coverage_stays_the_same(database: Database) -> None:
    fill(database)
    before = coverage(database)
    assert add_up(database, LATER) == 17
    assert (count(database, "sweeps"), count(database, "sweep_days")) == (8, 4)
    assert coverage(database) == before
    assert add_up(database, LATER) == 0
    assert coverage(database) == before


def test_what_comes_late_to_a_day_is_added_to_it(database: Database) -> None:
    fill(database)
    add_up(database, LATER)
    with database.write() as connection:
        sweep(connection, 3, "us", inconclusive={"timeout": 1})
    before = coverage(database)
    assert add_up(database, LATER) == 1
    assert count(database, "sweep_days") == 4
    assert coverage(database) == before


def test_of_days_that_were_added_up_the_whole_day_counts(database: Database) -> None:
    fill(database)
    add_up(database, LATER)
    noon = MIDNIGHT + timedelta(days=1, hours=12)
    assert [row.planned for row in coverage(database, noon)] == [80, 80]
    assert coverage(database, noon) == coverage(database, noon - timedelta(hours=12))


def test_the_sweeps_that_prove_a_change_are_kept(tmp_path: Path, database_url: str) -> None:
    with monitoring(tmp_path, database_url) as monitor:
        for _ in range(2):
            monitor.check()
            monitor.wait(15)
        monitor.world.remove("app_store", CASTRO, ["cn"])
        for _ in range(3):
            monitor.check()
            monitor.wait(15)
        before = proof(monitor)
        assert before.before is not None
        monitor.wait(200 * 24 * 60)
        monitor.check()
        # Of 15, one saw the app last, and three saw it missing.
        assert add_up(monitor.services.database, monitor.at) == 11
        assert proof(monitor) == before


def proof(monitor: Monitor) -> Proof:
    (change,) = monitor.rows(tables.changes)
    with monitor.services.database.read() as connection:
        found = proofs.proof_of(connection, change.id)
    assert found is not None
    return found


def test_the_sweep_that_last_saw_a_paused_app_is_kept(tmp_path: Path, database_url: str) -> None:
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        with monitor.services.database.write() as connection:
            connection.execute(update(tables.targets).values(watched=False, paused_at=monitor.at))
        monitor.wait(200 * 24 * 60)
        assert add_up(monitor.services.database, monitor.at) == 0
