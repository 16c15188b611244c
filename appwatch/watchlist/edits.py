"""One edit of one file: judged before it is written, shown as a diff, saved whole or not at all."""

import difflib
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appwatch.errors import UsageError, WatchlistError
from appwatch.watchlist.files import MAX_BYTES, Files, contents
from appwatch.watchlist.model import StoreRules, Watchlist
from appwatch.watchlist.reading import load

_MARK = "\ufeff"  # what some editors put before UTF-8


@dataclass(frozen=True, slots=True)
class Edit:
    """What a file held when it was read, and what it is to hold."""

    file: Path
    before: str
    after: str

    def diff(self) -> list[str]:
        """Return a unified diff, line by line; empty where nothing changes."""
        return list(
            difflib.unified_diff(
                self.before.splitlines(),
                self.after.splitlines(),
                f"{self.file} (now)",
                f"{self.file} (edited)",
                lineterm="",
            )
        )


def text_of(watchlist: Watchlist, file: Path) -> str:
    """Return what one of the watchlist's files held when it was read, without a byte order mark."""
    texts = dict(zip(watchlist.files, watchlist.documents, strict=True))
    return texts[file][1].removeprefix(_MARK)


def judged(
    watchlist: Watchlist, stores: Mapping[str, StoreRules], file: Path, after: str
) -> tuple[Edit, Watchlist]:
    """Return the edit of one of the watchlist's files, and the watchlist that it makes.

    Nothing is written. Raises WatchlistError with the problems that the edit would make.
    """
    texts = dict(zip(watchlist.files, watchlist.documents, strict=True))
    before = texts[file][1]
    whole = _MARK + after if before.startswith(_MARK) else after

    def source(path: Path, limit: int) -> bytes:
        return whole.encode() if path == file else contents(path, limit)

    first = watchlist.files[0]
    if file == first and len(whole.encode()) > MAX_BYTES:
        told = f"the edit would make it larger than {MAX_BYTES // 1024**2} MB; expected a long list"
        remedy = "in a CSV file that from_csv names: nothing was changed"
        raise WatchlistError([f"{file}: {told} {remedy}"])
    try:
        made = load(first, stores, Files(first, source))
    except WatchlistError as error:
        told = "the edit would make a watchlist that cannot be used; nothing was changed"
        # The lines are those of the edited text, which is nowhere to be seen.
        found = [one.replace(f"{file}:", f"{file} (edited):", 1) for one in error.problems]
        raise WatchlistError([*found, f"{file}: {told}"]) from error
    return Edit(file, before, whole), made


def save(edit: Edit) -> None:
    """Give the file its new contents at once, with its mode and owner kept.

    Where its group may not be given away it gets one that may do no more than anybody. A link
    goes on pointing where it did. Raises UsageError, with the file as it was, when somebody else
    changed it meanwhile or it cannot be written.
    """
    file = edit.file.resolve()
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        known = file.stat()
        _write(draft, edit.after.encode(), known)
        if file.read_bytes() != edit.before.encode():
            raise UsageError(f"{edit.file} was changed meanwhile; nothing was written: try again.")
        draft.replace(file)
        _settle(file.parent)
    except OSError as error:
        raise UsageError(
            f"{edit.file} cannot be written ({error.strerror}); nothing was changed: mend its"
            " folder, or edit it by hand."
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _write(draft: Path, data: bytes, known: os.stat_result) -> None:
    with draft.open("xb") as out:
        os.fchmod(out.fileno(), _own(out.fileno(), known))
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _own(handle: int, known: os.stat_result) -> int:
    """Give the open file the owner and group of the known one; return the mode it is to have.

    Raises OSError where it cannot have the owner; a group that cannot be kept has the rights that
    everybody has.
    """
    mode, made = stat.S_IMODE(known.st_mode), os.fstat(handle)
    if (made.st_uid, made.st_gid) == (known.st_uid, known.st_gid):
        return mode
    try:
        os.fchown(handle, known.st_uid, known.st_gid)
    except PermissionError:
        if made.st_uid != known.st_uid:
            raise
        return mode & ~stat.S_IRWXG & ~stat.S_ISGID | (mode & stat.S_IRWXO) << 3
    return mode


def _settle(folder: Path) -> None:
    """Let the file's new name outlast a power cut, where the folder can be read."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
