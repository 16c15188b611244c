"""Tells a watcher elsewhere of every round, so that it misses appwatch when it is gone.

By the convention of healthchecks: URL/start, URL when all went well, URL/fail when it did not.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from appwatch import __version__
from appwatch.db import alarms, channels, rounds
from appwatch.db.engine import Database
from appwatch.domain.alarms import GRAVE
from appwatch.fetching.calling import Call, NotAnswered, call

PATIENCE: Final = 10.0  # seconds for a whole call
SELDOM: Final = timedelta(minutes=1)  # from one round that is told to the next
_CAP: Final = 100_000  # bytes of an answer, which nobody reads
_log = structlog.get_logger()


class Ping(StrEnum):
    """What is told; the value ends the address."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


class Pinger:
    """Follows one round after the other. Nothing that the watcher does or leaves undone raises."""

    def __init__(
        self,
        url: str,
        database: Database,
        now: Callable[[], datetime],
        every: Callable[[], timedelta],
        patience: float = PATIENCE,
    ) -> None:
        self._url = url
        self._database = database
        self._now = now
        self._every = every
        self._patience = patience
        self._began_at: datetime | None = None
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

        A round is what is due at its beginning; it is complete when none of that is due any
        more, and the next begins no sooner than `every` after it did.
        """
        began = self._began_at
        with self._database.read() as connection:
            if not self._under_way or began is None:
                pause = max(self._every(), SELDOM)
                if (began and abs(now - began) < pause) or not rounds.is_due(connection, now):
                    return None
                self._began_at, self._under_way = now, True
                return Ping.START
            if now < began:  # the clock was set back: begin anew
                self._under_way, self._began_at = False, None
                return None
            if rounds.is_due(connection, began):
                return None
            self._under_way = False
            grave = any(one.kind in GRAVE for one in alarms.standing(connection))
            well = rounds.proved_since(connection, began) and not grave
            return Ping.SUCCESS if well and not channels.all_off(connection) else Ping.FAIL

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
