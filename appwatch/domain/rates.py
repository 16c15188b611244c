"""Base rates: how common such absences are, to keep a reader honest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

WINDOW = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one storefront and the last 90 days: apps watched, gone, returned, and for how long."""

    watched: int
    disappeared: int
    returned: int
    absences: Sequence[timedelta] = ()

    @property
    def typical_absence(self) -> timedelta | None:
        """The median length of the absences that ended, or None if none did."""
        seconds = [absence.total_seconds() for absence in self.absences]
        return timedelta(seconds=median(seconds)) if seconds else None
