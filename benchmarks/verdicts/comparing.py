"""Plays every policy on the traces of some seeds, one process per core."""

from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from os import cpu_count

from benchmarks.verdicts import making, playing
from benchmarks.verdicts.policies import POLICIES
from benchmarks.verdicts.report import Result
from benchmarks.verdicts.schedule import Schedule
from benchmarks.verdicts.scores import score


def compare(seeds: Sequence[int], per_minute: float) -> Iterator[Result]:
    """Yield what each seed brings, in order."""
    run = partial(compare_on, per_minute=per_minute)
    with get_context("spawn").Pool(min(len(seeds), cpu_count() or 1)) as pool:
        yield from pool.imap(run, seeds)


def compare_on(seed: int, per_minute: float) -> Result:
    """Play every policy on the trace of one seed."""
    trace = making.make(seed)
    schedule = Schedule(trace, per_minute)
    scores = [
        score(policy.name, trace, playing.play(policy, trace, schedule)) for policy in POLICIES
    ]
    late = {store: schedule.late(store) for store in schedule.sweeps}
    interval = {store: schedule.interval(store) for store in schedule.sweeps}
    return Result(seed, scores, late, interval)
