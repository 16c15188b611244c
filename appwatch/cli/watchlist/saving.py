"""Shows an edit, and saves it unless it was only to be shown."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from appwatch.cli import saying

if TYPE_CHECKING:
    from appwatch.watchlist import Edit

Command = TypeVar("Command", bound=Callable[..., Any])
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def dry_run(command: Command) -> Command:
    """Add --dry-run."""
    told = "Show what would be written, and write nothing."
    return click.option("--dry-run", is_flag=True, help=told)(command)


def save(edit: "Edit", *, only_shown: bool, err: bool = False) -> None:
    """Write the diff to stdout (or stderr), and the edit to its file. Raises UsageError."""
    from appwatch.watchlist import save as save_edit

    show_diff(edit.diff(), err=err)
    if only_shown:
        saying.note("Nothing was written: this was a dry run.")
        return
    save_edit(edit)
    saying.note(f"{edit.file} is saved; a running appwatch follows it within seconds.")


def show_diff(lines: list[str], *, err: bool = False) -> None:
    """Write a diff to stdout (or stderr), in colours on a terminal only."""
    coloured = (sys.stderr if err else sys.stdout).isatty()
    for line in lines:
        text = saying.harmless(line)
        colour = _COLOURS.get(text[:1]) if coloured else None
        click.echo(click.style(text, fg=colour) if colour else text, err=err)
