"""Stretches of time: the union of spells, asked quickly."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator


class Spans:
    """The union of stretches from a start until before an end, in seconds."""

    def __init__(self, stretches: Iterable[tuple[float, float]]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        for start, end in sorted(stretches):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return zip(self._starts, self._ends, strict=True)

    def covers(self, at: float) -> bool:
        """Whether one of them is under way."""
        return self.past(at) > at

    def past(self, at: float) -> float:
        """Return the end of the one under way, or the same moment if none is."""
        number = bisect_right(self._starts, at) - 1
        return max(at, self._ends[number]) if number >= 0 else at

    def overlap(self, start: float, end: float) -> float:
        """Return how many seconds of this stretch they take."""
        both = (min(end, e) - max(start, s) for s, e in self)
        return sum(seconds for seconds in both if seconds > 0)
