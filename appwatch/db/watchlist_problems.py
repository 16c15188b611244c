"""What is wrong with the watchlist in the folder while another one stays in force.

One problem is open at a time: it begins when the files are first refused, keeps its beginning
while they are refused for other reasons, and ends with the first good ones.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from appwatch.db.rows import value_of
from appwatch.db.tables import watchlist_problems as problems


class Kind(StrEnum):
    """Why the watchlist in the folder is not in force."""

    REJECTED = "rejected"  # it cannot be read or used
    WAITING = "waiting"  # it drops so much that a person must accept it


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: `text` has a line for each thing that is wrong, `digest` is of what waits."""

    number: int
    kind: Kind
    digest: str | None
    since: datetime
    ended_at: datetime | None
    text: str


def note(connection: Connection, kind: Kind, digest: str | None, text: str, now: datetime) -> bool:
    """Note what is wrong now; return whether that began with it, or was known."""
    known = open_problem(connection)
    if known is not None and known.kind is kind:
        values = {"text": text, "digest": digest}
        connection.execute(update(problems).where(problems.c.id == known.number).values(values))
        return False
    end(connection, now)
    begun = {"kind": kind.value, "digest": digest, "since": now, "text": text}
    connection.execute(insert(problems).values(begun))
    return True


def end(connection: Connection, now: datetime) -> bool:
    """End the open problem; return whether there was one."""
    ended = update(problems).where(problems.c.ended_at.is_(None)).values(ended_at=now)
    return connection.execute(ended).rowcount > 0


def open_problem(connection: Connection) -> Problem | None:
    """Return what is wrong with the watchlist now, or None."""
    query = select(problems).where(problems.c.ended_at.is_(None)).order_by(problems.c.id.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    return value_of(Problem, row, number=row.id, kind=Kind(row.kind))
