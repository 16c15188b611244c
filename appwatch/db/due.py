"""What is due, and who sweeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    func,
    insert,
    or_,
    select,
    text,
    type_coerce,
    update,
)

from appwatch.db.tables import apps, from_ms, places, sweeps, targets
from appwatch.domain.model import Place
from appwatch.domain.timing import FURTHEST

LEASE = timedelta(minutes=10)  # renewed with every batch; a dead process's sweep ends by itself
# In the words of the index on what is due: SQLite does not see that `watched = 1` is the same.
_WATCHED = text("targets.watched")


class Due(NamedTuple):
    """A target to be looked at, with what the look must know of it."""

    id: int
    app_id: str
    listing: str
    state: str
    tallies: str | None  # what speaks against the state, as the column has it
    next_look_at: datetime

    @property
    def unsettled(self) -> bool:
        """Whether something speaks against the state."""
        return self.tallies is not None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which targets a person selected; None lets everything through."""

    app: str | None = None
    store: str | None = None
    storefront: str | None = None


def due_places(connection: Connection, now: datetime, limit: int) -> list[tuple[Place, datetime]]:
    """Return the storefronts in which something is due and nobody sweeps, oldest first."""
    first = (
        select(func.min(targets.c.next_look_at))
        .where(
            _WATCHED,
            targets.c.store == places.c.store,
            targets.c.storefront == places.c.storefront,
        )
        .scalar_subquery()
    )
    oldest = (
        select(places.c.store, places.c.storefront, first.label("first"))
        .where(or_(places.c.lease_until.is_(None), places.c.lease_until <= now))
        .subquery()
    )
    query = select(oldest).where(oldest.c.first <= now).order_by(oldest.c.first).limit(limit)
    return [(Place(row.store, row.storefront), row.first) for row in connection.execute(query)]


def next_due_at(connection: Connection) -> datetime | None:
    """Return when something is due next, or None if nothing is watched."""
    query = select(func.min(targets.c.next_look_at)).where(targets.c.watched)
    return connection.execute(query).scalar()


def claim_place(connection: Connection, place: Place, owner: str, now: datetime) -> bool:
    """Take the storefront for this process; return False if another one has it."""
    free = or_(
        places.c.lease_until.is_(None), places.c.lease_until <= now, places.c.lease_owner == owner
    )
    query = (
        update(places)
        .where(places.c.store == place.store, places.c.storefront == place.storefront, free)
        .values(lease_owner=owner, lease_until=now + LEASE)
    )
    return connection.execute(query).rowcount == 1


def release_place(connection: Connection, place: Place, owner: str) -> None:
    """Give the storefront back, if this process still has it."""
    connection.execute(
        update(places)
        .where(
            places.c.store == place.store,
            places.c.storefront == place.storefront,
            places.c.lease_owner == owner,
        )
        .values(lease_owner=None, lease_until=None)
    )


def due_targets(connection: Connection, place: Place, until: datetime) -> list[Due]:
    """Return the targets of the storefront that are due by then, oldest first."""
    query = _targets().where(
        _WATCHED,
        targets.c.store == place.store,
        targets.c.storefront == place.storefront,
        targets.c.next_look_at <= until,
    )
    rows = connection.execute(query.order_by(targets.c.next_look_at, targets.c.id)).all()
    return _as_due(rows)


def selected_targets(connection: Connection, chosen: Filter) -> dict[Place, list[Due]]:
    """Return every watched target that the filter lets through, by storefront."""
    query = _targets().add_columns(targets.c.store, targets.c.storefront).where(targets.c.watched)
    if chosen.app is not None:
        query = query.where(targets.c.app_id == chosen.app)
    if chosen.store is not None:
        query = query.where(targets.c.store == chosen.store)
    if chosen.storefront is not None:
        query = query.where(targets.c.storefront == chosen.storefront)
    found: dict[Place, list[Any]] = {}
    order = (targets.c.store, targets.c.storefront, targets.c.id)
    for *row, store, storefront in connection.execute(query.order_by(*order)):
        found.setdefault(Place(store, storefront), []).append(row)
    return {place: _as_due(rows) for place, rows in found.items()}


def _as_due(rows: Sequence[Sequence[Any]]) -> list[Due]:
    """Return the rows as Due. Most are due at the same few moments, each made once."""
    moments = {ms: from_ms(ms) for ms in {row[5] for row in rows}}
    return [
        Due(number, app_id, listing, state, unsettled, moments[ms])
        for number, app_id, listing, state, unsettled, ms in rows
    ]


def _targets() -> Select[Any]:
    return select(
        targets.c.id,
        targets.c.app_id,
        targets.c.listing,
        targets.c.state,
        targets.c.tallies,
        type_coerce(targets.c.next_look_at, BigInteger),
    )


def open_sweep(
    connection: Connection, place: Place, vantage: str, now: datetime, planned: int
) -> int:
    """Begin a sweep and return its id."""
    values = {
        "store": place.store,
        "storefront": place.storefront,
        "vantage": vantage,
        "started_at": now,
        "planned": planned,
        "inconclusive": {},
    }
    result = connection.execute(insert(sweeps).values(values).returning(sweeps.c.id))
    return int(result.scalar_one())


def close_sweep(connection: Connection, sweep_id: int, now: datetime) -> None:
    """End a sweep."""
    connection.execute(update(sweeps).where(sweeps.c.id == sweep_id).values(finished_at=now))


def pull_forward(connection: Connection, now: datetime, every: timedelta) -> int:
    """Make due what lies further ahead than any round: the clock or `every` was set back."""
    too_far = or_(
        targets.c.next_look_at > now + FURTHEST * every,
        targets.c.last_looked_at > now + timedelta(minutes=1),
    )
    query = update(targets).where(targets.c.watched, targets.c.next_look_at > now, too_far)
    return connection.execute(query.values(next_look_at=now)).rowcount


def app_exists(connection: Connection, app: str) -> bool:
    """Whether an app of this id was ever watched."""
    return connection.execute(select(apps.c.id).where(apps.c.id == app)).first() is not None
