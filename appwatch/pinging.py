"""Tells a watcher elsewhere of every round, so that it misses appwatch when it is gone.

By the convention of healthchecks: URL/start, URL when all went well, URL/fail when it did not.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from appwatch import __version__
from appwatch.db import alarms, channels, rounds
from appwatch.db.engine import Database
from appwatch.db.sweeping import Terms
from appwatch.domain.alarms import GRAVE
from appwatch.domain.model import Place
from appwatch.domain.timing import JITTER
from appwatch.fetching.calling import Call, NotAnswered, call

PATIENCE: Final = 10.0  # seconds for a whole call
SELDOM: Final = timedelta(minutes=1)  # from one round that is told to the next, about
_CAP: Final = 100_000  # bytes of an answer, which nobody reads
_log = structlog.get_logger()


class Ping(StrEnum):
    """What is told; the value ends the address."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


@dataclass(frozen=True, slots=True)
class Round:
    """When it was told to begin, where its looks are made, and since when."""

    began_at: datetime
    looked: Mapping[Place, datetime]


class Pinger:
    """Follows one round after the other. Nothing that the watcher does or leaves undone raises."""

    def __init__(
        self,
        url: str,
        database: Database,
        now: Callable[[], datetime],
        terms: Callable[[], Terms],
        patience: float = PATIENCE,
    ) -> None:
        self._url = url
        self._database = database
        self._now = now
        self._terms = terms
        self._patience = patience
        self._asked_at: datetime | None = None
        self._round: Round | None = None  # the latest
        self._under_way = False
        self._answered = True

    async def tick(self) -> Ping | None:
        """Tell what is to be told by now; return it. Raises DatabaseError."""
        told = await asyncio.to_thread(self._due, self._now())
        if told is not None:
            await self._tell(told)
        return told

    def _due(self, now: datetime) -> Ping | None:
        """Return whether a round begins or is complete.

        A round is what is due at its beginning, and what was looked at since the last tick; it is
        complete when none of that is due any more. Where nothing is watched it is empty.
        """
        latest, under_way = self._round, self._under_way
        told = self._end(latest, now) if latest and under_way else self._beginning(latest, now)
        self._asked_at = now
        return told

    def _beginning(self, latest: Round | None, now: datetime) -> Ping | None:
        # A round may begin sooner than `every` after the one before, which a tick was late to see.
        pause = (1 - 2 * JITTER) * max(self._terms().every, SELDOM)
        if latest and abs(now - latest.began_at) < pause:
            return None
        with self._database.read() as connection:
            looked = rounds.begun(connection, self._asked_at or now, now)
            if not looked and rounds.due_since(connection) is not None:
                return None
        self._round, self._under_way = Round(now, looked), True
        return Ping.START

    def _end(self, latest: Round, now: datetime) -> Ping | None:
        if now < latest.began_at:  # the clock was set back: begin anew
            self._round, self._under_way = None, False
            return None
        with self._database.read() as connection:
            if rounds.is_due(connection, latest.began_at):
                return None
            grave = any(one.kind in GRAVE for one in alarms.standing(connection))
            told = {route.channel for route in self._terms().routes}
            silent = bool(told) and told <= channels.off(connection)
            well = rounds.went_well(connection, latest.looked) and not grave and not silent
        self._under_way = False
        return Ping.SUCCESS if well else Ping.FAIL

    async def _tell(self, ping: Ping) -> None:
        """Call, and log when nobody answers and when somebody does again; never the address."""
        headers = {"User-Agent": f"appwatch/{__version__}"}
        try:
            await call(Call(f"{self._url}{ping.value}", headers, self._patience, _CAP, b""))
        except NotAnswered as error:
            if self._answered:
                why = str(error).replace(self._url, "***")
                _log.warning("nobody takes the pings", action="ping_unanswered", error=why)
            self._answered = False
            return
        if not self._answered:
            _log.info("pings are taken again", action="ping_answered")
        self._answered = True
