import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from appwatch.cli import COMMANDS, command_line
from appwatch.cli.endings import Commands
from appwatch.cli.entry import Entry
from appwatch.wiring import Services
from tests.cli.conftest import Office

APPWATCH = (sys.executable, "-m", "appwatch")


def leaves(command: click.Command = command_line, path: str = "") -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, f"{path} {name}".strip())


def failing(error: BaseException, *, debug: bool = False) -> Entry:
    def build() -> Services:
        raise error

    return Entry(build, debug)


def test_help_takes_less_than_a_third_of_a_second() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*APPWATCH, "--help"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3


def test_help_imports_nothing_slow() -> None:
    told = "import sys, appwatch.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    slow = {"sqlalchemy", "apprise", "pydantic", "fastapi", "babel", "rich", "httpx", "structlog"}
    assert slow.isdisjoint(done.stdout.split())


@pytest.mark.parametrize("command", [*leaves()])
def test_every_help_gives_an_example(command: str) -> None:
    result = CliRunner().invoke(command_line, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"Example: appwatch {command}" in re.sub(r"APPWATCH_\S+ ", "", result.stdout)


@pytest.mark.parametrize("wrong", [["nope"], ["check", "--nope"], ["changes", "--kind", "eaten"]])
def test_wrong_use_is_one_sentence_and_exit_code_2(wrong: list[str]) -> None:
    result = CliRunner().invoke(command_line, wrong)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"appwatch: [^\n]+ See: appwatch[a-z ]* --help\n", result.stderr)


def test_every_wrong_setting_is_told_on_a_line_of_its_own(office: Office) -> None:
    office.environment |= {"APPWATCH_BASE_URL": "example", "APPWATCH_WEB_PORT": "99999"}
    result = office.call("status")
    told = result.stderr.splitlines()
    assert result.exit_code == 2
    assert [line.split(" is ")[0] for line in told] == [
        "appwatch: APPWATCH_WEB_PORT",
        "appwatch: APPWATCH_BASE_URL",
    ]


def test_a_bug_is_one_line_without_a_traceback() -> None:
    result = CliRunner().invoke(command_line, ["status"], obj=failing(KeyError("secret")))
    assert result.exit_code == 70
    assert result.stderr.startswith("appwatch: KeyError: this is a bug in appwatch.")
    assert "Traceback" not in result.stderr
    assert "secret" not in result.stderr


def test_debug_shows_where_a_bug_is() -> None:
    entry = failing(KeyError("x"))
    result = CliRunner().invoke(command_line, ["--debug", "status"], obj=entry)
    assert result.exit_code == 70
    assert "Traceback" in result.stderr


def test_an_interrupted_command_exits_130() -> None:
    result = CliRunner().invoke(command_line, ["status"], obj=failing(KeyboardInterrupt()))
    assert result.exit_code == 130


def test_a_reader_that_goes_away_is_no_error() -> None:
    shell = f"{sys.executable} -m appwatch watchlist schema | head -c 1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("{", "")


def test_what_a_terminal_cannot_show_ends_no_command(office: Office) -> None:
    settings = {**os.environ, **office.environment, "PYTHONIOENCODING": "ascii"}
    command = [*APPWATCH, "watchlist", "show"]
    ours, terminal = os.openpty()
    done = subprocess.run(
        command,
        cwd=office.folder,
        env=settings,
        stdout=terminal,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u5373" in os.read(ours, 10_000)
    for one in (ours, terminal):
        os.close(one)


def test_what_goes_to_a_file_is_utf_8_whatever_the_terminal(office: Office) -> None:
    settings = {**os.environ, **office.environment, "PYTHONIOENCODING": "ascii"}
    command = [*APPWATCH, "watchlist", "export"]
    done = subprocess.run(command, cwd=office.folder, env=settings, capture_output=True, check=True)
    assert "jike,即刻,966129812" in done.stdout.decode()


def test_the_table_and_the_commands_agree() -> None:
    assert isinstance(command_line, Commands)
    for name in COMMANDS:
        found = command_line.get_command(click.Context(command_line), name)
        assert found is not None
        assert found.name == name
