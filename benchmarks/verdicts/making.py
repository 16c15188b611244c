"""Makes the trace of a seed."""

from benchmarks.verdicts import episodes, rates, removals
from benchmarks.verdicts.trace import Trace


def make(seed: int, told: rates.Rates | None = None) -> Trace:
    """Return the trace of this seed, by trace.yaml unless other rates are given."""
    told = told or rates.read(rates.FILE.read_text(encoding="utf-8"))
    absences, never_listed = removals.draw(seed, told)
    return Trace(seed, told, absences, never_listed, episodes.draw(seed, told))
