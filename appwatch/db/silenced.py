"""What happened inside a silence: kept back, and told at its end if it still holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select

from appwatch.db import notices, reminders, silences, telling
from appwatch.db.notices import DISPUTED, SUSPECTED, Notice
from appwatch.db.rows import topic_of
from appwatch.db.tables import apps, changes, silenced, targets
from appwatch.db.tables import notices as notice_rows
from appwatch.domain.routing import Route, Silenced, SilenceScope, silenced_by, still_holds


def tell_or_keep(
    connection: Connection,
    change: Mapping[str, Any],
    routing: tuple[Sequence[Route], Sequence[SilenceScope]],
    now: datetime,
    heard: Sequence[str] = (),
) -> None:
    """Queue a change by the routes, or keep it back where one of the silences covers it.

    `change` is by the names of its columns; `heard` are the channels that heard it suspected.
    """
    routes, scopes = routing
    target_id = change["target_id"]
    if silenced_by(scopes, topic_of(change)):
        _keep(connection, target_id, now, heard, change_id=change["id"])
        return
    # What an ended silence kept back is older, and told before it; this settles every doubt.
    kept = _kept(connection, target_id)
    _release_changes(connection, kept, change["from_state"], routes, now)
    connection.execute(delete(silenced).where(silenced.c.target_id == target_id))
    telling.tell(connection, change, routes, now, heard)


def tell_or_keep_notice(
    connection: Connection,
    notice: Notice,
    to: Sequence[Route],
    routing: tuple[Sequence[Route], Sequence[SilenceScope]],
    now: datetime,
) -> None:
    """Queue a notice for the channels `to`, or keep it back where one of the silences covers it.

    Only a doubt is kept back: what takes back what was told is told at once.
    """
    if notice.target_id is None or notice.kind not in (SUSPECTED, DISPUTED):
        notices.tell(connection, notice, to, now)
        return
    routes, scopes = routing
    if silenced_by(scopes, topic_of(_target(connection, notice.target_id))):
        heard = [route.channel for route in to]
        _keep(connection, notice.target_id, now, heard, notice_id=notice.id)
        return
    # What an ended silence kept back is older, and told before it; of one kind the last will do.
    _release(connection, _kept(connection, notice.target_id), routes, now, but=notice.kind)
    notices.tell(connection, notice, to, now)


def has_ended(connection: Connection, now: datetime) -> bool:
    """Whether anything is kept back that no silence covers any more."""
    return bool(_uncovered(connection, now))


def release(connection: Connection, routes: Sequence[Route], now: datetime) -> int:
    """Queue what still holds of targets that no silence covers any more; return how much."""
    found = _uncovered(connection, now).values()
    return sum(_release(connection, kept, routes, now) for kept in found)


def _keep(
    connection: Connection,
    target_id: int,
    now: datetime,
    heard: Sequence[str],
    **what: str,
) -> None:
    """Keep back a change (`change_id`) or a notice (`notice_id`) of a target.

    `heard` are the channels that are told whatever their filters say.
    """
    values = {"target_id": target_id, "at": now, "heard": list(heard), **what}
    connection.execute(insert(silenced).values(values))


def _kept(connection: Connection, target_id: int) -> Sequence[Row[Any]]:
    """Return what is kept back of a target, in its order: the clock may have been set back."""
    query = select(silenced).where(silenced.c.target_id == target_id)
    return connection.execute(query.order_by(silenced.c.id)).all()


def _uncovered(connection: Connection, now: datetime) -> dict[int, list[Row[Any]]]:
    """Return what is kept back of each target that no silence covers any more, in its order."""
    kept: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(select(silenced).order_by(silenced.c.id)):
        kept.setdefault(row.target_id, []).append(row)
    scopes = silences.active(connection, now) if kept else []
    return {
        target_id: rows
        for target_id, rows in kept.items()
        if not silenced_by(scopes, topic_of(_target(connection, target_id)))
    }


def _target(connection: Connection, target_id: int) -> Row[Any]:
    columns = (
        targets.c.app_id,
        targets.c.store,
        targets.c.storefront,
        targets.c.state,
        targets.c.tallies,
        targets.c.dispute,
        apps.c.tags,
    )
    query: Select[Any] = select(*columns).join(apps, apps.c.id == targets.c.app_id)
    return connection.execute(query.where(targets.c.id == target_id)).one()


def _release(
    connection: Connection,
    kept: Sequence[Row[Any]],
    routes: Sequence[Route],
    now: datetime,
    but: str = "",
) -> int:
    """Queue what still holds of what is kept back of one target, but no notice of this kind."""
    if not kept:
        return 0
    target = _target(connection, kept[0].target_id)
    told = _release_changes(connection, kept, target.state, routes, now)
    told += _release_notices(connection, kept, target, routes, now, but)
    connection.execute(delete(silenced).where(silenced.c.target_id == kept[0].target_id))
    return told


def _release_changes(
    connection: Connection,
    kept: Sequence[Row[Any]],
    state: str,
    routes: Sequence[Route],
    now: datetime,
) -> int:
    """Queue the change that holds; whoever heard of a suspicion hears of all that followed."""
    heard = sorted({channel for row in kept if row.change_id for channel in row.heard})
    ids = [row.change_id for row in kept if row.change_id]
    query = select(changes).where(changes.c.id.in_(ids))
    found = {row["id"]: dict(row) for row in connection.execute(query).mappings()}
    ordered = [found[change_id] for change_id in ids]
    holds = still_holds(
        [
            Silenced(c["id"], c["from_state"], c["to_state"], c["retracted_at"] is not None)
            for c in ordered
        ],
        state,
    )
    promised = notices.routes_of(routes, heard)
    for change in ordered:
        to = routes if holds is not None and change["id"] == holds.id else promised
        telling.tell(connection, change, to, now, heard)
    if holds is None:
        standing = [change for change in ordered if change["retracted_at"] is None]
        reminders.carry_over(connection, standing)
    return int(holds is not None)


def _release_notices(
    connection: Connection,
    kept: Sequence[Row[Any]],
    target: Row[Any],
    routes: Sequence[Route],
    now: datetime,
    but: str,
) -> int:
    """Queue the latest suspicion and the latest dispute, if the target is still in such doubt.

    What came before a change was settled by it: what is in doubt now is something else.
    """
    last = max((row.id for row in kept if row.change_id), default=0)
    heard = {row.notice_id: row.heard for row in kept if row.notice_id and row.id > last}
    query = select(notice_rows).where(notice_rows.c.id.in_(list(heard)))
    found = {row.id: row for row in connection.execute(query)}
    latest = {found[notice_id].kind: notice_id for notice_id in heard}
    doubted = {SUSPECTED: target.tallies is not None, DISPUTED: target.dispute is not None}
    holds = {latest.get(kind) for kind, doubt in doubted.items() if doubt and kind != but}
    told = [notice_id for notice_id in heard if notice_id in holds]
    for notice_id in told:
        to = notices.routes_of(routes, heard[notice_id])
        notices.tell(connection, notices.notice_row(found[notice_id]), to, now)
    return len(told)
