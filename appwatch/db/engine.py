"""Opens the database, and turns what a driver says into one clear sentence."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from appwatch.errors import DatabaseError

BUSY_SECONDS = 5  # how long a writer waits for another process's transaction; they are short
_WRITER = 0x61707078  # "appx": the advisory lock of whoever writes on PostgreSQL
_READS = "appwatch_reads"

# What SQLite says, and what to do about it.
_REMEDIES = {
    "database is locked": "another process has kept it locked; end that process and try again",
    "readonly database": "it cannot be written; check the rights of the file and its folder",
    "disk is full": "the disk is full; free some space, nothing was lost",
    "file is not a database": "the file is not an SQLite database; check APPWATCH_DATABASE_URL",
    "malformed": "the file is damaged; restore it from a backup",
    "unable to open database file": "it cannot be opened; check that its folder exists and "
    "can be written",
    "disk I/O error": "the disk is full or fails, or its folder cannot be written; check these",
}

_READ_ONLY = text("SHOW transaction_read_only")


class Database:
    """The database at an address: short transactions, no ORM, errors in plain words."""

    def __init__(self, url: str, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = _parsed(url)
        self.engine = _engine(self.url, busy_seconds)
        # SQLite lets whoever asks at the right moment write next, not whoever waits longest.
        self._writing = RLock() if self.is_sqlite else nullcontext()

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None on a server."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @property
    def missing(self) -> bool:
        """Whether this is an SQLite file that is not there yet."""
        file = self.file
        if file is None or str(file).startswith("file:"):
            return False
        return not os.access(file, os.F_OK)  # `exists` raises where a folder may not be searched

    @property
    def is_sqlite(self) -> bool:
        """Whether this is an SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def shown(self) -> str:
        """The address without its password, and without its options: they may hold one too."""
        return self.url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open one transaction that may write. Raises DatabaseError; then nothing was written."""
        with self.told(), self._writing, self.engine.begin() as connection:
            if not self.is_sqlite:
                # One writer at a time, as on SQLite: what is read here stays true until written.
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _WRITER})
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one transaction that only reads, and blocks no writer. Raises DatabaseError."""
        with self.told(), self.engine.connect() as connection:
            yield connection.execution_options(**{_READS: True})

    def require_writable(self) -> None:
        """Raise DatabaseError unless it takes writes; nothing is written."""
        with self.write() as connection:
            if not self.is_sqlite and connection.execute(_READ_ONLY).scalar() == "on":
                raise DatabaseError(f"The database {self.shown} can only be read: a standby?")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise what the driver raises as a DatabaseError, in a sentence with a remedy."""
        try:
            yield
        except DBAPIError as error:
            raise DatabaseError(f"The database {self.shown}: {_remedy(error)}.") from error
        except SQLAlchemyError as error:
            raise DatabaseError(f"The database {self.shown}: {_first_line(error)}.") from error


def _parsed(url: str) -> URL:
    expected = "expected sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(
            f"APPWATCH_DATABASE_URL is no address of a database; {expected}."
        ) from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseError(f"APPWATCH_DATABASE_URL names {parsed.drivername!r}; {expected}.")
    return parsed


def _engine(url: URL, busy_seconds: float) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite(url, busy_seconds)
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ImportError, NoSuchModuleError) as error:
        raise DatabaseError(
            "PostgreSQL needs the psycopg driver; install appwatch[postgresql]."
        ) from error


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    file = Path(url.database or "")
    if os.access(file, os.R_OK) and not os.access(file, os.W_OK):
        # A copy to read only: SQLite would want to write beside it.
        url = url.set(database=f"file:{file}", query={"immutable": "1", "uri": "true"})
    # No implicit transactions of the driver: the events below begin them.
    arguments = {"timeout": busy_seconds, "isolation_level": None}
    engine = create_engine(url, connect_args=arguments)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - unused
    cursor = connection.cursor()
    with suppress(sqlite3.OperationalError):
        # Fails where the file can only be read; then writing is refused in its own words.
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first could not wait for it."""
    reads = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _remedy(error: DBAPIError) -> str:
    said = str(error.orig)
    remedy = next((told for words, told in _REMEDIES.items() if words in said), None)
    return remedy or _first_line(error.orig or error)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:300] if lines else type(error).__name__
