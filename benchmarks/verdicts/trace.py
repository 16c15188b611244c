"""One month of the stores: what is truly listed where, and when which fault is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import NamedTuple

from benchmarks.verdicts.rates import Rates

APP_STORE = "app_store"
GOOGLE_PLAY = "google_play"
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)  # a trace counts its seconds from here
PLACES: Mapping[str, tuple[str, ...]] = {
    APP_STORE: ("cn", "hk", "us", "gb", "de", "fr", "jp", "kr", "in", "ru"),
    GOOGLE_PLAY: ("us", "gb", "de", "fr", "jp", "kr", "in", "ru", "br", "tr"),
}
BATCH = 197  # App Store listings in one lookup: 200 less three controls
QUIET = 6 * 3600.0  # nothing happens before, so that every policy has its baseline


class Target(NamedTuple):
    """A listing in a storefront; the app's number stands for its listing."""

    store: str
    storefront: str
    app: int

    @property
    def batch(self) -> int:
        """Which of its storefront's lookups asks for it."""
        return self.app // BATCH

    @property
    def place(self) -> str:
        """The storefront as the product writes it."""
        return f"{self.store}/{self.storefront}"


@dataclass(frozen=True, slots=True)
class Absence:
    """A true removal, from `start` until before `end`; `restricted`: only the button goes.

    `length` is its row in the table of misses. For `lag` seconds the platform's catalogue
    still lists it.
    """

    start: float
    end: float
    length: str
    restricted: bool = False
    lag: float = 0.0


class Fault(StrEnum):
    """What lasts for a while; faults of single requests are drawn request by request."""

    FALSE_EMPTY = "false_empty"
    LOOKUP_403 = "lookup_403"
    PLAY_429 = "play_429"
    PLAY_CAPTCHA = "play_captcha"
    CONSENT_WALL = "consent_wall"
    LAYOUT = "play_layout_change"
    DNS = "our_dns_down"
    PROCESS = "our_process_down"
    OUTAGE = "storefront_outage"
    CONTROL = "control_removed"
    PRODUCT_PAGE = "product_page_down"


@dataclass(frozen=True, slots=True)
class Episode:
    """A fault in force from `start` until before `end`.

    Empty `store` or `storefront`: all. `apps`: those it means (false_empty only); `whole`:
    the answers about them hold no result at all, not even a control's. `ignores_key`: a new
    cache key does not help.
    """

    fault: Fault
    start: float
    end: float
    store: str = ""
    storefront: str = ""
    apps: frozenset[int] = frozenset()
    whole: bool = False
    ignores_key: bool = False

    def covers(self, at: float, storefront: str = "") -> bool:
        """Whether it is in force there then."""
        return self.start <= at < self.end and self.storefront in ("", storefront)


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that happens to everyone, by one seed. Times are seconds since BEGIN."""

    seed: int
    rates: Rates
    absences: Mapping[Target, tuple[Absence, ...]] = field(default_factory=dict)
    never_listed: frozenset[Target] = frozenset()
    episodes: tuple[Episode, ...] = ()

    def storefronts(self, store: str) -> tuple[str, ...]:
        """Return the store's storefronts."""
        return PLACES[store][: self.rates.storefronts[store]]

    def of(self, *faults: Fault) -> tuple[Episode, ...]:
        """Return the episodes of these faults, in order."""
        chosen = (episode for episode in self.episodes if episode.fault in faults)
        return tuple(sorted(chosen, key=lambda episode: episode.start))

    def share(self, fault: str) -> float:
        """Return the share of single requests that this fault strikes."""
        return float(self.rates.faults.get(fault, 0))


def moment(at: float) -> datetime:
    """Return a trace's second as a time."""
    return BEGIN + timedelta(seconds=at)


def since_begin(at: datetime) -> float:
    """Return a time as a trace's second."""
    return (at - BEGIN).total_seconds()


def dice(*parts: object) -> Random:
    """Return a source of chance that is always the same for the same parts."""
    return Random(" ".join(map(str, parts)))  # noqa: S311 - chance to be repeated, not a secret
