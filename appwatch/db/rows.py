"""Rows as values: what fields and columns share by name is read by name."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, RowMapping

from appwatch.domain.routing import Topic

T = TypeVar("T")


def value_of(of: type[T], row: Row[Any], **told: object) -> T:
    """Return the dataclass or struct whose fields are columns of the row, or are `told`.

    A field that is neither raises KeyError, whatever its default.
    """
    columns = _columns(row)
    # A struct, where it is no dataclass: as the caller promises.
    known: Any = fields(of) if is_dataclass(of) else msgspec.structs.fields(of)  # type: ignore[arg-type]
    names = (one.name for one in known if one.name not in told)
    return of(**{name: columns[name] for name in names}, **told)


def topic_of(row: Row[Any] | Mapping[str, Any]) -> Topic:
    """Return what a change is about, as far as routing asks; a target's has no kind."""
    columns: RowMapping | Mapping[str, Any] = _columns(row) if isinstance(row, Row) else row
    return Topic(
        columns.get("kind", ""),
        columns["app_id"],
        columns["tags"],
        columns["store"],
        columns["storefront"],
    )


def _columns(row: Row[Any]) -> RowMapping:
    return row._mapping  # noqa: SLF001 - public, in spite of its name
