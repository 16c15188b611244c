"""A channel keeps its past, and what waits for it, through a new name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from appwatch.db import renaming, tables
from tests.monitor import CASTRO, WATCHLIST, Monitor, monitoring

EARLY = WATCHLIST.replace('to: "${NEWSROOM_URL}"', 'to: "${NEWSROOM_URL}", on: [suspected]')
RENAMED = EARLY.replace("name: newsroom", "name: desk")


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Castro is suspected to be gone from cn, and the newsroom is to hear of it."""
    with monitoring(tmp_path, database_url) as monitor:
        put(monitor, EARLY)
        monitor.check()
        monitor.world.remove("app_store", CASTRO, ["cn"])
        monitor.wait(15)
        monitor.check()
        yield monitor


def put(monitor: Monitor, text: str) -> None:
    monitor.services.settings.watchlist.write_text(text)
    monitor.services.sync(monitor.services.watchlist())


def named(monitor: Monitor) -> set[str]:
    return {row.channel for row in monitor.rows(tables.deliveries)}


def test_what_waits_for_a_channel_goes_to_its_new_name(monitor: Monitor) -> None:
    assert named(monitor) == {"newsroom"}
    put(monitor, RENAMED)
    assert named(monitor) == {"desk"}


def test_who_heard_a_suspicion_hears_its_end_under_a_new_name(monitor: Monitor) -> None:
    put(monitor, RENAMED)
    monitor.world.restore("app_store", CASTRO, ["cn"])
    monitor.wait(15)
    monitor.check()
    assert [row.kind for row in monitor.rows(tables.notices)] == ["suspected", "cleared"]
    assert named(monitor) == {"desk"}


def test_a_channel_with_another_variable_is_another_channel(monitor: Monitor) -> None:
    put(monitor, RENAMED.replace("NEWSROOM_URL", "DESK_URL"))
    assert named(monitor) == {"newsroom"}


def test_a_silence_knows_the_new_name_of_whom_it_is_to_tell(monitor: Monitor) -> None:
    [notice] = monitor.rows(tables.notices)
    at = {"target_id": notice.target_id, "at": monitor.at}
    with monitor.services.database.write() as connection:
        for heard in (["newsroom", "other"], ["other"]):
            connection.execute(insert(tables.silenced).values(**at, heard=heard))
        renaming.rename(connection, {"newsroom": "desk"})
    kept = [row.heard for row in monitor.rows(tables.silenced)]
    assert sorted(kept) == [["desk", "other"], ["other"]]
