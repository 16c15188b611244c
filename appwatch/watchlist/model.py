"""The watchlist as values: what is watched, how often, and who is told of what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from appwatch.domain.alarms import CoverageRule
from appwatch.domain.confirmation import Policy
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import ChangeKind, Place
from appwatch.domain.routing import PACE, Rate

# What a channel may be told of. "cleared" is not chosen: it follows what was told as suspected.
KINDS: tuple[str, ...] = (
    *(kind.value for kind in ChangeKind),
    "retracted",
    "suspected",
    "disputed",
)
# What makes one incident: the changes of one app within a day, or those of one developer.
INCIDENTS: tuple[str, ...] = ("app", "developer")
LANGUAGES: tuple[str, ...] = ("en", "zh-Hans", "es", "fr")  # of messages; the first is the default
DEFAULT_KINDS: tuple[str, ...] = ("disappeared", "returned", "restricted", "retracted")


class StoreRules(Protocol):
    """What the watchlist needs to know of a store; every store in STORES satisfies it."""

    @property
    def title(self) -> str:
        """The store's name in messages: App Store."""
        ...

    def refuse_listing(self, listing: str) -> str | None:
        """Return why this cannot be a listing of the store and what was expected, or None."""
        ...

    def refuse_storefront(self, storefront: str) -> str | None:
        """Return why this is no storefront of the store and what was expected, or None."""
        ...

    def every_storefront(self) -> Sequence[str] | None:
        """Return what "all" stands for, or None where the store has no such list."""
        ...


@dataclass(frozen=True, slots=True)
class WatchedApp:
    """An app as a person watches it. Without a listing it is unresolved.

    `listings` maps a store to the listing there; `storefronts` maps each of these stores to
    the storefronts to look at, groups and "all" expanded, each once, in the order written.
    `place` is where the app stands: FILE:LINE:COLUMN.
    """

    id: str
    name: str
    listings: Mapping[str, str] = field(default_factory=dict)
    storefronts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    reason: str = ""
    source: str = ""
    paused: bool = False
    place: str = field(default="", compare=False)

    def targets(self) -> Iterator[tuple[Place, str]]:
        """Yield each listing with each storefront in which it is looked at, store by store."""
        for store, listing in self.listings.items():
            for storefront in self.storefronts[store]:
                yield Place(store, storefront), listing


class Digest(NamedTuple):
    """When a channel's messages are sent as one: a local time and an IANA zone."""

    at: time
    zone: str


class Hours(NamedTuple):
    """Hours of every day, in local times of an IANA zone; they may reach past midnight."""

    begins: time
    ends: time
    zone: str


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts go, and which. `reference` names the variable that holds the address.

    `apps`, `tags`, `stores` and `storefronts` are filters; an empty one lets everything pass.
    In `quiet` hours only the kinds in `quiet_unless` are told, of `quiet_apps` and `quiet_tags`
    alone if they name any, or all kinds of these; `remind` are the times after
    which what is still gone is told again; `pace` delays and `at_most` sums up what is too much;
    `operator`: it is told of appwatch's own trouble, and with an empty `on` of nothing else.
    `place` is where the channel's `to` stands in the watchlist: FILE:LINE:COLUMN.
    """

    name: str
    reference: str
    on: tuple[str, ...] = DEFAULT_KINDS
    apps: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    storefronts: tuple[str, ...] = ()
    digest: Digest | None = None
    group_for: timedelta = timedelta(minutes=10)
    language: str = LANGUAGES[0]
    quiet: Hours | None = None
    quiet_unless: tuple[str, ...] = ()
    quiet_apps: tuple[str, ...] = ()
    quiet_tags: tuple[str, ...] = ()
    remind: tuple[timedelta, ...] = ()
    pace: Rate = PACE
    at_most: Rate | None = None
    operator: bool = False
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Watchlist:
    """Everything that the watchlist and its CSV lists say, checked and resolved.

    `storefronts` are the defaults per store; `controls` are empty for a store whose
    built-in ones hold; `proxies` maps storefronts to the names of variables.
    `files` are the files read, the watchlist first; `digest` is the SHA-256 of their contents,
    `documents` their names, from the watchlist's folder, with their texts. `repeats` are places
    where a storefront stands once more than is needed, with what is to be said of it.
    """

    every: timedelta
    policy: Policy
    hold: HoldRule
    groups: Mapping[str, tuple[str, ...]]
    storefronts: Mapping[str, tuple[str, ...]]
    controls: Mapping[str, tuple[str, ...]]
    apps: tuple[WatchedApp, ...]
    channels: tuple[Channel, ...]
    proxies: Mapping[str, str]
    files: tuple[Path, ...]
    digest: str
    incidents: str = "app"
    coverage: CoverageRule = field(default_factory=CoverageRule)
    documents: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    repeats: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
