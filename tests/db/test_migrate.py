"""A database is brought to today's schema safely, whoever starts it and however often."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from appwatch.db import migrate, tables
from appwatch.db.engine import Database
from appwatch.errors import DatabaseError, DatabaseTooNew
from tests.monitor import CASTRO, ZYNN, monitoring

# Rows of the first schema.
BEFORE = (
    "INSERT INTO apps (id, name, tags, reason, source) VALUES ('jike', 'Jike', '[]', '', '')",
    """INSERT INTO targets (id, app_id, store, listing, storefront, state, next_look_at)
    VALUES (7, 'jike', 'app_store', '1', 'cn', 'available', 1000)""",
    """INSERT INTO periods (target_id, state, started_at, looks_before, inconclusive_before)
    VALUES (7, 'available', 1000, 0, 0)""",
)


def test_migrations_and_tables_describe_the_same_schema(database_url: str) -> None:
    database = Database(database_url)
    assert migrate.upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    database.close()


def scripts() -> ScriptDirectory:
    """Return the migrations."""
    config = Config()
    config.set_main_option("script_location", str(migrate.scripts()))
    return ScriptDirectory.from_config(config)


def test_the_head_that_the_code_names_is_the_newest_migration() -> None:
    assert scripts().get_heads() == [migrate.HEAD]


def test_upgrading_twice_does_nothing_the_second_time(database_url: str) -> None:
    database = Database(database_url)
    assert migrate.current(database) is None
    assert migrate.upgrade(database)
    assert not migrate.upgrade(database)
    assert migrate.current(database) == migrate.HEAD
    database.close()


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    code = (
        "import sys; from appwatch.db import migrate; from appwatch.db.engine import Database;"
        "migrate.upgrade(Database(sys.argv[1]))"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, database_url]) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    database = Database(database_url)
    assert migrate.current(database) == migrate.HEAD
    database.close()


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    database = Database(database_url)
    migrate.upgrade(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (migrate.upgrade, migrate.require):
        with pytest.raises(DatabaseTooNew, match="newer than this appwatch"):
            refused(database)
    database.close()


def test_a_command_that_reads_asks_for_an_upgrade_first(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(DatabaseError, match="appwatch db upgrade"):
        migrate.require(database)
    database.close()


def test_a_backup_is_a_whole_database_and_overwrites_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'appwatch.db'}")
    migrate.upgrade(database)
    copy = tmp_path / "copy.db"
    migrate.backup(database, copy)
    with pytest.raises(DatabaseError, match="is there already"):
        migrate.backup(database, copy)
    restored = Database(f"sqlite:///{copy}")
    assert migrate.current(restored) == migrate.HEAD
    restored.close()
    database.close()


def test_what_the_first_schema_kept_is_there_after_an_upgrade(database_url: str) -> None:
    database = Database(database_url)
    config = Config()
    config.set_main_option("script_location", str(migrate.scripts()))
    config.attributes["database"] = database
    command.upgrade(config, "0001")
    with database.write() as connection:
        for statement in BEFORE:
            connection.execute(text(statement))
    migrate.upgrade(database)
    with database.read() as connection:
        (target,) = connection.execute(select(tables.targets))
        assert (target.id, target.listing, target.watched, target.paused_at) == (7, "1", True, None)
        (period,) = connection.execute(select(tables.periods))
        assert period.target_id == target.id
    database.close()


def test_an_upgrade_pins_the_listings_that_past_changes_need(tmp_path: Path) -> None:
    with monitoring(tmp_path, f"sqlite:///{tmp_path / 'appwatch.db'}") as monitor:
        monitor.check()
        monitor.world.remove("google_play", ZYNN)
        for _ in range(3):
            monitor.wait(15)
            monitor.check()
        monitor.world.remove("app_store", CASTRO, ["cn"])
        monitor.check()
        before = [(row.change_id, row.body) for row in monitor.rows(tables.last_good)]
        earlier = {"n": scripts().get_revision("0003_evidence").down_revision}
        with monitor.services.database.write() as connection:
            for table in (tables.last_good, tables.captures):
                table.drop(connection)
            connection.execute(text("UPDATE alembic_version SET version_num = :n"), earlier)
        assert monitor.services.upgrade()
        assert len(before) == 2
        assert [(row.change_id, row.body) for row in monitor.rows(tables.last_good)] == before
