"""June 2020 played again: simulated stores, and everything of appwatch itself, sped up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appwatch import wiring
from appwatch.alerts import outbox
from appwatch.checking import Looking
from appwatch.db import due
from appwatch.errors import DatabaseError
from appwatch.scheduling import Rounds
from appwatch.simulator import Appearance, Message, june_2020, receive, serve
from appwatch.simulator.june_2020 import BEFORE, END, START, WATCHLIST, WATCHLIST_BEFORE

TICKS_AT_MOST = 20  # at one moment: more than that, and something fails over and over
STEP = timedelta(seconds=1)  # the clock moves at least so far between two ticks
PAGE_SIZE = 200_000  # bytes of a Play page: the demo is about time, not about size

Say = Callable[[datetime, int], None]


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = BEFORE

    def __call__(self) -> datetime:
        """Return the time that it shows."""
        return self.at


@dataclass(frozen=True, slots=True)
class Story:
    """What came of it: the requests that it took, and the alerts as they arrived."""

    requests: int
    messages: Sequence[Message]


async def play(folder: Path, say: Say) -> Story:
    """Play it in this folder, which then holds the watchlist, the database and the evidence.

    `say` is told the time that the clock shows and the alerts so far.
    """
    clock = Clock()
    world, faults = june_2020(clock)
    pages = Appearance(details_page_size=PAGE_SIZE)
    with serve(world, faults, appearance=pages) as stores, receive() as newsroom:
        environment = stores.environment() | {
            "APPWATCH_WATCHLIST": str(folder / "watchlist.yaml"),
            "DEMO_URL": newsroom.apprise_url,
        }
        with wiring.build(environment, folder, clock) as services:
            services.upgrade()
            for watchlist, until in ((WATCHLIST_BEFORE, START), (WATCHLIST, END)):
                (folder / "watchlist.yaml").write_text(watchlist, encoding="utf-8")
                await _watch(services, clock, until, lambda at: say(at, len(newsroom.messages)))
        return Story(len(stores.requests), list(newsroom.messages))


async def _watch(
    services: wiring.Services, clock: Clock, until: datetime, say: Callable[[datetime], None]
) -> None:
    """Watch until that moment, with the clock set to whatever is due next."""
    watchlist = services.usable_watchlist()
    services.sync(watchlist)
    looking = services.looking(watchlist)
    box = services.outbox(watchlist)
    async with looking.fetcher:
        rounds = Rounds(looking, services.owner)
        while clock.at < until:
            await _sweep_all(rounds)
            outbox.deliver(box)
            say(clock.at)
            clock.at = min(max(_next(looking), clock.at + STEP), until)


async def _sweep_all(rounds: Rounds) -> None:
    """Sweep whatever is due at this moment. Raises DatabaseError if that does not end."""
    for _ in range(TICKS_AT_MOST):
        if not await rounds.tick():
            return
        await rounds.settle()
    raise DatabaseError("The demo cannot record what it sees; is the disk full?")


def _next(looking: Looking) -> datetime:
    """Return when something is due next."""
    with looking.database.read() as connection:
        return due.next_due_at(connection) or END
