"""Pins a listing as it was to the change that ended it, so that no newer one replaces it there."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from appwatch.db.tables import last_good, listings, targets

_KEPT = (listings.c.facts, listings.c.seen_at, listings.c.body, listings.c.answer)


def pin(connection: Connection, row: Row[Any]) -> None:
    """Keep the target's last good listing as it is now, for the change that is suspected.

    `row` is the target as it was before the look that speaks against its state.
    """
    unpin(connection, row.id)
    _write(connection, row, change=None)


def unpin(connection: Connection, target_id: int) -> None:
    """Let go of what was kept for a suspicion that led to no departure."""
    mine = (last_good.c.target_id == target_id) & last_good.c.change_id.is_(None)
    connection.execute(delete(last_good).where(mine))


def attach(connection: Connection, row: Row[Any], change: str) -> None:
    """Give what was pinned at the suspicion to the change, for good; pin now what was not."""
    mine = (last_good.c.target_id == row.id) & last_good.c.change_id.is_(None)
    pinned = connection.execute(update(last_good).where(mine).values(change_id=change))
    if not pinned.rowcount:
        _write(connection, row, change)


def answer_before(connection: Connection, change: str) -> bytes | None:
    """Return the SHA-256 of the answer in which it was last seen before the change, if known."""
    query = select(last_good.c.last_answer).where(last_good.c.change_id == change)
    answer = connection.execute(query).scalar()
    return bytes.fromhex(answer) if answer else None


def _write(connection: Connection, row: Row[Any], change: str | None) -> None:
    # The look before this one held the state, unless something spoke against it already.
    answer = row.last_answer.hex() if row.last_answer and not row.tallies else None
    kept = targets.outerjoin(listings, listings.c.target_id == targets.c.id)
    found = select(*_KEPT).select_from(kept).where(targets.c.id == row.id)
    listing = connection.execute(found).mappings().one()
    values = {**listing, "target_id": row.id, "change_id": change, "last_answer": answer}
    connection.execute(insert(last_good).values(values))
