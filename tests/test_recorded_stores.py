"""Whole runs against what the real stores once answered, served on loopback."""

import asyncio
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from appwatch import wiring
from appwatch.checking import Looking, sweep
from appwatch.db import due, tables, watching
from appwatch.db.sweeping import Recorded
from appwatch.domain.model import Place
from appwatch.fetching import Fetcher, Fetching
from appwatch.simulator import (
    Appearance,
    SimulatedApp,
    World,
    recorded_lookups,
    recorded_world,
    serve,
)
from appwatch.stores.app_store.storefronts import STOREFRONTS

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside us")
NOW = datetime(2019, 10, 12, 12, tzinfo=UTC)
CONTROL, PLAY_CONTROL = "361309726", "com.google.android.apps.maps"
WATCHLIST = f"""
every: 1h
controls: {{app_store: ["{CONTROL}"], google_play: [{PLAY_CONTROL}]}}
apps: []
"""


def matrix(name: str, *columns: str) -> dict[tuple[str, str], str]:
    """Return what was recorded, by listing and storefront."""
    with (CORPUS / name).open(newline="") as file:
        return {(row[columns[0]], row[columns[1]]): row["state"] for row in csv.DictReader(file)}


@contextmanager
def watching_these(
    folder: Path, environment: dict[str, str], pairs: Iterable[tuple[str, Place]]
) -> Iterator[wiring.Services]:
    """Give services that watch these listings, each an app of its own."""
    (folder / "watchlist.yaml").write_text(WATCHLIST)
    environment |= {"APPWATCH_WATCHLIST": str(folder / "watchlist.yaml")}
    by_listing: dict[str, list[tuple[Place, str]]] = {}
    for listing, place in pairs:
        by_listing.setdefault(listing, []).append((place, listing))
    with wiring.build(environment, folder, lambda: NOW) as services:
        services.upgrade()
        with services.database.write() as connection:
            apps = [
                watching.WatchedApp(
                    f"app-{listing}", listing, (), "", "", paused=False, targets=found
                )
                for listing, found in by_listing.items()
            ]
            watching.sync(connection, apps, "digest", "", NOW)
        yield services


def check(services: wiring.Services, looking: Looking) -> list[Recorded]:
    """Look at everything, eight storefronts at once, and return what was recorded."""
    recorded: list[Recorded] = []

    async def run() -> None:
        limit = asyncio.Semaphore(8)

        async def one(place: Place, targets: list[due.Due]) -> None:
            async with limit:
                await sweep(looking, place, targets, recorded.extend)

        async with looking.fetcher:
            with services.database.read() as connection:
                selected = due.selected_targets(connection, due.Filter())
            await asyncio.gather(*(one(*item) for item in selected.items()))

    asyncio.run(run())
    return recorded


@needs_corpus
def test_the_lookups_of_2019_are_judged_as_they_were_recorded(tmp_path: Path) -> None:
    states = matrix("apple_lookup/matrix_2019.csv", "track_id", "country")
    asked = {pair: state for pair, state in states.items() if pair[1] in STOREFRONTS}
    places = [(listing, Place("app_store", country)) for listing, country in asked]
    recordings = recorded_lookups(CORPUS / "apple_lookup" / "apple_lookup_2019.tar.gz")
    world = recorded_world(lambda: NOW, recordings, [CONTROL])
    with (
        serve(world, recordings=recordings) as simulator,
        watching_these(tmp_path, simulator.environment(), places) as services,
    ):
        looking = services.looking(services.watchlist())
        observed = {
            (r.due.listing, r.observation.storefront): r.observation.outcome.value
            for r in check(services, looking)
        }
        with services.database.read() as connection:
            assert connection.execute(tables.changes.select()).all() == []
    assert len(observed) == len(asked)
    found = {country for (_, country), state in asked.items() if state == "found"}
    inside = Counter(outcome for (_, country), outcome in observed.items() if country in found)
    assert inside == {"available": 1152, "not_found": 238}
    outside = {country for _, country in observed} - found
    assert len(outside) == 19
    assert {observed[p] for p in observed if p[1] in outside} == {"inconclusive"}
    for pair, state in asked.items():
        assert (observed[pair] == "available") is (state == "found")


class LosesNames(httpx.AsyncBaseTransport):
    """A network whose name server answers for some countries only."""

    def __init__(self, lost: set[str]) -> None:
        self.lost = lost
        self._network = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Fail as a resolver does, or pass the request on."""
        if request.url.params.get("gl") in self.lost:
            raise httpx.ConnectError("[Errno -3] Temporary failure in name resolution")
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the network behind."""
        await self._network.aclose()


@needs_corpus
def test_a_run_that_loses_dns_half_way_moves_nothing(tmp_path: Path) -> None:
    package = "com.privateinternetaccess.android"
    states = matrix("play_web/matrix_2019.csv", "package", "gl")
    rows = {gl: state for (name, gl), state in states.items() if name == package}
    lost = {gl for gl, state in rows.items() if state == "dns_error"}
    assert (len(rows), len(lost)) == (248, 101)
    world = World(lambda: NOW, [SimulatedApp("PIA", google_play=package)])
    world.add_controls("google_play", [PLAY_CONTROL])
    small = Appearance(details_page_size=10_000)
    places = [(package, Place("google_play", gl)) for gl in rows]
    with (
        serve(world, appearance=small) as simulator,
        watching_these(tmp_path, simulator.environment(), places) as services,
    ):
        looking = services.looking(services.watchlist())
        check(services, looking)
        failing = Fetcher(Fetching(backoff=0), lambda: NOW, transport=LosesNames(lost))
        second = check(services, replace(looking, fetcher=failing))
        with services.database.read() as connection:
            assert connection.execute(tables.changes.select()).all() == []
    reasons = Counter(r.observation.reason for r in second)
    assert reasons == {None: 145, "network": 101, "control_failed": 2}
    network = {r.observation.storefront for r in second if r.observation.reason == "network"}
    assert network == lost
    assert {r.state for r in second if r.observation.storefront in lost} == {"available"}
