"""Holds: so much missing at once that the store is doubted before the apps."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from appwatch.db import notices, pinning
from appwatch.db.due import note_next_looks
from appwatch.db.ids import make_id
from appwatch.db.standing import forgotten_text, tallies_of
from appwatch.db.tables import holds, places, targets
from appwatch.domain.clocks import SKEW
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import Outcome, Place, State
from appwatch.errors import UsageError

LISTED = (State.AVAILABLE.value, State.NOT_INSTALLABLE.value, State.PREREGISTRATION.value)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold; `storefront` is None where it is about a whole store."""

    id: str
    store: str
    storefront: str | None
    opened_at: datetime
    missing: int
    available: int
    released_at: datetime | None = None
    released_by: str | None = None
    ended_at: datetime | None = None
    ended_how: str | None = None


def open_over(connection: Connection, place: Place) -> list[Hold]:
    """Return the open holds that are about this storefront, or about its whole store."""
    query = select(holds).where(_about(place), holds.c.ended_at.is_(None))
    return [Hold(**row) for row in connection.execute(query).mappings()]


def listed(connection: Connection, *, ended: bool = True) -> list[Hold]:
    """Return the holds, the newest first; without `ended`, the open ones only."""
    query = select(holds).order_by(holds.c.opened_at.desc())
    if not ended:
        query = query.where(holds.c.ended_at.is_(None))
    return [Hold(**row) for row in connection.execute(query).mappings()]


def keeping_back(connection: Connection) -> list[Hold]:
    """Return the open holds that no person has released, the newest first."""
    return [hold for hold in listed(connection, ended=False) if hold.released_at is None]


def withheld_by(found: Sequence[Hold], swept_at: datetime, now: datetime) -> Hold | None:
    """Return the hold that keeps changes of a sweep begun then from being confirmed, or None.

    A sweep that began after the hold, and saw its controls, may confirm them; so may any
    once a person released it, or if only a clock that was ahead dates the hold later.
    """
    opened = (hold for hold in found if hold.released_at is None)
    return next((h for h in opened if swept_at <= h.opened_at <= now + SKEW), None)


def consider(
    connection: Connection,
    place: Place,
    newly: Sequence[int],
    rule: HoldRule,
    every: timedelta,
    now: datetime,
) -> list[Hold]:
    """Open a hold if too much is missing at once; return those now open over the storefront.

    `newly` are the targets that this batch misses; what was first missed within one `every`
    counts with them.
    """
    found = open_over(connection, place)
    for scope in (place.storefront, None):
        if any(hold.storefront == scope for hold in found):
            continue
        missing, available = _counts(
            connection, Place(place.store, scope or ""), newly, now - every
        )
        if rule.calls_for_hold(missing, available):
            hold = Hold(make_id("h", now), place.store, scope, now, missing, available)
            found.append(_open(connection, hold))
    return found


def settle(connection: Connection, place: Place, now: datetime) -> None:
    """End the holds over this storefront under which nothing is missing any more."""
    for hold in open_over(connection, place):
        suspected = select(targets.c.id).where(_of(hold), targets.c.tallies.is_not(None))
        if connection.execute(suspected.limit(1)).first() is None:
            end(connection, hold.id, "over", now)


def settle_all(connection: Connection, now: datetime) -> None:
    """End the holds under which nothing is missing since the watchlist changed.

    What is paused is missing still.
    """
    for hold in listed(connection, ended=False):
        suspected = select(targets.c.id).where(_within(hold), targets.c.tallies.is_not(None))
        if connection.execute(suspected.limit(1)).first() is None:
            end(connection, hold.id, "over", now)


def release(connection: Connection, hold_id: str, by: str, now: datetime) -> Hold:
    """Let what is held be confirmed as usual.

    Raises UsageError if there is no such open hold, or it was released already.
    """
    hold = require_open(connection, hold_id)
    if hold.released_at is not None:
        raise UsageError(
            f"{hold.id} was released already, by {hold.released_by} on "
            f"{hold.released_at:%Y-%m-%d %H:%M} UTC."
        )
    query = update(holds).where(holds.c.id == hold.id)
    connection.execute(query.values(released_at=now, released_by=by))
    return hold


def drop(connection: Connection, hold_id: str, now: datetime) -> int:
    """Forget what is held: the apps count as listed until missed anew; return how many.

    Raises UsageError if there is no such open hold.
    """
    hold = require_open(connection, hold_id)
    query = select(targets.c.id, targets.c.tallies)
    dropped = connection.execute(query.where(_of(hold), targets.c.tallies.is_not(None))).all()
    for target_id, text in dropped:
        told = notices.heard_of_suspicion(connection, target_id)
        left = forgotten_text(tallies_of(text)) if told else None
        values: dict[str, Any] = {"tallies": left, "next_look_at": now}
        if not told:
            # The last answer spoke against the state: a new suspicion must not name it.
            values["last_answer"] = None
            pinning.unpin(connection, target_id)
        connection.execute(update(targets).where(targets.c.id == target_id).values(values))
    spots = select(places.c.store, places.c.storefront).where(places.c.store == hold.store)
    note_next_looks(connection, [Place(*row) for row in connection.execute(spots)])
    end(connection, hold.id, "dropped", now)
    return len(dropped)


def end(connection: Connection, hold_id: str, how: str, now: datetime) -> None:
    """End a hold."""
    query = update(holds).where(holds.c.id == hold_id)
    connection.execute(query.values(ended_at=now, ended_how=how))


def require_open(connection: Connection, hold_id: str) -> Hold:
    """Return the open hold of this id. Raises UsageError, naming the open ones."""
    opened = {hold.id: hold for hold in listed(connection, ended=False)}
    if hold_id not in opened:
        there = ", ".join(opened) or "none"
        raise UsageError(f"There is no open hold {hold_id!r}; open ones: {there}.")
    return opened[hold_id]


def _open(connection: Connection, hold: Hold) -> Hold:
    connection.execute(insert(holds).values(asdict(hold)))
    return hold


def _counts(
    connection: Connection, place: Place, newly: Sequence[int], since: datetime
) -> tuple[int, int]:
    """Return how many targets are newly missing, of how many held available."""
    where = [targets.c.watched, targets.c.store == place.store, targets.c.state.in_(LISTED)]
    if place.storefront:
        where.append(targets.c.storefront == place.storefront)
    available = connection.execute(select(func.count()).where(*where)).scalar_one()
    doubted = select(targets.c.id, targets.c.tallies).where(*where, targets.c.tallies.is_not(None))
    missing = set(newly)
    for target_id, text in connection.execute(doubted):
        tallies = [t for t in tallies_of(text) if t.looks and t.outcome is not Outcome.AVAILABLE]
        if any(tally.first_at >= since for tally in tallies):
            missing.add(target_id)
    return len(missing), int(available)


def _about(place: Place) -> ColumnElement[bool]:
    return (holds.c.store == place.store) & or_(
        holds.c.storefront == place.storefront, holds.c.storefront.is_(None)
    )


def _of(hold: Hold) -> ColumnElement[bool]:
    """Return the condition for the targets that a hold is about."""
    return targets.c.watched & _within(hold)


def _within(hold: Hold) -> ColumnElement[bool]:
    store = targets.c.store == hold.store
    return store & (targets.c.storefront == hold.storefront) if hold.storefront else store
