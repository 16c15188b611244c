"""What is listed where, and when that changes: the truth that the simulated stores tell."""

import re
import threading
from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

APP_STORE = "app_store"
GOOGLE_PLAY = "google_play"
EVERYWHERE: frozenset[str] | None = None
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Presence(StrEnum):
    """How a store shows a listing in one storefront."""

    LISTED = "listed"
    ABSENT = "absent"
    NOT_INSTALLABLE = "not_installable"  # its page is shown, it cannot be installed there
    PREREGISTRATION = "preregistration"  # announced there


@dataclass(frozen=True, slots=True)
class SimulatedApp:
    """An app and what its listings say of it. `stand_in`: its ids are made up.

    `app_store` is the track id in digits, `google_play` the package; empty where it has none.
    """

    name: str
    developer: str = "Example Studio"
    app_store: str = ""
    google_play: str = ""
    version: str = "1.0"
    updated: datetime = datetime(2020, 5, 1, 9, 30, tzinfo=UTC)
    stand_in: bool = False

    @property
    def slug(self) -> str:
        """The name as the App Store writes it in addresses."""
        return re.sub(r"\W+", "-", self.name.lower()).strip("-") or "app"

    def listing(self, store: str) -> str:
        """Return the app's listing in a store, or an empty text."""
        return self.app_store if store == APP_STORE else self.google_play

    @property
    def bundle_id(self) -> str:
        """The identifier that a lookup shows beside the track id."""
        return self.google_play or f"com.example.app{self.app_store}"


@dataclass(frozen=True, slots=True)
class Event:
    """From its moment on, a listing is so present in these storefronts (None: in all)."""

    store: str
    listing: str
    presence: Presence
    storefronts: frozenset[str] | None = EVERYWHERE

    def touches(self, storefront: str) -> bool:
        """Whether the event changes anything in that storefront."""
        return self.storefronts is None or storefront in self.storefronts


Timeline = tuple[tuple[datetime, Event], ...]


class World:
    """Apps, and per listing a timeline of events, read at the moment that `now` gives.

    Listings that the world does not know are absent. Any thread may read and change it:
    timelines are replaced whole.
    """

    def __init__(self, now: Callable[[], datetime], apps: Iterable[SimulatedApp] = ()) -> None:
        self.now = now
        self._lock = threading.Lock()
        self._apps: dict[tuple[str, str], SimulatedApp] = {}
        self._timelines: dict[tuple[str, str], Timeline] = {}
        for app in apps:
            self.add(app)

    def add(self, app: SimulatedApp, storefronts: Iterable[str] | None = EVERYWHERE) -> None:
        """Let the app have been listed since ever, in these storefronts of its stores."""
        self.describe(app)
        for store, listing in _listings(app):
            self.at(_BEGINNING, Event(store, listing, Presence.LISTED, _places(storefronts)))

    def describe(self, app: SimulatedApp) -> None:
        """Let the app's listings say this of it from now on; where they are does not change."""
        with self._lock:
            for key in _listings(app):
                self._apps[key] = app

    def add_controls(self, store: str, listings: Iterable[str]) -> None:
        """Let these listings of a store be listed in every storefront."""
        for listing in listings:
            is_apple = store == APP_STORE
            self.add(
                SimulatedApp(
                    f"Control {listing}",
                    app_store=listing if is_apple else "",
                    google_play="" if is_apple else listing,
                )
            )

    def at(self, moment: datetime, event: Event) -> None:
        """Let the event happen at that moment; of equal moments the last one given counts."""
        key = (event.store, event.listing)
        with self._lock:
            timeline = list(self._timelines.get(key, ()))
            insort(timeline, (moment, event), key=lambda entry: entry[0])
            self._timelines[key] = tuple(timeline)

    def remove(self, store: str, listing: str, storefronts: Iterable[str] | None = None) -> None:
        """Take the listing out of these storefronts (None: all), now."""
        self._now_is(Presence.ABSENT, store, listing, storefronts)

    def restore(self, store: str, listing: str, storefronts: Iterable[str] | None = None) -> None:
        """List it there again, now."""
        self._now_is(Presence.LISTED, store, listing, storefronts)

    def restrict(self, store: str, listing: str, storefronts: Iterable[str] | None = None) -> None:
        """Show it there without offering it, now."""
        self._now_is(Presence.NOT_INSTALLABLE, store, listing, storefronts)

    def preregister(
        self, store: str, listing: str, storefronts: Iterable[str] | None = None
    ) -> None:
        """Announce it there, now."""
        self._now_is(Presence.PREREGISTRATION, store, listing, storefronts)

    def app(self, store: str, listing: str) -> SimulatedApp | None:
        """Return what the listing says of its app, or None if the world does not know it."""
        return self._apps.get((store, listing))

    def named(self, store: str, words: str) -> list[SimulatedApp]:
        """Return the store's apps whose name or developer holds each of these words."""
        with self._lock:
            known = [app for (of, _), app in self._apps.items() if of == store]
        wanted = words.casefold().split()
        told = [f"{app.name} {app.developer}".casefold() for app in known]
        return [
            app for app, text in zip(known, told, strict=True) if all(w in text for w in wanted)
        ]

    def presence(self, store: str, listing: str, storefront: str) -> Presence:
        """Return how the listing is present in the storefront at this moment."""
        moment = self.now()
        for since, event in reversed(self._timelines.get((store, listing), ())):
            if since <= moment and event.touches(storefront):
                return event.presence
        return Presence.ABSENT

    def _now_is(
        self, presence: Presence, store: str, listing: str, storefronts: Iterable[str] | None
    ) -> None:
        self.at(self.now(), Event(store, listing, presence, _places(storefronts)))


def _places(storefronts: Iterable[str] | None) -> frozenset[str] | None:
    return None if storefronts is None else frozenset(storefronts)


def _listings(app: SimulatedApp) -> list[tuple[str, str]]:
    both = [(APP_STORE, app.app_store), (GOOGLE_PLAY, app.google_play)]
    return [(store, listing) for store, listing in both if listing]
