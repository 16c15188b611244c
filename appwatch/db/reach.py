"""How far a change reaches, and how common such absences are: the context of an alert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from appwatch.db.standing import tallies_of
from appwatch.db.tables import apps, changes, glances, listings, periods, targets
from appwatch.domain.model import SUSPECTED, Observation, Outcome, Place, State
from appwatch.domain.rates import WINDOW, Rates, days_told
from appwatch.domain.scope import Sight

LOOKED_ELSEWHERE = 20  # other storefronts of an app that a suspicion looks at in the same pass
_SEEN = (*targets.c["state", "been_available", "tallies", "last_conclusive_at", "lapse_id"],)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another watched app of the same developer that changed in the window."""

    name: str
    kind: str
    storefront: str
    at: datetime


def look_elsewhere(connection: Connection, app_id: str, store: str, now: datetime) -> int:
    """Make due the app's other storefronts of this store, as many as is polite; return how many."""
    others = (
        select(targets.c.id)
        .where(
            targets.c.watched,
            targets.c.app_id == app_id,
            targets.c.store == store,
            targets.c.next_look_at > now,
            targets.c.tallies.is_(None),
        )
        .order_by(targets.c.next_look_at.desc())
        .limit(LOOKED_ELSEWHERE)
    )
    query = update(targets).where(targets.c.id.in_(others)).values(next_look_at=now)
    return connection.execute(query).rowcount


def storefronts_of(connection: Connection, store: str, listing: str) -> set[str]:
    """Return the storefronts in which this listing is watched."""
    query = select(targets.c.storefront).where(
        targets.c.watched, targets.c.store == store, targets.c.listing == listing
    )
    return set(connection.execute(query).scalars())


def sights(
    connection: Connection, app_id: str, here: Place, since: datetime, missed_at: datetime
) -> list[Sight]:
    """Return what is known of the app in the store's other storefronts.

    `since` is how old it may be, `missed_at` when the app was first missed here.
    """
    watched = select(targets.c.storefront, *_SEEN).where(
        targets.c.watched,
        targets.c.app_id == app_id,
        targets.c.store == here.store,
        targets.c.storefront != here.storefront,
    )
    found = [_sight(row, since, missed_at) for row in connection.execute(watched)]
    known = {sight.storefront for sight in found} | {here.storefront}
    return found + [
        s for s in _glanced(connection, app_id, here, since) if s.storefront not in known
    ]


def beside(
    connection: Connection, app_id: str, store: str, since: datetime, missed_at: datetime
) -> dict[str, list[Sight]]:
    """Return what is known of the app in its other stores, as in its own."""
    query = select(targets.c.store, targets.c.storefront, *_SEEN).where(
        targets.c.watched, targets.c.app_id == app_id, targets.c.store != store
    )
    found: dict[str, list[Sight]] = {}
    for row in connection.execute(query.order_by(targets.c.store)):
        found.setdefault(row.store, []).append(_sight(row, since, missed_at))
    return found


def _sight(row: Row[Any], since: datetime, missed_at: datetime) -> Sight:
    """Return what is known of a watched target.

    Its last look must be no older than `since`, or if that proved nothing, one that did no older
    than the absence.
    """
    if any(t.outcome is Outcome.NOT_FOUND and t.looks for t in tallies_of(row.tallies)):
        return Sight(row.storefront, SUSPECTED)
    seen_at = row.last_conclusive_at
    latest = since if row.lapse_id is None else max(since, missed_at)
    if seen_at is None or seen_at < latest:
        return Sight(row.storefront, State.UNKNOWN.value)
    # Put back into the watchlist it begins anew; yet it was there, and is not.
    gone = row.state == State.NEVER_SEEN.value and row.been_available
    return Sight(row.storefront, State.GONE.value if gone else row.state)


def _glanced(connection: Connection, app_id: str, here: Place, since: datetime) -> list[Sight]:
    mine = select(targets.c.listing).where(
        targets.c.watched,
        targets.c.app_id == app_id,
        targets.c.store == here.store,
        targets.c.storefront == here.storefront,
    )
    query = (
        select(glances.c.storefront, glances.c.outcome)
        .where(
            glances.c.store == here.store,
            glances.c.listing.in_(mine),
            glances.c.seen_at >= since,
            glances.c.outcome != Outcome.INCONCLUSIVE.value,
        )
        .order_by(glances.c.seen_at)
    )
    latest = {row.storefront: row.outcome for row in connection.execute(query)}
    return [Sight(code, _held(outcome)) for code, outcome in latest.items()]


def _held(outcome: str) -> str:
    """Return what one glance lets be held true: what it alone misses is not gone."""
    return State.NEVER_SEEN.value if outcome == Outcome.NOT_FOUND.value else outcome


def keep_glances(connection: Connection, store: str, seen: Sequence[Observation]) -> None:
    """Keep what was seen of a listing in storefronts that are not watched."""
    rows = [
        {
            "store": store,
            "listing": one.listing,
            "storefront": one.storefront,
            "seen_at": one.seen_at,
            "outcome": one.outcome.value,
            "reason": one.reason.value if one.reason else None,
            "rule": one.rule,
        }
        for one in seen
    ]
    if rows:
        connection.execute(insert(glances), rows)


def rates(connection: Connection, place: Place, before: datetime) -> Rates:
    """Return how many watched apps of a storefront vanished and returned in the days before.

    What is confirmed later is not among them, however much of it a sweep confirms at once.
    """
    where = (targets.c.store == place.store, targets.c.storefront == place.storefront)
    first = func.min(targets.c.first_looked_at, type_=targets.c.since.type)
    query = select(func.count(), first).where(targets.c.watched, *where)
    watched, looked_since = connection.execute(query).one()
    days = days_told(looked_since, before)
    since = before - (timedelta(days=days) or WINDOW)
    recent = (
        select(changes.c.kind, func.count(changes.c.target_id.distinct()))
        .where(
            changes.c.store == place.store,
            changes.c.storefront == place.storefront,
            changes.c.confirmed_at >= since,
            changes.c.confirmed_at < before,
            changes.c.retracted_at.is_(None),
        )
        .group_by(changes.c.kind)
    )
    counted = {kind: int(count) for kind, count in connection.execute(recent)}
    return Rates(
        days,
        int(watched),
        counted.get("disappeared", 0),
        counted.get("returned", 0),
        _absences(connection, place, since, before),
    )


def doubt_rates(connection: Connection, retracted: Row[Any]) -> None:
    """Mark the rates of later changes that counted this one: nothing is told of them any more."""
    counted = (
        changes.c.store == retracted.store,
        changes.c.storefront == retracted.storefront,
        changes.c.confirmed_at > retracted.confirmed_at,  # there is an index on it
        changes.c.after_at > retracted.confirmed_at,
        changes.c.after_at <= retracted.confirmed_at + WINDOW,
    )
    for later in connection.execute(select(changes.c.id, changes.c.context).where(*counted)).all():
        known = later.context or {}
        doubted = known | {"rates": known.get("rates", {}) | {"retracted": True}}
        mine = update(changes).where(changes.c.id == later.id)
        connection.execute(mine.values(context=doubted))


def _absences(
    connection: Connection, place: Place, since: datetime, before: datetime
) -> list[timedelta]:
    """Return how long the absences lasted that ended in between."""
    query = (
        select(periods.c.started_at, periods.c.ended_at)
        .join(targets, targets.c.id == periods.c.target_id)
        .where(
            targets.c.store == place.store,
            targets.c.storefront == place.storefront,
            periods.c.state == State.GONE.value,
            periods.c.ended_at >= since,
            periods.c.ended_at < before,
            ~periods.c.retracted,
        )
    )
    return [row.ended_at - row.started_at for row in connection.execute(query)]


def last_listing(connection: Connection, target_id: int) -> dict[str, str]:
    """Return what the listing last said of itself, or nothing."""
    found = connection.execute(
        select(listings.c.facts).where(listings.c.target_id == target_id)
    ).scalar()
    return dict(found) if found else {}


def by_developer(connection: Connection, store: str) -> dict[str, dict[str, str]]:
    """Return the watched apps of each developer in a store: their names by id."""
    developer = listings.c.facts["developer"].as_string()
    query = (
        select(developer, apps.c.id, apps.c.name)
        .join(targets, targets.c.id == listings.c.target_id)
        .join(apps, apps.c.id == targets.c.app_id)
        .where(targets.c.watched, targets.c.store == store)
        .distinct()
    )
    found: dict[str, dict[str, str]] = {}
    for name, app_id, app in connection.execute(query):
        if name:
            found.setdefault(name, {})[app_id] = app
    return found


def neighbours(
    connection: Connection, store: str, siblings: Mapping[str, str], since: datetime
) -> list[Neighbour]:
    """Return the changes of these other apps of a developer in this store since then."""
    if not siblings:
        return []
    query = (
        select(changes.c.app_id, changes.c.kind, changes.c.storefront, changes.c.confirmed_at)
        .where(
            changes.c.app_id.in_(siblings),
            changes.c.store == store,
            changes.c.confirmed_at >= since,
            changes.c.retracted_at.is_(None),
        )
        .order_by(changes.c.confirmed_at, changes.c.id)
    )
    return [
        Neighbour(siblings[row.app_id], row.kind, row.storefront, row.confirmed_at)
        for row in connection.execute(query)
    ]
