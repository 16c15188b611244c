"""The instrument itself in whole runs: sick storefronts, lost controls, apps that cannot exist."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appwatch.db import instrument, tables
from appwatch.domain import timing
from appwatch.simulator import Fault, FaultKind, Surface
from tests.monitor import CASTRO, WATCHLIST, ZYNN, Monitor, monitoring

PAGES, TESTFLIGHT = "361309726", "899247664"
MAPS, TUBE = "com.google.android.apps.maps", "com.google.android.youtube"


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor with two controls in each store that has seen everything once."""
    with monitoring(tmp_path, database_url) as monitor:
        two = WATCHLIST.replace(f'["{PAGES}"]', f'["{PAGES}", "{TESTFLIGHT}"]')
        two = two.replace(f"[{MAPS}]", f"[{MAPS}, {TUBE}]")
        (tmp_path / "watchlist.yaml").write_text(two)
        monitor.world.add_controls("app_store", [TESTFLIGHT])
        monitor.world.add_controls("google_play", [TUBE])
        monitor.check()
        yield monitor


@pytest.fixture
def trying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every sweep begin with an app that cannot exist."""
    monkeypatch.setattr(timing, "NONSENSE_EVERY", 1)


def look(monitor: Monitor, times: int, minutes: float = 15) -> None:
    for _ in range(times):
        monitor.wait(minutes)
        monitor.check()


def faults(monitor: Monitor) -> list[tuple[str, str, bool]]:
    """Return every fault so far: its kind, where it is, and whether it has ended."""
    with monitor.services.database.read() as connection:
        found = instrument.listed(connection)
    parts = [(f.trouble.kind.value, f.trouble.store, f.trouble.storefront) for f in found]
    over = [fault.ended_at is not None for fault in found]
    return [
        (kind, f"{store}/{cc}", end) for (kind, store, cc), end in zip(parts, over, strict=True)
    ]


def lost(monitor: Monitor) -> list[tuple[str, str]]:
    with monitor.services.database.read() as connection:
        return [(str(one.place), one.listing) for one in instrument.lost_controls(connection)]


def test_a_storefront_without_its_controls_is_sick_until_they_are_seen(monitor: Monitor) -> None:
    outage = Fault(FaultKind.FALSE_ABSENCE, surface=Surface.LOOKUP, storefronts=frozenset({"cn"}))
    monitor.faults.add(outage)
    look(monitor, 1)
    assert faults(monitor) == []
    look(monitor, 2)
    assert faults(monitor) == [("controls", "app_store/cn", False)]
    assert monitor.rows(tables.changes) == []
    monitor.faults.remove(outage)
    look(monitor, 1)
    assert faults(monitor) == [("controls", "app_store/cn", True)]


def test_a_rule_that_reads_nothing_is_named_once_with_its_end(monitor: Monitor) -> None:
    broken = Fault(FaultKind.HTML_FOR_JSON, surface=Surface.LOOKUP)
    monitor.faults.add(broken)
    look(monitor, 3)
    with monitor.services.database.read() as connection:
        (fault,) = instrument.open_faults(connection)
    assert (fault.trouble.failing, fault.trouble.of) == (4, 4)
    assert fault.says.startswith("Answers of app_store cannot be read: 4 of 4 targets (app_store.")
    monitor.faults.remove(broken)
    look(monitor, 1)
    assert [over for _, _, over in faults(monitor)] == [True]


def test_stores_that_fail_together_put_the_vantage_in_doubt(monitor: Monitor) -> None:
    monitor.faults.add(Fault(FaultKind.SERVER_ERROR))
    look(monitor, 3)
    assert ("vantage", "None/None", False) in faults(monitor)
    assert [t.state for t in monitor.rows(tables.targets)] == ["available"] * 5


def test_a_sweep_of_play_without_a_doubt_still_looks_at_a_control(monitor: Monitor) -> None:
    seen = [c.listing for c in monitor.rows(tables.controls) if c.store == "google_play"]
    assert seen == [MAPS]


def test_a_control_that_goes_away_is_noticed_while_others_vouch(monitor: Monitor) -> None:
    monitor.world.remove("app_store", PAGES, ["cn"])
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    assert lost(monitor) == [("app_store/cn", PAGES)]
    assert [c.kind for c in monitor.rows(tables.changes)] == ["disappeared"]
    monitor.world.restore("app_store", PAGES, ["cn"])
    look(monitor, 1)
    assert lost(monitor) == []


def test_a_lost_control_that_was_replaced_is_told_no_more(monitor: Monitor) -> None:
    monitor.world.remove("app_store", PAGES, ["cn"])
    look(monitor, 3)
    file = monitor.services.settings.watchlist
    file.write_text(file.read_text().replace(f'"{PAGES}", ', ""))
    look(monitor, 1)
    assert lost(monitor) == []


def test_where_nothing_is_watched_any_more_no_control_is_lost_and_no_fault_lasts(
    monitor: Monitor,
) -> None:
    monitor.world.remove("app_store", PAGES, ["cn"])
    look(monitor, 3)
    monitor.faults.add(Fault(FaultKind.SERVER_ERROR))
    look(monitor, 3)
    assert lost(monitor)
    assert faults(monitor)
    monitor.services.settings.watchlist.write_text("apps: []\n")
    monitor.services.sync(monitor.services.watchlist())
    assert lost(monitor) == []
    assert all(over for _, _, over in faults(monitor))


def test_a_control_that_play_has_lost_is_asked_last(monitor: Monitor) -> None:
    monitor.world.remove("google_play", MAPS, ["us"])
    look(monitor, 3)
    assert lost(monitor) == [("google_play/us", MAPS)]
    before = monitor.at
    look(monitor, 1)
    (maps,) = [c for c in monitor.rows(tables.controls) if c.listing == MAPS]
    assert maps.last_missed_at == before


def test_an_outage_loses_no_control(monitor: Monitor) -> None:
    monitor.faults.add(Fault(FaultKind.FALSE_ABSENCE, surface=Surface.LOOKUP))
    look(monitor, 4)
    assert lost(monitor) == []


@pytest.mark.usefixtures("trying")
def test_apps_that_cannot_exist_are_not_found_and_leave_no_trace(monitor: Monitor) -> None:
    look(monitor, 2)
    assert faults(monitor) == []
    assert {t.state for t in monitor.rows(tables.targets)} == {"available"}


@pytest.mark.usefixtures("trying")
def test_nothing_is_believed_of_a_store_that_finds_what_cannot_exist(monitor: Monitor) -> None:
    monitor.world.remove("google_play", ZYNN, ["us"])
    echo = Fault(FaultKind.ECHO, surface=Surface.DETAILS_PAGE)
    monitor.faults.add(echo)
    look(monitor, 3)
    assert faults(monitor) == [("nonsense", "google_play/us", False)]
    (zynn,) = [t for t in monitor.rows(tables.targets) if t.listing == ZYNN]
    assert (zynn.state, zynn.tallies, zynn.inconclusive_looks) == ("available", None, 3)
    monitor.faults.remove(echo)
    look(monitor, 3)
    assert faults(monitor) == [("nonsense", "google_play/us", True)]
    assert [c.app_id for c in monitor.rows(tables.changes)] == ["zynn"]


def test_an_arrival_is_not_believed_where_an_app_that_cannot_exist_is_found(
    monitor: Monitor,
) -> None:
    monitor.world.remove("app_store", CASTRO, ["cn"])
    look(monitor, 3)
    monitor.faults.add(Fault(FaultKind.ECHO, store="app_store"))
    look(monitor, 4)
    monitor.faults.clear()
    look(monitor, 3)
    assert [change.kind for change in monitor.rows(tables.changes)] == ["disappeared"]
    assert ("nonsense", "app_store/cn", True) in faults(monitor)
