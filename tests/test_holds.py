"""So much missing at once is held: looks count, and a later sweep with its control releases."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from appwatch.db import holds, tables
from appwatch.db.due import Filter
from appwatch.simulator import SimulatedApp
from tests.monitor import Monitor, monitoring

APPS = [str(1_000_000_001 + number) for number in range(8)]
WATCHLIST = """
every: 15m
confirm: {disappeared: {looks: 1, over: 0s}}
controls: {app_store: ["361309726"]}
storefronts: {app_store: [cn]}
apps:
""" + "".join(f"  - {{name: App {n}, app_store: {listing}}}\n" for n, listing in enumerate(APPS))


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor of eight apps in China, all seen once; one look confirms."""
    with ExitStack() as stack:
        monitor = stack.enter_context(monitoring(tmp_path, database_url))
        for number, listing in enumerate(APPS):
            monitor.world.add(SimulatedApp(f"App {number}", app_store=listing))
        (tmp_path / "watchlist.yaml").write_text(WATCHLIST)
        monitor.services.sync(monitor.services.watchlist())
        monitor.check()
        yield monitor


def vanish(monitor: Monitor, count: int) -> None:
    """Take so many apps out of China."""
    for listing in APPS[:count]:
        monitor.world.remove("app_store", listing, ["cn"])


def test_few_apps_that_vanish_are_not_held(monitor: Monitor) -> None:
    vanish(monitor, 4)
    monitor.wait(15)
    monitor.check()
    assert monitor.rows(tables.holds) == []
    assert len(monitor.rows(tables.changes)) == 4


def test_many_are_held_and_confirmed_by_a_later_sweep_as_one_incident(monitor: Monitor) -> None:
    vanish(monitor, 6)
    monitor.wait(15)
    held = monitor.check()
    assert [one.state for one in held].count("suspected") == 6
    (hold,) = [h for h in monitor.rows(tables.holds) if h.storefront]
    assert (hold.missing, hold.available, hold.ended_at) == (6, 8, None)
    assert monitor.rows(tables.changes) == []
    monitor.wait(15)
    monitor.check()
    changes = monitor.rows(tables.changes)
    assert len(changes) == 6
    assert len({change.incident_id for change in changes}) == 1
    assert {h.ended_how for h in monitor.rows(tables.holds)} == {"over"}


def test_what_comes_back_during_a_hold_was_never_gone(monitor: Monitor) -> None:
    vanish(monitor, 6)
    monitor.wait(15)
    monitor.check()
    for listing in APPS[:6]:
        monitor.world.restore("app_store", listing, ["cn"])
    monitor.wait(15)
    monitor.check()
    assert monitor.rows(tables.changes) == []
    assert {h.ended_how for h in monitor.rows(tables.holds)} == {"over"}


def test_a_person_may_drop_what_is_held(monitor: Monitor) -> None:
    vanish(monitor, 6)
    monitor.wait(15)
    monitor.check()
    hold = next(h for h in monitor.rows(tables.holds) if h.storefront)
    with monitor.services.database.write() as connection:
        assert holds.drop(connection, hold.id, monitor.at) == 6
    assert {t.tallies for t in monitor.rows(tables.targets)} == {None}


def test_a_hold_in_one_storefront_leaves_others_alone(monitor: Monitor) -> None:
    vanish(monitor, 6)
    monitor.wait(15)
    monitor.check(Filter(storefront="cn"))
    with monitor.services.database.read() as connection:
        assert holds.listed(connection, ended=False)


def early(monitor: Monitor, confirm: str) -> None:
    """Let a channel hear of suspicions alone; `confirm` is what a departure needs."""
    text = WATCHLIST.replace("looks: 1, over: 0s", confirm)
    text += 'alerts: [{name: early, to: "${NEWSROOM_URL}", on: [suspected]}]\n'
    monitor.services.settings.watchlist.write_text(text)
    monitor.services.sync(monitor.services.watchlist())


def told(monitor: Monitor) -> list[str]:
    """Return what the channel was told: the kinds of notices, then the ids of changes."""
    notices = [notice.kind for notice in monitor.rows(tables.notices)]
    return notices + [link.change_id for link in monitor.rows(tables.delivery_changes)]


def test_nobody_hears_early_of_what_is_held_but_hears_what_it_comes_to(monitor: Monitor) -> None:
    early(monitor, "looks: 1, over: 0s")
    vanish(monitor, 6)
    monitor.wait(15)
    monitor.check()
    assert told(monitor) == []
    monitor.wait(15)
    monitor.check()
    assert len(told(monitor)) == 6


def test_who_heard_a_suspicion_that_is_dropped_hears_that_it_is_cleared(monitor: Monitor) -> None:
    early(monitor, "looks: 3, over: 30m")
    vanish(monitor, 4)
    monitor.wait(1)
    monitor.check()
    vanish(monitor, 6)
    monitor.wait(1)
    monitor.check()
    assert told(monitor) == ["suspected"] * 4
    hold = next(h for h in monitor.rows(tables.holds) if h.storefront)
    with monitor.services.database.write() as connection:
        holds.drop(connection, hold.id, monitor.at)
    for listing in APPS[:6]:
        monitor.world.restore("app_store", listing, ["cn"])
    monitor.wait(1)
    monitor.check()
    assert told(monitor) == ["suspected"] * 4 + ["cleared"] * 4
    first: dict[str, set[str]] = {}
    for notice in monitor.rows(tables.notices):
        first.setdefault(notice.app_id, set()).add(notice.content["first_missed_at"])
    assert {len(moments) for moments in first.values()} == {1}


def test_who_heard_a_suspicion_hears_the_change_and_nothing_after_it(monitor: Monitor) -> None:
    early(monitor, "looks: 2, over: 0s")
    vanish(monitor, 1)
    for _ in range(2):
        monitor.wait(1)
        monitor.check()
    monitor.world.restore("app_store", APPS[0], ["cn"])
    for _ in range(3):
        monitor.wait(1)
        monitor.check()
    assert [c.kind for c in monitor.rows(tables.changes)] == ["disappeared", "returned"]
    assert len(monitor.rows(tables.delivery_changes)) == 1


def test_a_hold_ends_when_its_storefront_is_no_longer_watched(monitor: Monitor) -> None:
    vanish(monitor, 6)
    monitor.wait(15)
    monitor.check()
    monitor.services.settings.watchlist.write_text(WATCHLIST.replace("[cn]", "[us]"))
    monitor.services.sync(monitor.services.watchlist())
    assert {h.ended_how for h in monitor.rows(tables.holds)} == {"over"}
