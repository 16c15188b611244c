"""The outbox: deliveries claimed with a lease, settled by the lease's owner, never lost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from appwatch.db.tables import (
    attempts,
    changes,
    deliveries,
    delivery_changes,
    delivery_notices,
    notices,
)
from appwatch.domain.timing import SKEW

BACKOFF = (
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=6),  # from here on
)
GIVEN_UP_AFTER = timedelta(days=3)  # since the first attempt, and not before so many:
GIVEN_UP_ATTEMPTS = 8  # a machine that was off for days has not tried for days
LONGEST_LEASE = timedelta(hours=1)  # one that lies further ahead: the clock was ahead
RACES = 5  # claims lost to others in a row, before the next round tries again
_WAITING = ("queued", "sending")
LOST_WORDS = "The process that was sending it ended before it noted how that went."


class Status(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"  # to be sent, not before its time
    SENDING = "sending"  # claimed; whoever claimed it has a lease
    SENT = "sent"  # the service took it
    FAILED = "failed"  # given up after three days


class Result(StrEnum):
    """How one attempt to send ended."""

    SENT = "sent"  # the service took it
    FAILED = "failed"  # the service did not take it; trying again may help
    AMBIGUOUS = "ambiguous"  # it may have arrived, or a part of it: tried again, and marked so
    PERMANENT = "permanent"  # the service says that the address is wrong; it may be mended


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send until the lease runs out.

    `attempts` counts this one; with the owner it names the lease.
    """

    id: int
    channel: str
    subject: str
    content: Mapping[str, Any]  # Any: JSON, by subject
    attempts: int
    possible_repeat: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: the service's words, without any address, and what was sent."""

    result: Result
    words: str
    title: str | None = None
    body: str | None = None


def waiting(status: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a delivery is not settled, as the partial index has it."""
    # Written out when executed: SQLite uses no partial index for a value that is bound.
    words: BindParameter[str] = bindparam("waiting", _WAITING, expanding=True, literal_execute=True)
    return status.in_(words)


def channels_waiting(connection: Connection, now: datetime) -> list[str]:
    """Return the channels for which something can be claimed now."""
    query = select(deliveries.c.channel).where(_claimable(now)).distinct()
    return list(connection.execute(query.order_by(deliveries.c.channel)).scalars())


def claim(
    connection: Connection, channel: str, owner: str, now: datetime, lease: timedelta
) -> Claimed | None:
    """Take the channel's oldest waiting delivery, or None if there is none.

    What tells of one incident, or of one target, is told in its order: a channel's last word
    is never an older one. A lease that ran out may have sent its message: the next one to
    hold the delivery marks it as a possible repeat.
    """
    query = (
        select(deliveries.c.id, deliveries.c.status, deliveries.c.attempts)
        .where(deliveries.c.channel == channel, _claimable(now))
        .order_by(deliveries.c.created_at, deliveries.c.id)
        .limit(1)
    )
    for _ in range(RACES):
        found = connection.execute(query).first()
        if found is None:
            return None
        if _take(connection, found, owner, now, now + lease):
            return _claimed(connection, found.id)
    return None


def settle(
    connection: Connection, claimed: Claimed, owner: str, attempt: Attempt, now: datetime
) -> Status | None:
    """Note how the attempt ended; return the delivery's status, None if the lease was lost.

    The attempt is logged either way. Whoever took the lease over settles the delivery.
    """
    values = _settled(connection, claimed, attempt, now)
    logged = {"delivery_id": claimed.id, "at": now, "result": attempt.result.value}
    connection.execute(insert(attempts).values(**logged, words=attempt.words))
    mine = (
        deliveries.c.id == claimed.id,
        deliveries.c.status == Status.SENDING.value,
        deliveries.c.lease_owner == owner,
        deliveries.c.attempts == claimed.attempts,
    )
    done = connection.execute(update(deliveries).where(*mine).values(values))
    return Status(values["status"]) if done.rowcount == 1 else None


def requeue(connection: Connection, delivery_ids: Collection[int], now: datetime) -> int:
    """Queue deliveries that failed once more; return how many there were."""
    failed = (deliveries.c.id.in_(delivery_ids), deliveries.c.status == Status.FAILED.value)
    values = {"status": Status.QUEUED.value, "not_before": now, "settled_at": None}
    return connection.execute(update(deliveries).where(*failed).values(values)).rowcount


def _claimable(now: datetime) -> ColumnElement[bool]:
    """Return what may be claimed: due or abandoned, and nothing older is to be told before."""
    older = deliveries.alias("older")
    before = exists().where(
        older.c.channel == deliveries.c.channel,
        older.c.incident_id == deliveries.c.incident_id,
        waiting(older.c.status),
        or_(
            older.c.created_at < deliveries.c.created_at,
            and_(older.c.created_at == deliveries.c.created_at, older.c.id < deliveries.c.id),
        ),
    )
    # What was queued in the future was queued under a clock that was ahead.
    ahead = and_(deliveries.c.created_at > now + SKEW, deliveries.c.attempts == 0)
    in_time = or_(deliveries.c.not_before <= now, ahead)
    due = and_(deliveries.c.status == Status.QUEUED.value, in_time)
    ended = or_(deliveries.c.lease_until <= now, deliveries.c.lease_until > now + LONGEST_LEASE)
    abandoned = and_(deliveries.c.status == Status.SENDING.value, ended)
    in_turn = and_(~before, deliveries.c.id.not_in(_behind()))
    return and_(waiting(deliveries.c.status), or_(due, abandoned), in_turn)


def _behind() -> Select[tuple[int]]:
    """Return the deliveries for which something older waits about one of the same targets."""
    told = union_all(
        _about(delivery_changes, delivery_changes.c.change_id, changes),
        _about(delivery_notices, delivery_notices.c.notice_id, notices),
    ).subquery()
    # Not row_number: a delivery that tells twice of one target is not behind itself.
    place = func.rank().over(
        partition_by=(told.c.channel, told.c.target_id), order_by=(told.c.created_at, told.c.id)
    )
    ranked = select(told.c.id, place.label("place")).subquery()
    return select(ranked.c.id).where(ranked.c.place > 1)


def _about(link: Table, told_id: Column[str], told: Table) -> Select[tuple[Any, ...]]:
    """Return the targets that waiting deliveries are about, through one of the tables."""
    waits = deliveries.alias()
    return (
        select(waits.c.id, waits.c.channel, waits.c.created_at, told.c.target_id)
        .join(link, link.c.delivery_id == waits.c.id)
        .join(told, told.c.id == told_id)
        .where(waiting(waits.c.status), told.c.target_id.is_not(None))
    )


def _take(
    connection: Connection, found: Row[int, str, int], owner: str, now: datetime, until: datetime
) -> bool:
    """Claim a row that still is as it was found; return whether we were the one."""
    abandoned = found.status == Status.SENDING.value
    as_found = (
        deliveries.c.id == found.id,
        deliveries.c.status == found.status,
        deliveries.c.attempts == found.attempts,
    )
    values = {
        "status": Status.SENDING.value,
        "attempts": found.attempts + 1,
        "lease_owner": owner,
        "lease_until": until,
    }
    if abandoned:
        values["possible_repeat"] = True
    taken = connection.execute(update(deliveries).where(*as_found).values(values)).rowcount == 1
    if taken and abandoned:
        lost = {"delivery_id": found.id, "at": now, "result": Result.AMBIGUOUS.value}
        connection.execute(insert(attempts).values(**lost, words=LOST_WORDS))
    return taken


def _claimed(connection: Connection, delivery_id: int) -> Claimed:
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
    return Claimed(row.id, row.channel, row.subject, row.content, row.attempts, row.possible_repeat)


def _settled(
    connection: Connection, claimed: Claimed, attempt: Attempt, now: datetime
) -> dict[str, Any]:
    """Return the columns of a delivery after this attempt."""
    values: dict[str, Any] = {"lease_owner": None, "lease_until": None}
    if attempt.body is not None:
        values |= {"title": attempt.title, "body": attempt.body}
    if attempt.result is Result.AMBIGUOUS:
        values["possible_repeat"] = True
    status = _status_after(connection, claimed, attempt.result, now)
    if status is Status.QUEUED:
        values["not_before"] = now + BACKOFF[min(claimed.attempts, len(BACKOFF)) - 1]
    else:
        values["settled_at"] = now
    return values | {"status": status.value}


def _status_after(
    connection: Connection, claimed: Claimed, result: Result, now: datetime
) -> Status:
    if result is Result.SENT:
        return Status.SENT
    if claimed.attempts < GIVEN_UP_ATTEMPTS:
        return Status.QUEUED
    query = select(func.min(attempts.c.at, type_=attempts.c.at.type))
    first = connection.execute(query.where(attempts.c.delivery_id == claimed.id)).scalar()
    given_up = first is not None and now - first >= GIVEN_UP_AFTER
    return Status.FAILED if given_up else Status.QUEUED
