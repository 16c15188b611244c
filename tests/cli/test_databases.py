import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from sqlalchemy import event

from appwatch.cli import command_line
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


def _commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, *path, name)
        else:
            yield (*path, name)


WRITES = {
    ("check",),
    ("run",),
    ("demo",),
    ("alerts", "test"),
    ("db", "upgrade"),
    ("watchlist", "accept"),
    ("watchlist", "add"),
    ("watchlist", "import"),
    ("watchlist", "remove"),
}
ARGUMENTS: dict[tuple[str, ...], list[str]] = {
    ("alerts", "show"): ["1"],
    ("evidence", "bundle"): ["c-1"],
    ("evidence", "show"): ["c-1"],
    ("evidence", "verify"): ["none.wacz"],
    ("holds", "drop"): ["h-1"],
    ("holds", "release"): ["h-1"],
    ("incidents", "retract"): ["c-1", "--why", "x"],
    ("silence", "add"): ["--app", "jike", "--until", "1h"],
    ("silence", "end"): ["s-1"],
    ("watchlist", "find"): ["jike"],
}


@pytest.mark.parametrize("command", sorted({*_commands(command_line)} - WRITES), ids=" ".join)
def test_in_a_fresh_folder_a_command_that_does_not_record_makes_no_file(
    office: Office, command: tuple[str, ...]
) -> None:
    result = office.call(*command, *ARGUMENTS.get(command, []))
    assert result.exit_code in (0, 1, 2), result.output
    assert [one.name for one in office.folder.iterdir()] == ["watchlist.yaml"]
    assert "is empty" not in result.output
