"""The layout of a bundle: a WACZ 1.1.1, its index, its pages, its hashes and its zip file."""

import base64
import errno
import io
import re
import shutil
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import IO, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from appwatch.domain.moments import moment_text
from appwatch.evidence.documents import LAST_GOOD, encode
from appwatch.evidence.warc import Written

WARC: Final = "archive/data.warc.gz"
INDEX: Final = "indexes/index.cdxj"
PAGES: Final = "pages/pages.jsonl"
PACKAGE: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
CHANGE: Final = "appwatch/change.json"
RULES: Final = "appwatch/rules.json"
SUMMARY: Final = "appwatch/summary.html"
REQUIRED: Final = frozenset({WARC, INDEX, PAGES, PACKAGE, DIGEST, CHANGE, RULES, SUMMARY})
_EXTRACT: Final = re.compile(r"appwatch/extract-[0-9]{1,18}\.json")
FILE_CAP: Final = 1024 * 2**20  # bytes of a whole bundle
# Source of the layout: PKWARE's APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16.
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
END: Final = struct.Struct("<4s4H2LH")
END_MARK: Final = b"PK\5\6"
_VERSION, _STORED, _UNIX = 20, 0, 3
_DATE: Final = 1 << 5 | 1  # 1 January 1980, the first: the same bundle is the same bytes
_MODE: Final = 0o100644 << 16
_CHUNK: Final = io.DEFAULT_BUFFER_SIZE * 8

Stamp = Callable[[bytes], bytes]


class Resource(msgspec.Struct, frozen=True):
    """One member as datapackage.json lists it."""

    name: str
    path: str
    hash: str
    bytes: int


class Package(msgspec.Struct, frozen=True):
    """datapackage.json."""

    profile: str
    wacz_version: str
    title: str
    description: str
    created: str
    software: str
    resources: list[Resource]


class PackageDigest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """datapackage-digest.json.

    `timestamp` is the answer of an RFC 3161 authority about datapackage.json, in base64, and
    `timestamp_hash` its SHA-256. It stands here because this is the one member that
    datapackage.json does not list, and a member that is not listed is no WACZ's.
    """

    path: str
    hash: str
    timestamp: str = ""
    timestamp_hash: str = ""


class IndexEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The JSON of one line of the index: numbers are strings, as CDXJ readers expect."""

    url: str
    mime: str
    status: str
    digest: str
    length: str
    offset: str
    filename: str


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of pages.jsonl."""

    id: str
    url: str
    ts: str
    title: str


def extract_name(exchange: int) -> str:
    """Return the member that an exchange's extract stands in.

    Members lie no deeper than one folder: py-wacz looks at the last two parts of a path.
    """
    return f"appwatch/extract-{exchange}.json"


def is_known(name: str) -> bool:
    """Whether a bundle may have a member of this name."""
    return name in REQUIRED or name == LAST_GOOD or _EXTRACT.fullmatch(name) is not None


def index_of(written: Iterable[Written]) -> bytes:
    """Return the index: one CDXJ line for each response, sorted."""
    return b"".join(sorted(_index_line(one) for one in written))


def pages_of(written: Iterable[Written], titles: Mapping[str, str]) -> bytes:
    """Return pages.jsonl: a header, and a line for each response."""
    header = {"format": "json-pages-1.0", "id": "pages", "title": "Answers"}
    pages = [Page(p.record, p.url, moment_text(p.at), titles.get(p.record, "")) for p in written]
    return b"".join(msgspec.json.encode(line) + b"\n" for line in (header, *pages))


def package_of(
    members: Mapping[str, IO[bytes]], title: str, description: str, software: str, made_at: datetime
) -> bytes:
    """Return datapackage.json with the size and SHA-256 of every member."""
    resources = [_resource(name, members[name]) for name in sorted(members)]
    return encode(
        Package(
            "data-package",
            "1.1.1",
            title,
            description,
            moment_text(made_at),
            software,
            resources,
        )
    )


def digest_of(package: bytes, stamp: Stamp | None) -> bytes:
    """Return datapackage-digest.json; `stamp` returns an authority's answer about the bytes."""
    named = f"sha256:{sha256(package).hexdigest()}"
    if stamp is None:
        return encode(PackageDigest(PACKAGE, named))
    answer = stamp(package)
    text = base64.b64encode(answer).decode("ascii")
    return encode(PackageDigest(PACKAGE, named, text, f"sha256:{sha256(answer).hexdigest()}"))


def pack(out: IO[bytes], members: Mapping[str, IO[bytes]]) -> None:
    """Write the members as a zip file. Raises OSError when it would be larger than FILE_CAP.

    Nothing is compressed (the records are already) and nothing varies, so that whoever has
    the members can make the very same file and compare. The standard library's zipfile may
    choose other bytes in another version, so the few fields are written here.
    """
    listed = b""
    for name in sorted(members):
        offset = out.tell()
        members[name].seek(0, io.SEEK_END)
        if offset + members[name].tell() > FILE_CAP:
            raise OSError(errno.EFBIG, "the bundle would be too large")
        fields = _fields(name, members[name])
        out.write(_LOCAL.pack(b"PK\3\4", _VERSION, *fields, 0) + name.encode())
        shutil.copyfileobj(members[name], out)
        made_by = _UNIX << 8 | _VERSION
        listed += _CENTRAL.pack(b"PK\1\2", made_by, _VERSION, *fields, 0, 0, 0, 0, _MODE, offset)
        listed += name.encode()
    count, start = len(members), out.tell()
    out.write(listed + END.pack(END_MARK, 0, 0, count, count, len(listed), start, 0))


def _fields(name: str, member: IO[bytes]) -> tuple[int, ...]:
    """Return what both headers say of the member, and leave it ready to be read."""
    member.seek(0)
    crc = size = 0
    while chunk := member.read(_CHUNK):
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
    member.seek(0)
    return (0, _STORED, 0, _DATE, crc, size, size, len(name.encode()))


def digest_stream(stream: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 in hex, and the size, of what is left to read."""
    digest, size = sha256(), 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def sort_key(url: str) -> str:
    """Return the address as an index sorts it: host parts reversed, the query sorted."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed((parts.hostname or "").removeprefix("www.").split(".")))
    port = f":{parts.port}" if parts.port else ""
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return f"{host}{port}){parts.path or '/'}" + (f"?{query}" if query else "")


def _index_line(written: Written) -> bytes:
    entry = IndexEntry(
        written.url,
        written.mime,
        str(written.status),
        written.digest,
        str(written.length),
        str(written.offset),
        WARC.rpartition("/")[2],
    )
    key = f"{sort_key(written.url)} {written.at.astimezone(UTC):%Y%m%d%H%M%S} "
    return key.encode() + msgspec.json.encode(entry) + b"\n"


def _resource(name: str, member: IO[bytes]) -> Resource:
    member.seek(0)
    digest, size = digest_stream(member)
    return Resource(name.rpartition("/")[2], name, f"sha256:{digest}", size)
