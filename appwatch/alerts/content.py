"""Reads the JSON of notices and of contexts: any key may be missing, or of another type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from appwatch.alerts.wording import plain

_MOST: Final = 10**9  # a count beyond this is none


@dataclass(frozen=True, slots=True)
class Content:
    """A JSON object of which nothing is expected; what cannot be used reads as missing."""

    values: Mapping[str, Any]  # Any: JSON

    @classmethod
    def of(cls, value: object) -> "Content":
        """Return the value as content; anything but a JSON object has no keys."""
        return cls(value if isinstance(value, Mapping) else {})

    def text(self, key: str, longest: int = 500) -> str:
        """Return the text on one line, or nothing."""
        value = self.values.get(key)
        return plain(value, longest) if isinstance(value, str) else ""

    def count(self, key: str) -> int | None:
        """Return the whole number, from 0 up, or None."""
        value = self.values.get(key)
        counts = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
        return value if counts else None

    def at(self, key: str) -> datetime | None:
        """Return the RFC 3339 moment in UTC, or None."""
        return read_moment(self.text(key))

    def part(self, key: str) -> "Content":
        """Return the object under this key."""
        return Content.of(self.values.get(key))

    def parts(self, key: str) -> "list[Content]":
        """Return the objects of the list under this key."""
        value = self.values.get(key)
        return [Content.of(one) for one in value] if isinstance(value, list | tuple) else []

    def words(self, key: str) -> list[str]:
        """Return the texts of the list under this key, each on one line and short."""
        value = self.values.get(key)
        found = value if isinstance(value, list | tuple) else []
        return [plain(one, 20) for one in found if isinstance(one, str)]


def read_moment(text: str) -> datetime | None:
    """Return the moment that a text in RFC 3339 names, in UTC; without a zone it is UTC."""
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
