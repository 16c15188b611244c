"""Where a delivery stands, what it tells, and how an attempt to send it may end."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    bindparam,
    or_,
    select,
)

from appwatch.db.tables import deliveries

_WAITING = ("queued", "sending")


class Status(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"  # to be sent, not before its time
    SENDING = "sending"  # claimed; whoever claimed it has a lease
    SENT = "sent"  # the service took it
    GATHERED = "gathered"  # another message tells it: a summary, or a late digest
    WITHDRAWN = "withdrawn"  # a reminder of what was over before, or its channel is no more


class Result(StrEnum):
    """How one attempt to send ended."""

    SENT = "sent"  # the service took it
    FAILED = "failed"  # the service did not take it; trying again may help
    AMBIGUOUS = "ambiguous"  # it may have arrived, or a part of it: tried again, and marked so
    PERMANENT = "permanent"  # trying again cannot help: the channel is switched off


class Subject(StrEnum):
    """What a delivery tells."""

    CHANGES = "changes"  # the changes of an incident, or of a digest
    NOTICES = "notices"  # suspected, cleared, disputed, retracted
    FIRST_REPORT = "first_report"  # what was absent when watching began
    REMINDER = "reminder"  # what was told before and still lasts
    SUMMARY = "summary"  # all that waited when a channel's limit was reached
    LATE = "late"  # all that could not be told for days
    OPERATOR = "operator"  # appwatch's own trouble


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


def waiting(status: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a delivery is not settled, as the partial index has it."""
    # Written out when executed: SQLite uses no partial index for a value that is bound.
    words: BindParameter[str] = bindparam("waiting", _WAITING, expanding=True, literal_execute=True)
    return status.in_(words)


def older(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Return the condition that one delivery stands before another of its channel."""
    return or_(
        one.c.created_at < other.c.created_at,
        and_(one.c.created_at == other.c.created_at, one.c.id < other.c.id),
    )


def channels_waiting(connection: Connection) -> list[str]:
    """Return the channels for which anything waits, due or not."""
    query = select(deliveries.c.channel).where(waiting(deliveries.c.status)).distinct()
    return list(connection.execute(query.order_by(deliveries.c.channel)).scalars())


def channel_of(connection: Connection, delivery_id: int) -> str:
    """Return the channel of a delivery by the name that it has now."""
    query = select(deliveries.c.channel).where(deliveries.c.id == delivery_id)
    return str(connection.execute(query).scalar_one())
