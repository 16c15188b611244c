"""Tells operators of appwatch's own trouble, through the channels that are marked for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from appwatch.db import channels
from appwatch.db.channels import Cause
from appwatch.db.ids import make_id
from appwatch.db.outbox import Letter, Status, Subject, post, stand
from appwatch.db.tables import deliveries, delivery_queues
from appwatch.domain.routing import Route, operators

CHANNEL_OFF, CHANNEL_ON = "channel_off", "channel_on"


@dataclass(frozen=True, slots=True)
class Event:
    """What operators are told: `content` is JSON, of which the message is made.

    Those of one `queue` are told in their order.
    """

    name: str
    content: Mapping[str, Any]
    queue: str | None = None


def tell(
    connection: Connection,
    event: Event,
    routes: Sequence[Route],
    now: datetime,
    *,
    about: str | None = None,
) -> None:
    """Queue an event for the operators' channels.

    `about` is a channel that is not told. It is told at once: no digest and no quiet hours hold
    it back.
    """
    told = operators(routes, channels.off(connection), about)
    _queue(connection, event, [route.channel for route in told], now)


def tell_end(connection: Connection, event: Event, routes: Sequence[Route], now: datetime) -> None:
    """Queue an event for the channels that are told, or were, what began its queue."""
    query = (
        select(deliveries.c.channel)
        .join(delivery_queues, delivery_queues.c.delivery_id == deliveries.c.id)
        .where(
            delivery_queues.c.queue == event.queue,
            deliveries.c.status != Status.WITHDRAWN.value,
        )
    )
    heard = set(connection.execute(query).scalars())
    told = [route.channel for route in routes if route.channel in heard]
    _queue(connection, event, told, now)


def _queue(connection: Connection, event: Event, names: Iterable[str], now: datetime) -> None:
    what = {"id": make_id("o", now), "event": event.name, "at": now.isoformat(), **event.content}
    for name in names:
        letter = Letter(name, Subject.OPERATOR, now, now, urgent=True, content=what)
        delivery = post(connection, letter)
        if event.queue is not None:
            stand(connection, delivery, event.queue)


def switch_off(
    connection: Connection,
    channel: str,
    why: tuple[Cause, str],
    routes: Sequence[Route],
    now: datetime,
) -> bool:
    """Switch a channel off, and tell so through the others; return whether it was on."""
    cause, words = why
    if not channels.switch_off(connection, channel, cause, words, now):
        return False
    content = {"channel": channel, "cause": cause.value, "words": words}
    tell(connection, Event(CHANNEL_OFF, content), routes, now, about=channel)
    return True


def switch_on(connection: Connection, channel: str, routes: Sequence[Route], now: datetime) -> bool:
    """Switch a channel on again, and tell so through the others; return whether it was off."""
    if not channels.switch_on(connection, channel, now):
        return False
    tell(connection, Event(CHANNEL_ON, {"channel": channel}), routes, now, about=channel)
    return True
