"""When appwatch's own trouble becomes an alarm for its operators, and when that is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

LONGEST_WAIT: Final = timedelta(minutes=2)  # that trouble must last, with rounds as long as that
LONGEST_REST: Final = timedelta(minutes=10)  # that it must be gone
# Rounds that it must last: one that is bad is no lack, and what a stop left is made up for in one.
ROUNDS: Final = 2
MADE_UP: Final = 1


class AlarmKind(StrEnum):
    """What operators are told of."""

    SICK = "sick"  # the controls of a storefront, or of a store, are not seen
    INSTRUMENT = "instrument"  # many targets fail alike
    HOLD = "hold"  # so much is missing at once that it is held back
    WATCHLIST_REJECTED = "watchlist_rejected"  # an edit cannot be used
    WATCHLIST_WAITING = (
        "watchlist_waiting"  # an edit leaves out so much that a person must accept it
    )
    COVERAGE = "coverage"  # too few looks prove anything
    LATE = "late"  # looks do not keep up
    EVIDENCE = "evidence"  # answers cannot be kept
    DISK = "disk"  # there is little room left
    CLOCK = "clock"  # the clock was set


# What was weighed before it is known, and what a person did: told at once.
AT_ONCE: Final = frozenset(
    {
        AlarmKind.HOLD,
        AlarmKind.WATCHLIST_REJECTED,
        AlarmKind.WATCHLIST_WAITING,
        AlarmKind.CLOCK,
    }
)
# What only the machine knows that it happens on.
LOCAL: Final = frozenset({AlarmKind.EVIDENCE, AlarmKind.DISK, AlarmKind.CLOCK})
# While one of these stands, what appwatch says of apps is not to be relied on.
GRAVE: Final = frozenset({AlarmKind.COVERAGE, AlarmKind.LATE, AlarmKind.EVIDENCE, AlarmKind.DISK})


@dataclass(frozen=True, slots=True)
class CoverageRule:
    """Less than the share `least` of the looks within `over` proving anything is too little."""

    least: float = 0.8
    over: timedelta = timedelta(hours=6)

    def counted(self, every: timedelta) -> timedelta:
        """Return the time that is counted: no less than too little must last."""
        return max(self.over, ROUNDS * every)


@dataclass(frozen=True, slots=True)
class Fact:
    """Trouble as it is now. `about` tells it from others of its kind, `since` is when it began.

    `content` is JSON: what a message says of it.
    """

    kind: AlarmKind
    about: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None

    @property
    def key(self) -> str:
        """What tells it from all others, as long as it lasts."""
        return f"{self.kind.value} {self.about}".strip()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long trouble must last until it is told, and how long it must be gone until that is."""

    lasts: timedelta
    over: timedelta
    every: timedelta

    @classmethod
    def of(cls, every: timedelta) -> "Patience":
        """Return the patience of those who look so often."""
        return cls(min(LONGEST_WAIT, every), min(LONGEST_REST, every), every)

    def before(self, kind: AlarmKind) -> timedelta:
        """Return how long trouble of this kind must last."""
        if kind is AlarmKind.COVERAGE:
            return ROUNDS * self.every
        if kind is AlarmKind.LATE:
            return MADE_UP * self.every
        return timedelta(0) if kind in AT_ONCE else self.lasts


class Step(StrEnum):
    """What becomes of an alarm."""

    FORGOTTEN = "forgotten"  # it went before it was told
    OPENED = "opened"  # it has lasted: it is told
    QUIET = "quiet"  # it is gone, perhaps for a moment only
    BACK = "back"  # it was gone for a moment only
    ENDED = "ended"  # it is over: that is told


def step(
    kind: AlarmKind,
    times: tuple[datetime, datetime | None, datetime | None],
    now: datetime,
    patience: Patience,
    *,
    stands: bool,
) -> Step | None:
    """Return what becomes of an alarm, or None if it stays as it is.

    `times` are when its trouble was met, when it was told and since when it is gone; `stands`:
    the trouble is there now. A clock that was set back ends a wait early, and none lasts for ever.
    """
    met_at, opened_at, quiet_since = times
    if opened_at is None:
        if not stands:
            return Step.FORGOTTEN
        return Step.OPENED if abs(now - met_at) >= patience.before(kind) else None
    if stands:
        return Step.BACK if quiet_since else None
    if quiet_since is None:
        return Step.QUIET
    return Step.ENDED if abs(now - quiet_since) >= patience.over else None
