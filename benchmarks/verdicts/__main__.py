"""Plays all policies on the traces of some seeds; see the package's docstring."""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.verdicts import report
from benchmarks.verdicts.comparing import compare
from benchmarks.verdicts.scores import add

PER_MINUTE = 400.0  # holds 15 minutes for 5,000 Google Play targets, with a sixth to spare


def main(arguments: Sequence[str]) -> int:
    """Play, write the tables to stdout, and return 1 if a bound was not kept."""
    chosen = _options().parse_args(arguments)
    results = []
    for result in compare(chosen.seed or range(1, chosen.seeds + 1), chosen.per_minute):
        report.tell(result)
        results.append(result)
    scores = [add(of_policy) for of_policy in zip(*(r.scores for r in results), strict=True)]
    return report.report(scores, results, chosen.per_minute)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.verdicts",
        description="Compares appwatch's verdicts with other policies on simulated traces.",
    )
    parser.add_argument("--seeds", type=_count, default=10, help="seeds 1 to N (default 10)")
    parser.add_argument("--seed", type=int, action="append", help="this seed; may be repeated")
    parser.add_argument(
        "--per-minute",
        type=_pace,
        default=PER_MINUTE,
        help=f"Google Play requests a minute (default {PER_MINUTE:g})",
    )
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; expected 1 or more")
    return number


def _pace(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no pace; expected more than 0")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
