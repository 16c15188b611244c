"""What is due is in the database: ticks only begin it, however often and wherever they come."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from appwatch import scheduling
from appwatch.db import due, tables
from appwatch.domain.clocks import Beat
from appwatch.domain.model import Place
from appwatch.errors import DatabaseError
from appwatch.scheduling import Every, Rounds, contained
from appwatch.simulator import Fault, FaultKind
from tests.monitor import CASTRO, Monitor, monitoring

TARGETS = 5


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that has not looked at anything yet."""
    with monitoring(tmp_path, database_url) as monitor:
        yield monitor


def tick(monitor: Monitor, owner: str = "one") -> int:
    """Tick once, wait for the sweeps it began, and return how many they were."""

    async def once() -> int:
        looking = monitor.services.looking(monitor.services.watchlist())
        async with looking.fetcher:
            rounds = Rounds(looking, owner)
            begun = await rounds.tick()
            await rounds.settle()
            return begun

    return asyncio.run(once())


def looks(monitor: Monitor) -> int:
    """Return how many looks were made of all targets together."""
    return sum(target.looks for target in monitor.rows(tables.targets))


def test_what_is_due_is_looked_at_once_a_round(monitor: Monitor) -> None:
    assert tick(monitor) == 3
    assert tick(monitor) == 0
    assert looks(monitor) == TARGETS
    monitor.wait(20)
    assert tick(monitor) == 3
    assert looks(monitor) == 2 * TARGETS


def test_a_restart_repeats_nothing_and_forgets_nothing(monitor: Monitor) -> None:
    tick(monitor, "before")
    assert tick(monitor, "after") == 0
    monitor.wait(60 * 5)
    assert tick(monitor, "after") == 3
    assert looks(monitor) == 2 * TARGETS


def test_a_long_sleep_is_coverage_late_and_with_its_missed_rounds(monitor: Monitor) -> None:
    tick(monitor)
    monitor.wait(60 * 5)
    tick(monitor)
    late = [sweep for sweep in monitor.rows(tables.sweeps) if sweep.late]
    assert [sweep.planned for sweep in late] == [sweep.late for sweep in late]
    assert {sweep.missed_rounds for sweep in late} <= {18, 19}


def test_a_suspicion_is_looked_at_again_soon_and_alone(monitor: Monitor) -> None:
    tick(monitor)
    monitor.world.remove("app_store", CASTRO, ["cn"])
    monitor.wait(20)
    tick(monitor)
    tick(monitor)  # the app's other storefront, unless it was swept after that already
    monitor.wait(1)
    before = looks(monitor)
    assert tick(monitor) == 1
    assert looks(monitor) == before + 1


def test_two_processes_share_the_work_and_do_no_harm(monitor: Monitor) -> None:
    async def both() -> None:
        watchlist = monitor.services.watchlist()
        first, second = (monitor.services.looking(watchlist) for _ in range(2))
        async with first.fetcher, second.fetcher:
            one, two = Rounds(first, "one"), Rounds(second, "two")
            await asyncio.gather(one.tick(), two.tick())
            await asyncio.gather(one.settle(), two.settle())

    asyncio.run(both())
    assert looks(monitor) == TARGETS
    assert len(monitor.rows(tables.sweeps)) == 3


def test_a_storefront_that_a_dead_process_held_is_swept_when_its_lease_ends(
    monitor: Monitor,
) -> None:
    place = Place("app_store", "cn")
    with monitor.services.database.write() as connection:
        assert due.claim_place(connection, place, "dead", monitor.at)
    assert tick(monitor) == 2
    monitor.wait(3)
    assert tick(monitor) == 1
    assert looks(monitor) == TARGETS


def test_a_storefront_held_under_a_clock_that_was_ahead_is_swept(monitor: Monitor) -> None:
    place = Place("app_store", "cn")
    with monitor.services.database.write() as connection:
        assert due.claim_place(connection, place, "dead", monitor.at + timedelta(days=400))
    assert tick(monitor) == 3


@pytest.mark.parametrize("at_once", [3, 8])
def test_a_storefront_that_is_swept_for_longer_than_a_lease_is_not_taken_again(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(scheduling, "SWEEPS_AT_ONCE", at_once)
    monitor.faults.add(Fault(FaultKind.HANG))
    begun: list[int] = []

    async def sweep_long() -> None:
        first, second = monitor.looking(), monitor.looking()
        async with first.fetcher, second.fetcher:
            one, two = Rounds(first, "one"), Rounds(second, "two")
            begun.append(await one.tick())
            for minutes in (1, 1, 1, 3, -60):
                monitor.wait(minutes)
                begun.extend([await one.tick(), await two.tick()])
            await one.stop(0)
            begun.append(await two.tick())
            await two.stop(0)

    asyncio.run(sweep_long())
    assert begun == [3, *[0, 0] * 5, 3]


def test_what_another_process_took_and_gave_back_is_not_swept_twice_at_once(
    monitor: Monitor,
) -> None:
    monitor.faults.add(Fault(FaultKind.HANG))
    begun: list[int] = []

    async def take_over() -> None:
        first, second = monitor.looking(), monitor.looking()
        async with first.fetcher, second.fetcher:
            one, two = Rounds(first, "one"), Rounds(second, "two")
            begun.append(await one.tick())
            monitor.wait(3)  # without a tick: it was suspended
            begun.append(await two.tick())
            await two.stop(0)
            begun.append(await one.tick())
            await one.stop(0)

    asyncio.run(take_over())
    assert begun == [3, 3, 0]


def test_a_storefront_that_was_given_back_or_taken_over_is_not_renewed(monitor: Monitor) -> None:
    place = Place("app_store", "cn")
    with monitor.services.database.write() as connection:
        assert due.claim_place(connection, place, "one", monitor.at)
        due.release_place(connection, place, "one")
        due.renew_place(connection, place, "one", monitor.at)
        assert due.claim_place(connection, place, "two", monitor.at)
        due.renew_place(connection, place, "one", monitor.at + timedelta(minutes=1))
        assert due.claim_place(connection, place, "one", monitor.at + timedelta(minutes=2))


def test_a_process_that_ends_gives_back_what_it_held(monitor: Monitor) -> None:
    async def end() -> None:
        looking = monitor.looking()
        async with looking.fetcher:
            rounds = Rounds(looking, "one")
            with monitor.services.database.write() as connection:
                due.claim_place(connection, Place("app_store", "cn"), "one", monitor.at)
            await rounds.stop(1)

    asyncio.run(end())
    assert tick(monitor, "two") == 3


def test_a_clock_that_was_ahead_stops_nothing_when_it_is_set_right(monitor: Monitor) -> None:
    monitor.at += timedelta(days=1)
    tick(monitor)
    monitor.at -= timedelta(days=1)
    assert tick(monitor) == 3
    assert looks(monitor) == 2 * TARGETS
    assert {period.ended_at for period in monitor.rows(tables.periods)} == {None}


def test_a_clock_set_forward_is_told_and_confirms_nothing_early(monitor: Monitor) -> None:
    tick(monitor)
    monitor.world.remove("app_store", CASTRO, ["cn"])
    passed, changes = 0.0, []

    async def go() -> None:
        nonlocal passed
        looking = replace(monitor.looking(), beat=lambda: Beat("boot", passed * 60))
        async with looking.fetcher:
            rounds = Rounds(looking, "one")
            for told, truly in ((20, 20), (61, 1), (1, 1), (30, 30)):
                monitor.wait(told)
                passed += truly
                await rounds.tick()
                await rounds.settle()
                changes.append(len(monitor.rows(tables.changes)))

    with capture_logs() as told:
        asyncio.run(go())
    set_by = [line["seconds"] for line in told if line["action"] == "clock_set_forward"]
    assert set_by == [3600]
    assert changes == [0, 0, 0, 1]


def test_a_shorter_interval_counts_from_the_next_start_on(monitor: Monitor, tmp_path: Path) -> None:
    file = tmp_path / "watchlist.yaml"
    file.write_text(file.read_text().replace("every: 15m", "every: 7d"))
    tick(monitor)
    file.write_text(file.read_text().replace("every: 7d", "every: 15m"))
    assert tick(monitor) == 3


def test_stopping_lets_a_hanging_look_go_and_it_stays_due(monitor: Monitor) -> None:
    monitor.faults.add(Fault(FaultKind.HANG, store="google_play"))

    async def stop_early() -> int:
        looking = monitor.services.looking(monitor.services.watchlist())
        async with looking.fetcher:
            rounds = Rounds(looking, "one")
            await rounds.tick()
            await rounds.stop(1)
            return await rounds.tick()

    assert asyncio.run(stop_early()) == 0
    unread = [t for t in monitor.rows(tables.targets) if t.store == "google_play"]
    assert [target.looks for target in unread] == [0]
    monitor.faults.clear()
    monitor.wait(11)
    tick(monitor)
    assert looks(monitor) >= TARGETS


def test_silence_is_logged_once_and_so_is_its_end(monitor: Monitor) -> None:
    async def rounds() -> None:
        looking = monitor.looking()
        async with looking.fetcher:
            ticking = Rounds(looking, "one")
            for failing in (True, True, False):
                monitor.faults.clear()
                if failing:
                    monitor.faults.add(
                        Fault(FaultKind.HTML_FOR_JSON, storefronts=frozenset({"cn"}))
                    )
                await ticking.tick()
                await ticking.settle()
                monitor.wait(20)

    with capture_logs() as told:
        asyncio.run(rounds())
    actions = [line["action"] for line in told]
    assert (actions.count("silent"), actions.count("heard")) == (1, 1)


@pytest.mark.parametrize("error", [DatabaseError("locked"), ZeroDivisionError("ours")])
def test_trouble_of_ours_is_logged_and_ends_nothing_else(error: Exception) -> None:
    async def work() -> None:
        raise error

    with capture_logs() as told:
        assert not asyncio.run(contained(work(), "sweep_failed", place="app_store/cn"))
    (line,) = told
    assert (line["event"], line["action"], line["place"]) == (
        "sweep failed",
        "sweep_failed",
        "app_store/cn",
    )


def test_a_clock_that_is_set_forward_by_decades_makes_up_for_one_tick() -> None:
    now, ticks = datetime(2026, 7, 6, 12, tzinfo=UTC), [datetime(1976, 1, 1, tzinfo=UTC)]
    while ticks[-1] <= now and len(ticks) < 9:
        ticks.append(Every(0.2).get_next_fire_time(ticks[-1], now))
    assert ticks[1:] == [now, now + timedelta(seconds=0.2)]
