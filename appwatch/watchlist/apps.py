"""Turns the checked apps of the tree into watched apps: ids, listings, storefronts."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from appwatch.watchlist.document import MapNode, texts
from appwatch.watchlist.model import StoreRules, WatchedApp
from appwatch.watchlist.problems import Mark, Problems, quoted
from appwatch.watchlist.storefronts import Storefronts

if TYPE_CHECKING:  # pydantic is slow to import, and here only its types are needed
    from appwatch.watchlist.schema import AppPart


def slug(text: str) -> str:
    """Return the text as an id: ASCII small letters, digits and -; empty if none are left."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")


def made_id(texts: Iterable[str]) -> str:
    """Return the id that an app gets by these texts, its name first; empty if none makes one."""
    return next((made for text in texts if (made := slug(text))), "")


def plain_name(text: str) -> str:
    """Return a name's letters and digits alone, in small letters and without accents."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(part for part in parts if part.isalnum())


class AppReader:
    """Reads one app after another, and knows what stood where before."""

    def __init__(
        self,
        stores: Mapping[str, StoreRules],
        storefronts: Storefronts,
        defaults: Mapping[str, tuple[str, ...] | None],
        problems: Problems,
    ) -> None:
        """`defaults` are None for a store whose own default could not be read."""
        self._stores = stores
        self._storefronts = storefronts
        self._defaults = defaults
        self._problems = problems
        self._ids: dict[str, Mark] = {}
        self._listings: dict[tuple[str, str], Mark] = {}

    def read(self, app: "AppPart", node: MapNode) -> WatchedApp:
        """Return the app; what is wrong with it goes to the problems."""
        listings = app.listings(self._stores)
        for store, listing in listings.items():
            self._note_listing(store, listing, node)
        return WatchedApp(
            id=self._id(app, listings, node),
            name=app.name or next(iter(listings.values()), ""),
            listings=listings,
            storefronts=self._resolve(listings, node),
            tags=tuple(dict.fromkeys(app.tags)),
            reason=app.reason,
            source=app.source,
            paused=app.paused,
            place=str(node.mark),
        )

    def _id(self, app: "AppPart", listings: Mapping[str, str], node: MapNode) -> str:
        mark = node.mark_of("id", "name", *listings)
        found = app.id or made_id([app.name, *listings.values()])
        if found:
            self._note_id(found, mark)
        elif not node.dropped:
            self._problems.add(mark, self._nameless(app))
        return found

    def _nameless(self, app: "AppPart") -> str:
        if app.name:
            return f"no id can be made from {quoted(app.name)}; expected id: and a short word"
        return f"this app has no name and no listing; expected name, or {' or '.join(self._stores)}"

    def _note_id(self, found: str, mark: Mark) -> None:
        earlier = self._ids.setdefault(found, mark)
        if earlier is not mark:
            self._problems.add(
                mark,
                f"the id {found} stands twice, first at {earlier};"
                " expected one app to have an id: of its own",
            )

    def _note_listing(self, store: str, listing: str, node: MapNode) -> None:
        mark = node.mark_of(store)
        earlier = self._listings.setdefault((store, listing), mark)
        if earlier is not mark:
            self._problems.add(
                mark,
                f"the {self._stores[store].title} listing {listing} stands twice,"
                f" first at {earlier}; expected it once",
            )

    def _resolve(self, listings: Mapping[str, str], node: MapNode) -> dict[str, tuple[str, ...]]:
        """Return the storefronts of each store where the app has a listing.

        What is written for a store without a listing is checked all the same.
        """
        written = node.get("storefronts")
        own = written if isinstance(written, MapNode) else MapNode({}, node.mark)
        found = {store: self._own(store, own) for store in self._stores}
        for store in listings:
            if found[store] is None:
                found[store] = self._default(store, node)
        return {store: found[store] or () for store in listings}

    def _own(self, store: str, own: MapNode) -> tuple[str, ...] | None:
        names = texts(own.get(store))
        return self._storefronts.resolve(store, names) if names else None

    def _default(self, store: str, node: MapNode) -> tuple[str, ...]:
        default = self._defaults[store]
        if default == () and not node.dropped:
            title = self._stores[store].title
            self._problems.add(
                node.mark_of(store),
                f"no storefronts are named for this {title} listing; expected"
                f" storefronts: {{{store}: [...]}} for the app, or at the top for all",
            )
        return default or ()


def read_defaults(
    stores: Sequence[str], storefronts: Storefronts, node: MapNode
) -> dict[str, tuple[str, ...] | None]:
    """Return the default storefronts of each store, None where they were written but wrong."""
    written = node.get("storefronts")
    if not isinstance(written, MapNode):
        return dict.fromkeys(stores, None if node.dropped else ())
    found: dict[str, tuple[str, ...] | None] = {}
    for store in stores:
        names = texts(written.get(store))
        resolved = storefronts.resolve(store, names)
        broken = bool(names and not resolved) or (not names and written.dropped)
        found[store] = None if broken else resolved
    return found
