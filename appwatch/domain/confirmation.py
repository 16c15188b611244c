"""How often a change must be seen before it is believed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from appwatch.domain.model import ChangeKind


@dataclass(frozen=True, slots=True)
class Confirmation:
    """So many conclusive looks, the first and the last at least `over` apart."""

    looks: int
    over: timedelta

    def holds(self, looks: int, first_at: datetime, last_at: datetime) -> bool:
        """Whether so many looks between these two moments are enough."""
        return looks >= self.looks and last_at - first_at >= self.over


@dataclass(frozen=True, slots=True)
class Policy:
    """What each kind of change needs: departures are believed slowly, arrivals soon."""

    disappeared: Confirmation = Confirmation(3, timedelta(minutes=30))  # restricted likewise
    returned: Confirmation = Confirmation(2, timedelta(0))  # appeared and listed likewise

    def needs(self, kind: ChangeKind | None) -> Confirmation:
        """Return what a change of this kind needs (None: a new period without a change)."""
        departures = (ChangeKind.DISAPPEARED, ChangeKind.RESTRICTED)
        return self.disappeared if kind in departures else self.returned
