"""Rows as values: what fields and columns share by name is read by name."""

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Row

T = TypeVar("T")


def value_of(of: type[T], row: Row[Any], **told: object) -> T:
    """Return the dataclass whose fields are columns of the row, but for those that are `told`.

    A field that is neither raises KeyError, whatever its default.
    """
    columns = row._mapping  # noqa: SLF001 - public, in spite of its name
    names: Any = fields(of)  # type: ignore[arg-type]  # a dataclass, as the caller promises
    return of(**{f.name: columns[f.name] for f in names if f.name not in told}, **told)
