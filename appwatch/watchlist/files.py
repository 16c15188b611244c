"""Reads the files that make a watchlist, each once and whole, and hashes what they hold."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

MAX_BYTES = 5 * 1024 * 1024
MAX_CSV_BYTES = 50 * 1024 * 1024

Document = tuple[str, str]  # a file's name, from the watchlist's folder, and its text


class Unreadable(Exception):
    """A file cannot be read; the message is what is wrong and what was expected."""


def contents(path: Path, limit: int) -> bytes:
    """Return what the file holds, at most `limit` bytes. Raises Unreadable."""
    try:
        # Asked before opening: a pipe in the place of a file would hang what opens it.
        _refuse(path.stat())
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError as error:
        raise Unreadable("there is no such file; expected one") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unreadable(f"the file cannot be read ({why}); expected one that can") from error
    if len(data) > limit:
        raise Unreadable(f"the file is too large; expected at most {limit // 1024 // 1024} MB")
    return data


class Files:
    """The files of one watchlist, in the order they were read.

    `tried` are those that were to be read, `paths` those that could be.
    """

    def __init__(self, watchlist: Path, source: Callable[[Path, int], bytes] = contents) -> None:
        self.watchlist = watchlist
        self.paths: list[Path] = []
        self.tried: list[Path] = []
        self._source = source
        self._held: list[bytes] = []
        self._hash = hashlib.sha256()
        self._met = hashlib.sha256()

    def read(self, path: Path, limit: int) -> bytes:
        """Return the contents, at most `limit` bytes. Raises Unreadable."""
        self.tried.append(path)
        try:
            data = self._source(path, limit)
        except Unreadable as error:
            self._met.update(_part(f"\0{error}".encode()))
            raise
        self.paths.append(path)
        self._held.append(data)
        self._hash.update(_part(data))
        self._met.update(_part(data))
        return data

    def digest(self) -> str:
        """Return the SHA-256 of everything read, in hex."""
        return self._hash.hexdigest()

    def met(self) -> str:
        """Return a hash of what was met, what could not be read included."""
        return self._met.hexdigest()

    def documents(self) -> tuple[Document, ...]:
        """Return the name and the text of everything read."""
        named = zip(self.paths, self._held, strict=True)
        return tuple((self._name(path), data.decode("utf-8", "replace")) for path, data in named)

    def _name(self, path: Path) -> str:
        folder = self.watchlist.parent
        return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def kept_files(watchlist: Path, documents: Iterable[Document]) -> Files:
    """Return the files of a watchlist as they once were, the watchlist first."""
    (_, first), *more = documents
    held = {watchlist: first, **{watchlist.parent / name: text for name, text in more}}

    def source(path: Path, _limit: int) -> bytes:
        if path not in held:
            raise Unreadable("the kept copy has no such file; expected it")
        return held[path].encode()

    return Files(watchlist, source)


def met_now(paths: Sequence[Path]) -> str:
    """Return `Files.met` as it would be for these files now; cheap next to reading a watchlist."""
    files = Files(paths[0])
    for at, path in enumerate(paths):
        try:
            files.read(path, MAX_CSV_BYTES if at else MAX_BYTES)
        except Unreadable:
            continue
    return files.met()


def _part(data: bytes) -> bytes:
    # The length keeps the contents of two files apart.
    return len(data).to_bytes(8, "big") + data


def _refuse(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise Unreadable("this is a folder; expected a file")
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable("this is no file that holds text; expected one")
