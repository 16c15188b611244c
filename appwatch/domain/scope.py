"""How far a change reaches: one storefront, a group, or everywhere that was looked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from appwatch.domain.model import SUSPECTED, State

LISTED = frozenset(
    {State.AVAILABLE.value, State.NOT_INSTALLABLE.value, State.PREREGISTRATION.value}
)
NAMED = 5  # storefronts that a sentence names before it only counts


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of the same listing in another storefront: `unknown` where no look tells."""

    storefront: str
    state: str


class Reach(StrEnum):
    """How far an app is gone from one store."""

    STOREFRONT = "storefront"  # from one, while others were looked at
    ONLY = "only"  # from the only one that was looked at, or in which it was known to be
    SEVERAL = "several"
    GROUP = "group"  # from all of a group of the watchlist that was looked at, and no other
    EVERYWHERE = "everywhere"  # from all that were looked at, several


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a disappearance reaches, as far as was looked.

    `beside` maps other stores to the storefronts from which the same app is gone there too.
    `absent` are those in which it is missing and was never seen: nothing disappeared there.
    Those that are `unknown`, where no recent look could tell, count for neither side.
    """

    reach: Reach
    gone: tuple[str, ...]
    suspected: tuple[str, ...]
    listed: tuple[str, ...]
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    group: str = ""
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def sentence(self, titles: Mapping[str, str]) -> str:
        """Return it as a sentence or two; `titles` are the stores' names."""
        told = f"Gone from {_named(self.gone)}"
        if self.group:
            told += f" (all of {self.group} that was looked at)"
        if self.suspected:
            told += f"; missed but not confirmed in {_named(self.suspected)}"
        if self.unknown:
            told += f"; unknown in {_named(self.unknown)}, where no recent look could tell"
        if self.listed:
            told += f"; still listed in {_named(self.listed)}."
        elif self.absent:
            told += f"; not found in {_named(self.absent)}, where it is not known to have been."
        elif self.unknown:
            told += "."
        elif self.reach is Reach.ONLY:
            told += ", the only storefront that was looked at."
        else:
            looked = len(self.gone) + len(self.suspected)
            told += f": everywhere that was looked ({looked} storefronts)."
        also = (f"{titles.get(s, s)} ({_named(codes)})" for s, codes in self.beside.items())
        return " ".join([told, *(f"It is gone from {one} as well." for one in also)])

    def seen(self, titles: Mapping[str, str]) -> dict[str, object]:
        """Return what was seen where, for those who say it in another language."""
        beside = [{"store": titles.get(s, s), "gone": [*codes]} for s, codes in self.beside.items()]
        places = {
            "gone": self.gone,
            "suspected": self.suspected,
            "listed": self.listed,
            "absent": self.absent,
            "unknown": self.unknown,
        }
        return {**{name: [*codes] for name, codes in places.items()}, "beside": beside}


def scope_of(
    here: str,
    elsewhere: Sequence[Sight],
    groups: Mapping[str, Sequence[str]],
    beside: Mapping[str, Sequence[Sight]],
) -> Scope:
    """Return how far a disappearance from `here` reaches, as far as was looked.

    `elsewhere` are the same store's other storefronts, `beside` those of other stores.
    """
    gone = _where(frozenset({State.GONE.value}), elsewhere, here)
    suspected = _where(frozenset({SUSPECTED}), elsewhere)
    listed = _where(LISTED, elsewhere)
    absent = _where(frozenset({State.NEVER_SEEN.value}), elsewhere)
    unknown = _where(frozenset({State.UNKNOWN.value}), elsewhere)
    reach, group = _reach(frozenset(gone), frozenset(suspected), frozenset(listed), groups)
    also = {
        store: _where(frozenset({State.GONE.value}), sights) for store, sights in beside.items()
    }
    found = {s: codes for s, codes in also.items() if codes}
    return Scope(reach, gone, suspected, listed, absent, unknown, group, found)


@dataclass(frozen=True, slots=True)
class Disappearance:
    """What a change of an incident said of its reach: one of its app in one of its stores."""

    app: str
    store: str
    reach: str
    group: str = ""
    stores_beside: tuple[str, ...] = ()
    siblings: int = 0  # the developer's other watched apps
    siblings_gone: int = 0


def incident_words(changes: Sequence[Disappearance]) -> tuple[str, ...]:
    """Return how far an incident reaches: as far as its latest changes, the oldest first, tell.

    The words are those of Reach, a group with its name; `both stores`, `developer`.
    """
    latest = {(one.app, one.store): one for one in changes if one.reach}
    words = [f"{one.reach} {one.group}".strip() for one in latest.values()]
    stores = {(one.app, store) for one in changes for store in (one.store, *one.stores_beside)}
    if len(stores) > len({app for app, _ in stores}):
        words.append("both stores")
    if any(one.siblings and one.siblings_gone >= one.siblings for one in changes):
        words.append("developer")
    return tuple(dict.fromkeys(words))


def _where(states: frozenset[str], sights: Sequence[Sight], *more: str) -> tuple[str, ...]:
    return tuple(sorted({*more, *(s.storefront for s in sights if s.state in states)}))


def _reach(
    gone: frozenset[str],
    suspected: frozenset[str],
    listed: frozenset[str],
    groups: Mapping[str, Sequence[str]],
) -> tuple[Reach, str]:
    """Return the reach and, where it is one, the smallest group that is gone as a whole."""
    looked = gone | suspected | listed
    if len(looked) == 1:
        return Reach.ONLY, ""
    if not listed:
        return Reach.EVERYWHERE, ""
    if len(gone | suspected) == 1:
        return Reach.STOREFRONT, ""
    whole = [name for name, codes in groups.items() if looked.intersection(codes) == gone]
    if len(gone) == 1 or not whole:
        return Reach.SEVERAL, ""
    return Reach.GROUP, min(whole, key=lambda name: (len(groups[name]), name))


def _named(storefronts: Sequence[str]) -> str:
    # A sentence with "in in" looks like a slip.
    storefronts = ["India (in)" if code == "in" else code for code in storefronts]
    if len(storefronts) <= NAMED:
        return ", ".join(storefronts)
    return f"{len(storefronts)} storefronts ({', '.join(storefronts[:NAMED])} and others)"
