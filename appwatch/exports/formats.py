"""The formats that rows are written in. A new one is a function and a line in FORMATS."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TextIO

from appwatch.domain.moments import moment_text
from appwatch.exports.rows import Cell, Row

Writer = Callable[[Sequence[str], Iterable[Row], TextIO], None]

# What spreadsheets take for the beginning of a formula.
# Source: OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_json(_columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write one JSON array, row by row."""
    out.write("[")
    between = "\n"
    for row in rows:
        out.write(f"{between}{_json(row)}")
        between = ",\n"
    out.write("\n]\n")


def write_jsonl(_columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write one JSON object a line."""
    out.writelines(f"{_json(row)}\n" for row in rows)


def write_csv(columns: Sequence[str], rows: Iterable[Row], out: TextIO) -> None:
    """Write CSV with a header; lists in a cell are parted by spaces, null is empty."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])


FORMATS: Mapping[str, Writer] = MappingProxyType(
    {"csv": write_csv, "json": write_json, "jsonl": write_jsonl}
)


def plain_text(value: Cell) -> str:
    """Return a cell as text: times in RFC 3339, lists parted by spaces, null empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Mapping):
        return " ".join(f"{key}:{count}" for key, count in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(value)
    return str(value)


def _cell(value: Cell) -> str:
    text = plain_text(value)
    # Before Python 3.13 a lone \r is not quoted, and what stands behind it begins a row.
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{lines}" if text.startswith(_FORMULA) else lines


def _json(row: Row) -> str:
    return json.dumps(dict(row), default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    """Return what JSON has no word for in words that it has."""
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
