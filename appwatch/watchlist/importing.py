"""Reads a CSV list that is to be added to a watchlist: a verdict for each of its lines."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from appwatch.errors import UsageError, WatchlistError
from appwatch.watchlist import csv_lists
from appwatch.watchlist.apps import made_id
from appwatch.watchlist.document import MapNode, TextNode, plain
from appwatch.watchlist.editing import NewApp
from appwatch.watchlist.files import MAX_CSV_BYTES, Unreadable, contents
from appwatch.watchlist.model import StoreRules, WatchedApp, Watchlist
from appwatch.watchlist.problems import Problems
from appwatch.watchlist.reading import row_problems


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one line: `added` (then `app` has its keys), `already_there` or `wrong`."""

    number: int
    result: str
    id: str
    name: str
    says: str | None = None
    app: NewApp | None = None


def read_lines(file: Path, watchlist: Watchlist, stores: Mapping[str, StoreRules]) -> list[Line]:
    """Return a verdict for each line. Raises UsageError or WatchlistError for no list at all."""
    if file.resolve() in [known.resolve() for known in watchlist.files]:
        raise UsageError(f"{file} belongs to the watchlist already.")
    try:
        data = contents(file, MAX_CSV_BYTES)
    except Unreadable as error:
        raise UsageError(f"{file}: {error}.") from error
    problems = Problems(str(file))
    rows = csv_lists.read(data, str(file), list(stores), problems)
    if rows is None:
        raise WatchlistError(problems.lines())
    known = {pair: app for app in watchlist.apps for pair in app.listings.items()}
    ids = {app.id: app for app in watchlist.apps}
    there = [_already_there(row, list(stores), known, ids) for row in rows]
    fresh = [row for row, app in zip(rows, there, strict=True) if app is None]
    wrong = problems.by_line()
    for place, sentences in _wrong(watchlist.files[0], stores, fresh, wrong).items():
        wrong.setdefault(place, []).extend(sentences)
    return [_line(row, list(stores), app, wrong) for row, app in zip(rows, there, strict=True)]


def _wrong(
    first: Path,
    stores: Mapping[str, StoreRules],
    rows: Sequence[MapNode],
    known: Collection[str],
) -> Mapping[str, Sequence[str]]:
    """Return what is wrong with each row; what stood in a wrong row may stand in a later one.

    `known` are the places of rows that are wrong whatever stands in them.
    """
    found = row_problems(first, stores, rows)
    places = {*found, *known}
    refused = [row for row in rows if _place(row) in places]
    if not refused:
        return found
    sound = [row for row in rows if _place(row) not in places]
    return row_problems(first, stores, [*sound, *reversed(refused)])


def _place(row: MapNode) -> str:
    return f"{row.mark.file}:{row.mark.line}"


def _already_there(
    row: MapNode,
    stores: Sequence[str],
    known: Mapping[tuple[str, str], WatchedApp],
    ids: Mapping[str, WatchedApp],
) -> WatchedApp | None:
    """Return the app that has all the listings of this row, or its id where it has none."""
    listings = [(store, _text(row, store)) for store in stores if _text(row, store)]
    if not listings:
        return ids.get(_text(row, "id"))
    first = known.get(listings[0])
    return first if all(known.get(pair) is first for pair in listings) else None


def _line(
    row: MapNode,
    stores: Sequence[str],
    there: WatchedApp | None,
    wrong: Mapping[str, Sequence[str]],
) -> Line:
    number = row.mark.line
    name, own_id = _text(row, "name"), _text(row, "id")
    if there is not None:
        return Line(number, "already_there", there.id, name, f"as {there.id}, at {there.place}")
    sentences = wrong.get(_place(row))
    if sentences:
        return Line(number, "wrong", own_id, name, "; ".join(sentences))
    made = own_id or made_id([name, *(_text(row, store) for store in stores)])
    keys = plain(row)
    app = {"id": made, **keys} if isinstance(keys, dict) else {}
    return Line(number, "added", made, name, None, app)


def _text(row: MapNode, key: str) -> str:
    node = row.get(key)
    return node.value if isinstance(node, TextNode) else ""
