"""When which target is looked at: the product's own rounds, at a pace, past our own stops."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from heapq import heapify, heappop, heappush
from itertools import accumulate

from appwatch.domain.timing import is_late, next_round
from benchmarks.verdicts.spans import Spans
from benchmarks.verdicts.trace import (
    APP_STORE,
    BATCH,
    GOOGLE_PLAY,
    Fault,
    Target,
    Trace,
    moment,
    since_begin,
)

APPLE_PER_MINUTE = 20.0  # the default setting


@dataclass(frozen=True, slots=True)
class Sweep:
    """One round of looks in one storefront: when it was due, when it was under way."""

    due: float
    start: float
    end: float
    requests: int


class Schedule:
    """The sweeps of both stores. A host is asked one request at a time, what is due first first.

    The few requests that a policy makes beside its rounds take no turn from the rounds;
    they wait until what was due before them is done.
    """

    def __init__(self, trace: Trace, play_per_minute: float) -> None:
        self.trace = trace
        self.per_minute = {APP_STORE: APPLE_PER_MINUTE, GOOGLE_PLAY: play_per_minute}
        self._stops = Spans((e.start, e.end) for e in trace.of(Fault.PROCESS))
        self.sweeps = {store: self._sweep(store) for store in self.per_minute}
        self._starts = {
            (store, place): [sweep.start for sweep in sweeps]
            for store, places in self.sweeps.items()
            for place, sweeps in places.items()
        }
        self._queues = {store: _queue(places) for store, places in self.sweeps.items()}

    def requests(self, store: str) -> int:
        """Return how many requests one round of a storefront takes."""
        apps = self.trace.rates.apps
        return -(-apps // BATCH) if store == APP_STORE else apps

    def gap(self, store: str) -> float:
        """Return the seconds between two requests to the store."""
        return 60 / self.per_minute[store]

    def at_or_after(self, target: Target, at: float) -> float | None:
        """Return the target's first look in a round from this moment on, or None."""
        starts = self._starts[target.store, target.storefront]
        offset = self._offset(target)
        first = max(bisect_left(starts, at - offset) - 1, 0)
        looks = (self._pass(start, offset) for start in starts[first : first + 3])
        return next((look for look in looks if look >= at), None)

    def after(self, target: Target, at: float) -> float | None:
        """Return the target's next look in a round after this moment, or None."""
        return self.at_or_after(target, at + 0.001)

    def before(self, target: Target, at: float) -> float | None:
        """Return the target's last look in a round before this moment, or None."""
        starts = self._starts[target.store, target.storefront]
        offset = self._offset(target)
        last = bisect_left(starts, at - offset)
        looks = (self._pass(start, offset) for start in reversed(starts[max(last - 2, 0) : last]))
        return next((look for look in looks if look < at), None)

    def served(self, store: str, due: float) -> float | None:
        """Return when a look outside the rounds is made that is due then, or None if never."""
        dues, ends = self._queues[store]
        before = bisect_right(dues, due) - 1
        at = max(due, ends[before]) if before >= 0 else due
        at = self._stops.past(at)
        return at if at < self.trace.rates.length else None

    def late(self, store: str) -> float:
        """Return the share of the store's looks that began late."""
        every = timedelta(seconds=self.trace.rates.every)
        sweeps = [sweep for place in self.sweeps[store].values() for sweep in place]
        late = sum(is_late(moment(s.due), moment(s.start), every) for s in sweeps)
        return late / len(sweeps)

    def interval(self, store: str) -> float:
        """Return how many seconds lie between two looks at a target, on average."""
        sweeps = sum(len(place) for place in self.sweeps[store].values())
        return self.trace.rates.length * len(self.sweeps[store]) / sweeps

    def first_request(self, store: str, at: float) -> float | None:
        """Return when the store is next asked in a round, from this moment on, or None."""
        coming = (
            max(sweep.start, at)
            for sweeps in self.sweeps[store].values()
            for sweep in sweeps[max(bisect_left(sweeps, at, key=lambda s: s.end), 0) :][:1]
        )
        return min(coming, default=None)

    def _offset(self, target: Target) -> float:
        number = target.batch if target.store == APP_STORE else target.app
        return number * self.gap(target.store)

    def _pass(self, start: float, seconds: float) -> float:
        """Return when so many seconds of work are done that began then, stops left out."""
        end = start + seconds
        for stop, again in self._stops:
            if start < stop <= end:
                end += again - stop
        return end

    def _sweep(self, store: str) -> dict[str, list[Sweep]]:
        every = timedelta(seconds=self.trace.rates.every)
        requests = self.requests(store)
        found: dict[str, list[Sweep]] = {place: [] for place in self.trace.storefronts(store)}
        due = [(_round(0.0, every, store, place), place) for place in found]
        heapify(due)
        free = 0.0
        while due:
            at, place = heappop(due)
            start = self._stops.past(max(at, free))
            if start >= self.trace.rates.length:
                continue
            free = self._pass(start, requests * self.gap(store))
            found[place].append(Sweep(at, start, free, requests))
            heappush(due, (_round(free, every, store, place), place))
        return found


def _round(at: float, every: timedelta, store: str, storefront: str) -> float:
    return since_begin(next_round(moment(at), every, f"{store}/{storefront}"))


def _queue(places: Mapping[str, list[Sweep]]) -> tuple[list[float], list[float]]:
    """Return when sweeps were due, in order, and by when all up to each were done."""
    sweeps = sorted((s for place in places.values() for s in place), key=lambda s: s.due)
    return [s.due for s in sweeps], list(accumulate((s.end for s in sweeps), max))
