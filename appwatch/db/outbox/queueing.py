"""Puts messages into the outbox, and what they tell into messages that wait there already."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, literal, select, update

from appwatch.db.outbox.standing import Status, Subject, older, waiting
from appwatch.db.tables import deliveries, delivery_changes, delivery_notices, delivery_queues
from appwatch.domain.routing import Route, when


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for one channel, before it is queued. `urgent`: it may break quiet hours."""

    channel: str
    subject: Subject
    created_at: datetime
    not_before: datetime
    urgent: bool = False
    incident_id: str | None = None
    group_key: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON, by subject


def post(connection: Connection, letter: Letter) -> int:
    """Queue a message; return its number."""
    values = {**asdict(letter), "status": Status.QUEUED.value, "subject": letter.subject.value}
    query = insert(deliveries).values(values).returning(deliveries.c.id)
    return int(connection.execute(query).scalar_one())


def join(connection: Connection, route: Route, letter: Letter, queues: Collection[str]) -> int:
    """Return the message that is to carry this letter: one alike that waits, else a new one.

    Alike is what tells of the same incident or group, or, with a digest, all of its subject
    that is due at the same hour. It goes when the route says, however early the letter does.
    Only a message that nobody has begun to send takes more: what was sent once stays as it is.
    Nor does one behind which something else waits in one of the letter's `queues`: it would
    be told before that.
    """
    mine = deliveries.c.channel == letter.channel
    # Where there is no incident, the index on them finds that.
    together = (
        deliveries.c.incident_id == letter.incident_id,
        deliveries.c.group_key == letter.group_key,
    )
    told_at = func.coalesce(deliveries.c.settled_at, deliveries.c.created_at)
    last = connection.execute(select(func.max(told_at)).where(mine, *together)).scalar()
    due = replace(letter, not_before=when(route, letter.created_at, last))
    alike = (deliveries.c.not_before == due.not_before,) if route.digest else together
    untouched = (
        mine,
        deliveries.c.subject == letter.subject.value,
        deliveries.c.status == Status.QUEUED.value,
        deliveries.c.attempts == 0,
    )
    query = select(deliveries.c.id).where(*alike, *untouched, ~_is_followed(queues))
    found = connection.execute(query.limit(1)).scalar()
    if found is None:
        return post(connection, due)
    # A sender claims by the same row: whoever is second sees what the first one did.
    held = update(deliveries).where(deliveries.c.id == found, *untouched)
    widened = held.values(urgent=deliveries.c.urgent | literal(letter.urgent))
    return int(found) if connection.execute(widened).rowcount == 1 else post(connection, due)


def tell_change(
    connection: Connection, delivery: int, change_id: str, target_id: int, incident_id: str
) -> None:
    """Let a message tell a change: it stands in the queues of its target and its incident."""
    link = {"delivery_id": delivery, "change_id": change_id}
    connection.execute(insert(delivery_changes).values(link))
    stand(connection, delivery, *queues_of(target_id, incident_id))


def tell_notice(
    connection: Connection, delivery: int, notice_id: str, target_id: int | None
) -> None:
    """Let a message tell a notice: it stands in the queue of its target, if it has one."""
    link = {"delivery_id": delivery, "notice_id": notice_id}
    connection.execute(insert(delivery_notices).values(link))
    stand(connection, delivery, *queues_of(target_id))


def queues_of(target_id: int | None, incident_id: str | None = None) -> list[str]:
    """Return the queues in which a message stands that tells of this target and incident."""
    names = (target_id is not None and f"t{target_id}", incident_id)
    return [name for name in names if name]


def stand(connection: Connection, delivery: int, *queues: str) -> None:
    """Let a message stand in these queues, behind all that stands there."""
    mine = delivery_queues.c.delivery_id == delivery
    query = select(delivery_queues.c.queue).where(mine, delivery_queues.c.queue.in_(queues))
    there = set(connection.execute(query).scalars())
    for queue in queues:
        if queue not in there:
            values = {"delivery_id": delivery, "queue": queue}
            connection.execute(insert(delivery_queues).values(values))
    _fall_in(connection, delivery, queues)
    _draw(connection, delivery, queues)
    _hurry(connection, delivery)


def _is_followed(queues: Collection[str]) -> ColumnElement[bool]:
    """Return whether something younger waits in these queues of a channel.

    One inside the other, so that no planner begins with all that waits.
    """
    behind = deliveries.alias("behind")
    same_channel = behind.c.channel == deliveries.c.channel
    waits = exists().where(
        behind.c.id == delivery_queues.c.delivery_id,
        same_channel,
        waiting(behind.c.status),
        older(deliveries, behind),
    )
    stands = waits.correlate(delivery_queues, deliveries)
    return exists().where(delivery_queues.c.queue.in_(queues), stands).correlate(deliveries)


def _fall_in(connection: Connection, delivery: int, queues: Collection[str]) -> None:
    """Let a message be no older than what waits ahead of it: the clock may have been set back."""
    ahead, mine = deliveries.alias("ahead"), deliveries.c.id == delivery
    made_at = select(ahead.c.created_at).where(
        ahead.c.id == delivery_queues.c.delivery_id,
        ahead.c.channel == deliveries.c.channel,
        waiting(ahead.c.status),
    )
    latest = (
        select(func.max(made_at.correlate(delivery_queues, deliveries).scalar_subquery()))
        .where(delivery_queues.c.queue.in_(queues))
        .correlate(deliveries)
        .scalar_subquery()
    )
    late = update(deliveries).where(mine, deliveries.c.created_at < latest)
    connection.execute(late.values(created_at=latest))


def _draw(connection: Connection, delivery: int, queues: Collection[str]) -> None:
    """Let what waits ahead of a message in these queues wait no longer than it does."""
    this = deliveries.alias("this")
    channel = select(this.c.channel).where(this.c.id == delivery).scalar_subquery()
    due_at = select(this.c.not_before).where(this.c.id == delivery).scalar_subquery()
    beside = select(delivery_queues.c.delivery_id).where(delivery_queues.c.queue.in_(queues))
    ahead = (
        deliveries.c.channel == channel,
        deliveries.c.status == Status.QUEUED.value,
        deliveries.c.attempts == 0,
        deliveries.c.not_before > due_at,
        deliveries.c.id.in_(beside),
    )
    connection.execute(update(deliveries).where(*ahead).values(not_before=due_at))


def _hurry(connection: Connection, delivery: int) -> None:
    """Let what stands ahead of an urgent message be as urgent: it is told before it."""
    mine, theirs = delivery_queues.alias("mine"), delivery_queues.alias("theirs")
    urgent = deliveries.alias("urgent")
    beside = (
        select(theirs.c.delivery_id)
        .join(mine, mine.c.queue == theirs.c.queue)
        .join(urgent, urgent.c.id == mine.c.delivery_id)
        .where(mine.c.delivery_id == delivery, urgent.c.urgent)
    )
    channel = select(deliveries.c.channel).where(deliveries.c.id == delivery).scalar_subquery()
    ahead = (
        deliveries.c.channel == channel,
        deliveries.c.status == Status.QUEUED.value,
        ~deliveries.c.urgent,
        deliveries.c.id.in_(beside),
    )
    connection.execute(update(deliveries).where(*ahead).values(urgent=True))
