"""What a listing or an export is made of: rows and columns, and the columns that many share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

# Raised when a column changes its meaning. New columns only ever come last.
VERSION = 1

Cell = str | int | float | bool | datetime | Sequence[str] | Mapping[str, int] | None
Row = Mapping[str, Cell]


class Column(NamedTuple):
    """One column and what stands in it."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The columns of one listing; `short` are those that a table on a terminal shows."""

    name: str
    columns: tuple[Column, ...]
    short: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def row(self, value: object) -> Row:
        """Return the row of a value whose attributes are named like the columns."""
        return {name: getattr(value, name) for name in self.names}


APP = Column("app", "The app's id in the watchlist.")
NAME = Column("name", "The app's name.")
STORE = Column("store", "`app_store` or `google_play`.")
LISTING = Column("listing", "The app's identity in the store: track id or package name.")
STOREFRONT = Column("storefront", "The country, ISO 3166-1 alpha-2 in small letters.")
STATE = Column("state", "What is held true; `suspected` while a departure is unconfirmed.")
