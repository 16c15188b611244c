"""What a monitoring system counts: targets, looks, changes and messages, none of it by app."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from appwatch.db.outbox import waiting
from appwatch.db.tables import changes, deliveries, targets


@dataclass(frozen=True, slots=True)
class Figures:
    """How many there are. Looks and changes count from the beginning, the rest as it stands.

    `targets`: by store and state, of what is watched. `looks` and `inconclusive`: by store.
    `changes`: by store and kind. `waiting`: messages by channel. `proved_at`: by store, when a
    look at what is watched last proved something.
    """

    targets: dict[tuple[str, str], int]
    looks: dict[str, int]
    inconclusive: dict[str, int]
    changes: dict[tuple[str, str], int]
    waiting: dict[str, int]
    proved_at: dict[str, datetime | None]


def figures(connection: Connection) -> Figures:
    """Count. Each target, change and waiting message is read once."""
    by_state = (targets.c.store, targets.c.state)
    standing = select(*by_state, func.count()).where(targets.c.watched).group_by(*by_state)
    proved = case((targets.c.watched, targets.c.last_conclusive_at))
    looked = select(
        targets.c.store,
        func.sum(targets.c.looks).label("looks"),
        func.sum(targets.c.inconclusive_looks).label("inconclusive"),
        func.max(proved, type_=targets.c.since.type).label("proved_at"),
    ).group_by(targets.c.store)
    by_kind = (changes.c.store, changes.c.kind)
    changed = select(*by_kind, func.count()).group_by(*by_kind)
    waits = (
        select(deliveries.c.channel, func.count().label("number"))
        .where(waiting(deliveries.c.status))
        .group_by(deliveries.c.channel)
    )
    stores = connection.execute(looked).all()
    return Figures(
        {(store, state): count for store, state, count in connection.execute(standing)},
        {row.store: int(row.looks) for row in stores},
        {row.store: int(row.inconclusive) for row in stores},
        {(store, kind): count for store, kind, count in connection.execute(changed)},
        {row.channel: row.number for row in connection.execute(waits)},
        {row.store: row.proved_at for row in stores},
    )
