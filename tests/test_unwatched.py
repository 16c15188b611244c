from collections.abc import Iterator
from pathlib import Path

import pytest

from appwatch.db import tables
from tests.monitor import CASTRO, WATCHLIST, Monitor, monitoring

EARLY = WATCHLIST.replace('to: "${NEWSROOM_URL}"', 'to: "${NEWSROOM_URL}", on: [suspected]')
CASTRO_LINE = "  - {name: Castro, app_store: 1080840241}\n"


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Castro is suspected to be gone from cn, and the newsroom has heard of it."""
    with monitoring(tmp_path, database_url) as monitor:
        put(monitor, EARLY)
        monitor.check()
        monitor.world.remove("app_store", CASTRO, ["cn"])
        monitor.wait(15)
        monitor.check()
        assert kinds(monitor) == ["suspected"]
        monitor.wait(1)
        yield monitor


def put(monitor: Monitor, text: str) -> None:
    monitor.services.settings.watchlist.write_text(text)
    monitor.services.sync(monitor.services.watchlist())


def kinds(monitor: Monitor) -> list[str]:
    return [notice.kind for notice in monitor.rows(tables.notices)]


def test_who_heard_a_suspicion_hears_that_its_app_is_not_watched_any_more(
    monitor: Monitor,
) -> None:
    put(monitor, EARLY.replace(CASTRO_LINE, ""))
    *_, last = monitor.rows(tables.notices)
    assert (last.kind, last.content["outcome"]) == ("cleared", "not_watched")
    assert len(monitor.rows(tables.delivery_notices)) == 2


def test_that_is_told_once(monitor: Monitor) -> None:
    put(monitor, EARLY.replace(CASTRO_LINE, ""))
    put(monitor, EARLY.replace(CASTRO_LINE, "").replace("every: 15m", "every: 20m"))
    assert kinds(monitor) == ["suspected", "cleared"]


def test_it_is_told_too_when_the_app_goes_on_under_another_id(monitor: Monitor) -> None:
    put(monitor, EARLY.replace("{name: Castro,", "{id: castro-2, name: Castro,"))
    assert kinds(monitor) == ["suspected", "cleared"]


def test_a_pause_settles_nothing(monitor: Monitor) -> None:
    put(monitor, EARLY.replace("1080840241}", "1080840241, paused: true}"))
    assert kinds(monitor) == ["suspected"]
