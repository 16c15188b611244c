"""What belongs together is one incident, told with how far it reaches."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from appwatch.alerts.story import incident_text
from appwatch.db import incidents, retracting, tables
from appwatch.simulator import Fault, FaultKind, SimulatedApp
from tests.monitor import Monitor, monitoring

WATCHLIST = """
every: 15m
confirm: {disappeared: {looks: 1, over: 0s}}
groups: {china: [cn, hk]}
storefronts: {app_store: [cn, hk, us], google_play: [us]}
apps:
  - {name: One, app_store: 1000000001, google_play: com.maker.one}
  - {name: Two, app_store: 1000000002}
  - {name: Other, app_store: 1000000003}
alerts:
  - {name: newsroom, to: "${NEWSROOM_URL}"}
  - {name: early, to: "${NEWSROOM_URL}", on: [suspected]}
"""
DAY = 24 * 60  # minutes
PLAY = ["com.google.android.apps.maps", "com.google.android.youtube"]


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor of two apps of one developer and one of another, all seen once."""
    with ExitStack() as stack:
        monitor = stack.enter_context(monitoring(tmp_path, database_url))
        monitor.world.add(SimulatedApp("One", "Maker", "1000000001", "com.maker.one"))
        monitor.world.add(SimulatedApp("Two", "Maker", "1000000002"))
        monitor.world.add(SimulatedApp("Other", "Someone", "1000000003"))
        monitor.world.add_controls("google_play", PLAY)
        watch(monitor, WATCHLIST)
        monitor.check()
        yield monitor


def watch(monitor: Monitor, text: str) -> None:
    (monitor.services.settings.watchlist).write_text(text)
    monitor.services.sync(monitor.services.watchlist())


def vanish(monitor: Monitor, *gone: tuple[str, str, list[str] | None]) -> None:
    for store, listing, storefronts in gone:
        monitor.world.remove(store, listing, storefronts)
    monitor.wait(15)
    monitor.check()


def change_of(monitor: Monitor, app: str, store: str, storefront: str) -> Any:  # noqa: ANN401 - a Row
    rows = monitor.rows(tables.changes)
    return next(r for r in rows if (r.app_id, r.store, r.storefront) == (app, store, storefront))


def told_of(monitor: Monitor, app: str) -> str:
    """Return the text of the app's incident."""
    services = monitor.services
    incident = change_of(monitor, app, "app_store", "cn").incident_id
    with services.database.read() as connection:
        return incident_text(incidents.changes_of(connection, incident), [], services.wording())


def found(monitor: Monitor) -> list[incidents.Incident]:
    with monitor.services.database.read() as connection:
        return incidents.listed(connection)


def test_a_group_of_the_watchlist_is_named(monitor: Monitor) -> None:
    vanish(monitor, ("app_store", "1000000003", ["cn"]))
    vanish(monitor, ("app_store", "1000000003", ["hk"]))
    (incident,) = found(monitor)
    assert incident.reach == ("group china",)
    scope = change_of(monitor, "other", "app_store", "hk").scope
    assert scope.startswith("Gone from cn, hk (all of china that was looked at); still listed in")


def test_where_looks_prove_nothing_an_app_is_not_called_still_listed(monitor: Monitor) -> None:
    down = frozenset({"us"})
    monitor.faults.add(Fault(FaultKind.SERVER_ERROR, store="app_store", storefronts=down))
    vanish(monitor)
    vanish(monitor, ("app_store", "1000000003", ["cn"]))
    assert change_of(monitor, "other", "app_store", "cn").scope == (
        "Gone from cn; unknown in us, where no recent look could tell; still listed in hk."
    )
    told = told_of(monitor, "other")
    assert "Still listed in hk. Unknown in us, where no recent look could tell.\n" in told


def test_an_app_that_leaves_both_stores_is_one_incident_that_says_so(monitor: Monitor) -> None:
    vanish(monitor, ("app_store", "1000000001", ["cn"]), ("google_play", "com.maker.one", ["us"]))
    (incident,) = found(monitor)
    assert "both stores" in incident.reach
    scope = change_of(monitor, "one", "google_play", "us").scope
    assert scope.endswith("It is gone from App Store (cn) as well.")


def test_apps_of_one_developer_are_apart_unless_asked_and_told_of_each_other(
    monitor: Monitor,
) -> None:
    gone = [("app_store", f"100000000{n}", ["cn"]) for n in (1, 2, 3)]
    vanish(monitor, *gone)
    assert len(found(monitor)) == 3
    context = change_of(monitor, "two", "app_store", "cn").context
    assert context["siblings"] == 1
    assert [n["name"] for n in context["neighbours"]] == ["One"]
    assert change_of(monitor, "other", "app_store", "cn").context["siblings"] == 0


def test_what_one_sweep_finds_gone_is_not_counted_as_gone_before(monitor: Monitor) -> None:
    vanish(monitor, *[("app_store", f"100000000{n}", ["cn"]) for n in (1, 2)])
    vanish(monitor, ("app_store", "1000000003", ["cn"]))
    rates = {row.app_id: row.context["rates"] for row in monitor.rows(tables.changes)}
    assert {app: one["disappeared"] for app, one in rates.items()} == {
        "one": 0,
        "two": 0,
        "other": 2,
    }


def test_rates_are_told_of_no_more_days_than_were_watched(monitor: Monitor) -> None:
    vanish(monitor, ("app_store", "1000000001", ["cn"]))
    assert "days before" not in told_of(monitor, "one")
    monitor.wait(4 * DAY)
    vanish(monitor, ("app_store", "1000000003", ["cn"]))
    monitor.wait(DAY)
    vanish(monitor, ("app_store", "1000000002", ["cn"]))
    assert "In the 5 days before, 1 of 3 watched apps disappeared there." in told_of(monitor, "two")


def test_what_was_retracted_is_counted_in_no_rates_told_before_or_after(monitor: Monitor) -> None:
    monitor.wait(90 * DAY)
    for number in (1, 2):
        vanish(monitor, ("app_store", f"100000000{number}", ["cn"]))
    with monitor.services.database.write() as connection:
        wrong = change_of(monitor, "one", "app_store", "cn").id
        retracting.retract(connection, wrong, "desk", "our proxy lied", monitor.at)
    monitor.world.restore("app_store", "1000000001", ["cn"])
    vanish(monitor, ("app_store", "1000000003", ["cn"]))
    assert "days before" not in told_of(monitor, "two")
    assert "In the 90 days before, 1 of 3 watched apps disappeared there." in told_of(
        monitor, "other"
    )


def test_the_watchlist_may_ask_for_incidents_by_developer(monitor: Monitor) -> None:
    watch(monitor, f"incidents: developer\n{WATCHLIST}")
    vanish(monitor, *[("app_store", f"100000000{n}", ["cn"]) for n in (1, 2, 3)])
    makers, others = sorted(found(monitor), key=lambda one: -one.changes)
    assert (makers.developer, set(makers.apps)) == ("Maker", {"one", "two"})
    assert "developer" in makers.reach
    assert others.apps == ("other",)
    deliveries = [d for d in monitor.rows(tables.deliveries) if d.channel == "newsroom"]
    assert len([d for d in deliveries if d.incident_id == makers.id]) == 1
