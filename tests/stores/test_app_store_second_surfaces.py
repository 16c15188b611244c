"""The second opinion on an absence, carried over loopback to simulated stores."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from appwatch.domain.model import Outcome
from appwatch.fetching import Fetcher, Fetching
from appwatch.simulator import (
    APP_STORE,
    Appearance,
    Fault,
    FaultKind,
    Faults,
    ProductPageLayout,
    SimulatedApp,
    Simulator,
    Surface,
    World,
    serve,
)
from appwatch.stores.app_store import second_rules as rules
from appwatch.stores.app_store.second_surfaces import Opinion, Surfaces, second_opinion
from appwatch.stores.base import Answer, Request

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
JIKE = "966129812"
AVAILABLE, NOT_FOUND, SILENT = Outcome.AVAILABLE, Outcome.NOT_FOUND, Outcome.INCONCLUSIVE
PAGE, PLATFORM = Surface.PRODUCT_PAGE, Surface.PLATFORM


def now() -> datetime:
    return NOW


@pytest.fixture
def world() -> World:
    return World(now, [SimulatedApp("Jike 即刻", "Ruguo", JIKE)])


async def carried(dialogue: Generator[Request, Answer, Opinion]) -> Opinion:
    """Carry the dialogue as a store's is carried, one try each."""
    async with Fetcher(Fetching(timeout=5, attempts=1), now) as fetcher:
        request = next(dialogue)
        while True:
            answer = await fetcher.ask(request)
            try:
                request = dialogue.send(answer)
            except StopIteration as end:
                said: Opinion = end.value
                return said


def opinion(stores: Simulator, storefront: str = "cn") -> Opinion:
    surfaces = Surfaces(stores.url, stores.url, per_minute=0)
    return asyncio.run(carried(second_opinion(surfaces, JIKE, storefront, "key")))


def with_faults(world: World, *faults: Fault) -> Opinion:
    struck = Faults()
    for fault in faults:
        struck.add(fault)
    with serve(world, struck, appearance=Appearance(product_page_size=1_000)) as stores:
        return opinion(stores)


@pytest.mark.parametrize("layout", list(ProductPageLayout))
def test_the_page_of_a_listed_app_contradicts(world: World, layout: ProductPageLayout) -> None:
    world.remove(APP_STORE, JIKE, ["us"])
    with serve(world, appearance=Appearance(product_page=layout)) as stores:
        said = opinion(stores)
        assert opinion(stores, "us").says is NOT_FOUND
    assert (said.says, said.surface, said.exchanges) == (AVAILABLE, "product_page", 1)
    assert said.rule == rules.PAGE_LISTED.id


def test_the_page_of_a_removed_app_agrees_and_is_enough(world: World) -> None:
    world.remove(APP_STORE, JIKE)
    lagging = Fault(FaultKind.FALSE_PRESENCE, surface=PLATFORM)
    said = with_faults(world, lagging)
    assert (said.says, said.surface, said.exchanges) == (NOT_FOUND, "product_page", 1)


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.FORBIDDEN_EMPTY,
        FaultKind.RATE_LIMITED,
        FaultKind.UNAVAILABLE_HTML,
        FaultKind.ROBOT_404,
        FaultKind.TEXT_404,
        FaultKind.REDIRECT_AWAY,
        FaultKind.CONSENT_REDIRECT,
        FaultKind.CAPTCHA,
        FaultKind.JAVASCRIPT_STUB,
        FaultKind.HTML_FOR_JSON,
        FaultKind.EMPTY_BODY,
        FaultKind.CLOSED_EARLY,
        FaultKind.WRONG_STOREFRONT,
        FaultKind.WRONG_APP,
        FaultKind.LAYOUT_UNKNOWN,
    ],
)
def test_a_silent_page_leaves_it_to_the_platform_lookup(world: World, kind: FaultKind) -> None:
    said = with_faults(world, Fault(kind, surface=PAGE))
    assert (said.says, said.surface, said.exchanges) == (AVAILABLE, "platform", 2)
    assert "the product page was silent (a" in said.detail


def test_an_app_that_no_catalogue_lists_is_agreed_upon(world: World) -> None:
    world.remove(APP_STORE, JIKE)
    said = with_faults(world, Fault(FaultKind.FORBIDDEN, surface=PAGE))
    assert (said.says, said.rule) == (NOT_FOUND, rules.PLATFORM_ABSENT.id)
    assert said.exchanges == 4


def test_an_empty_enterprise_catalogue_is_no_absence(world: World) -> None:
    blocked = Fault(FaultKind.FORBIDDEN, surface=PAGE)
    said = with_faults(world, blocked, Fault(FaultKind.EMPTY_ENTERPRISE))
    assert (said.says, said.surface, said.exchanges) == (AVAILABLE, "platform", 3)


@pytest.mark.parametrize("removed", [False, True])
@pytest.mark.parametrize(
    "kind",
    [FaultKind.UNAVAILABLE_EMPTY, FaultKind.HTML_FOR_JSON, FaultKind.TEXT_404, FaultKind.CAPTCHA],
)
def test_two_silent_surfaces_say_nothing(world: World, kind: FaultKind, *, removed: bool) -> None:
    if removed:
        world.remove(APP_STORE, JIKE)
    said = with_faults(world, Fault(kind, surface=PAGE), Fault(kind, surface=PLATFORM))
    assert (said.says, said.surface) == (SILENT, "platform")
    assert said.exchanges == 4
