"""Makes the HTTP client, and asks one request of it within deadline and caps."""

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from appwatch.domain.model import Reason
from appwatch.fetching.deadline import DeadlineBackend
from appwatch.fetching.decoding import ACCEPTED, Undecodable, decode

CONNECTIONS = 100


class Broken(Exception):
    """No whole answer came back; says which fault that is, and the status if one had come."""

    def __init__(self, fault: Reason, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.status = status


class Received:
    """One whole answer as it came: status, headers as received, raw and decoded body."""

    __slots__ = ("body", "headers", "raw", "status")

    def __init__(self, response: httpx.Response, raw: bytes, body: bytes) -> None:
        self.status = response.status_code
        self.headers = tuple(
            (k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw
        )
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
    """Return how many slots of the client's pool are taken by requests."""
    transport = client._transport  # noqa: SLF001 - httpx does not tell
    return len(transport._pool._requests)  # type: ignore[attr-defined]  # noqa: SLF001


async def get(client: httpx.AsyncClient, url: str, headers: dict[str, str], cap: int) -> Received:
    """Return the whole answer to one GET, at most `cap` bytes received or decoded.

    Raises Broken for whatever keeps a whole answer from arriving.
    """
    status = 0
    try:
        async with client.stream("GET", url, headers=headers) as response:
            status = response.status_code
            raw = await _read(response, cap)
        return Received(
            response, raw, decode(raw, response.headers.get("content-encoding", ""), cap)
        )
    except httpx.TimeoutException as error:
        raise Broken(Reason.TIMEOUT, _told(error), status) from error
    except httpx.TransportError as error:
        raise Broken(Reason.NETWORK, _told(error), status) from error
    except httpx.InvalidURL as error:
        raise Broken(Reason.BAD_ANSWER, _told(error), status) from error
    except Undecodable as error:
        raise Broken(error.fault, error.detail, status) from error


async def _read(response: httpx.Response, cap: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > cap:
            raise Undecodable(Reason.TOO_LARGE, f"more than {cap} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _told(error: Exception) -> str:
    """Return what the error says, or its name when it says nothing."""
    return (str(error) or type(error).__name__)[:200]
