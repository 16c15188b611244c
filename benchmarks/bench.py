"""A whole appwatch on a new SQLite file, swept round after round under a clock of its own."""

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from appwatch import checking, wiring
from appwatch.checking import Looked, Looking, sweep
from appwatch.cli.memory import collect_seldom
from appwatch.db import due, watching
from appwatch.db.due import Due
from appwatch.db.sweeping import Recorded
from appwatch.domain.model import Place
from appwatch.fetching import Fetcher
from appwatch.stores.base import Store

_WATCHLIST = """\
every: 15m
apps:
  - {name: Nobody looks, app_store: 1, storefronts: {app_store: [us]}, paused: true}
"""
_STEP = timedelta(minutes=20)  # longer than a round with its phase and jitter: all is due again


@dataclass
class Bench:
    """An appwatch whose targets stand in one storefront; nothing they show ever changes."""

    services: wiring.Services
    looking: Looking
    place: Place
    at: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    async def sweep(self) -> int:
        """Read what is due, look at it and record it; return how many looks saw it available."""
        seen = 0

        def count(recorded: Sequence[Recorded]) -> None:
            nonlocal seen
            seen += sum(one.state == "available" for one in recorded)

        with self.services.database.read() as connection:
            targets = due.due_targets(connection, self.place, self.at)
        await sweep(self.looking, self.place, targets, count)
        return seen

    def record(self, targets: Sequence[Due], found: Sequence[Looked]) -> None:
        """Record, as one sweep, what dialogues have found already about these targets."""
        under_way, examined = checking._open(self.looking, self.place, targets, self.at)  # noqa: SLF001
        for start in range(0, len(found), checking.MOST_TOGETHER):
            together = found[start : start + checking.MOST_TOGETHER]
            checking._record(self.looking, under_way, together)  # noqa: SLF001
        checking._close(self.looking, under_way, examined)  # noqa: SLF001

    def wait(self) -> None:
        """Let time pass until everything is due again."""
        self.at += _STEP

    def settle(self) -> int:
        """Move what was written into the database file; return the file's size in bytes."""
        file = self.services.database.file
        with self.services.database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - an open connection has one
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return file.stat().st_size if file else 0

    def carry_with(self, fetcher: Fetcher) -> None:
        """Let another fetcher carry the dialogues."""
        self.looking = replace(self.looking, fetcher=fetcher)


def store(name: str) -> Store:
    """Return a store as it is without any settings: for its limits and its controls."""
    with wiring.build({}) as services:
        return services.stores[name]


@contextmanager
def bench(place: Place, listings: Sequence[str], environment: Mapping[str, str]) -> Iterator[Bench]:
    """Give an appwatch that watches these listings, one app each, in a folder of its own."""
    # Every first look is logged; here that is all noise.
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "watchlist.yaml").write_text(_WATCHLIST)
        with wiring.build(environment, folder, lambda: made.at) as services:
            services.upgrade()
            watchlist = services.watchlist()
            made = Bench(services, services.looking(watchlist), place)
            watched = [_app(place, listing) for listing in listings]
            with services.database.write() as connection:
                watching.sync(connection, watched, watchlist.digest, "", made.at)
            collect_seldom()  # as `appwatch run` does
            yield made


def _app(place: Place, listing: str) -> watching.WatchedApp:
    slug = f"app-{listing.replace('.', '-').lower()}"
    where = [(place, listing)]
    return watching.WatchedApp(slug, listing, (), "", "", paused=False, targets=where)
