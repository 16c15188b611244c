"""When a target is looked at next, and when a look was late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from appwatch.domain import clocks
from appwatch.domain.confirmation import WAIVED_AFTER, WAIVED_LOOKS, Confirmation
from appwatch.domain.state import Tally

SOON = timedelta(minutes=1)  # the first look after a suspicion
JITTER = 0.05  # share of `every` by which a round may begin later
GATHER = 0.1  # share of `every` by which a target may be looked at early, to share a request
NEAREST = 0.25  # share of `every` that must lie between a look and the next round
FURTHEST = 1 + NEAREST + JITTER + 0.01  # times `every` that a next look may lie ahead
NONSENSE_EVERY = 40  # about one sweep of so many begins with an app that cannot exist
BEHIND = 2  # a look later than so many times `every` means that looks do not keep up
LATE = 0.5  # share of `every` after which a look counts as late
SKEW = clocks.SKEW
LONGEST_REST = timedelta(days=1)  # no host is left alone for longer, whatever it asks for


@dataclass(frozen=True, slots=True)
class Rest:
    """A host left alone until a moment, after so many refusals in a row."""

    until: datetime
    strikes: int

    def believed(self, now: datetime) -> "Rest":
        """Return this rest, ended if it lies further ahead than any rest can.

        The clock was ahead when it was made.
        """
        return self if self.until <= now + LONGEST_REST + SKEW else Rest(now, self.strikes)


def next_round(now: datetime, every: timedelta, place: str) -> datetime:
    """Return when the next round of a storefront begins.

    `place` names the storefront ("app_store/cn"): each has its own phase within `every`,
    so that requests spread evenly and the targets of a storefront stay together.
    """
    step = every.total_seconds()
    phase = _share(place) * step
    rounds = (now.timestamp() + NEAREST * step - phase) // step + 1
    jitter = _share(f"{place} {rounds:.0f}") * JITTER * step
    return datetime.fromtimestamp(phase + rounds * step + jitter, tz=now.tzinfo)


def next_look(
    now: datetime, every: timedelta, place: str, tallies: Iterable[tuple[Tally, Confirmation]]
) -> datetime:
    """Return when the target is to be looked at next: soon, while something is unconfirmed.

    Looks that count for nothing come ever more rarely, and with the rounds in the end.
    """
    waits = [
        max(recheck_after(tally, needed, every), now - tally.last_at) for tally, needed in tallies
    ]
    if not waits:
        return next_round(now, every, place)
    return min(now + min(waits), next_round(now, every, place))


def recheck_after(tally: Tally, needed: Confirmation, every: timedelta) -> timedelta:
    """Return the wait until an unconfirmed change is looked at again: soon, then spread.

    Where only the second surface is missing, the looks spread until it would be waived.
    """
    went = tally.last_at - tally.counted_from
    over, looks = needed.over, needed.looks
    if tally.looks >= looks and went >= over and needed.second:
        over, looks = WAIVED_AFTER, WAIVED_LOOKS
    left = max(over - went, timedelta(0)) / max(looks - tally.looks, 1)
    return min(SOON if tally.looks == 1 else max(left, SOON), every)


def is_late(due_at: datetime, now: datetime, every: timedelta) -> bool:
    """Whether a look that begins now is late."""
    return now - due_at > LATE * every


def is_behind(due_at: datetime, now: datetime, every: timedelta) -> bool:
    """Whether looks do not keep up, the oldest being due since then."""
    return now - due_at > BEHIND * every


def rounds_missed(due_at: datetime, now: datetime, every: timedelta) -> int:
    """Return how many whole rounds passed without a look since one was due."""
    return max(int((now - due_at) / every), 0)


def asks_nonsense(place: str, sweep: int) -> bool:
    """Whether this sweep of a storefront begins with an app that cannot exist."""
    return _share(f"nonsense {place} {sweep}") * NONSENSE_EVERY < 1


def _share(text: str) -> float:
    """Return a number in [0, 1) that is always the same for the same text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest()) / 2**32
