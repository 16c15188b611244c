"""Queues what time alone makes due: ended silences, reminders, late digests."""

from collections.abc import Sequence
from datetime import datetime

from appwatch.db import outbox, reminders, silenced
from appwatch.db.engine import Database
from appwatch.domain.routing import Route


def plan(database: Database, routes: Sequence[Route], now: datetime) -> None:
    """Queue what is due by now, for these channels; writes only where there is something."""
    with database.read() as connection:
        ended = silenced.has_ended(connection, now)
        remind = reminders.are_due(connection, now)
        late = outbox.is_late(connection, now)
    if not (ended or remind or late):
        return
    with database.write() as connection:
        if ended:
            silenced.release(connection, routes, now)
        if remind:
            reminders.withdraw(connection, now)
            reminders.queue_due(connection, routes, now)
        if late:
            outbox.gather_late(connection, now)
