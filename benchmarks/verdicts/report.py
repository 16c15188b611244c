"""Writes the tables: for people on a terminal, as Markdown elsewhere; and keeps the bounds."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.figures import Figure, progress
from benchmarks.verdicts.rates import DAY, HOUR, MINUTE
from benchmarks.verdicts.schedule import APPLE_PER_MINUTE
from benchmarks.verdicts.scores import Score, high, middle
from benchmarks.verdicts.trace import APP_STORE, GOOGLE_PLAY

MISSED_AT_MOST = 1.0  # per cent of the removals of two hours and more
OF_2019, OF_2024 = 0.1, 0.2  # of their median time to confirm
REQUESTS_AT_MOST = 1.3  # times those of one plain look per round
LENGTHS = ("1h", "2h", "6h", "23h", "pause", "3d", "for_ever")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one seed.

    By store: `late`, the share of looks that began late, and `interval`, the seconds between
    two looks at a target, our own stops included.
    """

    seed: int
    scores: list[Score]
    late: dict[str, float]
    interval: dict[str, float]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def tell(result: Result) -> None:
    """Say on stderr what one seed brought."""
    alarms = ", ".join(f"{s.policy} {s.false_alarms}" for s in result.scores)
    progress(f"seed {result.seed}: false alarms: {alarms}")


def report(scores: Sequence[Score], results: Sequence[Result], per_minute: float) -> int:
    """Write the tables to stdout; return 1 if a bound was not kept."""
    kept = figures(scores)
    tables = [_policies(scores), _missed(scores), _bounds(kept)]
    write = _rich if sys.stdout.isatty() else _markdown
    for table in tables:
        write(table)
    sys.stdout.write(f"{_circumstances(results, per_minute)}\n")
    return 0 if all(figure.kept for figure in kept) else 1


def figures(scores: Sequence[Score]) -> list[Figure]:
    """Return the numbers that are to be reached; the policies come in the order of POLICIES."""
    ours, of_2019, of_2024 = scores[:3]
    return [
        Figure("false alarms", ours.false_alarms, "", 0),
        Figure("2 h and more: missed", 100 * ours.long_missed_share, "%", MISSED_AT_MOST),
        Figure("2 h and more to be seen: missed", 100 * ours.seen_missed_share, "%"),
        Figure("median to confirm, of GreatFire 2019's", _part(ours, of_2019), "times", OF_2019),
        Figure("median to confirm, of GreatFire 2024's", _part(ours, of_2024), "times", OF_2024),
        Figure("requests, of one plain look per round", ours.cost, "times", REQUESTS_AT_MOST),
    ]


def _part(ours: Score, theirs: Score) -> float:
    mine, others = middle(ours.to_confirm), middle(theirs.to_confirm)
    return mine / others if mine is not None and others else float("nan")


def _policies(scores: Sequence[Score]) -> Table:
    head = (
        "policy",
        "false alarms",
        "per 1,000 app-storefront-days",
        "2 h and more: found",
        "to confirm: median",
        "95 %",
        "to clear: median",
        "95 %",
        "requests",
    )
    return Table("Policies", head, [_policy(one) for one in scores])


def _policy(one: Score) -> tuple[str, ...]:
    return (
        one.policy,
        f"{one.false_alarms:,}",
        f"{one.false_rate:.3g}",
        f"{100 * (1 - one.long_missed_share):.1f} %",
        _time(middle(one.to_confirm)),
        _time(high(one.to_confirm)),
        _time(middle(one.to_clear)),
        _time(high(one.to_clear)),
        f"{one.cost:.3f} x",
    )


def _missed(scores: Sequence[Score]) -> Table:
    lengths = [length for length in LENGTHS if scores[0].happened[length]]
    head = ("missed of", *(f"{name} ({scores[0].happened[name]})" for name in lengths))
    rows = [(one.policy, *(str(one.missed[name]) for name in lengths)) for one in scores]
    return Table("Removals missed, by length", head, rows)


def _bounds(kept: Iterable[Figure]) -> Table:
    rows = [
        (
            figure.name,
            f"{figure.value:.3g} {figure.unit}".strip(),
            "" if figure.bound is None else f"{figure.bound:g}",
            "" if figure.bound is None else ("yes" if figure.kept else "NO"),
        )
        for figure in kept
    ]
    return Table("appwatch's bounds", ("figure", "value", "at most", "kept"), rows)


def _circumstances(results: Sequence[Result], per_minute: float) -> str:
    paces = {APP_STORE: APPLE_PER_MINUTE, GOOGLE_PLAY: per_minute}
    lines = [f"Seeds: {', '.join(str(r.seed) for r in results)}. For every policy alike:"]
    for store, pace in paces.items():
        late = 100 * mean(r.late[store] for r in results)
        minutes = mean(r.interval[store] for r in results) / MINUTE
        lines.append(
            f"{store}: {pace:g} requests a minute; a look every {minutes:.1f} minutes, "
            f"our own stops included; {late:.1f} % of looks began late."
        )
    return "\n".join(lines)


def _time(seconds: float | None) -> str:
    """Return a length of time in the unit that suits it."""
    if seconds is None:
        return "-"
    for unit, letter in ((DAY, "d"), (HOUR, "h")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.1f} {letter}"
    return f"{seconds / MINUTE:.0f} min"


def _markdown(table: Table) -> None:
    lines = [table.head, ["---"] * len(table.head), *table.rows]
    sys.stdout.write("".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n")


def _rich(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable

    shown = RichTable(*table.head, title=table.title)
    for row in table.rows:
        shown.add_row(*row)
    Console().print(shown)
