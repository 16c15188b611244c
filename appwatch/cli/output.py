"""Writes a listing to stdout: as a table for people, or in one of the formats for programs."""

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from appwatch.cli import saying
from appwatch.exports import FORMATS, Cell, Listing, Row, plain_text

if TYPE_CHECKING:  # rich is slow to import, and programs read no tables
    from rich.table import Table
    from rich.text import Text

# Wide enough for any row: what is no terminal breaks no lines.
_UNBROKEN = 4000
_COLOURS = {
    "available": "green",
    "returned": "green",
    "appeared": "green",
    "gone": "red",
    "disappeared": "red",
    "not_found": "red",
    "suspected": "yellow",
    "restricted": "yellow",
    "not_installable": "yellow",
    "inconclusive": "magenta",
    "failed": "red",
    "no": "red",
}


def show(listing: Listing, rows: Iterable[Row], form: str | None) -> None:
    """Write the rows; without a format, as a table on a terminal and as jsonl elsewhere."""
    chosen = form or ("table" if sys.stdout.isatty() else "jsonl")
    if chosen == "table":
        _show_table(listing, list(rows))
    else:
        FORMATS[chosen](listing.names, rows, sys.stdout)


def _show_table(listing: Listing, rows: list[Row]) -> None:
    from rich.console import Console

    if not rows:
        saying.note("There is nothing to show.")
        return
    width = None if sys.stdout.isatty() else _UNBROKEN
    Console(file=sys.stdout, width=width, highlight=False).print(_table(listing, rows))


def _table(listing: Listing, rows: list[Row]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in listing.short:
        table.add_column(name.removesuffix("_at").replace("_", " "))
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in listing.short))
    return table


def _cell(value: Cell) -> "Text":
    """Return a cell that shows text as it is, never as markup."""
    from rich.text import Text

    text = saying.harmless(short_text(value))
    return Text(text, style=_COLOURS.get(text, ""))


def short_text(value: Cell) -> str:
    """Return a cell for people: times to the minute in UTC, shares in percent."""
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
        case float():
            return f"{value:.1%}"
        case Mapping():
            return ", ".join(f"{reason} {count}" for reason, count in value.items())
        case _:
            return plain_text(value)
