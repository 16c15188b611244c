"""Whether a clock was set between two moments that it told."""

from dataclasses import dataclass
from datetime import timedelta

JUMP = timedelta(seconds=30)  # a clock that is so far off its own pace was set
SKEW = timedelta(minutes=5)  # by which the clocks of two machines may differ


@dataclass(frozen=True, slots=True)
class Beat:
    """Seconds that nobody can set, of one machine since its start.

    Beats of two starts, or of two machines, say nothing of each other.
    """

    start: str
    seconds: float


def since(beat: Beat | None, earlier: Beat | None) -> timedelta | None:
    """Return how long it surely was between two beats, or None if nobody knows."""
    if beat is None or earlier is None or beat.start != earlier.start:
        return None
    return timedelta(seconds=beat.seconds - earlier.seconds)


def jump(told: timedelta, passed: timedelta | None) -> timedelta:
    """Return how far a clock was set: it told so much, and so much passed (None: not known)."""
    off = timedelta(0) if passed is None else told - passed
    return off if abs(off) > JUMP else timedelta(0)
