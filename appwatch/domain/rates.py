"""Base rates: how common such absences are, to keep a reader honest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

WINDOW = timedelta(days=90)
_FEWEST = 2  # of less than so many days nothing is told


def days_told(looked_since: datetime | None, before: datetime) -> int:
    """Return of how many whole days rates can be told; 0 where watching has only begun."""
    watching = before - looked_since if looked_since else timedelta(0)
    days = min(WINDOW, watching).days
    return days if days >= _FEWEST else 0


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one storefront and so many days: apps watched, gone, returned, and for how long.

    The days are the last 90, or fewer where nobody looked before; 0 means that none can be told.
    """

    days: int
    watched: int
    disappeared: int
    returned: int
    absences: Sequence[timedelta] = ()

    @property
    def typical_absence(self) -> timedelta | None:
        """The median length of the absences that ended, or None if none did."""
        seconds = [absence.total_seconds() for absence in self.absences]
        return timedelta(seconds=median(seconds)) if seconds else None
