"""The rests of hosts, which the processes of one vantage share."""

import time

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from appwatch.db.engine import Database
from appwatch.db.tables import rests
from appwatch.domain.timing import Rest

REMEMBERED = 1.0  # seconds before another process's rest is asked for again


class SharedRests:
    """The rests of hosts, kept in the database."""

    def __init__(self, database: Database, vantage: str) -> None:
        self._database = database
        self._vantage = vantage
        self._known: dict[tuple[str, str], tuple[float, Rest | None]] = {}

    def get(self, surface: str, host: str) -> Rest | None:
        """Return the last rest of this host, over or not. Raises DatabaseError."""
        asked_at, rest = self._known.get((surface, host), (float("-inf"), None))
        if time.monotonic() - asked_at > REMEMBERED:
            rest = self._read(surface, host)
            self._known[surface, host] = (time.monotonic(), rest)
        return rest

    def put(self, surface: str, host: str, rest: Rest | None) -> None:
        """Keep a rest, or forget it. Raises DatabaseError."""
        self._known[surface, host] = (time.monotonic(), rest)
        with self._database.write() as connection:
            if rest is None:
                connection.execute(delete(rests).where(*self._where(surface, host)))
                return
            insert = (sqlite if self._database.is_sqlite else postgresql).insert(rests)
            values = {"until": rest.until, "strikes": rest.strikes}
            key = {"surface": surface, "host": host, "vantage": self._vantage}
            connection.execute(
                insert.values(**key, **values).on_conflict_do_update(
                    index_elements=list(key), set_=values
                )
            )

    def _read(self, surface: str, host: str) -> Rest | None:
        with self._database.read() as connection:
            query = select(rests.c.until, rests.c.strikes).where(*self._where(surface, host))
            row = connection.execute(query).first()
        return Rest(row.until, row.strikes) if row else None

    def _where(self, surface: str, host: str) -> tuple[ColumnElement[bool], ...]:
        return (
            rests.c.surface == surface,
            rests.c.host == host,
            rests.c.vantage == self._vantage,
        )
