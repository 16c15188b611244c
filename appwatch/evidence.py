"""Keeps bodies as they were received, each under its own SHA-256."""

import gzip
import os
import secrets
from hashlib import sha256
from pathlib import Path

from appwatch.errors import EvidenceError

_GZIP = b"\x1f\x8b"


class Evidence:
    """A folder of bodies. What is kept is never changed; the same bytes are kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, body: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex. Raises EvidenceError."""
        digest = sha256(body).hexdigest()
        path = self._path(digest)
        if not path.exists():
            try:
                self._write(path, _packed(body))
            except OSError as error:
                raise EvidenceError(
                    f"The evidence folder {self.folder} cannot be written ({error.strerror}); "
                    "free some space or mend its rights."
                ) from error
        return digest

    def read(self, digest: str) -> bytes:
        """Return the bytes kept under this SHA-256.

        Raises EvidenceError when they are missing or were changed.
        """
        try:
            stored = self._path(digest).read_bytes()
            body = gzip.decompress(stored[1:]) if stored[:1] == b"z" else stored[1:]
        except (OSError, EOFError, gzip.BadGzipFile) as error:
            raise EvidenceError(f"The evidence {digest} cannot be read ({error}).") from error
        if sha256(body).hexdigest() != digest:
            raise EvidenceError(f"The evidence {digest} was changed after it was kept.")
        return body

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _write(self, path: Path, stored: bytes) -> None:
        """Write whole or not at all, whatever else writes or dies meanwhile."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with draft.open("wb") as file:
                file.write(stored)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _packed(body: bytes) -> bytes:
    """Return what stands in the file: a mark, and the bytes, compressed unless they are."""
    return b"-" + body if body.startswith(_GZIP) else b"z" + gzip.compress(body, mtime=0)
