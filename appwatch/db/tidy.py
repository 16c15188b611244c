"""Daily housekeeping: drops what no longer means anything, and lets SQLite keep its statistics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, func, select, text, update

from appwatch.db.engine import Database
from appwatch.db.rollup import add_up
from appwatch.db.tables import exchanges, last_good, listings, rests, watchlists
from appwatch.evidence import Evidence
from appwatch.evidence.folder import KeptFile

FORGOTTEN = timedelta(days=7)  # a host that rested so long ago has no strikes any more
UNNAMED = timedelta(days=1)  # after which a file that no row names is nobody's
_DROPPED = ""  # stands where a listing's body was
_AT_ONCE = 500  # rows in one statement


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many last good listings were dropped, and how many files deleted."""

    listings: int
    files: int


def tidy(database: Database, now: datetime) -> int:
    """Return how many long finished rests were dropped. Raises DatabaseError.

    Nothing that was observed is ever dropped; sweeps of long ago are added up.
    """
    add_up(database, now)
    with database.write() as connection:
        dropped = connection.execute(delete(rests).where(rests.c.until < now - FORGOTTEN)).rowcount
        if database.is_sqlite:
            connection.execute(text("PRAGMA optimize"))
    return dropped


def tidy_evidence(database: Database, evidence: Evidence, max_bytes: int, now: datetime) -> Tidied:
    """Keep the evidence folder within bounds, and return what went. Raises DatabaseError.

    The oldest last good listings go first, until those left take at most `max_bytes` (0: no
    bound); never one that is pinned to a change or to a suspicion. Then every file goes that no
    row has named for a day. A file from before this database began may belong to another and stays.
    """
    dropped = _bound(database, evidence, max_bytes) if max_bytes else 0
    return Tidied(dropped, _sweep(database, evidence, now - UNNAMED))


def _bound(database: Database, evidence: Evidence, max_bytes: int) -> int:
    """Drop the last good listings beyond the bound; their facts stay."""
    with database.read() as connection:
        query = select(listings.c.target_id, listings.c.body).where(listings.c.body != _DROPPED)
        kept = connection.execute(query.order_by(listings.c.seen_at.desc())).all()
        needed = _needed(connection)
    # What proves a change stays, but takes its part of the bound.
    left = max_bytes - sum(evidence.size(row.body) for row in kept if row.target_id in needed)
    beyond = []
    for row in kept:
        if row.target_id in needed:
            continue
        left -= evidence.size(row.body)
        if left < 0:
            beyond.append((row.target_id, row.body))
    return sum(
        _forget(database, beyond[start : start + _AT_ONCE])
        for start in range(0, len(beyond), _AT_ONCE)
    )


def _needed(connection: Connection) -> set[int]:
    """Return the targets whose last good listing is pinned to a change, or to a suspicion."""
    same = and_(last_good.c.target_id == listings.c.target_id, last_good.c.body == listings.c.body)
    query = select(listings.c.target_id).where(exists().where(same))
    return set(connection.execute(query).scalars())


def _forget(database: Database, beyond: Sequence[tuple[int, str]]) -> int:
    """Forget these bodies, unless another was kept or a departure was seen meanwhile."""
    with database.write() as connection:
        needed = _needed(connection)
        ids = [target for target, _ in beyond if target not in needed]
        bodies = [body for _, body in beyond]
        same = and_(listings.c.target_id.in_(ids), listings.c.body.in_(bodies))
        return connection.execute(update(listings).where(same).values(body=_DROPPED)).rowcount


def _sweep(database: Database, evidence: Evidence, before: datetime) -> int:
    """Delete the files that no row names, last kept before then; return how many."""
    unnamed: dict[str, KeptFile] = {}  # by their names: the parts of a body have names of their own
    for file in evidence.files(before):
        unnamed[file.path.name] = file
    with database.read() as connection:
        began_at = connection.execute(select(func.min(watchlists.c.accepted_at))).scalar()
        for body in _named(connection):
            unnamed.pop(body, None)
    if began_at is None:
        return 0
    return sum(evidence.drop(file) for file in unnamed.values() if file.used_at >= began_at)


def _named(connection: Connection) -> Iterator[str]:
    """Yield every body that a row names."""
    for column in (exchanges.c.body, listings.c.body, last_good.c.body):
        rows = connection.execute(select(column).execution_options(yield_per=10_000))
        yield from rows.scalars()
