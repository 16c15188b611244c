"""One process that does everything: looks, alerts, housekeeping, health; and its clean end."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from appwatch.alarming import Alarming
from appwatch.alerts.outbox import Outbox, deliver, switch_on
from appwatch.capturing import capture
from appwatch.db.tidy import tidy, tidy_evidence
from appwatch.following import Follower
from appwatch.pinging import Pinger
from appwatch.scheduling import Every, Rounds, contained, make_ticker
from appwatch.watchlist import Watchlist
from appwatch.web import Health, Pages, make_app
from appwatch.wiring import Services

GRACE = 5.0  # seconds that requests and messages under way have left at the end
LAST_RESORT = 9.0  # seconds after which the process ends whatever still hangs
_FOLLOWED = 2.0  # seconds between looks at the watchlist's files
_SOON = 0.2  # seconds between ticks for a watchlist of a few seconds a round
_MINDED = 60.0  # seconds between two looks at appwatch itself
_PINGED = 5.0  # seconds between two looks at whether a round is complete
_TIDIED = 86_400  # seconds between two rounds of housekeeping
_ASKED = 30  # seconds between two rounds of asking for captures
_AHEAD = timedelta(seconds=5)  # further ahead than its interval and this, a job waits in vain
_SETTLED_IN = timedelta(minutes=10)  # from the start to the first housekeeping
_HURRIED = timedelta(seconds=5)
_log = structlog.get_logger()


async def work(follower: Follower, watchlist: Watchlist, listener: socket.socket) -> None:
    """Work until SIGTERM or SIGINT, or until the web server fails.

    Then nothing new begins, and what is under way has 5 s; what is unfinished stays due.
    """
    services = follower.services
    looking = services.looking(watchlist)
    telling = Telling(services.outbox(watchlist))
    async with looking.fetcher:
        rounds = Rounds(looking, services.owner)
        web = _server(_health(services, rounds), _pages(services))
        minding = Alarming(services, watchlist, lambda: rounds.clock_set)
        ticks = Ticks()
        ticker = _ticker(follower, rounds, telling, minding, ticks)
        with _told_to_end() as ending:
            serving = asyncio.create_task(web.serve([listener]))
            ticker.start()
            beating = asyncio.create_task(_keep_beating(ticker))
            await asyncio.wait(
                [serving, asyncio.create_task(ending.wait())], return_when=asyncio.FIRST_COMPLETED
            )
            _log.info("ending", action="ending")
            _end_anyway_after(LAST_RESORT)
            beating.cancel()
            ticker.pause()
            looking.fetcher.stop()
            await asyncio.gather(rounds.stop(GRACE), telling.stop(), ticks.settle(GRACE))
            await ticks.let_go()
            ticker.shutdown(wait=False)
            web.should_exit = True
            await serving
    _log.info("ended", action="ended")


class Telling:
    """Sends what waits, one round of it at a time, in a thread."""

    def __init__(self, box: Outbox) -> None:
        self._box = box
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._under_way: asyncio.Future[bool] | None = None
        self._ending: list[asyncio.Future[bool]] = []  # rounds of an earlier box
        self._unusable: frozenset[str] = frozenset()

    def tell_by(self, box: Outbox) -> Outbox:
        """Go on by this box at once, and return the one before.

        What is being sent ends as it began, and delays nothing.
        """
        before, self._box = self._box, box
        self._over.set()
        if self._under_way:
            self._ending = [one for one in (*self._ending, self._under_way) if not one.done()]
        self._over, self._under_way = threading.Event(), None
        return before

    async def tick(self) -> None:
        """Begin a round of delivering, unless one is under way."""
        if self._stopping.is_set() or (self._under_way and not self._under_way.done()):
            return
        sending = asyncio.to_thread(self._deliver, self._box, self._over)
        self._under_way = asyncio.ensure_future(contained(sending, "deliveries_failed"))

    async def stop(self) -> None:
        """Claim nothing more, and wait for what is being sent: at most 5 s a message."""
        self._stopping.set()
        await asyncio.gather(*self._ending, *filter(None, [self._under_way]))

    def _deliver(self, box: Outbox, over: threading.Event) -> None:
        done = deliver(box, self._stopping, over)
        found = frozenset(done.unusable.values())
        for why in found - self._unusable:
            _log.warning(why, action="channel_unusable")
        self._unusable = found


class Ticks:
    """Knows the ticks under way, so that the end breaks none off in the middle."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[bool]] = set()

    def guarded(
        self, job: Callable[[], Awaitable[object]], action: str
    ) -> Callable[[], Awaitable[None]]:
        """Return the job so that trouble of ours is logged, and the next tick tries again."""

        async def tick() -> None:
            task = asyncio.create_task(contained(job(), action))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            await asyncio.wait([task])

        return tick

    async def settle(self, grace: float) -> None:
        """Wait until the ticks under way have ended, at most so many seconds."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=grace)

    async def let_go(self) -> None:
        """Wait no longer for what still hangs: what it did not finish stays due."""
        late = [*self._under_way]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _ticker(
    follower: Follower, rounds: Rounds, telling: Telling, minding: Alarming, ticks: Ticks
) -> AsyncIOScheduler:
    """Return the clockwork: what is due is asked of the database, never kept in it."""
    ticker, services = make_ticker(), follower.services

    async def minded() -> None:
        await asyncio.to_thread(minding.tick)

    async def tidied() -> None:
        await asyncio.to_thread(_tidy, services)

    async def followed() -> None:  # what begins from now on goes by another watchlist
        fresh = await asyncio.to_thread(follower.look)
        if fresh is not None:
            rounds.look_by(follower.services.looking(fresh, fetcher=rounds.fetcher))
            box = follower.services.outbox(fresh)
            before = telling.tell_by(box)
            minding.look_by(follower.services, fresh)
            looks.reschedule(_beat(fresh.every, 1.0))
            follows.reschedule(_beat(fresh.every, _FOLLOWED))
            minds.reschedule(_beat(fresh.every, _MINDED))
            # Last: what fails here keeps nothing else from being in force.
            await asyncio.to_thread(_try_mended, before, box)

    looks = ticker.add_job(
        ticks.guarded(rounds.tick, "tick_failed"),
        _beat(rounds.every, 1.0),
        next_run_time=datetime.now(UTC),
    )
    ticker.add_job(telling.tick, Every(2))
    follows = ticker.add_job(
        ticks.guarded(followed, "watchlist_failed"), _beat(rounds.every, _FOLLOWED)
    )
    minds = ticker.add_job(ticks.guarded(minded, "alarms_failed"), _beat(rounds.every, _MINDED))
    _add_errands(ticker, ticks, services, rounds)
    # Soon after the start: a process that is started anew every night tidies too.
    first = datetime.now(UTC) + _SETTLED_IN
    ticker.add_job(ticks.guarded(tidied, "tidy_failed"), Every(_TIDIED), next_run_time=first)
    return ticker


def _add_errands(
    ticker: AsyncIOScheduler, ticks: Ticks, services: Services, rounds: Rounds
) -> None:
    """Have those called whom the settings name; whatever they do, nothing waits for them."""
    errands: list[tuple[Callable[[], Awaitable[object]], str, float]] = []
    if archive := services.archive:
        step = partial(capture, archive, services.database, services.now)
        errands.append((step, "capture_failed", _ASKED))
    if url := services.settings.ping_url:
        pinger = Pinger(url, services.database, services.now, lambda: rounds.terms)
        errands.append((pinger.tick, "ping_failed", _PINGED))
    for errand, action, seconds in errands:
        now = datetime.now(UTC)
        ticker.add_job(ticks.guarded(errand, action), Every(seconds), next_run_time=now)


def _beat(every: timedelta, usual: float) -> Every:
    """Return when to tick for a watchlist that looks so often."""
    return Every(_SOON if every < _HURRIED else usual)


def _try_mended(before: Outbox, box: Outbox) -> None:
    """Try again what was off, or failed, at another address."""
    for name, address in box.urls.items():
        if before.urls.get(name, address) != address:
            switch_on(box, name)


async def _keep_beating(ticker: AsyncIOScheduler) -> None:
    """Pull the ticker's jobs back when the clock was set back: it waits for wall times."""
    while True:
        await asyncio.sleep(1)
        now = datetime.now(UTC)
        for job in ticker.get_jobs():
            if job.next_run_time - now > job.trigger.interval + _AHEAD:
                job.modify(next_run_time=now)


def _tidy(services: Services) -> None:
    """Do what is to be done once a day."""
    now, bound = services.now(), int(services.settings.evidence_max_mb * 2**20)
    tidy(services.database, now)
    done = tidy_evidence(services.database, services.evidence, bound, now)
    if done.listings or done.files:
        _log.info("tidied", action="tidied", listings=done.listings, files=done.files)


def _pages(services: Services) -> Pages:
    settings = services.settings
    return Pages(services.database, services.wording(), settings.web_host, settings.base_url)


class _Server(uvicorn.Server):
    """uvicorn, with signals left to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _health(services: Services, rounds: Rounds) -> Health:
    return Health(
        services.database,
        lambda: rounds.every,
        services.now,
        lambda: rounds.under_way,
        services.wording(),
    )


def _server(health: Health, pages: Pages) -> _Server:
    return _Server(
        uvicorn.Config(
            make_app(health, pages),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )


@contextmanager
def _told_to_end() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set; a second one ends nothing sooner."""
    ending, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, ending.set)
    try:
        yield ending
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
            # The end is under way: a second signal must not break it off.
            signal.signal(number, signal.SIG_IGN)


def _end_anyway_after(seconds: float) -> None:
    """End the process then, whatever thread still hangs: what is not recorded stays due."""
    last = threading.Timer(seconds, os._exit, [0])
    last.daemon = True
    last.start()
