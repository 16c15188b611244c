"""appwatch watchlist import|export."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.endings import DONE, PROBLEM
from appwatch.cli.entry import Entry
from appwatch.cli.options import listing_format
from appwatch.cli.output import show as show_listing
from appwatch.cli.watchlist.saving import dry_run, save

if TYPE_CHECKING:
    from appwatch.exports import Row
    from appwatch.watchlist import Watchlist
    from appwatch.watchlist.importing import Line


@click.command("import", epilog="Example: appwatch watchlist import apps.csv --dry-run")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Add nothing if one line is wrong.")
@dry_run
@listing_format
@click.pass_obj
def import_(entry: Entry, file: Path, form: str | None, *, strict: bool, dry_run: bool) -> int:
    """Add the apps of a CSV list to the watchlist, and tell what became of each line.

    The header is that of `from_csv`. Wrong lines do not keep the good ones out; exit code 1 if
    there are any.
    """
    from appwatch.exports import LISTINGS
    from appwatch.watchlist import editing, judged, text_of
    from appwatch.watchlist.importing import read_lines

    with entry.services() as services:
        read = services.watchlist()
        lines = read_lines(file, read, services.stores)
        wrong = [line for line in lines if line.result == "wrong"]
        fresh = [line.app for line in lines if line.app is not None]
        kept = bool(strict and wrong)
        added = not (kept or dry_run)
        if fresh and not kept:
            text = editing.add(text_of(read, read.files[0]), fresh)
            edit, _ = judged(read, services.stores, read.files[0], text)
            save(edit, only_shown=dry_run, err=True)  # stdout has the report
    show_listing(LISTINGS["imported"], [_row(line, added=added) for line in lines], form)
    if kept:
        saying.note("Nothing was added: a line is wrong, and --strict was given.")
    return PROBLEM if wrong else DONE


@click.command(epilog="Example: appwatch watchlist export > apps.csv")
@click.pass_obj
def export(entry: Entry) -> int:
    """Write the apps as a CSV list, which `from_csv` and `import` can read.

    Groups are resolved. Reasons, sources and pauses have no column there.
    """
    from appwatch.watchlist import csv_lists

    with entry.services() as services:
        read = services.watchlist()
        csv_lists.write(read.apps, list(services.stores), sys.stdout)
    _tell_left_out(read)
    return DONE


def _tell_left_out(read: "Watchlist") -> None:
    """Say what the list has no column for."""
    paused = [app.id for app in read.apps if app.paused]
    if paused:
        saying.note(f"The list cannot say that these are paused: {', '.join(paused)}.")
    if any(app.reason or app.source for app in read.apps):
        saying.note("The list has no column for reasons and sources.")


def _row(line: "Line", *, added: bool) -> "Row":
    return {
        "line": line.number,
        "app": line.id,
        "name": line.name,
        "result": "not_added" if line.app is not None and not added else line.result,
        "says": line.says,
    }
