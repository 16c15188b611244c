"""Makes the HTTP transport, and asks one request of it within deadline and caps."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from appwatch.domain.model import Reason
from appwatch.fetching.deadline import DeadlineBackend
from appwatch.fetching.decoding import ACCEPTED, Undecodable, decode

CONNECTIONS = 100
_ASKED = {"Accept": "*/*", "Accept-Encoding": ACCEPTED}


Headers = tuple[tuple[str, str], ...]


class Broken(Exception):
    """No whole answer came back; says which fault that is, and the head if one had come.

    `unreached`: not even a connection was opened.
    """

    def __init__(
        self, fault: Reason, detail: str, status: int, headers: Headers, *, unreached: bool
    ) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.status = status
        self.headers = headers
        self.unreached = unreached


class Received(NamedTuple):
    """One whole answer as it came: status, headers as received, raw and decoded body."""

    status: int
    headers: Headers
    raw: bytes
    body: bytes


def make_transport(context: ssl.SSLContext, proxy: str | None) -> httpx.AsyncHTTPTransport:
    """Return what carries requests, and no client around it.

    So no cookie is kept, no redirect followed, nothing of the environment read; and a request
    costs a fifth less. Raises ValueError where the proxy's address cannot be used.
    """
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=20)
    try:
        transport = httpx.AsyncHTTPTransport(
            verify=context, trust_env=False, limits=limits, proxy=proxy
        )
    except (ValueError, httpx.InvalidURL):  # whose words show the address, password and all
        raise ValueError(
            "the proxy has no address that can be used; see: appwatch doctor"
        ) from None
    # httpx has no public way to give its pool a network backend.
    pool = transport._pool  # noqa: SLF001
    pool._network_backend = DeadlineBackend(pool._network_backend)  # noqa: SLF001
    return transport


def connections_open(transport: httpx.AsyncBaseTransport) -> int:
    """Return how many slots of the transport's pool are taken: by requests, or lost by them.

    A connection whose request was cancelled before it opened stays neither idle nor closed.
    """
    pool: Any = getattr(transport, "_pool", None)  # httpx does not tell
    if pool is None:
        return 0
    busy = [one for one in pool.connections if not (one.is_idle() or one.is_closed())]
    return max(len(busy), len(pool._requests))  # noqa: SLF001


@asynccontextmanager
async def sent(
    transport: httpx.AsyncBaseTransport, request: httpx.Request
) -> AsyncIterator[httpx.Response]:
    """Give the head of the answer to a request; its body is read within the block."""
    response = await transport.handle_async_request(request)
    try:
        yield response
    finally:
        await response.aclose()


async def get(
    transport: httpx.AsyncBaseTransport, url: str, headers: Mapping[str, str], cap: int
) -> Received:
    """Return the whole answer to one GET, at most `cap` bytes received or decoded.

    Raises Broken for whatever keeps a whole answer from arriving.
    """
    status, received = 0, Headers()
    try:
        request = httpx.Request("GET", url, headers={**_ASKED, **headers})
        async with sent(transport, request) as response:
            status, received = response.status_code, _headers(response)
            raw = await read(response, cap)
        coding = response.headers.get("content-encoding", "")
        return Received(status, received, raw, decode(raw, coding, cap))
    # OSError: what goes wrong inside TLS comes through as it is.
    except (httpx.TransportError, httpx.InvalidURL, OSError, Undecodable) as error:
        unreached = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
        said = _fault(error), _told(error), status, received
        raise Broken(*said, unreached=unreached) from error


async def read(response: httpx.Response, cap: int) -> bytes:
    """Return the body as received. Raises Undecodable when it is longer than `cap` bytes."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > cap:
            raise Undecodable(Reason.TOO_LARGE, f"more than {cap} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _fault(error: Exception) -> Reason:
    """Return what an error says of an answer that did not come back whole."""
    if isinstance(error, Undecodable):
        return error.fault
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return Reason.TIMEOUT
    if isinstance(error, httpx.InvalidURL):  # the only address that is not ours is a redirect's
        return Reason.BAD_ANSWER
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError)):
        return Reason.INTERNAL_ERROR  # what we wanted to send is not HTTP
    return Reason.NETWORK


def _headers(response: httpx.Response) -> Headers:
    return tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)


def _told(error: Exception) -> str:
    """Return what the error says, or its name when it says nothing."""
    return (str(error) or type(error).__name__)[:200]
