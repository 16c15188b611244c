"""Makes the HTTP client, and asks one request of it within deadline and caps."""

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from appwatch.domain.model import Reason
from appwatch.fetching.deadline import DeadlineBackend
from appwatch.fetching.decoding import ACCEPTED, Undecodable, decode

CONNECTIONS = 100
_NO_ADDRESS = "Invalid URL in location header"  # how httpx says so, in no error of its own


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


class Received:
    """One whole answer as it came: status, headers as received, raw and decoded body."""

    __slots__ = ("body", "headers", "raw", "status")

    def __init__(self, response: httpx.Response, raw: bytes, body: bytes) -> None:
        self.status = response.status_code
        self.headers = _headers(response)
        self.raw = raw
        self.body = body


def make_client(
    context: ssl.SSLContext, proxy: str | None, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return a client that keeps no cookie, follows no redirect and reads no environment."""
    if transport is None:
        transport = _transport(context, proxy)
    return httpx.AsyncClient(
        transport=transport,
        headers={"Accept-Encoding": ACCEPTED, "Accept": "*/*"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=None,  # noqa: S113 - the deadline on the socket bounds every wait
        trust_env=False,
        follow_redirects=False,
    )


def _transport(context: ssl.SSLContext, proxy: str | None) -> httpx.AsyncHTTPTransport:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=20)
    transport = httpx.AsyncHTTPTransport(
        verify=context, trust_env=False, limits=limits, proxy=proxy
    )
    # httpx has no public way to give its pool a network backend.
    pool = transport._pool  # noqa: SLF001
    pool._network_backend = DeadlineBackend(pool._network_backend)  # noqa: SLF001
    return transport


def connections_open(client: httpx.AsyncClient) -> int:
    """Return how many slots of the client's pool are taken: by requests, or lost by them.

    A connection whose request was cancelled before it opened stays neither idle nor closed.
    """
    pool: Any = getattr(client._transport, "_pool", None)  # noqa: SLF001 - httpx does not tell
    if pool is None:
        return 0
    busy = [one for one in pool.connections if not (one.is_idle() or one.is_closed())]
    return max(len(busy), len(pool._requests))  # noqa: SLF001


async def get(client: httpx.AsyncClient, url: str, headers: dict[str, str], cap: int) -> Received:
    """Return the whole answer to one GET, at most `cap` bytes received or decoded.

    Raises Broken for whatever keeps a whole answer from arriving.
    """
    status, received = 0, Headers()
    try:
        async with client.stream("GET", url, headers=headers) as response:
            status, received = response.status_code, _headers(response)
            raw = await _read(response, cap)
        coding = response.headers.get("content-encoding", "")
        return Received(response, raw, decode(raw, coding, cap))
    # OSError: what goes wrong inside TLS comes through as it is.
    except (httpx.TransportError, httpx.InvalidURL, OSError, Undecodable) as error:
        unreached = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
        said = _fault(error), _told(error), status, received
        raise Broken(*said, unreached=unreached) from error


def _fault(error: Exception) -> Reason:
    """Return what an error says of an answer that did not come back whole."""
    if isinstance(error, Undecodable):
        return error.fault
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return Reason.TIMEOUT
    # The only address that is not ours is a redirect's; httpx reads it, followed or not.
    if isinstance(error, httpx.InvalidURL) or str(error).startswith(_NO_ADDRESS):
        return Reason.BAD_ANSWER
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError)):
        return Reason.INTERNAL_ERROR  # what we wanted to send is not HTTP
    return Reason.NETWORK


async def _read(response: httpx.Response, cap: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > cap:
            raise Undecodable(Reason.TOO_LARGE, f"more than {cap} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _headers(response: httpx.Response) -> Headers:
    return tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)


def _told(error: Exception) -> str:
    """Return what the error says, or its name when it says nothing."""
    return (str(error) or type(error).__name__)[:200]
