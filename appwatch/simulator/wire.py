"""HTTP/1.1 on asyncio streams, with full control of what bytes leave, when and how many."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from appwatch.simulator.bodies import Piece, gzipped, joined, piece

_MAX_BODY = 4_000_000
_BLOCK = 65_536


class Delivery(StrEnum):
    """How a reply leaves the wire."""

    WHOLE = "whole"
    SHORT = "short"  # content-length announces more than is sent
    CLOSED = "closed"  # the connection ends before the first byte
    SLOW_HEADERS = "slow_headers"  # a byte of the head at a time
    SLOW_BODY = "slow_body"  # a byte of the body at a time
    HANG = "hang"  # nothing is ever sent
    CHUNKED = "chunked"  # no content-length: its size shows only as it arrives


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; header names in lower case, the last of equal names counts."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def url(self) -> str:
        """The address as the client wrote it."""
        return f"http://{self.headers.get('host', '127.0.0.1')}{self.target}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send back. `pause` is in seconds between the bytes of a slow delivery."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    pieces: tuple[Piece, ...] = ()
    delivery: Delivery = Delivery.WHOLE
    pause: float = 0.2
    encoded: bool = False  # the pieces are sent as they are, whatever the client accepts

    @property
    def body(self) -> bytes:
        """The body before any coding."""
        return joined(self.pieces)


Handler = Callable[[Request], Reply]


def reply(status: int, body: bytes | str = b"", kind: str = "", *more: tuple[str, str]) -> Reply:
    """Build a small reply; `kind` is its content type."""
    raw = body.encode() if isinstance(body, str) else body
    headers = ((("content-type", kind),) if kind else ()) + more
    return Reply(status, headers, (piece(raw),) if raw else ())


async def converse(
    handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer requests on one connection until either side has had enough."""
    try:
        while (request := await _read(reader)) is not None:
            answer = handler(request)
            await _send(reader, writer, request, answer)
            if answer.delivery in (Delivery.SHORT, Delivery.CLOSED, Delivery.HANG):
                break
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass  # the client left or does not speak HTTP: nobody to answer
    finally:
        _end(writer)


def _end(writer: asyncio.StreamWriter) -> None:
    if writer.transport.get_write_buffer_size():
        writer.transport.abort()
    else:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    headers = MappingProxyType(dict(_header(line) for line in lines))
    size = headers.get("content-length", "0")
    if not size.isdecimal() or int(size) > _MAX_BODY:
        return None
    body = await reader.readexactly(int(size))
    return _request(method, rest.rpartition(" ")[0], headers, body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    parts = urlsplit(target)
    query = MappingProxyType(dict(parse_qsl(parts.query, keep_blank_values=True)))
    return Request(method, target, unquote(parts.path), query, headers, body)


def _coded(request: Request, answer: Reply) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    accepted = "gzip" in request.headers.get("accept-encoding", "")
    if not answer.pieces or answer.encoded or not accepted:
        return answer.body, ()
    return gzipped(answer.pieces), (("content-encoding", "gzip"), ("vary", "Accept-Encoding"))


def _head(answer: Reply, size: int, more: tuple[tuple[str, str], ...]) -> bytes:
    length = ("content-length", str(size))
    if answer.delivery is Delivery.CHUNKED:
        length = ("transfer-encoding", "chunked")
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in (*answer.headers, *more, length)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _send(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request, answer: Reply
) -> None:
    if answer.delivery is Delivery.CLOSED:
        return
    if answer.delivery is Delivery.HANG:
        await reader.read()  # until the client gives up
        return
    body, more = _coded(request, answer)
    head = _head(answer, len(body), more)
    shown = b"" if request.method == "HEAD" else body
    await _deliver(writer, answer, head, shown)


async def _deliver(writer: asyncio.StreamWriter, answer: Reply, head: bytes, body: bytes) -> None:
    match answer.delivery:
        case Delivery.SLOW_HEADERS:
            await _drip(writer, head, answer.pause)
            writer.write(body)
        case Delivery.SLOW_BODY:
            writer.write(head)
            await _drip(writer, body, answer.pause)
        case Delivery.SHORT:
            writer.write(head + body[: len(body) // 2])
        case Delivery.CHUNKED:
            writer.write(head)
            await _chunks(writer, body)
        case _:
            writer.write(head + body)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, data: bytes, pause: float) -> None:
    for position in range(len(data)):
        writer.write(data[position : position + 1])
        await writer.drain()
        await asyncio.sleep(pause)


async def _chunks(writer: asyncio.StreamWriter, data: bytes) -> None:
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        writer.write(b"%x\r\n%b\r\n" % (len(block), block))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
