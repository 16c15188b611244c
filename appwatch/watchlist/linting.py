"""Finds what a watchlist is allowed to say, and probably does not mean."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from appwatch.db.seen import Seen
from appwatch.watchlist.apps import plain_name
from appwatch.watchlist.model import WatchedApp, Watchlist

_PROBLEM = re.compile(r"(.*?:[0-9]+:[0-9]+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding; `app` is None where it is about more than one."""

    place: str
    kind: str
    app: str | None
    says: str


def invalid(problems: Sequence[str]) -> list[Remark]:
    """Return the problems of a watchlist that cannot be used."""
    parts = [(_PROBLEM.fullmatch(line), line) for line in problems]
    return [
        Remark(found[1], "invalid", None, found[2]) if found else Remark("", "invalid", None, line)
        for found, line in parts
    ]


def remarks(watchlist: Watchlist, seen: Seen, titles: Mapping[str, str]) -> list[Remark]:
    """Return everything that is odd about a watchlist that can be used.

    `titles` are the stores' names for people.
    """
    return [
        *_repeated(watchlist),
        *_same_apps(watchlist, seen),
        *_never_seen(watchlist, seen),
        *_empty(watchlist, seen, titles),
    ]


def _repeated(watchlist: Watchlist) -> Iterator[Remark]:
    """Yield storefronts that are named twice, and apps that stand among the controls.

    The absence of such an app would vouch against itself.
    """
    for place, says in watchlist.repeats:
        yield Remark(place, "repeated", None, f"{says}; once is enough")
    for app in watchlist.apps:
        for store, listing in app.listings.items():
            if listing in watchlist.controls.get(store, ()):
                yield Remark(
                    app.place,
                    "repeated",
                    app.id,
                    f"{listing} stands among the controls too; name another control, as one "
                    "must surely be listed",
                )


def _same_apps(watchlist: Watchlist, seen: Seen) -> Iterator[Remark]:
    """Yield pairs of apps that bear one name, in the watchlist or in the stores' own words."""
    apps = {app.id: app for app in watchlist.apps}
    known: dict[tuple[str, str], list[str]] = {}
    for app in watchlist.apps:
        for key in _names(app, seen):
            known.setdefault(key, []).append(app.id)
    told: set[tuple[str, ...]] = set()
    for (name, developer), ids in known.items():
        if len(ids) < 2 or tuple(ids) in told:
            continue
        told.add(tuple(ids))
        by = " and one developer" if developer else ""
        yield Remark(
            apps[ids[1]].place,
            "same_app",
            None,
            f"{', '.join(ids)} bear one name{by} ({name}); if they are one app, make them one "
            "entry with both listings",
        )


def _names(app: WatchedApp, seen: Seen) -> set[tuple[str, str]]:
    own = {(plain_name(app.name), "")} if plain_name(app.name) else set()
    given = {
        (plain_name(name), plain_name(by))
        for name, by in seen.names.get(app.id, ())
        if plain_name(name)
    }
    return own | {pair for pair in given if pair[1]}


def _never_seen(watchlist: Watchlist, seen: Seen) -> Iterator[Remark]:
    for app in watchlist.apps:
        if app.id in seen.never:
            listings = ", ".join(app.listings.values())
            yield Remark(
                app.place,
                "never_seen",
                app.id,
                f"{app.id} was never seen in any storefront; check its listing ({listings})",
            )


def _empty(watchlist: Watchlist, seen: Seen, titles: Mapping[str, str]) -> Iterator[Remark]:
    """Yield storefronts in which no app was ever seen, though it was seen elsewhere."""
    uses = Counter(
        (store, code)
        for app in watchlist.apps
        if app.id not in seen.never
        for store in app.listings
        for code in app.storefronts[store]
    )
    for place, apps in seen.empty.items():
        if uses[place.store, place.storefront]:
            yield Remark(
                f"{watchlist.files[0]}:1:1",
                "empty_storefront",
                None,
                f"none of {apps} apps was ever seen in {place}; perhaps "
                f"{titles.get(place.store, place.store)} does not serve that country",
            )
