"""Brings a database to this version's schema, safely when several processes start at once."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, text

from appwatch.db.engine import Database
from appwatch.errors import DatabaseError, DatabaseTooNew

HEAD = "0008_alarms"  # the newest revision in migrations/versions
_LOCK_NUMBER = 0x61707077  # "appw": the advisory lock on PostgreSQL
_LOCK_SECONDS = 120


def current(database: Database) -> str | None:
    """Return the database's revision, or None if it is empty or not there. Raises DatabaseError.

    An SQLite file that is not there is not made; a folder that is not there is an error.
    """
    if database.missing and database.file and os.access(database.file.parent, os.F_OK):
        return None
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found is not None else None


def upgrade(database: Database) -> bool:
    """Bring the database to HEAD; return whether anything was to be done.

    Raises DatabaseTooNew when it was written by a newer appwatch, DatabaseError when it
    cannot be opened or written. A failed upgrade leaves the database as it was.
    """
    if current(database) == HEAD:
        return False
    with _alone(database):
        found = current(database)
        if found == HEAD:
            return False
        _refuse_newer(database, found)
        if found is None:
            _refuse_foreign(database)
        if found is not None and database.file is not None:
            # One from an attempt that failed holds nothing that this one does not.
            _copy(database, database.file.with_suffix(f".before-{HEAD}.db"))
        _run(database)
    return True


def require(database: Database) -> None:
    """Raise a DatabaseError unless the database is at HEAD, for commands that only read.

    An SQLite file that is not there is not made.
    """
    if database.missing:
        raise DatabaseError(
            f"There is no database at {database.file} yet; run `appwatch check` or "
            "`appwatch run` first."
        )
    found = current(database)
    if found == HEAD:
        return
    _refuse_newer(database, found)
    if found is None:
        _refuse_foreign(database)
    told = "is empty" if found is None else f"is at revision {found}"
    raise DatabaseError(f"The database {database.shown} {told}; run: appwatch db upgrade")


def backup(database: Database, to: Path) -> None:
    """Write a copy of an SQLite database to a file that does not exist yet.

    Raises DatabaseError on PostgreSQL (use pg_dump), when the file is there already, and when it
    cannot be written; then nothing is left of it.
    """
    if not database.is_sqlite:
        raise DatabaseError("A PostgreSQL database is backed up with pg_dump.")
    if to.exists():
        raise DatabaseError(f"{to} is there already; name another file.")
    _copy(database, to)


def backup_name(database: Database, now: datetime) -> Path:
    """Return the name for a backup made now, beside the database."""
    file = database.file or Path("appwatch.db")
    return file.with_name(f"{file.stem}-{now:%Y%m%dT%H%M%SZ}{file.suffix}")


def scripts() -> Path:
    """Return the folder of the migrations: in the wheel, else in the checkout."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


def _copy(database: Database, to: Path) -> None:
    """Write a copy of an SQLite database to a file, whole or not at all. Raises DatabaseError."""
    part = to.with_name(f"{to.name}.part")
    # VACUUM takes no part in a transaction, and the engine begins one with every statement.
    connection = database.engine.raw_connection()
    try:
        part.unlink(missing_ok=True)
        connection.cursor().execute("VACUUM INTO ?", (str(part),))
        part.replace(to)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise DatabaseError(f"The database cannot be copied to {to}: {error}.") from error
    finally:
        connection.close()


def _refuse_newer(database: Database, found: str | None) -> None:
    if found is not None and found > HEAD:
        raise DatabaseTooNew(
            f"The database {database.shown} is at revision {found}, newer than this appwatch "
            f"(which knows {HEAD}); install the newer appwatch, or use another database."
        )


def _refuse_foreign(database: Database) -> None:
    """Raise a DatabaseError if the database holds somebody else's tables."""
    with database.read() as connection:
        others = sorted(inspect(connection).get_table_names())
    if others:
        raise DatabaseError(
            f"The database {database.shown} holds other tables ({', '.join(others[:3])}); "
            "give appwatch a database of its own."
        )


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Keep other processes from migrating the same database meanwhile."""
    if database.file is not None:
        from filelock import FileLock, Timeout

        try:
            with FileLock(f"{database.file}.migrating", timeout=_LOCK_SECONDS):
                yield
        except Timeout as error:
            raise DatabaseError(
                f"The database {database.shown} is being migrated by another process."
            ) from error
        except OSError as error:
            raise DatabaseError(
                f"The database {database.shown}: its folder cannot be written ({error.strerror})."
            ) from error
        return
    with database.read() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": _LOCK_NUMBER})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": _LOCK_NUMBER})


def _run(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["database"] = database
    with database.told():
        command.upgrade(config, "head")
