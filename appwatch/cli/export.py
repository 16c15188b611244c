"""appwatch export timeline|changes."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from appwatch.cli.changes import read_changes
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import place_filters, read_since, since_option
from appwatch.exports import FORMATS, LISTINGS, Listing, Row, atomically

Command = TypeVar("Command", bound=Callable[..., Any])


def _into_a_file(command: Command) -> Command:
    """Add --format and --output."""
    form = click.Choice(tuple(FORMATS))
    file = click.Path(dir_okay=False, path_type=Path)
    told = "Write it to this file, whole or not at all."
    command = click.option("--output", metavar="FILE", type=file, help=told)(command)
    return click.option("--format", "form", type=form, default="csv", show_default=True)(command)


@click.group()
def export() -> None:
    """Write timelines and changes for research; docs/data-dictionary says what each column is."""


@export.command(epilog="Example: appwatch export timeline --app jike --output jike.csv")
@since_option()
@place_filters
@click.option("--tag", metavar="TAG", help="Only apps with this tag.")
@_into_a_file
@click.pass_obj
def timeline(
    entry: Entry, /, since: str | None, form: str, output: Path | None, **filters: str | None
) -> int:
    """Write the periods of every target, the oldest first; an open end is empty."""
    from appwatch.cli.filters import check_filters
    from appwatch.db import queries

    listing = LISTINGS["timeline"]
    with entry.services() as services:
        chosen = queries.Chosen(**filters, since=read_since(since, services.now()))
        require_database(services)
        check_filters(services.database, chosen)
        with services.database.read() as connection:
            periods = queries.timeline(connection, chosen)
            _write(listing, (listing.row(one) for one in periods), form, output)
    return 0


@export.command(epilog="Example: appwatch export changes --since 2020-06-01 --format jsonl")
@since_option()
@place_filters
@click.option("--tag", metavar="TAG", help="Only apps with this tag.")
@_into_a_file
@click.pass_obj
def changes(
    entry: Entry, /, since: str | None, form: str, output: Path | None, **filters: str | None
) -> int:
    """Write the confirmed changes, the oldest first."""
    listing = LISTINGS["changes"]
    found = reversed(read_changes(entry, since, filters))
    _write(listing, (listing.row(one) for one in found), form, output)
    return 0


def _write(listing: Listing, rows: Iterable[Row], form: str, output: Path | None) -> None:
    """Write the rows to the file, or to stdout without one."""
    if output is None:
        FORMATS[form](listing.names, rows, sys.stdout)
        return
    with atomically(output) as file:
        FORMATS[form](listing.names, rows, file)
