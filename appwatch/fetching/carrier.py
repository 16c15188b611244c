"""The loop that carries a dialogue: pace, rests, redirects, retries, and nothing of the stores."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self, TypeVar

import httpx
import stamina
import structlog

from appwatch.domain.model import Reason
from appwatch.domain.timing import Rest
from appwatch.errors import Defect, defects
from appwatch.fetching import pace
from appwatch.fetching.deadline import deadline
from appwatch.fetching.redirects import REDIRECTS, followed
from appwatch.fetching.transport import Broken, connections_open, get, make_transport
from appwatch.fetching.unreached import Unreached, Way
from appwatch.stores.base import Answer, Dialogue, Findings, Request

T = TypeVar("T")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fetching:
    """How requests are carried: seconds for a whole request, caps, proxies, tries.

    `proxies` maps storefronts to proxy addresses; `proxy` serves the others. `persist` lets
    the first request to a resting host through, once, to see whether it answers again. With
    `give_up` a host to which `attempts` requests in a row opened no connection is asked no more.
    """

    timeout: float = 30.0
    max_body: int = 16 * 1024 * 1024
    proxy: str | None = field(default=None, repr=False)
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    attempts: int = 3
    backoff: float = 0.5
    persist: bool = False
    give_up: bool = False


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
        self._transports: dict[str | None, httpx.AsyncBaseTransport] = {}
        self._persisted: set[tuple[str, str]] = set()
        self._unreached = Unreached(fetching.attempts)
        self._stopping = False
        self._repeatedly = stamina.AsyncRetryingCaller(
            attempts=fetching.attempts,
            timeout=None,
            wait_initial=fetching.backoff,
            wait_jitter=fetching.backoff,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for transport in self._transports.values():
            await transport.aclose()
        self._transports.clear()

    def carry_as(self, fetching: Fetching) -> None:
        """Carry what is asked from now on like this; pace, rests and connections stay."""
        self._fetching = fetching

    def slots_taken(self) -> int:
        """Return how many connection slots are taken: 0 whenever nothing is in flight."""
        return sum(map(connections_open, self._transports.values()))

    async def carry(self, dialogue: Dialogue) -> Carried:
        """Return what the dialogue finds, having carried all its requests."""
        exchanges: list[Answer] = []
        return Carried(await self.converse(dialogue, exchanges.append), exchanges)

    async def converse(
        self, dialogue: Generator[Request, Answer, T], note: Callable[[Answer], None]
    ) -> T:
        """Return what any dialogue returns, having carried its requests and noted each answer."""
        try:
            request = next(dialogue)
            while True:
                answer = await self.ask(request)
                note(answer)
                request = dialogue.send(answer)
        except StopIteration as end:
            found: T = end.value
            return found

    async def ask(self, request: Request) -> Answer:
        """Return the answer to one request, tried again where that helps.

        Our own failures are answers too (internal_error). Raises AppwatchError where rests
        cannot be read or kept: then nothing may be asked.
        """
        try:
            with defects():
                return await self._patiently(request)
        except Defect as error:
            _log.exception("request failed", action="request_failed", surface=request.surface)
            detail, now = str(error)[:200], self._now()
            return Answer(request, now, now, fault=Reason.INTERNAL_ERROR, detail=detail)

    async def _patiently(self, request: Request) -> Answer:
        """Return the last answer, having tried again where that helps."""
        try:
            try:
                return await self._try(request)
            except _TryAgain as failed:
                # Only now: what counts tries and waits costs as much as a small request.
                return await self._repeatedly(_wait, self._try_after, [failed], request)
        except _TryAgain as last:
            return last.answer

    async def _try_after(self, failed: list[_TryAgain], request: Request) -> Answer:
        """Try as `_try` does; the first try has failed already, and counts as such."""
        if failed:
            raise failed.pop()
        return await self._try(request)

    def stop(self) -> None:
        """Begin no request any more: what still asks for one is cancelled, and stays due."""
        self._stopping = True

    async def _try(self, request: Request) -> Answer:
        rest = self._rest(request)
        insists = rest is not None and self._may_insist(request)
        if rest is None or insists:
            await self._turn(request)
            # Others may have been refused while this one waited for its turn.
            rest = None if insists else self._rest(request)
        if self._stopping:
            raise asyncio.CancelledError
        if rest is not None:
            now, detail = self._now(), f"{request.host} rests until {rest.until:%Y-%m-%d %H:%M:%S}Z"
            return Answer(request, now, now, fault=Reason.RATE_LIMITED, detail=detail)
        lost = self._unreached.given_up(self._way(request)) if self._fetching.give_up else None
        if lost is not None:
            now = self._now()
            return replace(lost, request=request, url=request.url, started_at=now, finished_at=now)
        answer = await self._once(request)
        self._note(answer, insists=insists)
        wait = pace.retry_after(answer)
        if _worth_another_try(answer, wait):
            raise _TryAgain(answer, wait)
        return answer

    async def _turn(self, request: Request) -> None:
        """Wait for the host's turn; nobody waits for a host that was given up."""
        turn = self._pace.wait(request)
        if self._fetching.give_up:
            turn = self._unreached.unless(self._way(request), turn)
        await turn

    def _way(self, request: Request) -> Way:
        return self._proxy(request), request.host

    def _proxy(self, request: Request) -> str | None:
        return self._fetching.proxies.get(request.storefront, self._fetching.proxy)

    def _rest(self, request: Request) -> Rest | None:
        """Return the host's rest, or None if it may be asked."""
        rest = self._last_rest(request.surface, request.host)
        return rest if rest is not None and rest.until > self._now() else None

    def _last_rest(self, surface: str, host: str) -> Rest | None:
        rest = self._rests.get(surface, host)
        return rest.believed(self._now()) if rest is not None else None

    def _may_insist(self, request: Request) -> bool:
        """Whether this request may go to a resting host all the same: one may, once."""
        key = (request.surface, request.host)
        if not self._fetching.persist or key in self._persisted:
            return False
        self._persisted.add(key)
        return True

    def _note(self, answer: Answer, *, insists: bool) -> None:
        """Let the host rest if it asks for it; forget its strikes once it answers well."""
        surface, host = answer.request.surface, answer.request.host
        asked, last = pace.rest_asked(answer), self._last_rest(surface, host)
        if asked is not None:
            self._rests.put(surface, host, pace.rest_after(answer, asked, last))
            self._persisted.add((surface, host))
        # What was in flight when a rest began says nothing of the time after it.
        elif last and _is_good(answer) and (insists or last.until <= answer.started_at):
            self._rests.put(surface, host, None)

    async def _once(self, request: Request) -> Answer:
        """Ask once and follow redirects within the request's hosts, all within one deadline."""
        started_at = self._now()
        answer = Answer(request, started_at, started_at, url=request.url)
        with deadline(self._fetching.timeout):
            async with self._transport_for(request) as transport:
                answer = await self._follow(transport, answer)
        return replace(answer, finished_at=max(self._now(), started_at))

    async def _follow(self, transport: httpx.AsyncBaseTransport, asked: Answer) -> Answer:
        """Return the last answer of a chain of redirects; nothing of the others stays in it."""
        answer = asked
        for _ in range(REDIRECTS + 1):
            answer = await self._get(transport, asked)
            target = followed(answer)
            if target is None:
                return answer
            asked = replace(asked, url=target)
        return replace(answer, fault=Reason.BAD_ANSWER, detail="endless redirects")

    async def _get(self, transport: httpx.AsyncBaseTransport, asked: Answer) -> Answer:
        headers, cap = asked.request.headers, self._fetching.max_body
        try:
            received = await get(transport, asked.url, headers, cap)
        except Broken as broken:
            head = replace(asked, status=broken.status, headers=broken.headers)
            answer = replace(head, fault=broken.fault, detail=broken.detail)
            if broken.unreached and self._unreached.failed(self._way(asked.request), answer):
                told = "no way to a host; it is tried again"
                host = asked.request.host
                _log.info(told, action="unreached", host=host, detail=broken.detail)
            return answer
        if self._unreached.opened(self._way(asked.request)):
            _log.info("a host is reached again", action="reached", host=asked.request.host)
        return replace(
            asked,
            status=received.status,
            headers=received.headers,
            raw=received.raw,
            body=received.body,
        )

    @asynccontextmanager
    async def _transport_for(self, request: Request) -> AsyncIterator[httpx.AsyncBaseTransport]:
        proxy = self._proxy(request)
        if request.fresh and self._transport is None:
            async with make_transport(self._context, proxy) as transport:
                yield transport
            return
        if proxy not in self._transports:
            given = self._transport
            self._transports[proxy] = given or make_transport(self._context, proxy)
        yield self._transports[proxy]


def _is_good(answer: Answer) -> bool:
    return answer.fault is None and answer.status == 200


def _worth_another_try(answer: Answer, wait: timedelta | None) -> bool:
    failed = answer.status >= 500 if answer.fault is None else answer.fault is Reason.NETWORK
    asked_to_wait = wait is not None and wait > pace.WAITED_OUT
    return failed and not asked_to_wait and pace.rest_asked(answer) is None


def _wait(error: Exception) -> bool | timedelta:
    """Tell stamina how long to wait: what the host asked for, else its own backoff."""
    if not isinstance(error, _TryAgain):
        return False
    return error.wait if error.wait is not None else True
