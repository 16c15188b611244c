"""What every benchmark shares: its options, its figures beside their bounds, its exit code."""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Self

# Recorded answers of the real stores, where they lie beside the checkout.
CORPUS = Path(__file__).resolve().parents[1] / ".." / "shared" / "corpus"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, and the bound it must keep; None where it only informs."""

    name: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the number is within its bound."""
        return self.bound is None or self.value <= self.bound


def options(description: str, runs: int) -> argparse.ArgumentParser:
    """Return the options that every benchmark has; `runs` is the default number of repetitions."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=_count, default=runs, help=f"repetitions (default {runs})")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; expected 1 or more")
    return number


def progress(text: str) -> None:
    """Say on stderr what is going on."""
    sys.stderr.write(f"{text}\n")


class Stopwatch:
    """CPU seconds of this process, all its threads, inside `with`; children do not count."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = process_time()
        return self

    def __exit__(self, *_error: object) -> None:
        self.seconds = process_time() - self._began


def ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the median of the ratios within each pair."""
    return median(ours / plain for ours, plain in pairs)


def report(figures: Sequence[Figure]) -> int:
    """Write the figures to stdout, for people or as CSV; return 1 if a bound was not kept."""
    if sys.stdout.isatty():
        _table(figures)
    else:
        writer = csv.writer(sys.stdout)
        writer.writerow(("figure", "value", "unit", "at_most", "kept"))
        writer.writerows(_row(figure) for figure in figures)
    return 0 if all(figure.kept for figure in figures) else 1


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    bound = "" if figure.bound is None else f"{figure.bound:g}"
    kept = "" if figure.bound is None else ("yes" if figure.kept else "NO")
    return figure.name, f"{figure.value:.4g}", figure.unit, bound, kept


def _table(figures: Sequence[Figure]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "value", "unit", "at most", "kept")
    for figure in figures:
        table.add_row(*_row(figure))
    Console().print(table)
