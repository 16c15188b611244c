"""Writes exchanges as WARC 1.1 records, and says where each of them stands."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO
from urllib.parse import SplitResult, urlsplit, urlunsplit
from uuid import UUID, uuid5

# warcio carries no types.
from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from appwatch.domain.moments import moment_text
from appwatch.evidence.proof import ExchangeProof

VERSION = "WARC/1.1"
# Every record's id is made from what it holds, so that the same bundle is the same bytes.
_IDS = UUID("5f0f1c52-6f0c-5d0b-9a51-0f9a0b1f6c11")
# Their values are the operator's own and prove nothing about a store.
_WITHHELD = frozenset({"authorization", "cookie", "proxy-authorization"})
# The body is kept without its transfer coding; a reader must not look for one.
_ORIGINAL = "X-Archive-Orig-"


@dataclass(frozen=True, slots=True)
class Written:
    """A response record: whose it is, and where it stands in the file."""

    exchange: int
    record: str
    url: str
    at: datetime
    status: int
    mime: str
    digest: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class _Record:
    """One record to be written; the payload is the last part of its block."""

    type: str
    id: str
    url: str
    at: datetime
    content_type: str
    head: bytes
    payload: bytes = b""
    beside: str = ""

    def headers(self) -> list[tuple[str, str]]:
        """Return the record's own headers, with a SHA-256 of the block and of the payload."""
        headers = [("WARC-Type", self.type), ("WARC-Record-ID", self.id)]
        if self.url:
            headers.append(("WARC-Target-URI", self.url))
        headers.append(("WARC-Date", moment_text(self.at)))
        if self.beside:
            headers.append(("WARC-Concurrent-To", self.beside))
        if self.type != "warcinfo":
            headers.append(("WARC-Payload-Digest", _digest(self.payload)))
        headers.append(("WARC-Block-Digest", _digest(self.head + self.payload)))
        return [*headers, ("Content-Type", self.content_type)]


def write_warc(
    out: IO[bytes],
    software: str,
    made_at: datetime,
    exchanges: Iterable[tuple[ExchangeProof, bytes]],
) -> list[Written]:
    """Write the exchanges, each with its body as received, and return the response records.

    Status and headers stand as they were received, in their order; the body is without its
    transfer coding and with its content coding. Transfer-Encoding is therefore renamed
    X-Archive-Orig-Transfer-Encoding, as web archives do. The reason phrase is not kept and left
    empty. What was received is known to the digest: WARC-Payload-Digest is the SHA-256 in hex.
    """
    writer = WARCWriter(out, gzip=True, warc_version=VERSION)
    _write(writer, _information(software, made_at))
    written: list[Written] = []
    for exchange, body in exchanges:
        response = _response(exchange, body)
        if exchange.status:
            start = out.tell()
            _write(writer, response)
            written.append(_place(exchange, response, start, out.tell() - start))
        _write(writer, _request(exchange, response.id if exchange.status else ""))
    return written


def public_url(url: str) -> str:
    """Return the address without a user's name and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def media_type(headers: Sequence[tuple[str, str]]) -> str:
    """Return what the answer says its body is, without parameters."""
    said = next((value for name, value in headers if name.lower() == "content-type"), "")
    return said.partition(";")[0].strip() or "application/octet-stream"


def _write(writer: WARCWriter, record: _Record) -> None:
    block = record.head + record.payload
    headers = StatusAndHeaders("", record.headers(), protocol=VERSION)
    writer.write_record(
        ArcWarcRecord(
            "warc",
            record.type,
            headers,
            io.BytesIO(block),
            None,  # warcio would write non-ASCII HTTP headers anew; here they stand as received
            record.content_type,
            len(block),
        )
    )


def _information(software: str, made_at: datetime) -> _Record:
    fields = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    number = _id("information", fields, moment_text(made_at))
    return _Record("warcinfo", number, "", made_at, "application/warc-fields", fields)


def _response(exchange: ExchangeProof, body: bytes) -> _Record:
    headers = [(_archived(name), value) for name, value in exchange.headers]
    head = _head(f"HTTP/1.1 {exchange.status} ", headers)
    return _Record(
        "response",
        _id("response", str(exchange.id), head, exchange.body, moment_text(exchange.started_at)),
        public_url(exchange.final_url or exchange.url),
        exchange.started_at,
        "application/http; msgtype=response",
        head,
        body,
    )


def _request(exchange: ExchangeProof, beside: str) -> _Record:
    url = public_url(exchange.url)
    parts = urlsplit(url)
    headers = [("Host", parts.netloc), *map(_shown, exchange.request_headers.items())]
    head = _head(f"GET {_path(parts)} HTTP/1.1", headers)
    return _Record(
        "request",
        _id("request", str(exchange.id), head, moment_text(exchange.started_at)),
        url,
        exchange.started_at,
        "application/http; msgtype=request",
        head,
        beside=beside,
    )


def _place(exchange: ExchangeProof, record: _Record, offset: int, length: int) -> Written:
    return Written(
        exchange.id,
        record.id,
        record.url,
        record.at,
        exchange.status,
        media_type(exchange.headers),
        _digest(record.payload),
        offset,
        length,
    )


def _path(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _archived(name: str) -> str:
    return _ORIGINAL + name if name.lower() == "transfer-encoding" else name


def _shown(header: tuple[str, str]) -> tuple[str, str]:
    name, value = header
    return (name, "(withheld)") if name.lower() in _WITHHELD else (name, value)


def _head(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [first, *(f"{_line(name)}: {_line(value)}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _line(text: str) -> str:
    """Return the text without line ends: a header must not become two."""
    return text.replace("\r", " ").replace("\n", " ")


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


def _id(*parts: str | bytes) -> str:
    told = (part.hex() if isinstance(part, bytes) else part for part in parts)
    return f"<urn:uuid:{uuid5(_IDS, '|'.join(told))}>"
