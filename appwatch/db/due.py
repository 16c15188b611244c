"""What is due, and who sweeps it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    type_coerce,
    update,
)

from appwatch.db.tables import Moment, from_ms, places, sweeps, targets
from appwatch.domain.model import Place
from appwatch.domain.timing import FURTHEST

LEASE = timedelta(minutes=2)  # renewed while a sweep lasts; a dead process's ends by itself
# In the words of the index on what is due: SQLite does not see that `watched = 1` is the same.
WATCHED = text("targets.watched")
_DUE_AT = itemgetter(5)  # where the columns of a Due have its next look


class Due(msgspec.Struct, frozen=True, gc=False):
    """A target to be looked at, with what the look must know of it.

    A struct, like what is made of it: the cheapest of values, as one is made for every look.
    """

    id: int
    app_id: str
    listing: str
    state: str
    tallies: str | None  # what speaks against the state, as the column has it
    next_look_at: datetime
    facts_hash: int | None = None  # of the facts in its kept listing

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
    """Return the storefronts in which something is due and nobody sweeps, oldest first.

    Where nothing is due after all, `release_place` finds out when something is.
    """
    first = places.c.next_look_at
    query = select(places.c.store, places.c.storefront, first).where(_free(now), first <= now)
    rows = connection.execute(query.order_by(first).limit(limit))
    return [(Place(store, storefront), at) for store, storefront, at in rows]


def next_due_at(connection: Connection) -> datetime | None:
    """Return when something is due next, or None if nothing is watched."""
    query = select(func.min(targets.c.next_look_at)).where(targets.c.watched)
    return connection.execute(query).scalar()


def claim_place(connection: Connection, place: Place, owner: str, now: datetime) -> bool:
    """Take the storefront for this process; return False if somebody has it."""
    values = {"lease_owner": owner, "lease_until": now + LEASE}
    query = update(places).where(_is(place), _free(now)).values(values)
    return connection.execute(query).rowcount == 1


def renew_place(connection: Connection, place: Place, owner: str, now: datetime) -> None:
    """Keep the storefront for a lease from now on, if this process still has it."""
    mine = update(places).where(_is(place), places.c.lease_owner == owner)
    connection.execute(mine.values(lease_until=now + LEASE))


def _free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds a storefront, or only by a clock that was ahead."""
    until = places.c.lease_until
    return or_(until.is_(None), until <= now, until > now + 2 * LEASE)


def release_place(connection: Connection, place: Place, owner: str) -> None:
    """Give the storefront back, if this process still has it, and note when it is due next."""
    mine = update(places).where(_is(place), places.c.lease_owner == owner)
    released = connection.execute(mine.values(lease_owner=None, lease_until=None))
    if released.rowcount == 1:
        note_next_looks(connection, [place])


def release_all(connection: Connection, owner: str) -> None:
    """Give back every storefront that this process still has, when it ends."""
    mine = update(places).where(places.c.lease_owner == owner)
    connection.execute(mine.values(lease_owner=None, lease_until=None))


def wake(connection: Connection, place: Place, at: datetime) -> None:
    """Have the storefront swept by then: for whoever makes a target due, once that is written."""
    bound = {"in_store": place.store, "in_storefront": place.storefront, "at": at}
    connection.execute(_WAKE, bound)


def note_next_looks(connection: Connection, of: Collection[Place]) -> None:
    """Note when something is due next in these storefronts, exactly.

    Each is locked before its targets are read: another transaction that makes one of them due
    sooner has told the storefront already, or tells it after this one.
    """
    first = select(func.min(targets.c.next_look_at)).where(
        WATCHED,
        targets.c.store == places.c.store,
        targets.c.storefront == places.c.storefront,
    )
    for place in sorted(of):
        connection.execute(select(places.c.store).where(_is(place)).with_for_update())
        noted = update(places).where(_is(place)).values(next_look_at=first.scalar_subquery())
        connection.execute(noted)


def places_of(connection: Connection, of: Collection[str]) -> list[Place]:
    """Return the storefronts in which these apps are watched."""
    query = select(targets.c.store, targets.c.storefront).distinct()
    rows = connection.execute(query.where(targets.c.app_id.in_(of), targets.c.watched))
    return [Place(*row) for row in rows]


_WAKE = (
    update(places)
    .where(
        places.c.store == bindparam("in_store"),
        places.c.storefront == bindparam("in_storefront"),
        or_(places.c.next_look_at.is_(None), places.c.next_look_at > bindparam("at", type_=Moment)),
    )
    .values(next_look_at=bindparam("at", type_=Moment))
)


def _is(place: Place) -> ColumnElement[bool]:
    return (places.c.store == place.store) & (places.c.storefront == place.storefront)


def due_targets(connection: Connection, place: Place, until: datetime) -> list[Due]:
    """Return the targets of the storefront that are due by then, oldest first."""
    query = _targets().where(
        WATCHED,
        targets.c.store == place.store,
        targets.c.storefront == place.storefront,
        targets.c.next_look_at <= until,
    )
    # Sorted here: nearly all of them are due at one moment, and the database would copy them.
    rows = connection.execute(query.order_by(targets.c.id)).all()
    return _as_due(sorted(rows, key=_DUE_AT))


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
    moments = {ms: from_ms(ms) for ms in set(map(_DUE_AT, rows))}
    return [
        Due(number, app_id, listing, state, tallies, moments[ms], facts_hash)
        for number, app_id, listing, state, tallies, ms, facts_hash in rows
    ]


def _targets() -> Select[Any]:
    return select(
        targets.c.id,
        targets.c.app_id,
        targets.c.listing,
        targets.c.state,
        targets.c.tallies,
        type_coerce(targets.c.next_look_at, BigInteger),
        targets.c.facts_hash,
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
    pulled = connection.execute(query.values(next_look_at=now)).rowcount
    known = connection.execute(select(places.c.store, places.c.storefront))
    note_next_looks(connection, [Place(*row) for row in known])
    return pulled
