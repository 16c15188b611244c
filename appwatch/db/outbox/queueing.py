"""Puts messages into the outbox, and what they tell into messages that wait there already."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from appwatch.db.outbox.standing import Status, Subject, older, waiting
from appwatch.db.tables import (
    Moment,
    attempts,
    deliveries,
    delivery_changes,
    delivery_notices,
    delivery_queues,
)
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
    together = _together(letter)
    last = None if route.digest else _last_told(connection, letter, route.group_for)
    due = replace(letter, not_before=when(route, letter.created_at, last))
    alike = deliveries.c.not_before == due.not_before if route.digest else together
    untouched = (
        deliveries.c.channel == letter.channel,
        deliveries.c.subject == letter.subject.value,
        waiting(deliveries.c.status),
        deliveries.c.status == Status.QUEUED.value,
        deliveries.c.attempts == 0,
    )
    query = select(deliveries.c.id).where(alike, *untouched, ~_is_followed(queues))
    found = connection.execute(query.limit(1)).scalar()
    if found is None:
        return post(connection, due)
    # A sender claims by the same row: whoever is second sees what the first one did.
    held = update(deliveries).where(deliveries.c.id == found, *untouched)
    widened = held.values(urgent=deliveries.c.urgent | literal(letter.urgent))
    return int(found) if connection.execute(widened).rowcount == 1 else post(connection, due)


def _together(letter: Letter) -> ColumnElement[bool]:
    """Return the condition for what tells of the letter's incident or group."""
    if letter.incident_id is not None:
        return deliveries.c.incident_id == letter.incident_id
    return deliveries.c.group_key == letter.group_key


def _last_told(connection: Connection, letter: Letter, within: timedelta) -> datetime | None:
    """Return when the channel was last told of the letter's incident or group, or is to be.

    No index knows groups: of them it is only found what waits, or was tried since `within`.
    """
    told_at = func.coalesce(deliveries.c.settled_at, deliveries.c.created_at)
    query = select(func.max(told_at)).where(
        deliveries.c.channel == letter.channel, _together(letter)
    )
    if letter.incident_id is not None:
        return connection.execute(query).scalar()
    tried = select(attempts.c.delivery_id).where(attempts.c.at > letter.created_at - within)
    arms = (waiting(deliveries.c.status), deliveries.c.id.in_(tried))
    found = [connection.execute(query.where(arm)).scalar() for arm in arms]
    return max((at for at in found if at is not None), default=None)


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
    _hasten(connection, delivery)


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


def _hasten(connection: Connection, delivery: int) -> None:
    """Let what stands ahead of a message wait no longer than it does, and be as urgent.

    So must what stands ahead of that, in whatever queue: each is told before the next.
    """
    behind = [delivery]
    while behind:
        held_up = connection.execute(_held_up(connection, behind.pop()))
        behind += [row.id for row in held_up]


def _held_up(connection: Connection, delivery: int) -> ReturningUpdate[tuple[int]]:
    """Return the update of what directly stands ahead of a message and would hold it up."""
    columns = deliveries.c["channel", "created_at", "not_before", "urgent"]
    this = connection.execute(select(*columns).where(deliveries.c.id == delivery)).one()
    mine, theirs = delivery_queues.alias("mine"), delivery_queues.alias("theirs")
    beside = (
        select(theirs.c.delivery_id)
        .join(mine, mine.c.queue == theirs.c.queue)
        .where(mine.c.delivery_id == delivery)
    )
    at = deliveries.c.created_at
    # What failed is tried again at its own time.
    waits = and_(deliveries.c.attempts == 0, deliveries.c.not_before > this.not_before)
    ahead = (
        deliveries.c.channel == this.channel,
        deliveries.c.status == Status.QUEUED.value,
        deliveries.c.id.in_(beside),
        or_(at < this.created_at, and_(at == this.created_at, deliveries.c.id < delivery)),
        or_(waits, ~deliveries.c.urgent) if this.urgent else waits,
    )
    due_at = case((waits, literal(this.not_before, Moment)), else_=deliveries.c.not_before)
    values = {"not_before": due_at, "urgent": deliveries.c.urgent | literal(this.urgent)}
    return update(deliveries).where(*ahead).values(values).returning(deliveries.c.id)
