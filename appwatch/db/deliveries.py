"""What the outbox holds: deliveries, attempts to send them, the changes and notices they tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)

from appwatch.db.outbox import LOST_WORDS, Status, waiting
from appwatch.db.tables import (
    attempts,
    changes,
    deliveries,
    delivery_changes,
    delivery_notices,
    holds,
    incidents,
)
from appwatch.errors import UsageError

_LONGEST_NUMBER = 18  # digits that every database can compare


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An attempt as the log has it, with the text that was sent; None where that is unknown."""

    delivery: int
    channel: str
    at: datetime
    result: str
    words: str
    title: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as its own row has it: what a message is made from.

    `context` is JSON: `scope`, `reach`, `rates`, `neighbours`, `updated`, `looks_in_vain`; any may
    be missing.
    `hold` is the hold that its incident came out of; `overtaken`: its target has changed again
    since. Only `with_holds` reads these.
    """

    id: str
    incident: str
    app: str
    name: str
    store: str
    listing: str
    storefront: str
    kind: str
    from_state: str
    to_state: str
    before_at: datetime
    after_at: datetime
    confirmed_at: datetime
    looks: int
    rules: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    missed_rounds: int = 0
    scope: str | None = None
    waived: bool = False
    context: Mapping[str, Any] | None = field(default=None, hash=False)  # Any: JSON
    retracted_at: datetime | None = None
    hold: str | None = None
    hold_released_at: datetime | None = None
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as listings show it; `changes` and `notices` are ids."""

    id: int
    channel: str
    subject: str
    status: str
    created_at: datetime
    settled_at: datetime | None
    attempts: int
    possible_repeat: bool
    changes: tuple[str, ...]
    last_words: str | None
    notices: tuple[str, ...] = ()
    gathered_into: int | None = None


def changes_of(connection: Connection, delivery_id: int) -> list[ChangeRow]:
    """Return the changes that a delivery tells of, oldest first."""
    query = (
        with_holds()
        .join(delivery_changes, delivery_changes.c.change_id == changes.c.id)
        .where(delivery_changes.c.delivery_id == delivery_id)
    )
    return [change_and_hold(row) for row in connection.execute(query)]


def with_holds() -> Select[Any]:
    """Return the query for changes with what is known beside their rows, oldest first."""
    beside = (holds.c.id.label("hold"), holds.c.released_at.label("hold_released_at"))
    return (
        select(changes, *beside, overtaken().label("overtaken"))
        .join(incidents, incidents.c.id == changes.c.incident_id)
        .outerjoin(holds, holds.c.id == incidents.c.hold_id)
        .order_by(changes.c.confirmed_at, changes.c.id)
    )


def overtaken() -> ColumnElement[bool]:
    """Return whether the target of a change has changed again since."""
    later = changes.alias("later")
    return exists().where(
        later.c.app_id == changes.c.app_id,  # there is an index on it
        later.c.target_id == changes.c.target_id,
        later.c.confirmed_at > changes.c.confirmed_at,
        later.c.retracted_at.is_(None),
    )


def change_and_hold(row: Row[Any]) -> ChangeRow:
    """Return a row of `with_holds` as messages need it."""
    return replace(
        change_row(row),
        hold=row.hold,
        hold_released_at=row.hold_released_at,
        overtaken=row.overtaken,
    )


def change_row(row: Row[Any]) -> ChangeRow:
    """Return a row of the changes as messages need it."""
    return ChangeRow(
        row.id,
        row.incident_id,
        row.app_id,
        row.name,
        row.store,
        row.listing,
        row.storefront,
        row.kind,
        row.from_state,
        row.to_state,
        row.before_at,
        row.after_at,
        row.confirmed_at,
        row.looks,
        tuple(row.rules),
        tuple(row.surfaces),
        row.missed_rounds,
        row.scope,
        row.waived,
        row.context,
        row.retracted_at,
    )


def attempts_of(connection: Connection, delivery_ids: Sequence[int]) -> list[PastAttempt]:
    """Return every attempt to send these deliveries, oldest first."""
    query = (
        select(attempts, deliveries.c.channel)
        .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
        .where(attempts.c.delivery_id.in_(delivery_ids))
        .order_by(attempts.c.id)
    )
    found: list[PastAttempt] = []
    texts: dict[int, tuple[str | None, str | None]] = {}
    for row in connection.execute(query):
        lost = row.words == LOST_WORDS
        if row.body is not None:
            texts[row.delivery_id] = (row.title, row.body) if row.body else (None, None)
        text = (None, None) if lost else texts.get(row.delivery_id, (None, None))
        found.append(
            PastAttempt(row.delivery_id, row.channel, row.at, row.result, row.words, *text)
        )
    return found


def count_waiting(connection: Connection) -> int:
    """Return how many deliveries are not settled."""
    return connection.execute(select(func.count()).where(waiting(deliveries.c.status))).scalar_one()


def oldest_waiting(connection: Connection) -> datetime | None:
    """Return since when the oldest unsettled delivery could have been sent, None without one.

    That is its first attempt, or, before any, the moment it is queued for (a digest's hour).
    """
    since = func.coalesce(deliveries.c.first_tried_at, deliveries.c.not_before)
    found: datetime | None = connection.execute(
        select(func.min(since, type_=deliveries.c.not_before.type)).where(
            waiting(deliveries.c.status)
        )
    ).scalar()
    return found


def require(connection: Connection, told: str) -> DeliveryRow:
    """Return the delivery of this number, or the newest that tells this change or notice.

    One that was sent or tried goes before one that only waits. Raises UsageError where there is
    none.
    """
    number = int(told) if told.isdecimal() and len(told) < _LONGEST_NUMBER else None
    tells = or_(
        deliveries.c.id.in_(
            select(delivery_changes.c.delivery_id).where(delivery_changes.c.change_id == told)
        ),
        deliveries.c.id.in_(
            select(delivery_notices.c.delivery_id).where(delivery_notices.c.notice_id == told)
        ),
    )
    stands = deliveries.c.status != Status.WITHDRAWN.value
    query = select(deliveries.c.id).where(or_(deliveries.c.id == number, and_(tells, stands)))
    newest = query.order_by(deliveries.c.first_tried_at.is_(None), deliveries.c.id.desc())
    found = connection.execute(newest.limit(1)).scalar()
    if found is None:
        raise UsageError(
            f"No message has the id {told!r} or tells it; see: appwatch alerts deliveries"
        )
    return _rows(connection, select(deliveries).where(deliveries.c.id == found))[0]


def listing(
    connection: Connection,
    *,
    channel: str | None = None,
    status: str | None = None,
    since: datetime | None = None,
    limit: int = 200,
) -> list[DeliveryRow]:
    """Return deliveries, newest first, with the ids of their changes and the last words."""
    wanted: list[ColumnElement[bool]] = []
    if channel is not None:
        wanted.append(deliveries.c.channel == channel)
    if status is not None:
        wanted.append(deliveries.c.status == status)
    if since is not None:
        wanted.append(deliveries.c.created_at >= since)
    query = select(deliveries).where(*wanted).limit(limit)
    ordered = query.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
    return _rows(connection, ordered)


def _rows(connection: Connection, query: Select[Any]) -> list[DeliveryRow]:
    rows = list(connection.execute(query))
    ids = [row.id for row in rows]
    told = _told(connection, delivery_changes.c.change_id, ids)
    noticed = _told(connection, delivery_notices.c.notice_id, ids)
    words = _last_words(connection, ids)
    return [
        _delivery_row(row, told.get(row.id, ()), words.get(row.id), noticed.get(row.id, ()))
        for row in rows
    ]


def _told(
    connection: Connection, told: Column[str], ids: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Return the ids of what each delivery tells, from the table that links them."""
    link = told.table.c
    query = select(link.delivery_id, told).where(link.delivery_id.in_(ids)).order_by(told)
    found: dict[int, tuple[str, ...]] = {}
    for delivery_id, told_id in connection.execute(query):
        found[delivery_id] = (*found.get(delivery_id, ()), told_id)
    return found


def _last_words(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    mine = attempts.c.delivery_id.in_(ids)
    last = select(func.max(attempts.c.id)).where(mine).group_by(attempts.c.delivery_id)
    query = select(attempts.c.delivery_id, attempts.c.words).where(attempts.c.id.in_(last))
    return {row.delivery_id: row.words for row in connection.execute(query)}


def _delivery_row(
    row: Row[Any], told: tuple[str, ...], words: str | None, noticed: tuple[str, ...]
) -> DeliveryRow:
    return DeliveryRow(
        row.id,
        row.channel,
        row.subject,
        row.status,
        row.created_at,
        row.settled_at,
        row.attempts,
        row.possible_repeat,
        told,
        words,
        noticed,
        row.gathered_into,
    )
