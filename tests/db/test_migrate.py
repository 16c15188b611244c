"""A database is brought to today's schema safely, whoever starts it and however often."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, select, text

from appwatch.db import migrate, tables
from appwatch.db.engine import Database
from appwatch.errors import DatabaseError, DatabaseTooNew

FIRST = "0001"

# Rows of the first schema.
BEFORE = (
    "INSERT INTO apps (id, name, tags, reason, source) VALUES ('jike', 'Jike', '[]', '', '')",
    """INSERT INTO targets (id, app_id, store, listing, storefront, state, next_look_at)
    VALUES (7, 'jike', 'app_store', '1', 'cn', 'available', 1000)""",
    """INSERT INTO periods (target_id, state, started_at, looks_before, inconclusive_before)
    VALUES (7, 'available', 1000, 0, 0)""",
)

# What a listing said before it went, and what one says that is suspected now.
LEFT = (
    "INSERT INTO incidents (id, app_id, opened_at, last_change_at) VALUES ('i-1', 'jike', 9, 9)",
    """INSERT INTO changes (id, target_id, incident_id, app_id, name, tags, store, listing,
    storefront, kind, from_state, to_state, before_at, after_at, confirmed_at, looks, rules,
    surfaces, rules_version)
    VALUES ('c-1', 7, 'i-1', 'jike', 'Jike', '[]', 'app_store', '1', 'cn', 'disappeared',
    'available', 'gone', 2000, 3000, 4000, 3, '[]', '[]', 1)""",
    """INSERT INTO listings (target_id, facts, facts_hash, seen_at, body, answer)
    VALUES (7, '{}', 1, 1500, 'b7', 'a7')""",
    """INSERT INTO targets (id, app_id, store, listing, storefront, state, next_look_at)
    VALUES (8, 'jike', 'app_store', '1', 'hk', 'available', 1000)""",
    """INSERT INTO listings (target_id, facts, facts_hash, seen_at, body, answer)
    VALUES (8, '{}', 1, 1500, 'b8', 'a8')""",
)
SUSPECTED = "UPDATE targets SET tallies = '[]' WHERE id = 8"


def config_of(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrate.scripts()))
    config.attributes["database"] = database
    return config


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
    if database.file is not None:
        with pytest.raises(DatabaseError, match=r"There is no database at .* yet"):
            migrate.require(database)
        database.file.touch()
    with pytest.raises(DatabaseError, match="is empty; run: appwatch db upgrade"):
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
    command.upgrade(config_of(database), FIRST)
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


def test_an_upgrade_pins_the_listings_that_past_changes_need(database_url: str) -> None:
    database = Database(database_url)
    command.upgrade(config_of(database), "0002_state")
    with database.write() as connection:
        for statement in (*BEFORE, *LEFT, SUSPECTED):
            connection.execute(text(statement))
    migrate.upgrade(database)
    with database.read() as connection:
        kept = select(tables.last_good.c.change_id, tables.last_good.c.body)
        assert {tuple(row) for row in connection.execute(kept)} == {("c-1", "b7"), (None, "b8")}
    database.close()


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Database]:
    """Return a database of the first schema, in a file."""
    database = Database(f"sqlite:///{tmp_path / 'appwatch.db'}")
    command.upgrade(config_of(database), FIRST)
    yield database
    database.close()


def at_most(database: Database, pages: int) -> None:
    """Let the file grow to so many pages, as on a disk that is full then."""
    database.close()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(database.engine, "connect", limit)


def test_an_upgrade_on_a_full_disk_is_told_and_leaves_the_database_as_it_was(old: Database) -> None:
    with old.read() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    at_most(old, pages + 2)
    with pytest.raises(DatabaseError, match="disk is full; free some space"):
        migrate.upgrade(old)
    assert migrate.current(old) == FIRST


def test_an_upgrade_that_failed_can_be_done_again(old: Database, tmp_path: Path) -> None:
    copy = tmp_path / f"appwatch.before-{migrate.HEAD}.db"
    copy.touch()
    assert migrate.upgrade(old)
    saved = Database(f"sqlite:///{copy}")
    assert migrate.current(saved) == FIRST
    saved.close()


def test_a_backup_that_fails_leaves_nothing_behind(old: Database, tmp_path: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, most))
    try:
        with pytest.raises(DatabaseError, match="cannot be copied"):
            migrate.backup(old, tmp_path / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert not list(tmp_path.glob("copy.db*"))
