"""Writes a file whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from appwatch.errors import UsageError


@contextmanager
def atomically(path: Path) -> Iterator[TextIO]:
    """Open a draft that takes the file's name only once everything is in it.

    Until then, and after any error, the file is what it was. Raises UsageError when it
    cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}); name another file, or mend its folder."
        ) from error
    finally:
        with suppress(OSError):  # its folder may not be there, its name be too long
            draft.unlink(missing_ok=True)
