"""What the simulator's tests share: a clock that stands until it is moved, and an app."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from appwatch.simulator import Appearance, Faults, SimulatedApp, Simulator, World, serve

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"


class Clock:
    """A clock in the hand of the test."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 7, 6, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment it shows."""
        return self.moment

    def pass_hours(self, hours: float) -> None:
        """Move it on."""
        self.moment += timedelta(hours=hours)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    jike = SimulatedApp("Jike 即刻", "Ruguo", "966129812", "com.ruguoapp.jike", version="7.1")
    castro = SimulatedApp("Castro", "Supertop", app_store="1080840241")
    return World(clock, [jike, castro])


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def stores(world: World, faults: Faults) -> Iterator[Simulator]:
    small = Appearance(product_page_size=1_000, details_page_size=60_000)
    with serve(world, faults, appearance=small) as simulator:
        yield simulator


@pytest.fixture
def client(stores: Simulator) -> Iterator[httpx.Client]:
    browser = {"user-agent": "Mozilla/5.0"}
    with httpx.Client(base_url=stores.url, headers=browser, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip("the recorded answers are not here (../shared/corpus)")
    return CORPUS
