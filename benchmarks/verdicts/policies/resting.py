"""appwatch's courtesy: hosts left to rest after a refusal, and what its habits cost or save."""

from datetime import timedelta

from appwatch.domain.timing import NONSENSE_EVERY, Rest
from appwatch.fetching.pace import AFTER_429, AFTER_REFUSAL, rest_after
from appwatch.stores.base import Answer, Request
from benchmarks.verdicts.policies.base import Run
from benchmarks.verdicts.schedule import Schedule
from benchmarks.verdicts.spans import Spans
from benchmarks.verdicts.trace import (
    APP_STORE,
    GOOGLE_PLAY,
    Episode,
    Fault,
    Trace,
    moment,
    since_begin,
)

_ASKED = {
    Fault.LOOKUP_403: AFTER_REFUSAL,
    Fault.PLAY_429: AFTER_429,
    Fault.PLAY_CAPTCHA: AFTER_REFUSAL,
}
_REFUSALS = {APP_STORE: (Fault.LOOKUP_403,), GOOGLE_PLAY: (Fault.PLAY_429, Fault.PLAY_CAPTCHA)}
_REQUEST = Request("", "", "", frozenset())


def rests(trace: Trace, schedule: Schedule) -> dict[str, Spans]:
    """Return when each store's host is left to rest, by the product's own lengths."""
    return {
        store: Spans(_rests(trace.of(*faults), store, schedule))
        for store, faults in _REFUSALS.items()
    }


def _rests(
    refusals: tuple[Episode, ...], store: str, schedule: Schedule
) -> list[tuple[float, float]]:
    """Walk from request to request: one that is refused lets the host rest, longer each time."""
    found: list[tuple[float, float]] = []
    last: Rest | None = None
    at = schedule.first_request(store, 0.0)
    while at is not None:
        refusing = next((e for e in refusals if e.covers(at)), None)
        if refusing is not None:
            last = _rest(at, _ASKED[refusing.fault], last)
            until = since_begin(last.until)
            found.append((at, until))
        else:
            last = None
            until = min((e.start for e in refusals if e.start > at), default=float("inf"))
        at = schedule.first_request(store, until)
    return found


def _rest(at: float, asked: timedelta, last: Rest | None) -> Rest:
    return rest_after(Answer(_REQUEST, moment(at), moment(at)), asked, last)


def beside(run: Run) -> dict[str, int]:
    """Return the requests of rounds that are not made while a host rests, and those made twice.

    A request that the network fails is made up to three times. Google Play is asked for a
    control in every sweep, and some sweeps begin with an app that cannot exist.
    """
    return {store: round(_beside(run, store)) for store in run.schedule.per_minute}


def _beside(run: Run, store: str) -> float:
    trace, gap = run.answers.trace, run.schedule.gap(store)
    share = trace.rates.faults.get(Fault.DNS.value, {}).get("share", 0.0)
    failing = Spans((e.start, e.end) for e in trace.of(Fault.DNS))
    total = 0.0
    for place, sweeps in run.schedule.sweeps[store].items():
        for sweep in sweeps:
            resting = run.rests[store].overlap(sweep.start, sweep.end)
            total -= resting / gap
            total += failing.overlap(sweep.start, sweep.end) / gap * (share + share**2)
            if not resting:
                total += 1 / NONSENSE_EVERY
            if store == GOOGLE_PLAY and not resting:
                total += 1 + run.answers.control_removed(store, place, sweep.start)
    return total
