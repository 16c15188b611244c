"""Queues what time alone makes due: ended silences, reminders, late digests; ends what is over."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from appwatch.db import outbox, reminders, silenced
from appwatch.db.engine import Database
from appwatch.domain.routing import Route

_log = structlog.get_logger()


def plan(database: Database, routes: Sequence[Route], now: datetime) -> None:
    """Queue what is due by now, for these channels; writes only where there is something."""
    with database.read() as connection:
        ended = silenced.has_ended(connection, now)
        remind = reminders.are_due(connection, now)
        late = outbox.has_late(connection, now)
        unheard = outbox.nobody_hears(connection, [route.channel for route in routes], now)
    if not (ended or remind or late or unheard):
        return
    with database.write() as connection:
        if ended:
            silenced.release(connection, routes, now)
        if remind:
            reminders.withdraw(connection, now)
            reminders.queue_due(connection, routes, now)
        if late:
            outbox.gather_late(connection, now)
        if unheard:
            outbox.withdraw(connection, unheard, now)
            said = f"{len(unheard)} messages to channels that are no more are withdrawn"
            _log.warning(said, action="messages_withdrawn", deliveries=unheard)
