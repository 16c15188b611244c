"""Brings apps and targets in line with the watchlist: adds, archives, never deletes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from appwatch.db.due import note_next_looks
from appwatch.db.tables import apps, lapses, periods, places, targets, watchlists
from appwatch.domain.model import Place, State

NOT_WATCHED = "not_watched"  # the state of the period in which nobody looked


@dataclass(frozen=True, slots=True)
class WatchedApp:
    """An app as it is to be watched; `targets` are its listings by storefront."""

    id: str
    name: str
    tags: Sequence[str]
    reason: str
    source: str
    paused: bool
    targets: Sequence[tuple[Place, str]]


@dataclass(frozen=True, slots=True)
class Synced:
    """What a new watchlist changed, in targets."""

    added: int = 0
    removed: int = 0
    watched: int = 0


def sync(
    connection: Connection, wanted: Sequence[WatchedApp], digest: str, content: str, now: datetime
) -> Synced:
    """Bring apps and targets in line with the watchlist, and keep its text.

    What is no longer watched keeps its history, and a gap is noted; put back, it begins
    at `unknown` again. Nothing is written when this very watchlist is in force already.
    """
    if _in_force(connection) == digest:
        return Synced(watched=sum(len(app.targets) for app in wanted if not app.paused))
    _sync_apps(connection, wanted, now)
    _sync_places(connection, {place for app in wanted for place, _ in app.targets})
    synced = _sync_targets(connection, wanted, now)
    values = {"digest": digest, "accepted_at": now, "content": content}
    connection.execute(insert(watchlists).values(values))
    return synced


def _in_force(connection: Connection) -> str | None:
    query = select(watchlists.c.digest).order_by(watchlists.c.id.desc()).limit(1)
    found = connection.execute(query).scalar()
    return None if found is None else str(found)


def _sync_apps(connection: Connection, wanted: Sequence[WatchedApp], now: datetime) -> None:
    known = set(connection.execute(select(apps.c.id)).scalars())
    for app in wanted:
        values = {
            "name": app.name,
            "tags": list(app.tags),
            "reason": app.reason,
            "source": app.source,
            "paused": app.paused,
            "archived_at": None,
        }
        if app.id in known:
            connection.execute(update(apps).where(apps.c.id == app.id).values(values))
        else:
            connection.execute(insert(apps).values(id=app.id, **values))
    gone = known - {app.id for app in wanted}
    for app_id in gone:
        left = update(apps).where(apps.c.id == app_id, apps.c.archived_at.is_(None))
        connection.execute(left.values(archived_at=now))


def _sync_places(connection: Connection, wanted: Iterable[Place]) -> None:
    known = {Place(*row) for row in connection.execute(select(places.c.store, places.c.storefront))}
    fresh = [place._asdict() for place in sorted(set(wanted) - known)]
    if fresh:
        connection.execute(insert(places), fresh)


def _sync_targets(connection: Connection, wanted: Sequence[WatchedApp], now: datetime) -> Synced:
    """Add, revive and archive targets. A paused app's targets are kept, and not looked at."""
    wants = {
        (place, listing): app.id
        for app in wanted
        for place, listing in app.targets
        if not app.paused
    }
    columns = (targets.c.store, targets.c.storefront, targets.c.listing)
    rows = connection.execute(select(*columns, targets.c.id, targets.c.app_id, targets.c.watched))
    known = {(Place(r.store, r.storefront), r.listing): r for r in rows}
    added = [_fresh(key, app_id, now) for key, app_id in wants.items() if key not in known]
    if added:
        connection.execute(insert(targets), added)
    revived = [row for key, row in known.items() if key in wants and not row.watched]
    removed = [row for key, row in known.items() if key not in wants and row.watched]
    for row in revived:
        _revive(connection, row.id, now)
    for row in removed:
        _archive(connection, row.id, now)
    for key, row in known.items():
        if key in wants and row.app_id != wants[key]:
            moved = update(targets).where(targets.c.id == row.id)
            connection.execute(moved.values(app_id=wants[key]))
    fresh = {place for place, _ in wants.keys() - known.keys()}
    changed = {Place(row.store, row.storefront) for row in [*revived, *removed]}
    note_next_looks(connection, fresh | changed)
    return Synced(len(added) + len(revived), len(removed), len(wants))


def _fresh(key: tuple[Place, str], app_id: str, now: datetime) -> dict[str, Any]:
    place, listing = key
    return {
        "app_id": app_id,
        "store": place.store,
        "storefront": place.storefront,
        "listing": listing,
        "state": State.UNKNOWN.value,
        "next_look_at": now,
    }


def _archive(connection: Connection, target_id: int, now: datetime) -> None:
    """Stop looking: the period ends, and one in which nobody looked begins."""
    row = connection.execute(
        select(
            targets.c.state,
            targets.c.looks,
            targets.c.inconclusive_looks,
            targets.c.last_settled_at,
        ).where(targets.c.id == target_id)
    ).one()
    ended = update(lapses).where(lapses.c.target_id == target_id, lapses.c.ended_at.is_(None))
    connection.execute(ended.values(ended_at=now))
    blank = {"watched": False, "tallies": None, "dispute": None, "lapse_id": None}
    connection.execute(update(targets).where(targets.c.id == target_id).values(**blank))
    if row.state == State.UNKNOWN.value:
        return
    counters = (row.looks, row.inconclusive_looks)
    _end_period(connection, target_id, row.last_settled_at, now, counters)
    values = {
        "target_id": target_id,
        "state": NOT_WATCHED,
        "started_earliest_at": row.last_settled_at,
        "started_at": now,
        "looks_before": row.looks,
        "inconclusive_before": row.inconclusive_looks,
    }
    connection.execute(insert(periods).values(values))


def _revive(connection: Connection, target_id: int, now: datetime) -> None:
    """Look again: what was known before is history, and the state is unknown."""
    query = select(targets.c.looks, targets.c.inconclusive_looks).where(targets.c.id == target_id)
    looks, inconclusive = connection.execute(query).one()
    _end_period(connection, target_id, now, now, (looks, inconclusive))
    blank = {"since": None, "last_settled_at": None, "tallies": None, "first_looked_at": None}
    connection.execute(
        update(targets)
        .where(targets.c.id == target_id)
        .values(
            watched=True,
            state=State.UNKNOWN.value,
            reported=False,
            next_look_at=now,
            **blank,
        )
    )


def _end_period(
    connection: Connection,
    target_id: int,
    earliest: datetime | None,
    now: datetime,
    counters: tuple[int, int],
) -> None:
    looks, inconclusive = counters
    connection.execute(
        update(periods)
        .where(periods.c.target_id == target_id, periods.c.ended_at.is_(None))
        .values(
            ended_earliest_at=earliest,
            ended_at=now,
            looks=looks - periods.c.looks_before,
            inconclusive_looks=inconclusive - periods.c.inconclusive_before,
        )
    )
