"""Daily housekeeping: drops what no longer means anything, and lets SQLite keep its statistics."""

from datetime import datetime, timedelta

from sqlalchemy import delete, text

from appwatch.db.engine import Database
from appwatch.db.tables import rests

FORGOTTEN = timedelta(days=7)  # a host that rested so long ago has no strikes any more


def tidy(database: Database, now: datetime) -> int:
    """Return how many long finished rests were dropped. Raises DatabaseError.

    Nothing that was observed is ever dropped.
    """
    with database.write() as connection:
        dropped = connection.execute(delete(rests).where(rests.c.until < now - FORGOTTEN)).rowcount
        if database.is_sqlite:
            connection.execute(text("PRAGMA optimize"))
    return dropped
