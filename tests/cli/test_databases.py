import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from appwatch.wiring import Services
from tests.cli.conftest import Office


@pytest.fixture
def file(office: Office) -> Path:
    return office.folder / "appwatch.db"


def impatient(services: Services) -> None:
    """Let a writer wait for 50 ms only."""

    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 50")

    event.listen(services.database.engine, "connect", hurry)


def test_a_locked_database_is_told(office: Office, file: Path) -> None:
    office.call("check")
    office.prepare = impatient
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = office.call("check")
    assert result.exit_code == 2
    assert "another process has kept it locked" in result.stderr


def test_a_locked_database_can_be_read(office: Office, file: Path) -> None:
    office.call("check")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert office.call("status").exit_code == 0


def test_a_newer_database_is_told(office: Office, file: Path) -> None:
    office.call("check")
    with closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    for command in ("status", "check", "changes"):
        result = office.call(command)
        assert result.exit_code == 2
        assert "newer than this appwatch" in result.stderr


def test_a_database_that_only_can_be_read_is_told(office: Office, file: Path) -> None:
    office.call("check")
    office.environment["APPWATCH_DATABASE_URL"] = f"sqlite:///file:{file}?mode=ro&uri=true"
    office.write((office.folder / "watchlist.yaml").read_text("utf-8") + "\n# edited\n")
    result = office.call("check")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_file_that_is_no_database_is_told(office: Office, file: Path) -> None:
    file.write_bytes(b"no database at all" * 100)
    for command in ("status", "check"):
        result = office.call(command)
        assert result.exit_code == 2
        assert "is not an SQLite database" in result.stderr


def test_a_folder_in_the_place_of_the_database_is_told(office: Office, file: Path) -> None:
    file.mkdir()
    for command in ("status", "check"):
        result = office.call(command)
        assert result.exit_code == 2
        assert "it cannot be opened" in result.stderr


def test_an_empty_database_is_told_to_be_upgraded(office: Office, file: Path) -> None:
    file.touch()
    result = office.call("status")
    assert result.exit_code == 2
    assert "run: appwatch db upgrade" in result.stderr


def test_upgrade_current_and_backup(office: Office, file: Path) -> None:
    assert office.call("db", "current").exit_code == 2
    assert "upgraded, at revision" in office.call("db", "upgrade").stdout
    assert "nothing to do" in office.call("db", "upgrade").stdout
    assert office.call("db", "current").exit_code == 0
    copy = file.with_name("copy.db")
    assert office.call("db", "backup", str(copy)).stdout.strip() == str(copy)
    assert office.call("db", "backup", str(copy)).exit_code == 2
    assert office.call("db", "backup").stdout.startswith(str(file.with_name("appwatch-2026")))
