"""Holds what a policy told beside what was true."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.verdicts.playing import Played
from benchmarks.verdicts.policies.base import Claim
from benchmarks.verdicts.rates import HOUR
from benchmarks.verdicts.spans import Spans
from benchmarks.verdicts.trace import APP_STORE, GOOGLE_PLAY, Absence, Fault, Target, Trace

LONG = 2 * HOUR
# What hides the truth from whoever asks, however often. A page of a new layout still shows
# that it is there.
_HIDES = {
    APP_STORE: (Fault.PROCESS, Fault.LOOKUP_403, Fault.OUTAGE),
    GOOGLE_PLAY: (Fault.PROCESS, Fault.PLAY_429, Fault.PLAY_CAPTCHA, Fault.CONSENT_WALL),
}


@dataclass(slots=True)
class Score:
    """How a policy did; scores of several seeds add up. Times are seconds.

    `happened` and `missed` count removals by length; `long` are those of two hours and more,
    `seen` those of them that for two hours could be seen at all.
    """

    policy: str
    false_alarms: int = 0
    target_days: float = 0.0
    happened: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    long: int = 0
    long_missed: int = 0
    seen: int = 0
    seen_missed: int = 0
    to_confirm: list[float] = field(default_factory=list)
    to_clear: list[float] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    rounds: Counter[str] = field(default_factory=Counter)
    held: int = 0

    @property
    def false_rate(self) -> float:
        """False alarms per 1,000 app-storefront-days."""
        return 1000 * self.false_alarms / self.target_days

    @property
    def long_missed_share(self) -> float:
        """The share of removals of two hours and more that was missed."""
        return self.long_missed / self.long if self.long else 0.0

    @property
    def seen_missed_share(self) -> float:
        """The same of those that for two hours were hidden by no wall and no stop of ours."""
        return self.seen_missed / self.seen if self.seen else 0.0

    @property
    def cost(self) -> float:
        """How many times the requests of one plain look per round it made."""
        return self.requests.total() / self.rounds.total()


def score(policy: str, trace: Trace, played: Played) -> Score:
    """Judge what was told of one trace."""
    result = Score(policy, target_days=_target_days(trace), held=played.held)
    result.requests.update(played.requests)
    result.rounds.update(played.rounds)
    told: dict[Target, list[Claim]] = {}
    for claim in played.claims:
        told.setdefault(claim.target, []).append(claim)
        if claim.gone and not _is_true(claim, trace.absences.get(claim.target, ())):
            result.false_alarms += played.weights.get(claim.target, 1)
    for target, absences in trace.absences.items():
        for absence in absences:
            found = _judge(result, trace, absence, told.get(target, []))
            _count(result, absence, visible(trace, target, absence), found=found)
    return result


def add(scores: Sequence[Score]) -> Score:
    """Return one policy's score over several seeds."""
    total = Score(scores[0].policy)
    for one in scores:
        total.false_alarms += one.false_alarms
        total.target_days += one.target_days
        total.long += one.long
        total.long_missed += one.long_missed
        total.seen += one.seen
        total.seen_missed += one.seen_missed
        total.held += one.held
        total.to_confirm += one.to_confirm
        total.to_clear += one.to_clear
        for mine, its in (
            (total.happened, one.happened),
            (total.missed, one.missed),
            (total.requests, one.requests),
            (total.rounds, one.rounds),
        ):
            mine.update(its)
    return total


def middle(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def high(values: Sequence[float]) -> float | None:
    """Return the 95th percentile, or None of too little."""
    return quantiles(values, n=20)[-1] if len(values) > 1 else None


def _target_days(trace: Trace) -> float:
    return float(sum(trace.rates.storefronts.values()) * trace.rates.apps * trace.rates.days)


def _is_true(claim: Claim, absences: Iterable[Absence]) -> bool:
    """Whether the target was truly away at any moment since it was last seen."""
    return any(a.start <= claim.at and claim.before < a.end for a in absences)


def _judge(result: Score, trace: Trace, absence: Absence, told: Sequence[Claim]) -> bool:
    """Return whether one removal was found, and note how long it took to tell and to clear."""
    found = next((c for c in told if c.gone and _is_true(c, [absence])), None)
    if found is None:
        return False
    result.to_confirm.append(found.at - absence.start)
    if absence.end < trace.rates.length:
        since = max(absence.end, found.at)
        back = next((c for c in told if not c.gone and c.at >= since), None)
        if back is not None:
            result.to_clear.append(back.at - absence.end)
    return True


def _count(result: Score, absence: Absence, visible_for: float, *, found: bool) -> None:
    is_long = absence.end - absence.start >= LONG
    is_seen = visible_for >= LONG
    result.happened[absence.length] += 1
    result.missed[absence.length] += not found
    result.long += is_long
    result.long_missed += is_long and not found
    result.seen += is_seen
    result.seen_missed += is_seen and not found


def visible(trace: Trace, target: Target, absence: Absence) -> float:
    """Return for how many seconds a removal could be seen by anyone at our address."""
    faults = _HIDES[target.store]
    if absence.restricted:
        faults = (*faults, Fault.LAYOUT)
    hidden = Spans(
        (episode.start, episode.end)
        for episode in trace.of(*faults)
        if episode.storefront in ("", target.storefront)
    )
    return absence.end - absence.start - hidden.overlap(absence.start, absence.end)
