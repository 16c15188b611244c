"""Runs migrations for appwatch.db.migrate, or for the alembic command on APPWATCH_DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection, text

from appwatch.db.engine import Database
from appwatch.db.tables import metadata


def run() -> None:
    """Migrate in one transaction; on SQLite with foreign keys off, checked afterwards."""
    given = context.config.attributes.get("database")
    url = os.environ.get("APPWATCH_DATABASE_URL", "sqlite:///appwatch.db")
    database = given if isinstance(given, Database) else Database(url)
    with database.engine.connect() as connection:
        # A pragma is ignored inside a transaction, so it comes before the first one.
        raw = connection.connection.driver_connection
        if connection.dialect.name == "sqlite" and raw is not None:
            raw.execute("PRAGMA foreign_keys = OFF")
        # Alembic takes it that SQLite cannot; it can, where the driver begins nothing by itself.
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            _check(connection)
        connection.commit()
        if connection.dialect.name == "sqlite" and raw is not None:
            raw.execute("PRAGMA foreign_keys = ON")


def _check(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
        if broken:
            raise RuntimeError(f"the migration would break {len(broken)} references")


run()
