"""Keeps bodies as they were received, each under its own SHA-256."""

import gzip
import os
import re
import secrets
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import structlog

from appwatch.errors import EvidenceError

_PROBE = 2**20  # bytes that must find room; a batch of answers takes about that
_log = structlog.get_logger()
_GZIP = b"\x1f\x8b"
# A body, what is left of one that was being written, or of one that was being dropped.
_NAME = re.compile(r"([0-9a-f]{64})(?:\.[0-9a-f]{8}|\.dropped)?")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the folder; `used_at` is when its body was last kept."""

    path: Path
    digest: str
    used_at: datetime


class Evidence:
    """A folder of bodies. What is kept is never changed; the same bytes are kept once.

    It logs once when nothing can be kept any more, and once when something can be again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._failing = False

    def keep(self, body: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex. Raises EvidenceError."""
        digest = sha256(body).hexdigest()
        path = self._path(digest)
        try:
            if not _touched(path):
                self._write(path, _packed(body))
                self._tell(None)
        except OSError as error:
            sentence = self._cannot(error)
            self._tell(sentence)
            raise EvidenceError(sentence) from error
        return digest

    def trouble(self) -> str:
        """Return why nothing can be kept, in a sentence with its remedy; empty if it can be."""
        places = (self.folder.absolute(), *self.folder.absolute().parents)
        # `exists` of a path raises where a folder may not be searched (until Python 3.14).
        nearest = next(place for place in places if os.access(place, os.F_OK))
        try:
            with tempfile.TemporaryFile(dir=nearest) as file:
                file.write(bytes(_PROBE))
        except OSError as error:
            return self._cannot(error)
        return ""

    def read(self, digest: str) -> bytes:
        """Return the bytes kept under this SHA-256.

        Raises EvidenceError when they are missing or were changed.
        """
        try:
            stored = self._path(digest).read_bytes()
            body = gzip.decompress(stored[1:]) if stored[:1] == b"z" else stored[1:]
        except (OSError, EOFError, zlib.error) as error:
            raise EvidenceError(f"The evidence {digest} cannot be read ({error}).") from error
        if sha256(body).hexdigest() != digest:
            raise EvidenceError(f"The evidence {digest} was changed after it was kept.")
        return body

    def size(self, digest: str) -> int:
        """Return how many bytes the file of this body takes; 0 where there is none."""
        try:
            return self._path(digest).stat().st_size
        except OSError:
            return 0

    def files(self, before: datetime) -> Iterator[KeptFile]:
        """Yield the files of bodies that were last kept before then; others are none of ours."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            name = _NAME.fullmatch(path.name)
            used_at = _used_at(path) if name else None
            if name and used_at is not None and used_at < before:
                yield KeptFile(path, name[1], used_at)

    def drop(self, kept: KeptFile) -> bool:
        """Delete a file, unless its body was kept again since it was listed.

        Raises EvidenceError where the folder cannot be written.
        """
        try:
            return self._drop(kept)
        except FileNotFoundError:  # another process tidies too
            return False
        except OSError as error:
            raise EvidenceError(
                f"The evidence folder {self.folder} cannot be tidied ({error.strerror}); "
                "mend its rights."
            ) from error

    def _drop(self, kept: KeptFile) -> bool:
        whole, aside = self._path(kept.digest), self._path(f"{kept.digest}.dropped")
        if kept.path == aside and not whole.exists():
            aside.replace(whole)  # a process ended while it moved the file
            return False
        if kept.path != whole:
            kept.path.unlink()
            return True
        # Out of the way first: whoever keeps the body from now on writes it anew.
        whole.replace(aside)
        if _used_at(aside) != kept.used_at:
            aside.replace(whole)
            return False
        aside.unlink()
        return True

    def _cannot(self, error: OSError) -> str:
        return (
            f"The evidence folder {self.folder} cannot be written ({error.strerror}); "
            "free some space or mend its rights."
        )

    def _tell(self, trouble: str | None) -> None:
        """Log when it begins to fail, and when it works again."""
        if trouble and not self._failing:
            _log.error(
                "evidence is lost: no change is confirmed until it can be kept",
                action="evidence_failed",
                error=trouble,
            )
        elif self._failing and not trouble:
            _log.warning("evidence can be kept again", action="evidence_kept")
        self._failing = bool(trouble)

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _write(self, path: Path, stored: bytes) -> None:
        """Write whole or not at all, whatever else writes or dies meanwhile.

        Folders are synced as well: a file that a power cut takes leaves a change without proof.
        """
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _sync(path.parent.parent)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with draft.open("wb") as file:
                file.write(stored)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync(path.parent)
        finally:
            draft.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Have the folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _touched(path: Path) -> bool:
    """Note that the file is used now, so that it is not dropped; return False if there is none."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _used_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _packed(body: bytes) -> bytes:
    """Return what stands in the file: a mark, and the bytes, compressed unless they are."""
    return b"-" + body if body.startswith(_GZIP) else b"z" + gzip.compress(body, mtime=0)
