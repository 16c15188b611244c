"""The loop that carries a dialogue: pace, rests, redirects, retries, and nothing of the stores."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
import stamina

from appwatch.domain.model import Reason
from appwatch.fetching import pace
from appwatch.fetching.client import Broken, connections_open, get, make_client
from appwatch.fetching.deadline import deadline
from appwatch.stores.base import Answer, Dialogue, Findings, Request

REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetching:
    """How requests are carried: seconds for a whole request, caps, proxies, tries.

    `proxies` maps storefronts to proxy addresses; `proxy` serves the others. `persist` lets
    the first request to a resting host through, once, to see whether it answers again.
    """

    timeout: float = 30.0
    max_body: int = 16 * 1024 * 1024
    proxy: str | None = field(default=None, repr=False)
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    attempts: int = 3
    backoff: float = 0.5
    persist: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """What a dialogue found, and every exchange it took, in order."""

    findings: Findings
    exchanges: list[Answer]


class _TryAgain(Exception):
    """The answer is worth another try; `wait` is what the host asked for."""

    def __init__(self, answer: Answer, wait: timedelta | None) -> None:
        super().__init__(answer.detail)
        self.answer = answer
        self.wait = wait


class Fetcher:
    """Carries dialogues over HTTP. One per process; use as an async context manager."""

    def __init__(
        self,
        fetching: Fetching,
        now: Callable[[], datetime],
        rests: pace.Rests | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._fetching = fetching
        self._now = now
        self._rests = rests or pace.NoRests()
        self._transport = transport
        self._pace = pace.Pace()
        self._context = ssl.create_default_context()
        self._clients: dict[str | None, httpx.AsyncClient] = {}
        self._persisted: set[tuple[str, str]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def slots_taken(self) -> int:
        """Return how many connection slots are taken: 0 whenever nothing is in flight."""
        return sum(connections_open(client) for client in self._clients.values())

    async def carry(self, dialogue: Dialogue) -> Carried:
        """Return what the dialogue finds, having carried all its requests."""
        exchanges: list[Answer] = []
        try:
            request = next(dialogue)
            while True:
                answer = await self.ask(request)
                exchanges.append(answer)
                request = dialogue.send(answer)
        except StopIteration as end:
            return Carried(end.value, exchanges)

    async def ask(self, request: Request) -> Answer:
        """Return the answer to one request, tried again where that helps. Never raises."""
        tries = stamina.retry_context(
            on=_wait,
            attempts=self._fetching.attempts,
            timeout=None,
            wait_initial=self._fetching.backoff,
            wait_jitter=self._fetching.backoff,
        )
        try:
            async for attempt in tries:
                with attempt:
                    return await self._try(request)
        except _TryAgain as last:
            return last.answer
        raise AssertionError  # retry_context always yields once

    async def _try(self, request: Request) -> Answer:
        resting = self._resting(request)
        if resting is not None:
            return resting
        await self._pace.wait(request)
        # Others may have been refused while this one waited for its turn.
        resting = self._resting(request)
        if resting is not None:
            return resting
        answer = await self._once(request)
        self._note(answer)
        wait = pace.retry_after(answer)
        if _worth_another_try(answer, wait):
            raise _TryAgain(answer, wait)
        return answer

    def _resting(self, request: Request) -> Answer | None:
        """Return the answer of a host that rests, or None if it may be asked."""
        now = self._now()
        rest = self._rests.get(request.surface, request.host)
        if rest is None or rest.until <= now:
            return None
        key = (request.surface, request.host)
        if self._fetching.persist and key not in self._persisted:
            self._persisted.add(key)
            return None
        detail = f"{request.host} rests until {rest.until:%Y-%m-%d %H:%M:%S}Z"
        return Answer(request, now, now, fault=Reason.RATE_LIMITED, detail=detail)

    def _note(self, answer: Answer) -> None:
        """Let the host rest if it asks for it; forget its strikes once it answers well."""
        surface, host = answer.request.surface, answer.request.host
        asked = pace.rest_asked(answer)
        if asked is not None:
            last = self._rests.get(surface, host)
            self._rests.put(surface, host, pace.rest_after(answer, asked, last))
            self._persisted.add((surface, host))
        elif answer.status == 200 and self._rests.get(surface, host) is not None:
            self._rests.put(surface, host, None)

    async def _once(self, request: Request) -> Answer:
        """Ask once and follow redirects within the request's hosts, all within one deadline."""
        started_at = self._now()
        answer = Answer(request, started_at, started_at, url=request.url)
        with deadline(self._fetching.timeout):
            async with self._client(request) as client:
                for _ in range(REDIRECTS + 1):
                    answer = await self._get(client, answer)
                    target = _followed(answer)
                    if target is None:
                        break
                    answer = replace(answer, url=target)
                else:
                    answer = replace(answer, fault=Reason.BAD_ANSWER, detail="endless redirects")
        return replace(answer, finished_at=max(self._now(), started_at))

    async def _get(self, client: httpx.AsyncClient, asked: Answer) -> Answer:
        headers = dict(asked.request.headers)
        try:
            received = await get(client, asked.url, headers, self._fetching.max_body)
        except Broken as broken:
            return replace(asked, status=broken.status, fault=broken.fault, detail=broken.detail)
        return replace(
            asked,
            status=received.status,
            headers=received.headers,
            raw=received.raw,
            body=received.body,
        )

    @asynccontextmanager
    async def _client(self, request: Request) -> AsyncIterator[httpx.AsyncClient]:
        proxy = self._fetching.proxies.get(request.storefront, self._fetching.proxy)
        if request.fresh and self._transport is None:
            async with make_client(self._context, proxy) as client:
                yield client
            return
        if proxy not in self._clients:
            self._clients[proxy] = make_client(self._context, proxy, self._transport)
        yield self._clients[proxy]


def _followed(answer: Answer) -> str | None:
    """Return where a redirect leads if it may be followed: the same store, never less secure."""
    if answer.fault is not None or answer.status not in _MOVED:
        return None
    try:
        target = urljoin(answer.url, answer.header("location"))
        parts = urlsplit(target)
    except ValueError:
        return None
    downgraded = urlsplit(answer.url).scheme == "https" and parts.scheme != "https"
    if downgraded or parts.scheme not in ("http", "https"):
        return None
    return target if parts.netloc in answer.request.hosts else None


def _worth_another_try(answer: Answer, wait: timedelta | None) -> bool:
    if pace.rest_asked(answer) is not None:
        return False
    failed = answer.fault is Reason.NETWORK or answer.status >= 500
    return failed and (wait is None or wait <= pace.WAITED_OUT)


def _wait(error: Exception) -> bool | timedelta:
    """Tell stamina how long to wait: what the host asked for, else its own backoff."""
    if not isinstance(error, _TryAgain):
        return False
    return error.wait if error.wait is not None else True
