"""CSV lists of apps, row by row into the same tree as the YAML, so that one reader checks both."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Protocol, TextIO

from appwatch.watchlist.document import Entry, ListNode, MapNode, Node, TextNode
from appwatch.watchlist.model import WatchedApp
from appwatch.watchlist.problems import (
    Mark,
    Problems,
    quoted,
    suggestion,
    undecodable,
    unprintable,
)

_STOREFRONTS = "_storefronts"
_PARTED_BY = ",;\t"  # spreadsheets write what their country writes
# What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Rows(Protocol):
    """What csv.reader returns."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...


def columns(stores: Sequence[str]) -> list[str]:
    """Return the columns that a list may have, in the order of the documented header."""
    return ["id", "name", *stores, *(f"{store}{_STOREFRONTS}" for store in stores), "tags"]


def read(data: bytes, file: str, stores: Sequence[str], problems: Problems) -> list[MapNode] | None:
    """Return one map for each app of the list, or None where it cannot be read on.

    Cells are parted by commas, semicolons or tabs, as the header is. They are taken as written,
    without the spaces around; empty ones count as not written; the lists in a cell are parted
    by spaces. A mark's column is the number of the cell.
    """
    text = _text(data, file, problems)
    if text is None:
        return None
    rows = _reader(text)
    try:
        header = next(iter(rows), None)
        if header is None:
            problems.add(Mark(file, 1, 1), f"the file is empty; expected {_expected(stores)}")
            return None
        names = _header(header, file, stores, problems)
        return [_app(names, cells, problems) for cells in _cells(rows, file)] if names else None
    except csv.Error as error:
        mark = Mark(file, max(rows.line_num, 1), 1)
        problems.add(mark, f"this is not CSV: {error}; expected cells parted by commas")
        return None


def without_row(text: str, line: int) -> str:
    """Return the text without the row that begins in this line, counted from 1."""
    lines = list(io.StringIO(text, newline=""))  # as the reader counts them
    rows = _reader(text)
    begins = 1
    for _ in rows:
        if begins == line:
            return "".join([*lines[: line - 1], *lines[rows.line_num :]])
        begins = rows.line_num + 1
    raise ValueError(line)


def write(apps: Iterable[WatchedApp], stores: Sequence[str], out: TextIO) -> None:
    """Write apps as a list that can be read again; storefronts are resolved.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns(stores))
    for app in apps:
        places = (" ".join(app.storefronts.get(store, ())) for store in stores)
        listings = (app.listings.get(store, "") for store in stores)
        row = [app.id, app.name, *listings, *places, " ".join(app.tags)]
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])


def _unmarked(cell: str) -> str:
    """Return a cell as it was before an apostrophe was put before what looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def _reader(text: str) -> _Rows:
    first = text.partition("\n")[0]
    parted_by = next((sign for sign in _PARTED_BY if sign in first), ",")
    return csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=parted_by)


def _text(data: bytes, file: str, problems: Problems) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(*undecodable(error, data, file))
        return None
    broken = unprintable(text, file)
    if broken:
        problems.add(*broken)
        return None
    return text


def _expected(stores: Sequence[str]) -> str:
    return f"a header of these columns: {','.join(columns(stores))}"


def _header(
    header: list[str], file: str, stores: Sequence[str], problems: Problems
) -> list[str] | None:
    """Return the columns, or None if one of them is wrong: the rows would be misread."""
    names = ["_".join(cell.split()).lower() for cell in header]
    known = columns(stores)
    sound = any(names)
    if not sound:
        problems.add(Mark(file, 1, 1), f"no column is named; expected {_expected(stores)}")
    for at, name in enumerate(names):
        wrong = _wrong_column(name, names[:at], known) if name else None
        if wrong:
            sound = False
            problems.add(Mark(file, 1, at + 1), wrong)
    return names if sound else None


def _wrong_column(name: str, before: list[str], known: list[str]) -> str | None:
    if name in before:
        return f"the column {quoted(name)} stands twice; expected it once"
    if name in known:
        return None
    return f"unknown column {quoted(name)}; {suggestion(name, known)}"


def _cells(rows: _Rows, file: str) -> Iterator[list[TextNode]]:
    """Yield the cells of each row that holds something."""
    line = rows.line_num
    for row in rows:
        # A quoted cell may hold line breaks: a row begins after the last line of the one before.
        line, begins = rows.line_num, line + 1
        if any(cell.strip() for cell in row):
            yield [
                TextNode(
                    _unmarked(cell.strip()), Mark(file, begins, at + 1), empty=not cell.strip()
                )
                for at, cell in enumerate(row)
            ]


def _app(names: list[str], cells: list[TextNode], problems: Problems) -> MapNode:
    # Spreadsheets write columns without a name where once something stood.
    nameless = [cell for cell, name in zip_longest(cells, names) if cell and not name]
    for extra in nameless:
        if not extra.empty:
            problems.add(extra.mark, f"a cell too many; expected {len(names)} in each row")
    entries: dict[str, Node] = {}
    storefronts: dict[str, Node] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell.empty or not name:
            continue
        if name.endswith(_STOREFRONTS):
            storefronts[name.removesuffix(_STOREFRONTS)] = _words(cell)
        else:
            entries[name] = _words(cell) if name == "tags" else cell
    if storefronts:
        entries["storefronts"] = _map(storefronts, next(iter(storefronts.values())).mark)
    return _map(entries, cells[0].mark)


def _words(cell: TextNode) -> ListNode:
    return ListNode(tuple(TextNode(word, cell.mark) for word in cell.value.split()), cell.mark)


def _map(values: dict[str, Node], mark: Mark) -> MapNode:
    return MapNode({key: Entry(value.mark, value) for key, value in values.items()}, mark)
