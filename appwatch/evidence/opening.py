"""Opens a bundle that nobody vouches for: sizes and names are looked at before anything is read."""

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final

from appwatch.evidence import wacz
from appwatch.evidence.records import Refused
from appwatch.evidence.wacz import END, END_MARK, FILE_CAP

TEXT_CAP: Final = 64 * 2**20  # bytes of any member but the records
MEMBERS_CAP: Final = 2000
_DIRECTORY_CAP: Final = 2**20  # bytes of the list of members
_SPOOLED: Final = 32 * 2**20
_CHUNK: Final = io.DEFAULT_BUFFER_SIZE * 8
_DIRECTORY_SIZE: Final = 5  # the place of its size among the last fields
_ZIP64_LOCATOR: Final = 20  # bytes, right before the end
_ZIP64_MARK: Final = b"PK\6\7"
# What the standard library raises on a zip file that is none, or tells lies.
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OverflowError,
    IndexError,
    struct.error,
    zlib.error,
)


class Opened:
    """A zip file whose members have harmless names and sizes; nothing in it is trusted yet."""

    def __init__(self, file: IO[bytes], archive: zipfile.ZipFile) -> None:
        self.file = file
        self.names = tuple(archive.namelist())
        self._archive = archive

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Give the member to read. Raises Refused when it is missing or damaged."""
        if name not in self.names:
            raise Refused(f"{name} is missing")
        try:
            with self._archive.open(name) as member:
                yield member
        except _UNREADABLE as error:
            raise Refused(f"{name} is damaged ({_first_line(error)})") from error

    def read(self, name: str) -> bytes:
        """Return the whole member, which must not be the records. Raises Refused."""
        with self.stream(name) as member:
            return member.read(TEXT_CAP)

    def is_as_written(self) -> bool:
        """Whether the file holds its members as a bundle is written, and not a byte besides.

        Raises Refused when a member is damaged.
        """
        with ExitStack() as stack, tempfile.SpooledTemporaryFile(_SPOOLED) as again:
            try:
                members = {n: stack.enter_context(self._archive.open(n)) for n in self.names}
                wacz.pack(again, members)
            except _UNREADABLE as error:
                raise Refused(f"a member is damaged ({_first_line(error)})") from error
            return _same(self.file, again)


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Give the bundle at this path. Raises Refused, or OSError when it cannot be read."""
    with path.open("rb") as file:
        _look_at_the_end(file)
        try:
            archive = zipfile.ZipFile(file)
        except _UNREADABLE as error:
            raise Refused(f"this is no whole zip file ({_first_line(error)})") from error
        with archive:
            _look_at_members(archive.infolist())
            yield Opened(file, archive)


def _look_at_the_end(file: IO[bytes]) -> None:
    """Refuse a file that is too large, or whose list of members is, before reading the list."""
    size = file.seek(0, io.SEEK_END)
    if size > FILE_CAP:
        raise Refused(f"the file is larger than any bundle ({size} bytes)")
    file.seek(max(size - END.size - _ZIP64_LOCATOR, 0))
    tail = file.read()
    before, end = tail[: -END.size], tail[-END.size :]
    if len(end) != END.size or not end.startswith(END_MARK):
        raise Refused("this is no whole zip file, or something was put behind it")
    if before.startswith(_ZIP64_MARK) or END.unpack(end)[_DIRECTORY_SIZE] > _DIRECTORY_CAP:
        raise Refused("the zip file lists more members than any bundle has")


def _look_at_members(listed: Sequence[zipfile.ZipInfo]) -> None:
    if len(listed) > MEMBERS_CAP:
        raise Refused(f"there are {len(listed)} members, more than any bundle has")
    names = [one.filename for one in listed]
    faults = [fault for fault in map(_fault, listed) if fault]
    faults += [f"{name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        raise Refused("; ".join(faults[:10]))
    if sum(one.file_size for one in listed) > FILE_CAP:
        raise Refused("the members are larger than the file")


def _fault(member: zipfile.ZipInfo) -> str:
    """Return why a bundle has no such member, or an empty string."""
    name = member.orig_filename
    shown = ascii(name[:100])
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return f"{shown} is an absolute path"
    if ".." in name.replace("\\", "/").split("/"):
        return f"{shown} climbs out of its folder"
    if not wacz.is_known(name) or name != member.filename:
        return f"{shown} is no member of a bundle"
    if member.flag_bits & 1:
        return f"{shown} is encrypted"
    if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
        return f"{shown} is compressed, which no member of a bundle is"
    if member.file_size > (FILE_CAP if name == wacz.WARC else TEXT_CAP):
        return f"{shown} is too large ({member.file_size} bytes)"
    return ""


def _same(one: IO[bytes], other: IO[bytes]) -> bool:
    one.seek(0)
    other.seek(0)
    while True:
        chunk = one.read(_CHUNK)
        if chunk != other.read(len(chunk) or 1):
            return False
        if not chunk:
            return True


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return ascii(lines[0][:100]) if lines else type(error).__name__
