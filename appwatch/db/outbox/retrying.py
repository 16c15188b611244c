"""Tries again what waits, because a person says so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from appwatch.db.channels import end_rests, hurry
from appwatch.db.outbox.standing import Status, waiting
from appwatch.db.tables import deliveries
from appwatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Retried:
    """How many messages are tried at once, and the channels that they go to."""

    deliveries: int
    channels: tuple[str, ...]


def retry(connection: Connection, ids: Collection[int], now: datetime) -> Retried:
    """Let these messages, or all that failed and wait, be tried at once.

    So is all that failed on their channels, for it may stand ahead of them; the channels rest
    no longer. One that was gathered stands for the message that tells it now. Raises
    UsageError for a message that is none, or that was sent or withdrawn.
    """
    chosen = [_carrier(connection, number) for number in ids]
    query = select(deliveries.c.channel).where(waiting(deliveries.c.status)).distinct()
    query = query.where(deliveries.c.id.in_(chosen) if chosen else deliveries.c.attempts > 0)
    told = tuple(connection.execute(query.order_by(deliveries.c.channel)).scalars())
    untried = (
        deliveries.c.id.in_(chosen),
        deliveries.c.status == Status.QUEUED.value,
        deliveries.c.attempts == 0,
    )
    hurried = connection.execute(update(deliveries).where(*untried).values(not_before=now))
    tried = [hurry(connection, channel, now) for channel in told]
    end_rests(connection, told)
    return Retried(hurried.rowcount + sum(tried), told)


def _carrier(connection: Connection, number: int) -> int:
    """Return the message that tells what this one was to tell. Raises UsageError."""
    columns = select(deliveries.c.id, deliveries.c.status, deliveries.c.gathered_into)
    row = connection.execute(columns.where(deliveries.c.id == number)).first()
    if row is None:
        raise UsageError(f"There is no message {number}; see: appwatch alerts deliveries")
    if row.gathered_into is not None:
        return _carrier(connection, row.gathered_into)
    if row.status in (Status.SENT.value, Status.WITHDRAWN.value):
        raise UsageError(f"Message {number} was {row.status}; see: appwatch alerts show {number}")
    return int(row.id)
