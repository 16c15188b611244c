"""How often, and by what, a change must be seen before it is believed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from appwatch.domain.model import ChangeKind

# A second surface that says nothing conclusive for so long is waived after so many looks.
WAIVED_AFTER = timedelta(hours=2)
WAIVED_LOOKS = 6
# One that contradicts for so long is told as a dispute: nothing is missed silently.
DISPUTED_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """So many conclusive looks, the first and the last at least `over` apart.

    `second` names the surfaces of which one must agree; empty where a store has none.
    """

    looks: int
    over: timedelta
    second: Collection[str] = ()

    def holds(
        self,
        looks: int,
        counted_from: datetime,
        last_at: datetime,
        surfaces: Collection[str] = (),
        contradicted_at: datetime | None = None,
        unasked: int = 0,
    ) -> bool:
        """Whether so many looks are enough, the time between these two moments among them.

        `surfaces` are those that agreed so far; `contradicted_at` is when a second surface
        last said otherwise; `unasked` of the looks did not ask any: that is no silence.
        """
        if looks < self.looks or last_at - counted_from < self.over:
            return False
        if not self.second or not set(self.second).isdisjoint(surfaces):
            return True
        silent_from = max(contradicted_at or counted_from, counted_from)
        return looks - unasked >= WAIVED_LOOKS and last_at - silent_from >= WAIVED_AFTER


@dataclass(frozen=True, slots=True)
class Policy:
    """What each kind of change needs: departures are believed slowly, arrivals soon.

    `second` are the store's surfaces beside the one that is looked at.
    """

    disappeared: Confirmation = Confirmation(3, timedelta(minutes=30))  # restricted likewise
    returned: Confirmation = Confirmation(2, timedelta(0))  # appeared and listed likewise
    second: Collection[str] = ()

    def needs(self, kind: ChangeKind | None) -> Confirmation:
        """Return what a change of this kind needs (None: a new period without a change)."""
        if kind is ChangeKind.DISAPPEARED:
            return Confirmation(self.disappeared.looks, self.disappeared.over, self.second)
        return self.disappeared if kind is ChangeKind.RESTRICTED else self.returned
