"""Draws the faults of a trace that last for a while: when, where and how bad."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from benchmarks.verdicts.rates import DAY, HOUR, MINUTE, Rates
from benchmarks.verdicts.trace import (
    APP_STORE,
    BATCH,
    GOOGLE_PLAY,
    PLACES,
    QUIET,
    Episode,
    Fault,
    dice,
)

FLAPPING_AT_MOST = 10  # apps that one false_empty episode leaves out, where it is no whole batch
# How each fault counts its spells, and the store whose requests it strikes ("" for both).
_SPELLS = {
    Fault.LOOKUP_403: ("bursts", APP_STORE),
    Fault.PLAY_429: ("bursts", GOOGLE_PLAY),
    Fault.PLAY_CAPTCHA: ("bursts", GOOGLE_PLAY),
    Fault.CONSENT_WALL: ("episodes", GOOGLE_PLAY),
    Fault.DNS: ("episodes", ""),
    Fault.PROCESS: ("episodes", ""),
    Fault.PRODUCT_PAGE: ("episodes", APP_STORE),
}


def draw(seed: int, rates: Rates) -> tuple[Episode, ...]:
    """Return every episode of the trace."""
    chance = dice(seed, "episodes")
    drawn = [*_spells(chance, rates), *_false_empties(chance, rates), *_outages(chance, rates)]
    return (*drawn, *_layouts(chance, rates), _control(chance, rates))


def _spells(chance: Random, rates: Rates) -> Iterator[Episode]:
    for fault, (count, store) in _SPELLS.items():
        told = rates.faults[fault.value]
        for _ in range(told[count]):
            yield Episode(fault, *_span(chance, rates, told), store)


def _false_empties(chance: Random, rates: Rates) -> Iterator[Episode]:
    told = rates.faults[Fault.FALSE_EMPTY.value]
    for _ in range(told["episodes"]):
        start, end = _span(chance, rates, told)
        whole = chance.random() < told["whole_batch"]
        ignores_key = chance.random() < rates.faults["false_empty_ignores_cache_key"]
        storefront = _storefront(chance, rates, APP_STORE)
        apps = _batch(chance, rates) if whole else _some(chance, rates)
        yield Episode(
            Fault.FALSE_EMPTY, start, end, APP_STORE, storefront, apps, whole, ignores_key
        )


def _batch(chance: Random, rates: Rates) -> frozenset[int]:
    first = BATCH * chance.randrange(-(-rates.apps // BATCH))
    return frozenset(range(first, min(first + BATCH, rates.apps)))


def _some(chance: Random, rates: Rates) -> frozenset[int]:
    most = min(FLAPPING_AT_MOST, rates.apps)
    return frozenset(chance.sample(range(rates.apps), chance.randint(1, most)))


def _outages(chance: Random, rates: Rates) -> Iterator[Episode]:
    told = rates.faults[Fault.OUTAGE.value]
    for _ in range(told["episodes"]):
        storefront = _storefront(chance, rates, APP_STORE)
        yield Episode(Fault.OUTAGE, *_span(chance, rates, told), APP_STORE, storefront)


def _layouts(chance: Random, rates: Rates) -> Iterator[Episode]:
    told = rates.faults[Fault.LAYOUT.value]
    start = told["from_day"] * DAY
    open_here = PLACES[GOOGLE_PLAY][: rates.storefronts[GOOGLE_PLAY]]
    for storefront in chance.sample(open_here, told["storefronts"]):
        end = start + told["days"] * DAY
        yield Episode(Fault.LAYOUT, start, end, GOOGLE_PLAY, storefront)


def _control(chance: Random, rates: Rates) -> Episode:
    told = rates.faults[Fault.CONTROL.value]
    store = chance.choice([APP_STORE, GOOGLE_PLAY])
    storefront = _storefront(chance, rates, store)
    return Episode(Fault.CONTROL, told["day"] * DAY, rates.length, store, storefront)


def _span(chance: Random, rates: Rates, told: Mapping[str, Any]) -> tuple[float, float]:
    """Return when a spell begins and ends, by the minutes or hours that the file tells."""
    unit = MINUTE if "minutes" in told else HOUR
    shortest, longest = told["minutes" if "minutes" in told else "hours"]
    length = chance.uniform(shortest, longest) * unit
    start = chance.uniform(QUIET, rates.length - length)
    return start, start + length


def _storefront(chance: Random, rates: Rates, store: str) -> str:
    return chance.choice(PLACES[store][: rates.storefronts[store]])
