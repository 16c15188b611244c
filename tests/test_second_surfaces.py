"""A second surface in whole runs: it agrees, stays silent, lags behind, or contradicts for good."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appwatch.db import tables
from appwatch.simulator import Fault, FaultKind, Surface
from tests.monitor import CASTRO, Monitor, monitoring


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that has seen everything once; then Castro leaves China."""
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        monitor.world.remove("app_store", CASTRO, ["cn"])
        yield monitor


def look(monitor: Monitor, times: int, minutes: float = 15) -> list[str]:
    """Look so often, and return the kinds of all changes so far."""
    for _ in range(times):
        monitor.wait(minutes)
        monitor.check()
    return [change.kind for change in monitor.rows(tables.changes)]


def fault(kind: FaultKind, surface: Surface) -> Fault:
    """Return a fault of one surface."""
    return Fault(kind, store="app_store", surface=surface)


def test_the_product_page_agrees_once_and_is_not_asked_again(monitor: Monitor) -> None:
    assert look(monitor, 3) == ["disappeared"]
    (change,) = monitor.rows(tables.changes)
    assert change.surfaces == ["lookup", "product_page"]
    assert not change.waived
    pages = [e for e in monitor.rows(tables.exchanges) if e.surface == "product_page"]
    assert len(pages) == 1


def test_two_silent_surfaces_are_waived_and_the_change_says_so(monitor: Monitor) -> None:
    monitor.faults.add(
        fault(FaultKind.SERVER_ERROR, Surface.PRODUCT_PAGE),
        fault(FaultKind.SERVER_ERROR, Surface.PLATFORM),
    )
    assert look(monitor, 8) == []
    assert look(monitor, 1) == ["disappeared"]
    assert monitor.rows(tables.changes)[0].waived


def test_a_contradiction_is_a_finding_of_its_own_and_never_gone(monitor: Monitor) -> None:
    monitor.faults.add(fault(FaultKind.FALSE_PRESENCE, Surface.PRODUCT_PAGE))
    assert look(monitor, 20, minutes=60) == []
    found = monitor.rows(tables.observations)
    assert {one.reason for one in found} == {"surfaces_disagree"}
    assert {one.rule for one in found} == {"app_store.surfaces_disagree"}


def test_a_contradiction_that_lasts_a_day_is_told_once(monitor: Monitor) -> None:
    file = monitor.services.settings.watchlist
    channel = '  - {name: desk, to: "${NEWSROOM_URL}", on: [disputed]}\n'
    file.write_text(file.read_text() + channel)
    monitor.faults.add(fault(FaultKind.FALSE_PRESENCE, Surface.PRODUCT_PAGE))
    assert look(monitor, 4, minutes=8 * 60) == []
    look(monitor, 2, minutes=8 * 60)
    (notice,) = monitor.rows(tables.notices)
    assert (notice.kind, notice.content["looks"]) == ("disputed", 4)
    told = [d.channel for d in monitor.rows(tables.deliveries) if d.subject == "notices"]
    assert told == ["desk"]


def test_a_platform_that_lags_delays_the_change_and_does_not_lose_it(monitor: Monitor) -> None:
    down = fault(FaultKind.SERVER_ERROR, Surface.PRODUCT_PAGE)
    monitor.faults.add(down, fault(FaultKind.FALSE_PRESENCE, Surface.PLATFORM))
    assert look(monitor, 4) == []
    monitor.faults.remove(down)
    assert look(monitor, 3) == ["disappeared"]


def test_the_scope_tells_how_far_it_reaches_watched_or_not(monitor: Monitor) -> None:
    look(monitor, 3)
    (change,) = monitor.rows(tables.changes)
    assert change.scope == "Gone from cn; still listed in gb, jp, us."
    assert [g.storefront for g in monitor.rows(tables.glances)] == ["gb", "jp"]
    assert change.context["rates"]["watched"] == 2


def test_what_is_missed_where_it_was_never_seen_is_not_told_as_gone(monitor: Monitor) -> None:
    monitor.world.remove("app_store", CASTRO, ["gb", "jp", "us"])
    look(monitor, 3)
    for change in monitor.rows(tables.changes):
        assert "gb" not in change.scope.split(";")[0]
        assert "; not found in gb, jp, where it is not known to have been" in change.scope
