"""Draws the true removals of a trace: where, when and for how long."""

from collections.abc import Iterator
from itertools import product
from random import Random

from benchmarks.verdicts.rates import DAY, HOUR, Rates, seconds
from benchmarks.verdicts.trace import (
    APP_STORE,
    GOOGLE_PLAY,
    PLACES,
    QUIET,
    Absence,
    Target,
    dice,
)

FOR_EVER = "for_ever"
PAUSE = "pause"
AGAIN_AFTER = (2 * HOUR, 2 * DAY)  # from a return to the next removal
SETTLING = 3 * DAY  # a removal for ever leaves every policy this long to find it
Absences = dict[Target, tuple[Absence, ...]]


def draw(seed: int, rates: Rates) -> tuple[Absences, frozenset[Target]]:
    """Return all removals, and the targets that are absent from the start.

    No app has two fates: kinds of removal, pauses and never listed apps share none.
    """
    chance = dice(seed, "removals")
    apps = iter(chance.sample(range(rates.apps), rates.apps))
    absences: Absences = {}
    for places, spans in _fates(chance, rates):
        app = next(apps)
        absences |= {Target(*place, app): _lagging(chance, rates, spans) for place in places}
    for _ in range(rates.pauses):
        length = chance.uniform(HOUR, DAY)
        spans = _spans(chance, rates, PAUSE, length, again=False)
        for app in (next(apps), next(apps)):
            absences |= {Target(*p, app): _lagging(chance, rates, spans) for p in _places(rates)}
    return absences, frozenset(_never_listed(chance, rates, apps))


def _fates(
    chance: Random, rates: Rates
) -> Iterator[tuple[list[tuple[str, str]], tuple[Absence, ...]]]:
    """Yield the places and times of each app that is removed or restricted."""
    lengths = [name for name, count in rates.lengths.items() for _ in range(count)]
    chance.shuffle(lengths)
    kinds = [kind for kind, count in rates.removals.items() for _ in range(count)]
    finite = [number for number, name in enumerate(lengths) if name != FOR_EVER]
    again = set(chance.sample(finite, min(rates.again, len(finite))))
    for number, (kind, name) in enumerate(zip(kinds, lengths, strict=True)):
        length = rates.length if name == FOR_EVER else seconds(name)
        restricted = kind == "restricted_on_play"
        spans = _spans(chance, rates, name, length, again=number in again, restricted=restricted)
        yield _where(chance, rates, kind), spans


def _where(chance: Random, rates: Rates, kind: str) -> list[tuple[str, str]]:
    """Return the places that a removal of this kind takes in."""
    everywhere = _places(rates)
    store = GOOGLE_PLAY if kind == "restricted_on_play" else chance.choice([APP_STORE, GOOGLE_PLAY])
    in_store = [place for place in everywhere if place[0] == store]
    match kind:
        case "single_storefront":
            return [chance.choice(in_store)]
        case "regional" | "restricted_on_play":
            return chance.sample(in_store, min(chance.randint(3, 6), len(in_store)))
        case "store_wide":
            return in_store
        case "both_stores":
            return everywhere
        case _:
            raise ValueError(f"{kind!r} is no kind of removal")


def _spans(
    chance: Random,
    rates: Rates,
    name: str,
    length: float,
    *,
    again: bool,
    restricted: bool = False,
) -> tuple[Absence, ...]:
    """Return one removal, or the two of an app that returns and goes again."""
    gap = chance.uniform(*AGAIN_AFTER)
    needed = SETTLING if name == FOR_EVER else (2 * length + gap if again else length)
    latest = max(rates.length - needed - QUIET, QUIET)
    start = chance.uniform(QUIET, latest)
    starts = [start, start + length + gap] if again else [start]
    ends = [min(at + length, rates.length) for at in starts]
    return tuple(Absence(at, end, name, restricted) for at, end in zip(starts, ends, strict=True))


def _lagging(chance: Random, rates: Rates, spans: tuple[Absence, ...]) -> tuple[Absence, ...]:
    """Return the removals, some with a platform catalogue that has not heard of them."""
    told = rates.faults["platform_catalogue_lags"]
    shortest, longest = told["hours"]
    return tuple(
        Absence(a.start, a.end, a.length, a.restricted, chance.uniform(shortest, longest) * HOUR)
        if chance.random() < told["share"]
        else a
        for a in spans
    )


def _never_listed(chance: Random, rates: Rates, apps: Iterator[int]) -> Iterator[Target]:
    everywhere = _places(rates)
    for _ in range(rates.never_listed):
        app = next(apps)
        for place in chance.sample(everywhere, len(everywhere) // 2):
            yield Target(*place, app)


def _places(rates: Rates) -> list[tuple[str, str]]:
    return [
        (store, storefront)
        for store, count in rates.storefronts.items()
        for (store, storefront) in product([store], PLACES[store][:count])
    ]
