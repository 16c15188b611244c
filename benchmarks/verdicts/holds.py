"""When so much goes missing at once that appwatch holds it: the watchlist's defaults."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from appwatch.domain.holding import HoldRule
from benchmarks.verdicts.schedule import Schedule
from benchmarks.verdicts.spans import Spans
from benchmarks.verdicts.trace import Target, Trace

RULE = HoldRule()
Suspicion = tuple[Target, float]
Held = Mapping[str, Spans]


def spans(trace: Trace, schedule: Schedule, suspicions: Sequence[Suspicion]) -> Held:
    """Return by storefront from when to when departures are held.

    A hold begins when, within one `every`, too many of the storefront's targets are newly
    missing; it ends with the first sweep that began after it, as each absence that is seen
    then stands beside a control.
    """
    by_place: dict[tuple[str, str], list[float]] = defaultdict(list)
    for target, at in suspicions:
        by_place[target.store, target.storefront].append(at)
    found = {}
    for (store, storefront), times in by_place.items():
        absent = sum((t.store, t.storefront) == (store, storefront) for t in trace.never_listed)
        sweeps = [sweep.start for sweep in schedule.sweeps[store][storefront]]
        begins = _begins(sorted(times), trace.rates.apps - absent, trace.rates.every)
        if begins:
            ends = [min((s for s in sweeps if s > at), default=at) for at in begins]
            found[f"{store}/{storefront}"] = Spans(zip(begins, ends, strict=True))
    return found


def _begins(times: Sequence[float], available: int, every: float) -> list[float]:
    """Return the moments at which the suspicions within `every` became too many."""
    begins = []
    for number, at in enumerate(times):
        newly = sum(at - every < earlier <= at for earlier in times[: number + 1])
        if RULE.calls_for_hold(newly, available):
            begins.append(at)
    return begins
