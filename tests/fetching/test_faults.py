"""Every way in which an answer can fail to come back whole, and that none of them costs a slot."""

import asyncio
import gzip
import ssl
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx
import pytest

from appwatch.domain.model import Reason
from appwatch.domain.timing import Rest
from appwatch.errors import DatabaseError
from appwatch.fetching import Fetcher, Fetching
from appwatch.fetching.transport import connections_open, make_transport
from appwatch.stores.base import Answer, Request
from tests.fetching import servers
from tests.fetching.servers import Server, drips, hangs, reply, says, says_and_leaves, serving

Logged = list[MutableMapping[str, Any]]
CAP = 100_000
FAR = 20.0  # seconds: far beyond the deadlines below, however busy the machine
OK = reply(200, b"{}")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"


def now() -> datetime:
    return datetime.now(UTC)


def fetcher(timeout: float = 10, attempts: int = 1, **more: object) -> Fetcher:
    fetching = Fetching(timeout=timeout, attempts=attempts, backoff=0.001, max_body=CAP)
    return Fetcher(fetching, now, **more)  # type: ignore[arg-type]


def ask(talk: servers.Talk, timeout: float = 10, attempts: int = 1) -> Answer:
    """Return the one answer to one request; its connection may not cost a slot."""

    async def main() -> Answer:
        async with serving(talk) as server, fetcher(timeout, attempts) as asking:
            answer = await asking.ask(server.request())
            assert asking.slots_taken() == 0
            return answer

    return asyncio.run(main())


# --- the deadline of the whole request -----------------------------------------------------

SLOW = {
    "nothing at all": hangs,
    "a head, a letter at a time": drips(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "a body, a letter at a time": drips(ENDLESS, b"x"),
    "chunks without end": drips(CHUNKED, b"1\r\nx\r\n"),
    "provisional answers without end": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a flood that leaves nothing to wait for": drips(b"", b"HTTP/1.1 100 Go\r\n\r\n" * 2000, 0),
}


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW)
def test_the_deadline_holds_however_slowly_bytes_come(talk: servers.Talk) -> None:
    began = time.monotonic()
    answer = ask(talk, timeout=0.3)
    assert answer.fault is Reason.TIMEOUT
    assert 0.25 < time.monotonic() - began < FAR


def test_the_deadline_holds_while_connecting() -> None:
    async def main(server: Server) -> Answer:
        async with fetcher(0.3) as asking:
            return await asking.ask(server.request())

    with servers.deaf() as server:
        answer = asyncio.run(main(server))
    assert (answer.fault, answer.status) == (Reason.TIMEOUT, 0)


def test_the_deadline_holds_while_shaking_hands() -> None:
    async def main() -> Answer:
        async with serving(hangs) as server, fetcher(0.3) as asking:
            secure = server.url.replace("http:", "https:")
            return await asking.ask(Request(secure, "lookup", "cn", frozenset(), per_minute=0))

    assert asyncio.run(main()).fault is Reason.TIMEOUT


def test_redirects_share_one_deadline() -> None:
    async def talk(writer: asyncio.StreamWriter, number: int) -> None:
        await asyncio.sleep(0.2)
        writer.write(reply(302, b"", f"Location: /{number}"))

    answer = ask(talk, timeout=0.5)
    assert (answer.fault, answer.status) == (Reason.TIMEOUT, 0)


def test_the_status_is_told_if_the_head_had_come() -> None:
    answer = ask(drips(ENDLESS, b"x"), timeout=0.3)
    assert (answer.status, answer.header("content-length")) == (200, "99999999")
    assert (answer.body, answer.raw) == (b"", b"")


# --- caps, codings, broken connections -----------------------------------------------------

BOMB = servers.zipped(b"\0" * 10_000_000)
BROKEN = {
    "too long, announced": (says(reply(200, b"x" * (CAP + 1))), Reason.TOO_LARGE),
    "too long, not announced": (says(CHUNKED + b"30d40\r\n" + b"x" * 200_000), Reason.TOO_LARGE),
    "too long once decompressed": (says(BOMB), Reason.TOO_LARGE),
    "gzip that is cut": (
        says(reply(200, gzip.compress(b"x", mtime=0)[:-4], "Content-Encoding: gzip")),
        Reason.NETWORK,
    ),
    "gzip that is none": (says(reply(200, b"<html>", "Content-Encoding: gzip")), Reason.BAD_ANSWER),
    "a coding not asked for": (says(reply(200, b"x", "Content-Encoding: br")), Reason.BAD_ANSWER),
    "shorter than announced": (
        says_and_leaves(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
        Reason.NETWORK,
    ),
    "chunks cut": (says_and_leaves(CHUNKED + b"5\r\nx"), Reason.NETWORK),
    "closed at once": (says_and_leaves(b""), Reason.NETWORK),
    "closed in the head": (says_and_leaves(b"HTTP/1.1 200 OK\r\nA: "), Reason.NETWORK),
    "no HTTP": (says_and_leaves(b"220 ftp.example\r\n\r\n"), Reason.NETWORK),
    "a head too long": (says(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000), Reason.NETWORK),
    "a redirect to no address": (
        says(reply(302, b"", f"Location: /{'x' * 70_000}")),
        Reason.BAD_ANSWER,
    ),
}


@pytest.mark.parametrize(("talk", "fault"), BROKEN.values(), ids=BROKEN)
def test_an_answer_that_is_not_whole_is_a_fault(talk: servers.Talk, fault: Reason) -> None:
    answer = ask(talk)
    assert (answer.fault, answer.body) == (fault, b"")
    assert answer.detail


def test_a_port_where_nobody_listens_is_a_network_fault() -> None:
    async def main() -> Answer:
        async with fetcher() as asking:
            return await asking.ask(servers.closed().request())

    assert asyncio.run(main()).fault is Reason.NETWORK


FAULTS: list[tuple[Exception, Reason]] = [
    (httpx.ConnectError("Name or service not known"), Reason.NETWORK),
    (httpx.ProxyError("403 Forbidden"), Reason.NETWORK),
    (ssl.SSLError("decryption failed or bad record mac"), Reason.NETWORK),
    (ConnectionResetError(), Reason.NETWORK),
    (httpx.ReadTimeout(""), Reason.TIMEOUT),
    (httpx.InvalidURL("too long"), Reason.BAD_ANSWER),
    (TimeoutError(), Reason.TIMEOUT),
    (httpx.UnsupportedProtocol("gopher"), Reason.INTERNAL_ERROR),
    (RuntimeError("a defect"), Reason.INTERNAL_ERROR),
    (UnicodeError("a defect"), Reason.INTERNAL_ERROR),
]


@pytest.mark.parametrize(("error", "fault"), FAULTS)
def test_no_error_comes_out_of_a_request(error: Exception, fault: Reason) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    async def main() -> Answer:
        async with fetcher(transport=httpx.MockTransport(fail)) as asking:
            answer = await asking.ask(Server("http://store.example").request())
            assert asking.slots_taken() == 0
            return answer

    answer = asyncio.run(main())
    assert (answer.fault, answer.status) == (fault, 0)
    assert answer.detail


def test_a_request_that_is_no_http_is_our_own_error() -> None:
    async def main() -> Answer:
        async with serving(says(OK)) as server, fetcher() as asking:
            return await asking.ask(server.request(headers={"X-Odd": "a\nb"}))

    assert asyncio.run(main()).fault is Reason.INTERNAL_ERROR


class BrokenRests:
    """Rests that cannot be read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get(self, _surface: str, _host: str) -> Rest | None:
        raise self._error

    def put(self, _surface: str, _host: str, _rest: Rest | None) -> None:
        raise self._error


def test_an_unexpected_error_beside_a_request_is_an_answer_too(logged: Logged) -> None:
    async def main() -> Answer:
        async with fetcher(rests=BrokenRests(ValueError("a defect"))) as asking:
            return await asking.ask(servers.closed().request())

    answer = asyncio.run(main())
    assert (answer.fault, answer.detail) == (Reason.INTERNAL_ERROR, "ValueError: a defect")
    assert [(line["action"], line["log_level"]) for line in logged] == [("request_failed", "error")]


def test_rests_that_cannot_be_read_are_told_to_whoever_asked() -> None:
    async def main() -> None:
        async with fetcher(rests=BrokenRests(DatabaseError("locked"))) as asking:
            await asking.ask(servers.closed().request())

    with pytest.raises(DatabaseError):
        asyncio.run(main())


# --- no slot is lost -----------------------------------------------------------------------

Many = Callable[[Fetcher], Awaitable[list[Answer]]]


def after(many: Many, timeout: float) -> list[Answer]:
    """Return the faults of many requests, having made sure that one more succeeds after them."""

    async def main() -> list[Answer]:
        async with serving(says(OK)) as good, fetcher(timeout) as asking:
            answers = await many(asking)
            assert asking.slots_taken() == 0
            assert (await asking.ask(good.request())).status == 200
            return answers

    return asyncio.run(main())


async def ask_often(asking: Fetcher, server: Server) -> list[Answer]:
    return await asyncio.gather(*(asking.ask(server.request(f"/{n}")) for n in range(300)))


def test_no_slot_is_lost_to_300_timeouts() -> None:
    async def many(asking: Fetcher) -> list[Answer]:
        async with serving(hangs) as server:
            return await ask_often(asking, server)

    assert {answer.fault for answer in after(many, timeout=0.5)} == {Reason.TIMEOUT}


def test_no_slot_is_lost_to_300_connections_that_never_open() -> None:
    async def many(asking: Fetcher) -> list[Answer]:
        with servers.deaf() as server:
            return await ask_often(asking, server)

    assert {answer.fault for answer in after(many, timeout=0.5)} == {Reason.TIMEOUT}


def test_no_slot_is_lost_to_300_refusals() -> None:
    async def many(asking: Fetcher) -> list[Answer]:
        return await ask_often(asking, servers.closed())

    assert {answer.fault for answer in after(many, timeout=10)} == {Reason.NETWORK}


def test_no_slot_is_lost_to_300_broken_answers() -> None:
    async def many(asking: Fetcher) -> list[Answer]:
        async with serving(says_and_leaves(CHUNKED + b"5\r\nx")) as server:
            return await ask_often(asking, server)

    assert {answer.fault for answer in after(many, timeout=10)} == {Reason.NETWORK}


def test_a_cancelled_request_does_not_keep_the_rest_from_closing() -> None:
    async def main(turns: int) -> None:
        async with serving(hangs) as server, fetcher() as asking:
            task = asyncio.create_task(asking.ask(server.request()))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    # From before its first step until well after its connection stands.
    for turns in range(20):
        asyncio.run(main(turns))


def test_a_request_that_is_under_way_can_be_cancelled() -> None:
    async def main() -> Answer:
        heard = asyncio.Event()

        async def talk(writer: asyncio.StreamWriter, number: int) -> None:
            heard.set()
            await (says(OK)(writer, number) if number else hangs(writer, number))

        async with serving(talk) as server, fetcher() as asking:
            task = asyncio.create_task(asking.ask(server.request()))
            await heard.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return await asking.ask(server.request())

    assert asyncio.run(main()).status == 200


def test_a_slot_that_is_lost_is_counted() -> None:
    """A connection whose request was cancelled before it opened is never closed by its pool."""

    async def main() -> int:
        transport = make_transport(ssl.create_default_context(), None)
        pool = transport._pool
        origin = httpcore.URL("http://127.0.0.1/").origin
        pool._connections.append(pool.create_connection(origin))
        async with transport:
            return connections_open(transport)

    assert asyncio.run(main()) == 1
