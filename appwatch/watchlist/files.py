"""Reads the files that make a watchlist, each once and whole, and hashes what they hold."""

import hashlib
import os
import stat
from pathlib import Path

MAX_BYTES = 5 * 1024 * 1024
MAX_CSV_BYTES = 50 * 1024 * 1024


class Unreadable(Exception):
    """A file cannot be read; the message is what is wrong and what was expected."""


class Files:
    """The files of one watchlist, in the order they were read."""

    def __init__(self, watchlist: Path) -> None:
        self.watchlist = watchlist
        self.paths: list[Path] = []
        self._hash = hashlib.sha256()

    def read(self, path: Path, limit: int) -> bytes:
        """Return the contents, at most `limit` bytes. Raises Unreadable."""
        data = _contents(path, limit)
        self.paths.append(path)
        # The length keeps the contents of two files apart.
        self._hash.update(len(data).to_bytes(8, "big") + data)
        return data

    def digest(self) -> str:
        """Return the SHA-256 of everything read, in hex."""
        return self._hash.hexdigest()


def _contents(path: Path, limit: int) -> bytes:
    try:
        # Asked before opening: a pipe in the place of a file would hang what opens it.
        _refuse(path.stat())
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError as error:
        raise Unreadable("there is no such file; expected one: create it") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unreadable(f"the file cannot be read ({why}); expected one that can") from error
    if len(data) > limit:
        raise Unreadable(f"the file is too large; expected at most {limit // 1024 // 1024} MB")
    return data


def _refuse(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise Unreadable("this is a folder; expected a file")
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable("this is no file that holds text; expected one")
