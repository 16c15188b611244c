"""Tells operators of appwatch's own trouble, through the channels that are marked for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from appwatch.db import channels
from appwatch.db.channels import Cause
from appwatch.db.ids import make_id
from appwatch.db.outbox import Letter, Subject, post, stand
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
) -> list[str]:
    """Queue an event for the operators' channels; return which.

    `about` is a channel that is not told. It is told at once: no digest and no quiet hours hold
    it back.
    """
    off = [name for name, state in channels.states(connection).items() if state.off_at]
    told = operators(routes, off, about)
    what = {"id": make_id("o", now), "event": event.name, "at": now.isoformat(), **event.content}
    for route in told:
        letter = Letter(route.channel, Subject.OPERATOR, now, now, urgent=True, content=what)
        delivery = post(connection, letter)
        if event.queue is not None:
            stand(connection, delivery, event.queue)
    return [route.channel for route in told]


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
