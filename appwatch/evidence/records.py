"""Reads WARC records out of a file that nobody vouches for: every size is capped."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

RECORD_CAP = 96 * 2**20  # bytes of one record, decompressed
TOTAL_CAP = 768 * 2**20  # bytes of all records, decompressed
RECORDS_CAP = 10_000
_CHUNK = 64 * 2**10
_GZIP = 31  # window bits that mean "a gzip header and trailer"
_END = b"\r\n\r\n"


class Refused(Exception):
    """Something in the bundle is not as it must be; says what."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands in the file; its length is that of its gzip member."""

    offset: int
    length: int
    headers: Mapping[str, str]
    block: bytes

    @property
    def type(self) -> str:
        """What the record holds: warcinfo, request or response."""
        return self.headers.get("warc-type", "")

    @property
    def id(self) -> str:
        """The record's own id."""
        return self.headers.get("warc-record-id", "")

    @property
    def payload(self) -> bytes:
        """The body of the HTTP message."""
        return self.block.partition(_END)[2]

    @property
    def status(self) -> int:
        """The status of the HTTP answer; 0 where there is none."""
        parts = self.block.split(b" ", 2)
        known = len(parts) > 1 and parts[0] == b"HTTP/1.1" and parts[1].isdigit()
        return int(parts[1]) if known and len(parts[1]) == 3 else 0


def read_records(file: IO[bytes]) -> Iterator[Record]:
    """Read every record, each a gzip member of its own. Raises Refused; holds one at a time."""
    offset = total = count = 0
    rest = b""
    while rest or (rest := file.read(_CHUNK)):
        data, length, rest = _member(file, rest, offset)
        total, count = total + len(data), count + 1
        if total > TOTAL_CAP or count > RECORDS_CAP:
            raise Refused("the WARC is too large when decompressed")
        yield _parsed(offset, length, data)
        offset += length


def _member(file: IO[bytes], chunk: bytes, offset: int) -> tuple[bytes, int, bytes]:
    """Return one gzip member decompressed, its length, and what was read beyond it."""
    stream = zlib.decompressobj(_GZIP)
    pieces: list[bytes] = []
    size = taken = 0
    while True:
        if not chunk:
            raise Refused(f"the WARC record at {offset} ends early")
        try:
            pieces.append(stream.decompress(chunk, RECORD_CAP + 1 - size))
        except zlib.error as error:
            raise Refused(f"the WARC record at {offset} is damaged ({error})") from error
        size += len(pieces[-1])
        taken += len(chunk)
        if size > RECORD_CAP:
            raise Refused(f"the WARC record at {offset} is too large when decompressed")
        if stream.eof:
            return b"".join(pieces), taken - len(stream.unused_data), stream.unused_data
        chunk = file.read(_CHUNK)


def _parsed(offset: int, length: int, data: bytes) -> Record:
    head, found, body = data.partition(_END)
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not found or lines[0] != "WARC/1.1" or not body.endswith(_END):
        raise Refused(f"what stands at {offset} of the WARC is no record")
    headers = dict(_header(line, offset) for line in lines[1:])
    block = body[: -len(_END)]
    if len(headers) != len(lines) - 1 or headers.get("content-length") != str(len(block)):
        raise Refused(f"the headers of the WARC record at {offset} do not fit it")
    record = Record(offset, length, headers, block)
    _check_digests(record)
    return record


def _header(line: str, offset: int) -> tuple[str, str]:
    name, colon, value = line.partition(": ")
    if not colon:
        raise Refused(f"the WARC record at {offset} has a header without a value")
    return name.lower(), value


def _check_digests(record: Record) -> None:
    """Refuse a record whose block or payload is not the one its digests were made of."""
    wanted = {"warc-block-digest": record.block}
    if record.type != "warcinfo":
        wanted["warc-payload-digest"] = record.payload
    for name, data in wanted.items():
        if record.headers.get(name) != f"sha256:{sha256(data).hexdigest()}":
            raise Refused(f"the WARC record {record.id} does not match its {name}")
