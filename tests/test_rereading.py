"""Looks are read again through the store's own dialogue; what cannot be is said, not guessed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from appwatch.db import proofs, tables
from appwatch.evidence.proof import ExchangeProof, Proof
from appwatch.rereading import Rereading, is_refuted, reread
from appwatch.simulator import SimulatedApp
from appwatch.watchlist import Watchlist
from tests.monitor import CASTRO, WATCHLIST, ZYNN, Monitor, monitoring

MANY = [str(number) for number in range(1_000_000_001, 1_000_000_011)]


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Monitor]:
    with monitoring(tmp_path, f"sqlite:///{tmp_path / 'appwatch.db'}") as monitor:
        yield monitor


def look(monitor: Monitor, times: int) -> None:
    for _ in range(times):
        monitor.wait(15)
        monitor.check()


def only(monitor: Monitor) -> Proof:
    """Return the proof of the first change."""
    change, *_ = monitor.rows(tables.changes)
    return proof_of(monitor, change.id)


def proof_of(monitor: Monitor, change: str) -> Proof:
    """Return what proves this change."""
    with monitor.services.database.read() as connection:
        proof = proofs.proof_of(connection, change)
    assert proof is not None
    return proof


def read(monitor: Monitor, proof: Proof) -> list[Rereading]:
    services = monitor.services
    return reread(proof, services.stores[proof.change.store], services.evidence.read)


def watch_many(monitor: Monitor, folder: Path) -> Watchlist:
    """Watch ten more apps of the App Store, all of them listed."""
    apps = "".join(f"  - {{name: App {one}, app_store: {one}}}\n" for one in MANY)
    (folder / "watchlist.yaml").write_text(
        WATCHLIST.replace("alerts:", f"{apps}alerts:") + "hold: {share: 1, at_least: 1000}\n"
    )
    for one in MANY:
        monitor.world.add(SimulatedApp(f"App {one}", app_store=one))
    watchlist = monitor.services.watchlist()
    monitor.services.sync(watchlist)
    return watchlist


def test_misses_that_were_asked_again_together_are_read_together(
    monitor: Monitor, tmp_path: Path
) -> None:
    watch_many(monitor, tmp_path)
    monitor.check()
    for one in MANY[:8]:
        monitor.world.remove("app_store", one, ["cn"])
    look(monitor, 3)
    found = read(monitor, only(monitor))
    assert len(found) == 3
    assert [(one.problem, one.differs) for one in found] == [("", False)] * 3


def test_settings_that_moved_since_do_not_matter(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    proof = only(monitor)
    moved = monitor.services.stores["google_play"]
    moved = replace(moved, base_url="https://play.example")  # type: ignore[type-var]  # a dataclass
    found = reread(proof, moved, monitor.services.evidence.read)
    assert [(one.problem, one.differs) for one in found] == [("", False)] * 3


def test_a_request_that_was_not_kept_says_nothing_against_the_look(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    proof = only(monitor)
    fewer = [one for one in proof.exchanges if ZYNN in one.url]
    found = read(monitor, replace(proof, exchanges=fewer))
    assert {one.problem for one in found} == {"not every answer was kept"}
    assert not is_refuted(found)
    other = [replace(one, url=f"{one.url}&hl=de") for one in proof.exchanges]
    found = read(monitor, replace(proof, exchanges=other))
    assert {one.problem for one in found} == {
        "no answer was kept to what is asked of details today"
    }
    assert not is_refuted(found)


def test_a_control_that_is_not_known_says_nothing_against_the_look(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    proof = only(monitor)
    looks = [structs.replace(one, exchanges=one.exchanges[:2]) for one in proof.looks]
    found = read(monitor, replace(proof, looks=looks))
    assert {one.problem for one in found} == {"it is not known which control was asked"}
    assert not is_refuted(found)


def test_one_look_that_no_longer_reads_as_absent_refutes_a_disappearance(monitor: Monitor) -> None:
    monitor.check()
    monitor.world.remove("google_play", ZYNN)
    look(monitor, 3)
    proof = only(monitor)
    number = proof.looks[1].exchanges[0]
    walled = [_walled(one) if one.id == number else one for one in proof.exchanges]
    found = read(monitor, replace(proof, exchanges=walled))
    assert [one.differs for one in found] == [False, True, False]
    assert is_refuted(found)
    assert not is_refuted([one for one in found if not one.differs])


def _walled(exchange: ExchangeProof) -> ExchangeProof:
    """Return the exchange as if a robot check had answered."""
    return replace(exchange, status=429)


@pytest.mark.parametrize(("store", "listing"), [("google_play", ZYNN), ("app_store", CASTRO)])
def test_every_change_of_a_listing_that_comes_and_goes_reads_the_same_again(
    monitor: Monitor, store: str, listing: str
) -> None:
    monitor.check()
    moves = [monitor.world.remove, monitor.world.restore, monitor.world.remove]
    if store == "google_play":
        moves += [monitor.world.restrict, monitor.world.restore, monitor.world.restrict]
    for move in moves:
        move(store, listing, None if store == "google_play" else ["cn"])
        look(monitor, 3)
    kinds = [change.kind for change in monitor.rows(tables.changes)]
    assert (
        kinds
        == ["disappeared", "returned", "disappeared", "listed", "returned", "restricted"][
            : len(moves)
        ]
    )
    for change in monitor.rows(tables.changes):
        found = read(monitor, proof_of(monitor, change.id))
        assert found
        assert {(one.problem, one.differs) for one in found} == {("", False)}
