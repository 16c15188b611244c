"""Spoils good answers of both stores for some minutes, and checks what every reader makes of them.

Progress goes to stderr, findings to stdout as CSV; ends with 1 when there are any. Any input can be
tried again: `--seed` and `--first` name it.
"""

import argparse
import csv
import faulthandler
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import monotonic

from benchmarks.figures import CORPUS, progress
from benchmarks.fuzz import seeds, trying
from benchmarks.fuzz.trying import Tried

_HANGS = 120  # seconds without an answer, after which the whole run ends with a traceback


def main() -> int:
    """Try inputs until the time is over; return 1 if there was a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="1", help="which run (default 1)")
    parser.add_argument("--minutes", type=float, default=5.0, help="for how long (default 5)")
    parser.add_argument("--first", type=int, default=1, help="the number to begin with (default 1)")
    parser.add_argument("--recorded", type=Path, default=CORPUS, help="a folder of real answers")
    given = parser.parse_args()
    good = [*seeds.made(), *seeds.recorded(given.recorded)]
    progress(f"{len(good)} good answers; run {given.seed} from input {given.first}")
    trying.limit_memory()
    writer = csv.writer(sys.stdout)
    found = 0
    seen: Counter[str] = Counter()
    for tried in _inputs(good, given.seed, given.first, given.minutes * 60):
        seen[f"{tried.seed.reader}: {tried.outcome or 'nothing'}"] += 1
        if tried.finding:
            found += 1
            writer.writerow((tried.number, tried.seed.name, tried.size, tried.finding))
    progress("; ".join(f"{what} {times}" for what, times in sorted(seen.items())))
    progress(f"{seen.total()} inputs, {found} findings")
    return 1 if found else 0


def _inputs(good: list[seeds.Seed], run: str, first: int, seconds: float) -> Iterator[Tried]:
    ends_at, slowest = monotonic() + seconds, 0.0
    for number in count(first):
        if number > first and monotonic() > ends_at:
            break
        faulthandler.dump_traceback_later(_HANGS, exit=True)
        tried = trying.attempt(good, run, number)
        slowest = max(slowest, tried.seconds)
        if number % 1_000 == 0:
            progress(f"input {number}; the slowest took {slowest:.2f} s of CPU")
        yield tried
    faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    sys.exit(main())
