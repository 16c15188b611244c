"""Tells operators of appwatch's own trouble, through the channels that are marked for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from appwatch.db import channels
from appwatch.db.channels import Cause
from appwatch.db.ids import make_id
from appwatch.db.outbox import Letter, Subject, post
from appwatch.domain.routing import Route, operators

CHANNEL_OFF, CHANNEL_ON = "channel_off", "channel_on"


def tell(
    connection: Connection,
    event: str,
    content: Mapping[str, Any],
    routes: Sequence[Route],
    now: datetime,
    about: str | None = None,
) -> list[str]:
    """Queue an event for the operators' channels; return which.

    `content` is JSON, of which the message is made; `about` is a channel that is not told. It
    is told at once: no digest and no quiet hours hold it back.
    """
    off = [name for name, state in channels.states(connection).items() if state.off_at]
    told = operators(routes, off, about)
    what = {"id": make_id("o", now), "event": event, "at": now.isoformat(), **content}
    for route in told:
        post(connection, Letter(route.channel, Subject.OPERATOR, now, now, True, content=what))  # noqa: FBT003
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
    tell(connection, CHANNEL_OFF, content, routes, now, about=channel)
    return True


def switch_on(connection: Connection, channel: str, routes: Sequence[Route], now: datetime) -> bool:
    """Switch a channel on again, and tell so through the others; return whether it was off."""
    if not channels.switch_on(connection, channel, now):
        return False
    tell(connection, CHANNEL_ON, {"channel": channel}, routes, now, about=channel)
    return True
