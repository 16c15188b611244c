"""A whole appwatch beside a world of stores, for tests that go through all of it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from appwatch import wiring
from appwatch.checking import Looking, sweep
from appwatch.db import due
from appwatch.db.resting import SharedRests
from appwatch.db.sweeping import Recorded
from appwatch.domain.model import Place
from appwatch.fetching import Fetcher, Fetching
from appwatch.simulator import Appearance, Faults, SimulatedApp, World, serve

SMALL = Appearance(product_page_size=20_000, details_page_size=20_000)
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
JIKE, CASTRO, ZYNN = "966129812", "1080840241", "com.example.zynn"
WATCHLIST = """
every: 15m
confirm:
  disappeared: {looks: 3, over: 30m}
controls: {app_store: ["361309726"], google_play: [com.google.android.apps.maps]}
storefronts: {app_store: [cn, us], google_play: [us]}
apps:
  - {name: Jike, app_store: 966129812, tags: [social]}
  - {name: Castro, app_store: 1080840241}
  - {name: Zynn, google_play: com.example.zynn}
alerts:
  - {name: newsroom, to: "${NEWSROOM_URL}"}
"""

Selected = Mapping[Place, Sequence[due.Due]]


@dataclass
class Monitor:
    """A whole appwatch beside a world of stores, under a clock that stands until moved."""

    world: World
    faults: Faults
    services: wiring.Services = field(init=False)
    at: datetime = START

    def now(self) -> datetime:
        """Return the frozen time."""
        return self.at

    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.at += timedelta(minutes=minutes)

    def check(self, chosen: due.Filter = due.Filter()) -> list[Recorded]:  # noqa: B008 - frozen
        """Look at every selected target now."""
        return self.sweep(self.selected(chosen))

    def selected(self, chosen: due.Filter = due.Filter()) -> Selected:  # noqa: B008 - frozen
        """Return the selected targets as they stand now."""
        with self.services.database.read() as connection:
            return due.selected_targets(connection, chosen)

    def sweep(self, selected: Selected) -> list[Recorded]:
        """Look at these targets now, as they stood when they were selected."""
        return asyncio.run(self._sweep(selected))

    def looking(self) -> Looking:
        """Return what looks need; what fails is tried again without waiting."""
        looking = self.services.looking(self.services.watchlist())
        rests = SharedRests(self.services.database, "local")
        return replace(looking, fetcher=Fetcher(Fetching(backoff=0), self.now, rests))

    async def _sweep(self, selected: Selected) -> list[Recorded]:
        recorded: list[Recorded] = []
        looking = self.looking()
        async with looking.fetcher:
            for place, targets in selected.items():
                await sweep(looking, place, targets, recorded.extend)
        return recorded

    def rows(self, table: Table) -> list[Any]:
        """Return every row of a table."""
        with self.services.database.read() as connection:
            return list(connection.execute(select(table)))


@contextmanager
def monitoring(folder: Path, database_url: str) -> Iterator[Monitor]:
    """Give a monitor of a world in which everything watched is listed; nothing is looked at yet."""
    (folder / "watchlist.yaml").write_text(WATCHLIST)
    world = World(lambda: monitor.at)
    for app in (
        SimulatedApp("Jike", app_store=JIKE),
        SimulatedApp("Castro", app_store=CASTRO),
        SimulatedApp("Zynn", google_play=ZYNN),
    ):
        world.add(app)
    world.add_controls("app_store", ["361309726"])
    world.add_controls("google_play", ["com.google.android.apps.maps"])
    monitor = Monitor(world, Faults())
    with serve(world, monitor.faults, appearance=SMALL) as simulator:
        environment = simulator.environment() | {
            "APPWATCH_DATABASE_URL": database_url,
            "APPWATCH_WATCHLIST": str(folder / "watchlist.yaml"),
            "NEWSROOM_URL": "json://127.0.0.1:9/",
        }
        with wiring.build(environment, folder, monitor.now) as services:
            monitor.services = services
            services.upgrade()
            services.sync(services.watchlist())
            yield monitor
