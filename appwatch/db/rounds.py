"""Whether a round of looks is complete, and what the last ones came to."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from appwatch.db.tables import places, sweeps, targets


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether anything was due by then, and is still."""
    query = select(places.c.store).where(places.c.next_look_at <= now)
    return connection.execute(query.limit(1)).first() is not None


def due_since(connection: Connection) -> datetime | None:
    """Return when the oldest look is, or was, due; None if nothing is watched."""
    return connection.execute(select(func.min(places.c.next_look_at))).scalar()


def proved_since(connection: Connection, moment: datetime) -> bool:
    """Whether a look since then has proved something."""
    query = select(targets.c.id).where(targets.c.watched, targets.c.last_conclusive_at >= moment)
    return connection.execute(query.limit(1)).first() is not None


def last_completed_at(connection: Connection) -> datetime | None:
    """Return when the last sweep ended that left nothing out, or None before the first."""
    whole = (sweeps.c.finished_at.is_not(None), sweeps.c.done >= sweeps.c.planned)
    query = select(func.max(sweeps.c.finished_at, type_=sweeps.c.finished_at.type))
    return connection.execute(query.where(*whole)).scalar()
