"""What can be wrong with a database is told in one clear sentence."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from appwatch.db import migrate
from appwatch.db.engine import Database
from appwatch.errors import DatabaseError


@pytest.mark.parametrize("url", ["nonsense", "mysql://somewhere/x", "", "sqlite//x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="expected sqlite:///FILE"):
        Database(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear reader, " * 1000)
    with pytest.raises(DatabaseError, match=r"letter\.db.* is not an SQLite database"):
        migrate.upgrade(Database(f"sqlite:///{file}"))


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="check that its folder exists"):
        migrate.current(Database(f"sqlite:///{tmp_path}/nowhere/appwatch.db"))


def test_a_locked_database_is_told_after_a_while(tmp_path: Path) -> None:
    file = tmp_path / "appwatch.db"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("PRAGMA journal_mode = WAL")
    holder.execute("BEGIN IMMEDIATE")
    database = Database(f"sqlite:///{file}", busy_seconds=0.1)
    with pytest.raises(DatabaseError, match="another process"), database.write():
        pass
    holder.close()
    database.close()


def test_writers_of_one_process_wait_for_each_other_however_long_it_takes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'appwatch.db'}", busy_seconds=0.01)
    migrate.upgrade(database)

    def write() -> bool:
        with database.write():
            return True

    with ThreadPoolExecutor() as threads:
        with database.write():
            second = threads.submit(write)
            with pytest.raises(TimeoutError):
                second.result(0.3)
        assert second.result()
    database.close()


def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "appwatch.db"
    migrate.upgrade(Database(f"sqlite:///{file}"))
    database = Database(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(DatabaseError, match="cannot be written"), database.write() as connection:
        connection.execute(text("DELETE FROM watchlists"))
    database.close()


def test_a_full_database_is_told_and_loses_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'appwatch.db'}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseError, match="disk is full"), database.write() as connection:
        connection.execute(
            text("INSERT INTO watchlists (digest, accepted_at, content) VALUES ('x', 1, :text)"),
            {"text": "x" * 100_000},
        )
    assert migrate.current(database) == migrate.HEAD
    database.close()


def test_no_message_shows_a_password() -> None:
    database = Database("postgresql+psycopg://me:hunter2@127.0.0.1:1/none")
    with pytest.raises(DatabaseError) as told, database.read():
        pass
    assert "hunter2" not in str(told.value)
