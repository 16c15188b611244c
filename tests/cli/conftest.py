"""What tests of the command line share: a world, a folder with a watchlist, a way to call."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appwatch.cli import command_line
from appwatch.cli.entry import Entry
from appwatch.simulator import (
    APP_STORE,
    GOOGLE_PLAY,
    Appearance,
    Faults,
    Receiver,
    SimulatedApp,
    Simulator,
    World,
    receive,
    serve,
)
from appwatch.wiring import Services, build

WATCHLIST = """
every: 15m
confirm: {disappeared: {looks: 2, over: 0s}}
storefronts: {app_store: [us, cn], google_play: [hk]}
apps:
  - {id: jike, name: 即刻, app_store: 966129812, google_play: com.ruguoapp.jike, tags: [social]}
  - {id: castro, name: Castro, app_store: 1080840241}
  - {id: zynn, name: Zynn}
alerts:
  - {name: newsroom, to: "${NEWSROOM_URL}"}
"""
CONTROLS = {
    APP_STORE: ["361309726", "899247664", "361304891"],
    GOOGLE_PLAY: [f"com.{name}" for name in ("google.android.apps.maps", "android.chrome")]
    + ["com.google.android.youtube", "com.google.android.gm"],
}


class Clock:
    """A clock in the hand of the test; it moves on a little with every look at it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 7, 6, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


@dataclass
class Office:
    """A folder with a watchlist, and the command line called in it."""

    folder: Path
    environment: dict[str, str]
    clock: Clock
    prepare: Callable[[Services], None] = lambda _services: None

    def write(self, watchlist: str) -> None:
        (self.folder / "watchlist.yaml").write_text(watchlist, encoding="utf-8")

    def services(self) -> Services:
        services = build(self.environment, self.folder, self.clock)
        self.prepare(services)
        return services

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(command_line, arguments, obj=Entry(self.services))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    jike = SimulatedApp("Jike 即刻", "Ruguo", "966129812", "com.ruguoapp.jike")
    world = World(clock, [jike, SimulatedApp("Castro", app_store="1080840241")])
    for store, listings in CONTROLS.items():
        world.add_controls(store, listings)
    return world


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def stores(world: World, faults: Faults) -> Iterator[Simulator]:
    small = Appearance(product_page_size=1_000, details_page_size=60_000)
    with serve(world, faults, appearance=small) as simulator:
        yield simulator


@pytest.fixture
def newsroom() -> Iterator[Receiver]:
    with receive() as receiver:
        yield receiver


@pytest.fixture
def office(tmp_path: Path, stores: Simulator, newsroom: Receiver, clock: Clock) -> Office:
    environment = {**stores.environment(), "NEWSROOM_URL": newsroom.apprise_url}
    office = Office(tmp_path, environment, clock)
    office.write(WATCHLIST)
    return office
