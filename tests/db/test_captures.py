"""The queue of captures: each page once, taken by one process at a time, the oldest work first."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from appwatch.db import captures, retracting, tables
from appwatch.db.captures import LEASE, RECENT
from tests.monitor import JIKE, ZYNN, Monitor, monitoring


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that saw Jike leave China, and Zynn leave where it was watched."""
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        monitor.world.remove("app_store", JIKE, ["cn"])
        monitor.world.remove("google_play", ZYNN)
        for _ in range(3):
            monitor.wait(15)
            monitor.check()
        yield monitor


def page_url(store: str, listing: str, storefront: str) -> str:
    return f"https://{store}.test/{storefront}/{listing}"


def queue(monitor: Monitor) -> int:
    with monitor.services.database.write() as connection:
        return captures.queue_recent(connection, monitor.at, page_url)


def take(monitor: Monitor, most: int = 10) -> list[str]:
    """Return the addresses that are to be asked about now."""
    with monitor.services.database.write() as connection:
        return [one.url for one in captures.take(connection, monitor.at, most)]


def test_each_disappearance_is_queued_once_with_where_it_is_still_listed(monitor: Monitor) -> None:
    assert (queue(monitor), queue(monitor)) == (2, 0)
    found = {(row.page, row.url) for row in monitor.rows(tables.captures)}
    assert found >= {
        ("error_page", f"https://app_store.test/cn/{JIKE}"),
        ("listing", f"https://app_store.test/us/{JIKE}"),
        ("error_page", f"https://google_play.test/us/{ZYNN}"),
    }
    assert not any("google_play" in url for page, url in found if page == "listing")


def test_what_one_process_took_nobody_else_takes_until_its_lease_ends(monitor: Monitor) -> None:
    queue(monitor)
    assert len(take(monitor)) == 3
    assert take(monitor) == []
    monitor.at += LEASE
    assert len(take(monitor)) == 3


def test_what_the_archive_works_on_comes_first(monitor: Monitor) -> None:
    queue(monitor)
    last = monitor.rows(tables.captures)[-1]
    monitor.wait(5)
    with monitor.services.database.write() as connection:
        captures.note(connection, last.id, job="spn2-1", not_before=monitor.at)
    assert take(monitor, most=1) == [last.url]


def test_what_was_retracted_or_is_old_is_not_queued(monitor: Monitor) -> None:
    gone, *_ = (row.id for row in monitor.rows(tables.changes) if row.listing == ZYNN)
    with monitor.services.database.write() as connection:
        retracting.retract(connection, gone, "desk", "wrong", monitor.at)
    assert queue(monitor) == 1
    monitor.at += RECENT + timedelta(days=1)
    with monitor.services.database.write() as connection:
        connection.execute(tables.captures.delete())
    assert queue(monitor) == 0
