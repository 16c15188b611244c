"""Brings apps and targets in line with the watchlist: adds, archives, never deletes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from appwatch.db import holds, instrument, pinning, versions
from appwatch.db.due import note_next_looks
from appwatch.db.standing import tallies_of, tallies_text
from appwatch.db.tables import apps, lapses, periods, places, targets
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
    connection: Connection,
    wanted: Sequence[WatchedApp],
    digest: str,
    content: str,
    now: datetime,
    files: versions.Lengths | None = None,
) -> Synced:
    """Bring apps and targets in line with the watchlist, and keep its text.

    `files` are the names and lengths of the files in `content`. What is no longer watched
    keeps its history, and a gap is noted; put back, it begins at `unknown` again. A history
    belongs to its app: a listing that moves to another one begins there anew. What is paused
    keeps its state and its period. Nothing is written when this very watchlist is in force
    already.
    """
    if versions.in_force(connection) == digest:
        return Synced(watched=sum(len(app.targets) for app in wanted if not app.paused))
    _sync_apps(connection, wanted, now)
    _sync_places(connection, {place for app in wanted for place, _ in app.targets})
    synced = _sync_targets(connection, wanted, now)
    holds.settle_all(connection, now)
    instrument.settle(connection, now)
    versions.keep(connection, digest, content, files, now)
    return synced


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


# A target by what makes it one: its app, where it is looked at, and its listing.
_Key = tuple[str, Place, str]
_Move = Callable[[Connection, int, datetime], None]


def _sync_targets(connection: Connection, wanted: Sequence[WatchedApp], now: datetime) -> Synced:
    """Add, revive, pause, resume and archive targets."""
    wants: dict[_Key, bool] = {
        (app.id, place, listing): app.paused for app in wanted for place, listing in app.targets
    }
    active = {key for key, paused in wants.items() if not paused}
    known = _known(connection)
    moves = {key: _move_of(row, wants.get(key)) for key, row in known.items()}
    # Archived first: what moves from one app to another is watched for one of them at a time.
    for move in (_archive, _pause, _resume, _revive):
        for key in [key for key, made in moves.items() if made is move]:
            move(connection, known[key].id, now)
    added = active - known.keys()
    if added:
        connection.execute(insert(targets), [_fresh(key, now) for key in sorted(added)])
    changed = added | {key for key, made in moves.items() if made is not None}
    note_next_looks(connection, {place for _, place, _ in changed})
    made = Counter(moves.values())
    return Synced(len(added) + made[_revive], made[_archive], len(active))


def _known(connection: Connection) -> dict[_Key, Any]:
    columns = (targets.c.store, targets.c.storefront, targets.c.listing, targets.c.app_id)
    query = select(*columns, targets.c.id, targets.c.watched, targets.c.paused_at)
    rows = connection.execute(query)
    return {(r.app_id, Place(r.store, r.storefront), r.listing): r for r in rows}


def _move_of(row: Row[Any], paused: bool | None) -> _Move | None:  # noqa: FBT001 - of a mapping
    """Return what becomes of a known target; `paused` is None where it is not wanted."""
    lives = row.watched or row.paused_at is not None
    if paused is None:
        return _archive if lives else None
    if paused:
        return _pause if row.watched else None
    if row.watched:
        return None
    return _resume if lives else _revive


def _fresh(key: _Key, now: datetime) -> dict[str, Any]:
    app_id, place, listing = key
    return {
        "app_id": app_id,
        "store": place.store,
        "storefront": place.storefront,
        "listing": listing,
        "state": State.UNKNOWN.value,
        "next_look_at": now,
    }


def _pause(connection: Connection, target_id: int, now: datetime) -> None:
    """Stop looking for a while: the period goes on, with a gap in which nobody looked."""
    _end_lapses(connection, target_id, now)
    gap = {"target_id": target_id, "started_at": now, "last_at": now, "looks": 0, "reasons": {}}
    connection.execute(insert(lapses).values(gap))
    blank = {"watched": False, "paused_at": now, "lapse_id": None}
    connection.execute(update(targets).where(targets.c.id == target_id).values(**blank))


def _resume(connection: Connection, target_id: int, now: datetime) -> None:
    """Look again: what was held true before the pause is held until a look says otherwise.

    What was unconfirmed stays so, but the time that its looks must span begins anew.
    """
    _end_lapses(connection, target_id, now)
    text = connection.execute(select(targets.c.tallies).where(targets.c.id == target_id)).scalar()
    tallies = tallies_text([replace(tally, anew_at=now) for tally in tallies_of(text)])
    again = {
        "tallies": tallies,
        "watched": True,
        "paused_at": None,
        "lapse_id": None,
        "next_look_at": now,
    }
    connection.execute(update(targets).where(targets.c.id == target_id).values(**again))


def _end_lapses(connection: Connection, target_id: int, now: datetime) -> None:
    ended = update(lapses).where(lapses.c.target_id == target_id, lapses.c.ended_at.is_(None))
    connection.execute(ended.values(ended_at=now))


def _archive(connection: Connection, target_id: int, now: datetime) -> None:
    """Stop looking: the period ends, and one in which nobody looked begins."""
    row = connection.execute(
        select(
            targets.c.state,
            targets.c.looks,
            targets.c.inconclusive_looks,
            targets.c.last_settled_at,
            targets.c.paused_at,
        ).where(targets.c.id == target_id)
    ).one()
    _end_lapses(connection, target_id, now)
    pinning.unpin(connection, target_id)
    blank: dict[str, Any] = {"tallies": None, "dispute": None, "lapse_id": None, "paused_at": None}
    values = blank | {"watched": False}
    connection.execute(update(targets).where(targets.c.id == target_id).values(values))
    if row.state == State.UNKNOWN.value:
        return
    counters, ended_at = (row.looks, row.inconclusive_looks), row.paused_at or now
    _end_period(connection, target_id, row.last_settled_at, ended_at, counters)
    values = {
        "target_id": target_id,
        "state": NOT_WATCHED,
        "started_earliest_at": row.last_settled_at,
        "started_at": ended_at,
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
