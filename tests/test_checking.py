"""One look after another, over real HTTP and a real database: what is recorded and told."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from appwatch.checking import sweep
from appwatch.db import due, tables
from appwatch.db.sweeping import Recorded
from appwatch.domain.state import Cleared, Suspected
from appwatch.simulator import Fault, FaultKind
from appwatch.stores.app_store.store import AppStore
from tests.monitor import CASTRO, JIKE, START, WATCHLIST, ZYNN, Monitor, monitoring


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that has not looked at anything yet."""
    with monitoring(tmp_path, database_url) as monitor:
        yield monitor


def states(recorded: list[Recorded]) -> dict[tuple[str, str], str]:
    """Return the state after each look, by app and storefront."""
    return {(one.due.app_id, one.observation.storefront): one.state for one in recorded}


def test_the_first_round_is_a_baseline_and_reported_once(monitor: Monitor) -> None:
    monitor.world.remove("app_store", JIKE, ["cn"])
    assert states(monitor.check())["jike", "cn"] == "never_seen"
    assert monitor.rows(tables.changes) == []
    monitor.check()
    (report,) = monitor.rows(tables.deliveries)
    assert report.subject == "first_report"
    assert report.content["states"] == {"available": 4, "never_seen": 1}


def test_a_first_report_tells_a_channel_of_what_its_filters_let_through(monitor: Monitor) -> None:
    more = [
        '  - {name: partner, to: "${NEWSROOM_URL}", tags: [social], storefronts: [cn]}',
        '  - {name: play, to: "${NEWSROOM_URL}", stores: [google_play]}',
        '  - {name: nobody, to: "${NEWSROOM_URL}", apps: [zynn], stores: [app_store]}',
    ]
    monitor.services.settings.watchlist.write_text(WATCHLIST + "\n".join(more))
    monitor.world.remove("app_store", JIKE, ["us"])
    monitor.check()
    told = {row.channel: row.content for row in monitor.rows(tables.deliveries)}
    assert {name: content["states"] for name, content in told.items()} == {
        "newsroom": {"available": 4, "never_seen": 1},
        "partner": {"available": 1},
        "play": {"available": 1},
    }
    assert [len(content["absent"]) for content in told.values()] == [1, 0, 0]


def test_a_first_report_lists_nothing_that_changed_before_all_was_looked_at(
    monitor: Monitor,
) -> None:
    apple = due.Filter(store="app_store")
    monitor.world.remove("app_store", JIKE, ["cn"])
    monitor.check(apple)
    monitor.world.remove("app_store", CASTRO, ["cn"])
    for _ in range(3):
        monitor.wait(15)
        monitor.check(apple)
    monitor.check()
    (change,) = monitor.rows(tables.changes)
    (report,) = [r for r in monitor.rows(tables.deliveries) if r.subject == "first_report"]
    assert report.content["states"] == {"available": 3, "gone": 1, "never_seen": 1}
    assert (change.app_id, [row[0] for row in report.content["absent"]]) == ("castro", ["jike"])


def test_a_disappearance_is_confirmed_recorded_and_queued_at_once(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("app_store", CASTRO, ["cn"])
    for _ in range(3):
        monitor.wait(15)
        recorded = monitor.check()
    assert states(recorded)["castro", "cn"] == "gone"
    (change,) = monitor.rows(tables.changes)
    assert (change.kind, change.app_id, change.storefront) == ("disappeared", "castro", "cn")
    assert (change.before_at, change.looks) == (START, 3)
    deliveries = [d for d in monitor.rows(tables.deliveries) if d.subject == "changes"]
    assert [d.channel for d in deliveries] == ["newsroom"]
    assert [r.change_id for r in monitor.rows(tables.delivery_changes)] == [change.id]


def test_a_suspicion_that_is_not_confirmed_is_cleared_and_told_to_nobody(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("app_store", CASTRO, ["cn"])
    monitor.wait(15)
    events = [event for one in monitor.check() for event in one.events]
    assert [type(event) for event in events] == [Suspected]
    monitor.world.restore("app_store", CASTRO, ["cn"])
    monitor.wait(15)
    events = [event for one in monitor.check() for event in one.events]
    assert [type(event) for event in events] == [Cleared]
    assert monitor.rows(tables.changes) == []


def test_going_and_coming_back_leaves_periods_that_meet(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("google_play", ZYNN)
    for _ in range(3):
        monitor.wait(15)
        monitor.check()
    monitor.world.restore("google_play", ZYNN)
    for _ in range(2):
        monitor.wait(15)
        monitor.check()
    kinds = [change.kind for change in monitor.rows(tables.changes)]
    assert kinds == ["disappeared", "returned"]
    periods = [p for p in monitor.rows(tables.periods) if p.start_change or p.end_change]
    assert [p.state for p in periods] == ["available", "gone", "available"]
    for earlier, later in pairwise(periods):
        assert earlier.ended_at == later.started_at
        assert earlier.end_change == later.start_change


def test_the_exchanges_that_prove_a_change_are_kept(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("app_store", CASTRO, ["cn"])
    for _ in range(3):
        monitor.wait(15)
        monitor.check()
    observations = monitor.rows(tables.observations)
    assert [o.outcome for o in observations] == ["not_found"] * 3
    exchanges = {e.id: e for e in monitor.rows(tables.exchanges)}
    for link in monitor.rows(tables.observation_exchanges):
        exchange = exchanges[link.exchange_id]
        assert len(monitor.services.evidence.read(exchange.body)) == exchange.size


def test_an_unchanged_look_adds_no_row_but_its_sweep(monitor: Monitor) -> None:
    monitor.check()
    names = [t.name for t in tables.metadata.sorted_tables if t.name != "sweeps"]
    with monitor.services.database.read() as connection:
        before = [connection.scalar(text(f"SELECT count(*) FROM {n}")) for n in names]
    monitor.wait(15)
    monitor.check()
    with monitor.services.database.read() as connection:
        after = [connection.scalar(text(f"SELECT count(*) FROM {n}")) for n in names]
    assert before == after
    assert {t.looks for t in monitor.rows(tables.targets)} == {2}


@dataclass(frozen=True)
class Counting(AppStore):
    """The App Store, and which listings were taken out of each answer."""

    taken: list[set[str]] = field(default_factory=list)

    def extract(self, body: bytes, listings: Collection[str]) -> Mapping[str, bytes]:
        """Note it, and take them out."""
        self.taken.append(set(listings))
        return super().extract(body, listings)


def test_an_answer_is_taken_apart_once_however_many_new_listings_it_shows(
    monitor: Monitor,
) -> None:
    looking = monitor.looking()
    store = Counting(monitor.services.settings.apple_lookup_url, per_minute=0)
    looking = replace(looking, stores={"app_store": store})
    chosen = monitor.selected(due.Filter(store="app_store"))

    async def look() -> None:
        async with looking.fetcher:
            for place, targets in chosen.items():
                await sweep(looking, place, targets, lambda _: None)

    asyncio.run(look())
    assert store.taken == [{JIKE, CASTRO}] * 2
    kept = monitor.rows(tables.listings)
    assert {looking.evidence.read(row.body).count(b'"trackId"') for row in kept} == {1}


@pytest.mark.parametrize(
    "kind", [FaultKind.FORBIDDEN_EMPTY, FaultKind.FALSE_ABSENCE, FaultKind.HTML_FOR_JSON]
)
def test_a_sick_store_makes_looks_inconclusive_and_nothing_gone(
    monitor: Monitor, kind: FaultKind
) -> None:
    monitor.check()
    monitor.faults.add(Fault(kind, store="app_store"))
    for _ in range(4):
        monitor.wait(40)
        monitor.check(due.Filter(store="app_store"))
    assert monitor.rows(tables.changes) == []
    assert {t.state for t in monitor.rows(tables.targets)} == {"available"}
    lapses = monitor.rows(tables.lapses)
    assert {lapse.looks for lapse in lapses} == {4}
    assert all(lapse.ended_at is None for lapse in lapses)


def test_a_change_in_a_pause_lies_between_the_last_look_before_it_and_the_first_after(
    monitor: Monitor, tmp_path: Path
) -> None:
    file = tmp_path / "watchlist.yaml"
    watching = file.read_text()
    monitor.check()
    before = monitor.at
    file.write_text(watching.replace("name: Castro,", "name: Castro, paused: true,"))
    monitor.services.sync(monitor.services.watchlist())
    monitor.world.remove("app_store", CASTRO, ["cn"])
    for _ in range(2):
        monitor.wait(60 * 24)
        monitor.check()
    file.write_text(watching)
    monitor.services.sync(monitor.services.watchlist())
    resumed = monitor.at
    for _ in range(3):
        monitor.check()
        monitor.wait(15)
    (change,) = monitor.rows(tables.changes)
    assert (change.kind, change.before_at, change.after_at) == ("disappeared", before, resumed)


def test_a_suspicion_that_a_pause_interrupts_spans_its_half_hour_after_it(
    monitor: Monitor, tmp_path: Path
) -> None:
    file = tmp_path / "watchlist.yaml"
    watching = file.read_text()
    monitor.check()
    monitor.world.remove("app_store", CASTRO, ["cn"])
    monitor.wait(15)
    monitor.check()
    file.write_text(watching.replace("name: Castro,", "name: Castro, paused: true,"))
    monitor.services.sync(monitor.services.watchlist())
    monitor.wait(60 * 24)
    file.write_text(watching)
    monitor.services.sync(monitor.services.watchlist())
    found = []
    for minutes in (0, 1, 28, 1):
        monitor.wait(minutes)
        monitor.check()
        found.append(len(monitor.rows(tables.changes)))
    assert found == [0, 0, 0, 1]


def test_a_lapse_ends_with_the_first_conclusive_look(monitor: Monitor) -> None:
    monitor.check()
    fault = Fault(FaultKind.SERVER_ERROR, store="app_store")
    monitor.faults.add(fault)
    monitor.wait(15)
    monitor.check(due.Filter(app="jike"))
    monitor.faults.remove(fault)
    monitor.wait(15)
    monitor.check(due.Filter(app="jike"))
    assert [lapse.ended_at for lapse in monitor.rows(tables.lapses)] == [monitor.at] * 2


def test_an_evidence_folder_that_cannot_be_written_confirms_nothing(
    monitor: Monitor, tmp_path: Path
) -> None:
    monitor.check()
    monitor.world.remove("app_store", CASTRO, ["cn"])
    folder = monitor.services.evidence.folder
    folder.rename(tmp_path / "elsewhere")
    folder.write_text("a file where the folder should be")
    for _ in range(4):
        monitor.wait(15)
        monitor.check(due.Filter(app="castro"))
    assert monitor.rows(tables.changes) == []
    folder.unlink()
    for _ in range(3):
        monitor.wait(15)
        monitor.check(due.Filter(app="castro"))
    assert [change.kind for change in monitor.rows(tables.changes)] == ["disappeared"]


@pytest.mark.parametrize(("vain", "fault"), [(0, None), (4, FaultKind.SERVER_ERROR)])
def test_a_change_says_how_many_looks_before_it_proved_nothing(
    monitor: Monitor, vain: int, fault: FaultKind | None
) -> None:
    monitor.check()
    monitor.world.remove("app_store", CASTRO, ["cn"])
    monitor.faults.add(Fault(fault or FaultKind.SERVER_ERROR, store="app_store"))
    for _ in range(4):
        monitor.wait(60)
        if fault:
            monitor.check(due.Filter(app="castro"))
    monitor.faults.clear()
    for _ in range(4):
        monitor.wait(15)
        monitor.check()
    (change,) = monitor.rows(tables.changes)
    assert (change.missed_rounds, change.context["looks_in_vain"]) == (16, vain)
