"""Makes one message of many: a summary where a limit is reached, a late digest after days."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, and_, literal, or_, select, update

from appwatch.db import channels
from appwatch.db.outbox.queueing import Letter, post
from appwatch.db.outbox.standing import Status, Subject, waiting
from appwatch.db.tables import deliveries, delivery_changes, delivery_notices, delivery_queues
from appwatch.domain.routing import LATE_AFTER, LATE_ATTEMPTS

# What tells changes and notices; the others have a text that only they can be told with. A
# reminder among changes would read as if they had been told never before.
GATHERED = (Subject.CHANGES.value, Subject.NOTICES.value)
_AT_ONCE = 5000  # messages that become one


def sum_up(connection: Connection, channel: str, ids: Collection[int], now: datetime) -> int | None:
    """Make one message of these that are queued; return its number, None if none is any more."""
    return _gather(connection, channel, Subject.SUMMARY, ids, now)


def has_late(connection: Connection, now: datetime) -> bool:
    """Whether a late digest is to be made."""
    return bool(_late(connection, now))


def gather_late(connection: Connection, now: datetime) -> list[int]:
    """Make one late digest of what a channel could not be told for days; return their numbers.

    A digest that waits already takes more; it is tried until it arrives.
    """
    gathered = []
    for channel, ids in _late(connection, now).items():
        made = _gather(connection, channel, Subject.LATE, ids, now)
        gathered += [made] if made is not None else []
    return gathered


def _late(connection: Connection, now: datetime) -> dict[str, list[int]]:
    """Return the messages, by channel, that have failed for days, or whose channel has."""
    long_ago = now - LATE_AFTER
    failing = channels.failing_for_days(connection, now)
    by_themselves = and_(
        deliveries.c.attempts >= LATE_ATTEMPTS, deliveries.c.first_tried_at <= long_ago
    )
    by_channel = and_(deliveries.c.channel.in_(failing), deliveries.c.created_at <= long_ago)
    query = (
        select(deliveries.c.id, deliveries.c.channel)
        .where(
            waiting(deliveries.c.status),
            deliveries.c.status == Status.QUEUED.value,
            deliveries.c.subject.in_((*GATHERED, Subject.SUMMARY.value)),
            or_(by_themselves, by_channel),
        )
        .order_by(deliveries.c.created_at, deliveries.c.id)
        .limit(_AT_ONCE)
    )
    found: dict[str, list[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.channel, []).append(row.id)
    return found


def _gather(
    connection: Connection, channel: str, subject: Subject, ids: Collection[int], now: datetime
) -> int | None:
    """Let one message tell what these were to tell; those that somebody sends now stay."""
    taken = _settle(connection, ids, now)
    if not taken:
        return None
    # It stands where the oldest of them stood: nothing of a target overtakes it.
    since = min(row.created_at for row in taken)
    urgent = any(row.urgent for row in taken)
    into = _open(connection, channel, subject) if subject is Subject.LATE else None
    if into is None:
        into = post(connection, Letter(channel, subject, since, now, urgent))
    _widen(connection, into, since, taken)
    moved = [row.id for row in taken]
    told_there = update(deliveries).where(deliveries.c.id.in_(moved))
    connection.execute(told_there.values(gathered_into=into))
    for told in (
        delivery_changes.c.change_id,
        delivery_notices.c.notice_id,
        delivery_queues.c.queue,
    ):
        _copy(connection, told, moved, into)
    return into


def _settle(connection: Connection, ids: Collection[int], now: datetime) -> Sequence[Row[Any]]:
    """Settle those that are queued, and return them."""
    queued = (deliveries.c.id.in_(ids), deliveries.c.status == Status.QUEUED.value)
    settled = {"status": Status.GATHERED.value, "settled_at": now}
    columns = (
        deliveries.c.id,
        deliveries.c.created_at,
        deliveries.c.possible_repeat,
        deliveries.c.urgent,
    )
    query = update(deliveries).where(*queued).values(settled).returning(*columns)
    return connection.execute(query).all()


def _widen(connection: Connection, into: int, since: datetime, taken: Sequence[Row[Any]]) -> None:
    """Let a message stand for others too: as old, as urgent, as likely a repeat as they are."""
    own = deliveries.c.id == into
    marks = {
        mark.name: mark | literal(any(getattr(row, mark.name) for row in taken))
        for mark in (deliveries.c.urgent, deliveries.c.possible_repeat)
    }
    connection.execute(update(deliveries).where(own).values(marks))
    younger = update(deliveries).where(own, deliveries.c.created_at > since)
    connection.execute(younger.values(created_at=since))


def _open(connection: Connection, channel: str, subject: Subject) -> int | None:
    """Return a message of the channel about this subject that waits, and that nobody sends."""
    untouched = (deliveries.c.channel == channel, deliveries.c.subject == subject.value)
    queued = deliveries.c.status == Status.QUEUED.value
    query = select(deliveries.c.id).where(*untouched, queued).limit(1)
    found = connection.execute(query).scalar()
    if found is None:
        return None
    # A sender claims by the same row: whoever is second sees what the first one did.
    held = update(deliveries).where(deliveries.c.id == found, queued)
    taken = connection.execute(held.values(status=Status.QUEUED.value)).rowcount == 1
    return int(found) if taken else None


def _copy(connection: Connection, told: Column[str], sources: Sequence[int], into: int) -> None:
    """Let a message tell what others tell; they keep what they told."""
    link = told.table
    there = select(told).where(link.c.delivery_id == into)
    more = select(literal(into), told).where(link.c.delivery_id.in_(sources), told.not_in(there))
    connection.execute(link.insert().from_select(["delivery_id", told.name], more.distinct()))
