"""Keeps looking at what is due. What is due is in the database; APScheduler only ticks."""

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from appwatch.checking import Looking, sweep
from appwatch.db import due
from appwatch.db.due import Due
from appwatch.db.sweeping import Recorded, Terms
from appwatch.domain.clocks import Beat, jump, since
from appwatch.domain.model import Place
from appwatch.domain.timing import GATHER
from appwatch.errors import AppwatchError, Defect, defects
from appwatch.fetching import Fetcher

SWEEPS_AT_ONCE = 8
_log = structlog.get_logger()


class Rounds:
    """Sweeps what is due, several storefronts at once, each by one process only."""

    def __init__(self, looking: Looking, owner: str) -> None:
        self._looking = looking
        self._owner = owner
        self._under_way: dict[asyncio.Task[None], Place] = {}
        self._renewed_at = looking.now()
        self._stopping = False
        self._claiming = asyncio.Lock()
        self._silent: set[Place] = set()
        self._last_tick: tuple[datetime, Beat | None] | None = None
        self.clock_set: tuple[datetime, timedelta] | None = None  # when last, and by how much

    def look_by(self, looking: Looking) -> None:
        """Go by its terms and controls; what is under way is recorded by them too.

        A channel that bears another name by now would not hear what is queued for the old one.
        """
        self._looking.terms, self._looking.controls = looking.terms, looking.controls
        self._last_tick = None  # a shorter `every` pulls looks forward

    @property
    def terms(self) -> Terms:
        """By what looks are judged and told."""
        return self._looking.terms

    @property
    def every(self) -> timedelta:
        """How often each target is looked at."""
        return self._looking.terms.every

    @property
    def fetcher(self) -> Fetcher:
        """What carries the requests."""
        return self._looking.fetcher

    @property
    def under_way(self) -> int:
        """How many sweeps are under way."""
        return len(self._under_way)

    async def tick(self) -> int:
        """Begin the sweeps that are due, and return how many; never waits for their end."""
        await self._renew()
        await self._mind_the_clock()
        free = SWEEPS_AT_ONCE - len(self._under_way)
        if self._is_ending() or free <= 0:
            return 0
        async with self._claiming:
            ours = set(self._under_way.values())
            claimed = await asyncio.to_thread(self._claim, free, ours)
            if self._is_ending():
                return 0
        for place, targets in claimed:
            task = asyncio.create_task(self._sweep(place, targets))
            self._under_way[task] = place
            task.add_done_callback(self._under_way.pop)
        return len(claimed)

    def _is_ending(self) -> bool:
        return self._stopping

    async def settle(self) -> None:
        """Wait until every sweep under way has ended."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def stop(self, grace: float) -> None:
        """Begin nothing new, give what is under way so many seconds, then let it go.

        What was not recorded by then stays due: nothing is lost.
        """
        self._stopping = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        # A claim may have been under way when the end began.
        async with self._claiming:
            await asyncio.to_thread(self._release_all)

    async def _renew(self) -> None:
        """Keep the storefronts under way ours, however long their answers take."""
        now = self._looking.now()
        # A clock that was set back renews at once too: what is ahead of it is nobody's.
        if abs(now - self._renewed_at) >= due.LEASE / 3:
            await asyncio.to_thread(self._renew_leases, [*self._under_way.values()], now)
            self._renewed_at = now

    def _renew_leases(self, ours: Collection[Place], now: datetime) -> None:
        for place in ours:
            with self._looking.database.write() as connection:
                due.renew_place(connection, place, self._owner, now)

    def _claim(self, free: int, ours: Collection[Place]) -> list[tuple[Place, list[Due]]]:
        """Take the storefronts in which something is due, oldest first; not what is ours."""
        now = self._looking.now()
        soon = now + GATHER * self._looking.terms.every
        claimed: list[tuple[Place, list[Due]]] = []
        with self._looking.database.read() as connection:
            oldest = due.due_places(connection, now, free)
        for place in [place for place, _ in oldest if place not in ours]:
            with self._looking.database.write() as connection:
                if not due.claim_place(connection, place, self._owner, now):
                    continue
                targets = due.due_targets(connection, place, soon)
                if targets:
                    claimed.append((place, targets))
                else:
                    # Another process looked between our reading and our claim.
                    due.release_place(connection, place, self._owner)
        return claimed

    async def _sweep(self, place: Place, targets: Sequence[Due]) -> None:
        """Sweep one storefront. Trouble of ours ends this sweep only: its targets stay due."""
        swept = sweep(self._looking, place, targets, partial(self._tell_silence, place))
        try:
            if not await contained(swept, "sweep_failed", place=str(place)):
                await asyncio.sleep(1)
        finally:
            await asyncio.to_thread(self._release, place)

    def _tell_silence(self, place: Place, recorded: Sequence[Recorded]) -> None:
        """Log when looks at a storefront stop proving anything, and when they do again."""
        proves = any(one.observation.conclusive for one in recorded)
        if recorded and not proves and place not in self._silent:
            self._silent.add(place)
            reason = recorded[0].observation.reason
            _log.warning(
                "looks prove nothing",
                action="silent",
                place=str(place),
                reason=reason.value if reason else None,
                detail=recorded[0].observation.detail,
            )
        elif proves and place in self._silent:
            self._silent.discard(place)
            _log.info("looks prove something again", action="heard", place=str(place))

    def _release(self, place: Place) -> None:
        try:
            with self._looking.database.write() as connection:
                due.release_place(connection, place, self._owner)
        except AppwatchError as error:
            # The lease runs out by itself.
            _log.error("release failed", action="release_failed", error=str(error))

    def _release_all(self) -> None:
        try:
            with self._looking.database.write() as connection:
                due.release_all(connection, self._owner)
        except AppwatchError as error:
            # The leases run out by themselves.
            _log.error("release failed", action="release_failed", error=str(error))

    async def _mind_the_clock(self) -> None:
        """Pull forward what a clock that was set back, or a shorter `every`, left far ahead."""
        now, beat = self._looking.now(), self._looking.beat()
        last, self._last_tick = self._last_tick, (now, beat)
        if last is not None:
            told = now - last[0]
            off = jump(told, since(beat, last[1]))
            self._note_set(off, now)
            if min(off, told) >= timedelta(0):
                return
        pulled = await asyncio.to_thread(self._pull_forward, now)
        if pulled:
            _log.info("looks lay too far ahead", action="pulled_forward", targets=pulled)

    def _note_set(self, off: timedelta, now: datetime) -> None:
        """Log that the clock was set between two ticks, and keep it for the operators."""
        if off:
            way = "forward" if off > timedelta(0) else "back"
            seconds = off.total_seconds()
            _log.warning("the clock was set", action=f"clock_set_{way}", seconds=seconds)
            self.clock_set = (now, off)

    def _pull_forward(self, now: datetime) -> int:
        with self._looking.database.write() as connection:
            return due.pull_forward(connection, now, self._looking.terms.every)


async def contained(work: Awaitable[object], action: str, **about: str) -> bool:
    """Do the work, and return whether it went well; trouble of ours is logged, and ends no more.

    For the edges of a process that goes on: `action` and `about` go to the log.
    """
    said = action.replace("_", " ")
    try:
        with defects():
            await work
    except AppwatchError as error:
        _log.error(said, action=action, error=str(error), **about)
    except Defect:
        _log.exception(said, action=action, **about)
    else:
        return True
    return False


class Every(IntervalTrigger):  # type: ignore[misc]  # APScheduler 3 carries no types
    """Ticks every so many seconds, and once for all the ticks that were missed.

    A clock that is set forward by days misses millions; APScheduler would count each of them.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds=seconds, timezone=UTC)

    def get_next_fire_time(self, before: datetime | None, now: datetime) -> datetime:
        """Return the moment of the tick after that of `before`: never one that is missed."""
        due_at: datetime = super().get_next_fire_time(before, now)
        return max(due_at, now)


def make_ticker() -> AsyncIOScheduler:
    """Return a scheduler that only ticks: in UTC and memory, never twice at once."""
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    return AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
