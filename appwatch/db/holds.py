"""Holds: so much missing at once that the store is doubted before the apps."""

from collections.abc import Iterator, Sequence
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
    counts with them. What was first missed before an open hold, or within one `every` after it,
    is that hold's; where too much is missing besides, a newer one takes its place.
    """
    found = open_over(connection, place)
    for scope in (place.storefront, None):
        older = next((hold for hold in found if hold.storefront == scope), None)
        since, fresh = now - every, newly
        if older is not None:
            since = max(since, older.opened_at + every)
            fresh = _first_missed_since(connection, newly, since) if since <= now else ()
            if not fresh:
                continue
        missing, available = _counts(connection, Place(place.store, scope or ""), fresh, since)
        if rule.calls_for_hold(missing, available):
            if older is not None:
                end(connection, older.id, "renewed", now)
                found.remove(older)
            hold = Hold(make_id("h", now), place.store, scope, now, missing, available)
            found.append(_open(connection, hold))
    return found


def settle(connection: Connection, place: Place, every: timedelta, now: datetime) -> None:
    """End the holds over this storefront of which nothing is missing any more.

    What was first missed later than one `every` after a hold is not of it.
    """
    for hold in open_over(connection, place):
        until = hold.opened_at + every
        # A moment that lies ahead is that of a clock that was set back: it may be of the hold.
        if not any(at < until or at > now for _, at in _missed(connection, _of(hold))):
            end(connection, hold.id, "over", now)


def settle_all(connection: Connection, now: datetime) -> None:
    """End the holds under which nothing is missing since the watchlist changed.

    What is paused is missing still.
    """
    for hold in listed(connection, ended=False):
        if not any(True for _ in _missed(connection, _within(hold))):
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
    watched = select(func.count()).where(_of(place), targets.c.state.in_(LISTED))
    available = connection.execute(watched).scalar_one()
    missing = {target_id for target_id, at in _missed(connection, _of(place)) if at >= since}
    return len(missing.union(newly)), int(available)


def _first_missed_since(
    connection: Connection, newly: Sequence[int], since: datetime
) -> Sequence[int]:
    """Return those of the targets that were not missing before."""
    known = _missed(connection, targets.c.id.in_(newly))
    return sorted(set(newly) - {target_id for target_id, at in known if at < since})


def _missed(connection: Connection, where: ColumnElement[bool]) -> Iterator[tuple[int, datetime]]:
    """Yield the targets held available that are missing, each with when it was first missed."""
    doubted = (where, targets.c.state.in_(LISTED), targets.c.tallies.is_not(None))
    query = select(targets.c.id, targets.c.tallies).where(*doubted)
    # Few are read where the first will do: a whole store may be missing.
    with connection.execute(query.execution_options(yield_per=100)) as rows:
        for target_id, text in rows:
            against = [t for t in tallies_of(text) if t.outcome is not Outcome.AVAILABLE]
            if firsts := [tally.first_at for tally in against if tally.looks]:
                yield target_id, min(firsts)


def _about(place: Place) -> ColumnElement[bool]:
    return (holds.c.store == place.store) & or_(
        holds.c.storefront == place.storefront, holds.c.storefront.is_(None)
    )


def _of(scope: Hold | Place) -> ColumnElement[bool]:
    """Return the condition for the targets of a hold, or of a storefront or store."""
    return targets.c.watched & _within(scope)


def _within(scope: Hold | Place) -> ColumnElement[bool]:
    store = targets.c.store == scope.store
    return store & (targets.c.storefront == scope.storefront) if scope.storefront else store
