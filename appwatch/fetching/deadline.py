"""A deadline for the whole of a request, kept on the socket itself.

httpx limits each read, not their sum, and cancelling a request from outside loses its pool
slot (encode/httpcore issue 1093); so every single wait is given what is left of the whole.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

_ENDS_AT: ContextVar[float] = ContextVar("ends_at")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit every wait on a socket within this block, all together, to so many seconds."""
    token = _ENDS_AT.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS_AT.reset(token)


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    """Return what is left for one wait; raise `late` when nothing is.

    Bytes that are there already take no wait, so a limit on waits alone would never end a flood.
    """
    ends_at = _ENDS_AT.get(None)
    if ends_at is None:
        return timeout
    left = ends_at - time.monotonic()
    if left <= 0:
        raise late("the whole request took too long")
    return left if timeout is None else min(left, timeout)


class DeadlineStream(httpcore.AsyncNetworkStream):
    """A connection whose waits end with the request's deadline."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read what comes; raise httpcore.ReadTimeout at the deadline."""
        return await self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write; raise httpcore.WriteTimeout at the deadline."""
        await self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """Shake hands; raise httpcore.ConnectTimeout at the deadline."""
        try:
            left = _left(timeout, httpcore.ConnectTimeout)
        except httpcore.ConnectTimeout:
            # Nobody else closes a connection that never came to its handshake.
            await self.aclose()
            raise
        return DeadlineStream(await self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        """Return what the connection says of itself."""
        return self._stream.get_extra_info(info)


class DeadlineBackend(httpcore.AsyncNetworkBackend):
    """Opens connections whose waits end with the request's deadline."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; raise httpcore.ConnectTimeout at the deadline."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(
            await self._backend.connect_tcp(host, port, left, local_address, socket_options)
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; raise httpcore.ConnectTimeout at the deadline."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(await self._backend.connect_unix_socket(path, left, socket_options))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)
