"""Withdraws what waits for a channel that the watchlist does not name any more."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, update

from appwatch.db.outbox.standing import Status, waiting
from appwatch.db.tables import deliveries, watchlists
from appwatch.domain.routing import LATE_AFTER

SLIP: Final = timedelta(days=1)  # in which an edit that lost a channel is seen, and mended


def nobody_hears(connection: Connection, channels: Collection[str], now: datetime) -> list[int]:
    """Return the messages that have waited for days for channels that are none of these.

    None is given up within a day of the watchlist's last edit: that may have been a slip.
    """
    edited_at = connection.execute(select(func.max(watchlists.c.accepted_at))).scalar()
    if edited_at is None or edited_at > now - SLIP:
        return []
    long_ago = deliveries.c.created_at <= now - LATE_AFTER
    queued = (waiting(deliveries.c.status), deliveries.c.status == Status.QUEUED.value)
    query = select(deliveries.c.id).where(*queued, long_ago, deliveries.c.channel.not_in(channels))
    return list(connection.execute(query).scalars())


def withdraw(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """Let these messages, which are queued, never be sent."""
    withdrawn = {"status": Status.WITHDRAWN.value, "settled_at": now}
    mine = (deliveries.c.id.in_(ids), deliveries.c.status == Status.QUEUED.value)
    connection.execute(update(deliveries).where(*mine).values(withdrawn))
