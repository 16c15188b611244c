"""The watchlists that were put into force, each with its text: the last of them is in force."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from appwatch.db.tables import targets, watchlists

Lengths = Sequence[tuple[str, int]]  # a file's name, and how many characters it has
_UNNAMED = "watchlist.yaml"  # what a version was read from before names were kept


@dataclass(frozen=True, slots=True)
class Version:
    """A watchlist that was put into force; `files` are names and texts, the watchlist first."""

    number: int
    digest: str
    accepted_at: datetime
    files: tuple[tuple[str, str], ...]


def keep(
    connection: Connection, digest: str, content: str, files: Lengths | None, now: datetime
) -> None:
    """Keep a watchlist that is put into force now."""
    named = None if files is None else [list(one) for one in files]
    values = {"digest": digest, "accepted_at": now, "content": content, "files": named}
    connection.execute(insert(watchlists).values(values))


def in_force(connection: Connection) -> str | None:
    """Return the digest of the watchlist in force, or None before the first."""
    query = select(watchlists.c.digest).order_by(watchlists.c.id.desc()).limit(1)
    found = connection.execute(query).scalar()
    return None if found is None else str(found)


def newest_first(connection: Connection, number: int | None = None) -> Iterator[Version]:
    """Yield every watchlist that was ever put into force, one text at a time.

    The one in force comes first; with a number, the one of that number.
    """
    query = select(watchlists.c.id).order_by(watchlists.c.id.desc())
    for known in connection.execute(query).scalars().all():
        if number is not None and known > number:
            continue
        yield _version(connection.execute(select(watchlists).where(watchlists.c.id == known)).one())


def watched(connection: Connection) -> set[tuple[str, str, str, str]]:
    """Return (app, store, storefront, listing) of every target that is looked at, or paused."""
    columns = (targets.c.app_id, targets.c.store, targets.c.storefront, targets.c.listing)
    lives = or_(targets.c.watched, targets.c.paused_at.is_not(None))
    rows = connection.execute(select(*columns).where(lives))
    return {(row.app_id, row.store, row.storefront, row.listing) for row in rows}


def _version(row: Row[Any]) -> Version:
    lengths = row.files or [[_UNNAMED, len(row.content)]]
    files: list[tuple[str, str]] = []
    start = 0
    for name, length in lengths:
        files.append((name, row.content[start : start + length]))
        start += length + 1
    return Version(row.id, row.digest, row.accepted_at, tuple(files))
