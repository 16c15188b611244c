"""The group of all commands: imports each on use, and turns every ending into an exit code."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from appwatch import __version__
from appwatch.cli import saying
from appwatch.cli.entry import Entry
from appwatch.errors import AppwatchError, WatchlistError

DONE = 0
PROBLEM = 1
WRONG_USE = 2
NOTHING_REACHED = 3
BUG = 70  # as in sysexits.h: an internal software error
INTERRUPTED = 130
PIPE_CLOSED = 141  # what a shell reports of a process that SIGPIPE ended


def _debug(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        context.ensure_object(Entry).debug = True


class Commands(click.Group):
    """Commands by name, from a table; a command's module and its object bear its name."""

    def __init__(self, table: Mapping[str, str], package: str, **attributes: Any) -> None:  # noqa: ANN401
        debug = click.Option(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            callback=_debug,
            help="Show the traceback of an error that is a bug.",
        )
        super().__init__("appwatch", params=[debug], no_args_is_help=True, **attributes)
        click.version_option(__version__, prog_name="appwatch")(self)
        self._table = table
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the table's order."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command, or return None if there is none of that name."""
        if cmd_name not in self._table:
            return None
        module = import_module(f"{self._package}.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table as it stands: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._table.items()))

    def main(  # type: ignore[override]  # narrower: it always ends the process
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        **extra: Any,  # noqa: ANN401 - click's own signature
    ) -> NoReturn:
        """Run the command and end the process with its exit code; never shows a traceback."""
        entry: Entry = extra.setdefault("obj", Entry())
        extra["standalone_mode"] = False
        try:
            code = super().main(args, prog_name, **extra)
        except BaseException as error:  # noqa: BLE001 - the edge of the process: every ending has a code
            code = _code_of(error, entry)
        sys.exit(code if isinstance(code, int) else DONE)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; a reader that went away is no error."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _leave_the_pipe()
            return PIPE_CLOSED
        return result


def _leave_the_pipe() -> None:
    """Send what is still buffered nowhere, so that the end of the process stays quiet."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # stdout is no file of the system: nothing is buffered there
        return


def _code_of(error: BaseException, entry: Entry) -> int:
    """Say what ended the command, in one sentence a line, and return the exit code."""
    match error:
        case WatchlistError():
            for problem in error.problems:
                saying.line(problem)
            return WRONG_USE
        case AppwatchError():
            for sentence in str(error).splitlines():
                saying.note(sentence)
            return WRONG_USE
        case click.ClickException():
            saying.note(f"{error.format_message()} {_more_help(error)}".strip())
            return WRONG_USE
        case click.Abort() | KeyboardInterrupt():
            return INTERRUPTED
        case SystemExit():
            return error.code if isinstance(error.code, int) else PROBLEM
        case _:
            _tell_bug(error, entry)
            return BUG


def _more_help(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"See: {context.command_path} --help" if context else ""


def _tell_bug(error: BaseException, entry: Entry) -> None:
    import traceback

    kind = type(error).__name__
    saying.note(
        f"{kind}: this is a bug in appwatch. Run it again with `appwatch --debug ...` to see "
        "where it happened, and please report it."
    )
    if entry.debug or os.environ.get("APPWATCH_LOG_FORMAT") == "json":
        text = "".join(traceback.format_exception(error))
        for secret in entry.secrets:
            text = text.replace(secret, "***")
        saying.line(text.rstrip())
