"""Where a round of looks begins, whether it is complete, and what the last ones came to."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from appwatch.db.due import WATCHED
from appwatch.db.tables import places, sweeps, targets
from appwatch.domain.model import Place


def begun(connection: Connection, since: datetime, now: datetime) -> dict[Place, datetime]:
    """Return where looks are due, or were made since then, and since when each of them is.

    A sweep may begin and end between two moments at which somebody asks what is due.
    """
    swept = select(sweeps.c.store, sweeps.c.storefront, sweeps.c.started_at).where(
        sweeps.c.started_at > since,
        sweeps.c.started_at <= now,
        sweeps.c.finished_at.is_not(None),
    )
    first = places.c.next_look_at
    due = select(places.c.store, places.c.storefront, first).where(first <= now)
    # The last one counts: the first of several sweeps.
    rows = [*connection.execute(due), *connection.execute(swept.order_by(sweeps.c.id.desc()))]
    return {Place(store, storefront): at for store, storefront, at in rows}


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether anything was due by then, and is still."""
    query = select(places.c.store).where(places.c.next_look_at <= now)
    return connection.execute(query.limit(1)).first() is not None


def due_since(connection: Connection) -> datetime | None:
    """Return when the oldest look is, or was, due; None if nothing is watched."""
    return connection.execute(select(func.min(places.c.next_look_at))).scalar()


def went_well(connection: Connection, looked: Mapping[Place, datetime]) -> bool:
    """Whether a look of a round proved something, or nothing of it is watched any more.

    `looked` is where the round's looks were made, and since when.
    """
    watched = select(places.c.store, places.c.storefront).where(places.c.next_look_at.is_not(None))
    asked = looked.keys() & {Place(*row) for row in connection.execute(watched)}
    return not asked or any(_is_proved(connection, place, looked[place]) for place in asked)


def _is_proved(connection: Connection, place: Place, since: datetime) -> bool:
    """Whether a look in this storefront since then has proved something."""
    query = select(targets.c.id).where(
        WATCHED,
        targets.c.store == place.store,
        targets.c.storefront == place.storefront,
        targets.c.last_conclusive_at >= since,
    )
    return connection.execute(query.limit(1)).first() is not None


def last_completed_at(connection: Connection) -> datetime | None:
    """Return when the last sweep ended that left nothing out, or None before the first."""
    whole = (sweeps.c.finished_at.is_not(None), sweeps.c.done >= sweeps.c.planned)
    query = select(func.max(sweeps.c.finished_at, type_=sweeps.c.finished_at.type))
    return connection.execute(query.where(*whole)).scalar()
