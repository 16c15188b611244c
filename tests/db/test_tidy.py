"""The evidence folder stays within its bound, and never loses what proves a change."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from appwatch.db import proofs, tables
from appwatch.db.tidy import Tidied, tidy_evidence
from tests.monitor import CASTRO, Monitor, monitoring


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that has seen everything, and Castro leave China, a week ago."""
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        monitor.world.remove("app_store", CASTRO, ["cn"])
        for _ in range(3):
            monitor.wait(15)
            monitor.check()
        age(monitor, monitor.at)
        monitor.wait(7 * 24 * 60)
        yield monitor


def age(monitor: Monitor, at: datetime) -> None:
    """Let every file be as old as the monitor's clock says."""
    for path in files(monitor):
        os.utime(path, (at.timestamp(), at.timestamp()))


def files(monitor: Monitor) -> set[Path]:
    return set(monitor.services.evidence.folder.glob("*/*"))


def tidied(monitor: Monitor, max_bytes: int = 0) -> Tidied:
    services = monitor.services
    return tidy_evidence(services.database, services.evidence, max_bytes, monitor.at)


def unnamed(monitor: Monitor, at: datetime) -> Path:
    """Keep a body that no row names, last used then."""
    digest = monitor.services.evidence.keep(b"nobody's")
    path = monitor.services.evidence.folder / digest[:2] / digest
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def must_be_proven(monitor: Monitor) -> None:
    """Fail unless everything that proves the change can be read."""
    (change,) = monitor.rows(tables.changes)
    with monitor.services.database.read() as connection:
        proof = proofs.proof_of(connection, change.id)
    assert proof is not None
    assert proof.last_good is not None
    for body in (proof.last_good.body, *(one.body for one in proof.exchanges)):
        assert monitor.services.evidence.read(body)


def test_without_a_bound_nothing_that_a_row_names_goes(monitor: Monitor) -> None:
    before = files(monitor)
    assert tidied(monitor) == Tidied(0, 0)
    assert files(monitor) == before


def test_beyond_the_bound_last_good_listings_go_but_never_what_proves_a_change(
    monitor: Monitor,
) -> None:
    before = files(monitor)
    done = tidied(monitor, max_bytes=1)
    assert (done.listings, done.files) == (4, 4)
    assert len(before - files(monitor)) == 4
    must_be_proven(monitor)


def test_within_the_bound_the_newest_stay(monitor: Monitor) -> None:
    rows = [row for row in monitor.rows(tables.listings) if row.seen_at == monitor.at]
    assert not rows
    size = monitor.services.evidence.size
    most = sum(size(row.body) for row in monitor.rows(tables.listings))
    assert tidied(monitor, most) == Tidied(0, 0)
    assert tidied(monitor, most - 1).listings == 1


def test_a_listing_that_was_dropped_is_kept_anew_when_it_changes_and_not_before(
    monitor: Monitor,
) -> None:
    tidied(monitor, max_bytes=1)
    kept = len(files(monitor))
    monitor.check()
    assert len(files(monitor)) == kept
    with monitor.services.database.write() as connection:
        connection.execute(update(tables.targets).values(facts_hash=1))
    monitor.check()
    assert len(files(monitor)) > kept


def test_what_is_suspected_keeps_its_last_good_listing(monitor: Monitor) -> None:
    monitor.world.remove("app_store", CASTRO)
    monitor.check()
    assert tidied(monitor, max_bytes=1).listings == 3
    must_be_proven(monitor)


def test_files_that_no_row_names_go_after_a_day(monitor: Monitor) -> None:
    old = unnamed(monitor, monitor.at - timedelta(days=2))
    assert tidied(monitor) == Tidied(0, 1)
    assert not old.exists()
    fresh = unnamed(monitor, monitor.at - timedelta(hours=23))
    assert tidied(monitor) == Tidied(0, 0)
    assert fresh.exists()


def test_files_from_before_the_database_or_of_others_stay(monitor: Monitor) -> None:
    earlier = unnamed(monitor, monitor.at - timedelta(days=30))
    note = monitor.services.evidence.folder / "00" / "README"
    note.parent.mkdir(exist_ok=True)
    note.write_text("mine")
    at = (monitor.at - timedelta(days=2)).timestamp()
    os.utime(note, (at, at))
    assert tidied(monitor) == Tidied(0, 0)
    assert earlier.exists()
    assert note.exists()
