"""Hosts to which no connection can be opened, so that a check need not try them for ever."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from appwatch.stores.base import Answer

Way = tuple[str | None, str]  # a proxy, or None, and a host behind it


@dataclass(slots=True)
class _Tries:
    in_a_row: int = 0
    last: Answer | None = None
    given_up: asyncio.Event = field(default_factory=asyncio.Event)


class Unreached:
    """Gives a host up once so many requests in a row opened no connection to it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tries: dict[Way, _Tries] = {}

    def failed(self, way: Way, answer: Answer) -> bool:
        """Note a request that opened no connection; return whether it was the first in a row."""
        tries = self._of(way)
        tries.in_a_row += 1
        tries.last = answer
        if tries.in_a_row >= self._most:
            tries.given_up.set()
        return tries.in_a_row == 1

    def opened(self, way: Way) -> bool:
        """Note a request that came through; return whether those before it did not."""
        tries = self._tries.pop(way, None)
        return tries is not None and tries.in_a_row > 0

    def given_up(self, way: Way) -> Answer | None:
        """Return the last answer of a host that was given up, or None."""
        tries = self._of(way)
        return tries.last if tries.given_up.is_set() else None

    async def unless(self, way: Way, wait: Coroutine[Any, Any, None]) -> None:
        """Wait, but no longer than until the host is given up."""
        waits = [asyncio.ensure_future(wait), asyncio.ensure_future(self._of(way).given_up.wait())]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        for one in done:
            one.result()

    def _of(self, way: Way) -> _Tries:
        return self._tries.setdefault(way, _Tries())
