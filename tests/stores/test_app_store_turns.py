"""More absences than one look puts to a second surface: the others get their turn."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from appwatch.domain.confirmation import Policy
from appwatch.domain.model import Observation, Outcome, Reason, State
from appwatch.domain.state import Standing, advance
from appwatch.fetching import Fetcher, Fetching
from appwatch.simulator import (
    APP_STORE,
    Appearance,
    Fault,
    FaultKind,
    Faults,
    SimulatedApp,
    Simulator,
    Surface,
    World,
    serve,
)
from appwatch.stores.app_store import AppStore
from appwatch.stores.app_store.second_surfaces import Surfaces
from appwatch.stores.app_store.store import OPINIONS
from appwatch.stores.base import Asked, Batch
from tests.stores.lookup_bodies import PAGES

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
APPS = [str(number) for number in range(1_000_000_001, 1_000_000_061)]
SECOND = {"product_page", "platform"}
SMALL = Appearance(product_page_size=1_000)


def now() -> datetime:
    return NOW


@pytest.fixture
def world() -> World:
    return World(now, [SimulatedApp(f"App {one}", app_store=one) for one in [*APPS, PAGES]])


def look(
    stores: Simulator, doubted: Sequence[str], key: str, among: Sequence[str] = APPS
) -> dict[str, Observation]:
    """Look at these apps, some of which still need a second surface, a try each."""
    store = AppStore(stores.url, 0, Surfaces(stores.url, stores.url, 0))
    asked = [Asked(one, Outcome.AVAILABLE, one in doubted) for one in among]

    async def carried() -> list[Observation]:
        async with Fetcher(Fetching(timeout=5, attempts=1), now) as fetcher:
            dialogue = store.look(Batch("cn", asked, [PAGES], key))
            return (await fetcher.carry(dialogue)).findings.observations

    return {one.listing: one for one in asyncio.run(carried())}


def test_nothing_is_gone_that_no_second_surface_was_asked_about(world: World) -> None:
    left_out = APPS[:25]
    faults = Faults(
        [Fault(FaultKind.FALSE_ABSENCE, surface=Surface.LOOKUP, listings=frozenset(left_out))]
    )
    standings = dict.fromkeys(APPS[:30], Standing(State.AVAILABLE, NOW, NOW, NOW, NOW, True))
    policy = Policy(second=SECOND)
    with serve(world, faults, appearance=SMALL) as stores:
        for number in range(10):
            seen = look(stores, left_out, f"{number:04x}", APPS[:30])
            at = NOW + number * timedelta(minutes=15)
            for one, standing in standings.items():
                looked = seen[one]._replace(seen_at=at)
                standings[one] = advance(standing, looked, policy).standing
            assert {seen[one].reason for one in left_out} == {Reason.SURFACES_DISAGREE}
    assert {standing.shown for standing in standings.values()} == {"available"}


def test_what_is_passed_over_beside_a_contradiction_says_so(world: World) -> None:
    faults = Faults(
        [Fault(FaultKind.FALSE_ABSENCE, surface=Surface.LOOKUP, listings=frozenset(APPS))]
    )
    with serve(world, faults, appearance=SMALL) as stores:
        seen = look(stores, APPS, "4f2a").values()
    passed = [one for one in seen if not one.exchanges]
    assert len(passed) == len(APPS) - OPINIONS
    assert {one.detail for one in passed} == {"not asked; others of this look are contradicted"}


def test_every_round_asks_about_others(world: World) -> None:
    for one in APPS:
        world.remove(APP_STORE, one)
    with serve(world, appearance=SMALL) as stores:
        first, second = (
            {one for one, saw in look(stores, APPS, key).items() if SECOND & set(saw.surfaces)}
            for key in ("4f2a", "4f2b")
        )
    assert (len(first), len(second)) == (OPINIONS, OPINIONS)
    assert first != second


def test_a_removal_of_many_is_agreed_upon_within_a_few_looks(world: World) -> None:
    for one in APPS:
        world.remove(APP_STORE, one)
    doubted = list(APPS)
    with serve(world, appearance=SMALL) as stores:
        for number in range(len(APPS) // OPINIONS):
            seen = look(stores, doubted, f"{number:04x}")
            # All count as missed at once, so that a hold sees how many they are.
            assert {one.outcome for one in seen.values()} == {Outcome.NOT_FOUND}
            doubted = [one for one in doubted if SECOND.isdisjoint(seen[one].surfaces)]
    assert doubted == []
