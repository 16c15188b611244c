"""From a request to its reply: which endpoint it means, what strikes it, what is true there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from appwatch.simulator.bodies import Piece
from appwatch.simulator.details_data import DetailsPage, DetailsPageLayout
from appwatch.simulator.details_pages import NOT_FOUND_PAGE as NO_DETAILS
from appwatch.simulator.details_pages import details_page, home_page
from appwatch.simulator.faults import Asked, Fault, FaultKind, Faults, Surface
from appwatch.simulator.lookup_answers import (
    lookup_body,
    lookup_result,
    page_path,
    platform_body,
)
from appwatch.simulator.places import (
    APP_STORE_STOREFRONTS,
    SILENT_COUNTRIES,
    UNSERVED_BY_PLAY,
    country_name,
)
from appwatch.simulator.product_pages import NOT_FOUND_PAGE as NO_PRODUCT
from appwatch.simulator.product_pages import ProductPageLayout, product_page, unreadable_page
from appwatch.simulator.recorded import NOTHING_RECORDED, Recordings
from appwatch.simulator.search_pages import search_page
from appwatch.simulator.walls import HTML, JAVASCRIPT, delivered, error_envelope, wall
from appwatch.simulator.wire import Reply, Request, reply
from appwatch.simulator.world import APP_STORE, GOOGLE_PLAY, Presence, SimulatedApp, World

_PRODUCT = re.compile(r"(?:/([a-z]{2}))?/app/(?:([^/]+)/)?id(\d+)")
_PLATFORM = "/WebObjects/MZStorePlatform.woa/wa/lookup"
_DETAILS = "/store/apps/details"
_VARIANTS = 4
_DEFAULT_LIMIT = 50
_MOST_RESULTS = 200


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the simulated stores' pages look; sizes are in bytes, about."""

    product_page: ProductPageLayout = ProductPageLayout.OBJECT
    product_page_size: int = 400_000
    details_page: DetailsPageLayout = DetailsPageLayout.LONG
    details_page_size: int = 1_100_000


def asked_by(request: Request) -> Asked | None:
    """Return what a request wants to know, or None if no store has such an address."""
    query, key = request.query, request.query.get("_", "")
    if request.path == "/lookup":
        storefront = query.get("country", "us").lower()
        return Asked(Surface.LOOKUP, storefront, _ids(query.get("id", "")), key)
    if request.path == _PLATFORM:
        storefront = query.get("cc", "us").lower()
        place = "us" if storefront == "(null)" else storefront
        return Asked(Surface.PLATFORM, place, _ids(query.get("id", "")), key)
    if request.path == _DETAILS:
        package = (query.get("id", ""),)
        return Asked(Surface.DETAILS_PAGE, query.get("gl", "us").lower(), package, key)
    if request.path == "/search":
        return Asked(Surface.SEARCH, query.get("country", "us").lower(), (), key)
    if request.path == "/store/search":
        return Asked(Surface.SEARCH_PAGE, query.get("gl", "us").lower(), (), key)
    if match := _PRODUCT.fullmatch(request.path):
        return Asked(Surface.PRODUCT_PAGE, match[1] or "us", (match[3],), key)
    return None


class Endpoints:
    """The simulated stores as one function from request to reply. Not for several threads."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        appearance: Appearance | None = None,
        recordings: Recordings = NOTHING_RECORDED,
    ) -> None:
        self._world = world
        self._faults = faults
        self._appearance = appearance or Appearance()
        self._recordings = recordings
        self._cached: dict[str, tuple[datetime, Reply]] = {}
        self._variant = 0
        self._truths: dict[Surface, Callable[[Request, Asked, Fault | None], Reply]] = {
            Surface.LOOKUP: self._lookup,
            Surface.PLATFORM: self._platform,
            Surface.PRODUCT_PAGE: self._product_page,
            Surface.DETAILS_PAGE: self._details_page,
            Surface.SEARCH: self._search,
            Surface.SEARCH_PAGE: self._search_page,
        }

    def answer(self, request: Request) -> Reply:
        """Return what the stores answer now."""
        asked = asked_by(request)
        if asked is None:
            return reply(404, "No store has this address.", "text/plain")
        fault = self._faults.strike(asked, self._world.now())
        if fault is None:
            return self._truths[asked.surface](request, asked, None)
        if (blocked := wall(fault, request)) is not None:
            return blocked
        if fault.kind is FaultKind.STALE:
            return self._stale(request, asked, fault)
        return delivered(self._truths[asked.surface](request, asked, fault), fault)

    def _stale(self, request: Request, asked: Asked, fault: Fault) -> Reply:
        """Answer as a cache in front does, whose key is the sorted query (seen in 2023)."""
        skipped = () if fault.fresh_key_helps else ("_",)
        parts = sorted(item for item in request.query.items() if item[0] not in skipped)
        key = f"{request.path}?{parts}"
        moment = self._world.now()
        known = self._cached.get(key)
        if known is None or moment - known[0] >= fault.lasting:
            known = (moment, self._truths[asked.surface](request, asked, None))
            self._cached[key] = known
        return known[1]

    def _lookup(self, request: Request, asked: Asked, fault: Fault | None) -> Reply:
        refused = _refused(asked) or self._recordings.refuses(asked.listings, asked.storefront)
        if refused:
            return error_envelope("itunesId" if _bad_ids(asked) else "country")
        limit = request.query.get("limit", "")
        most = min(int(limit), _MOST_RESULTS) if limit.isdecimal() else _DEFAULT_LIMIT
        place = _place(asked, fault)
        apps = self._found(asked, fault)[:most]
        results = [self._result(app, place) for app in apps]
        if _is(fault, FaultKind.LAYOUT_UNKNOWN):
            return reply(200, '{"data":[],"total":0}', JAVASCRIPT)
        return Reply(200, (("content-type", JAVASCRIPT),), lookup_body(results))

    def _result(self, app: SimulatedApp, storefront: str) -> Piece:
        recorded = self._recordings.results.get((app.app_store, storefront))
        return recorded or lookup_result(app, storefront)

    def _platform(self, request: Request, asked: Asked, fault: Fault | None) -> Reply:
        apps = self._found(asked, fault)
        enterprise = request.query.get("platform") == "enterprisestore"
        if enterprise and _is(fault, FaultKind.EMPTY_ENTERPRISE):
            apps = []
        if _is(fault, FaultKind.LAYOUT_UNKNOWN):
            return reply(200, '{"data":{}}', "application/json")
        kind = ("content-type", "application/json; charset=utf-8")
        return Reply(200, (kind,), platform_body(apps))

    def _product_page(self, request: Request, asked: Asked, fault: Fault | None) -> Reply:
        if "Mozilla/" not in request.headers.get("user-agent", ""):
            return reply(429, "", HTML)
        apps = self._found(asked, fault)
        if not apps:
            return reply(404, NO_PRODUCT, HTML)
        app, place = apps[0], _place(asked, fault)
        target = page_path(app, place)
        if quote(request.path) != target:
            location = request.url.removesuffix(request.target) + target
            return reply(301, "", HTML, ("location", location))
        size = self._appearance.product_page_size
        if _is(fault, FaultKind.LAYOUT_UNKNOWN):
            return _page(unreadable_page(size))
        return _page(product_page(app, place, self._appearance.product_page, size))

    def _details_page(self, request: Request, asked: Asked, fault: Fault | None) -> Reply:
        moment = self._world.now().replace(minute=0, second=0, microsecond=0)
        if _is(fault, FaultKind.HOME_PAGE):
            size = self._appearance.details_page_size
            return _page(home_page(asked.storefront, moment, size))
        listing, place = asked.listings[0], asked.storefront
        presence = self._presence(asked, listing, fault)
        app = self._app(GOOGLE_PLAY, listing, fault)
        if app is None or presence is Presence.ABSENT or place in UNSERVED_BY_PLAY:
            return reply(404, NO_DETAILS, HTML, ("server", "GSE"), ("cache-control", "no-cache"))
        recorded = self._recordings.pages.get((listing, place))
        if recorded is not None and fault is None:
            return _page((recorded,))
        language = request.query.get("hl", "en")
        page = DetailsPage(app, _served(_place(asked, fault)), presence, moment, language)
        return _page(details_page(self._dressed(page, fault)))

    def _search(self, request: Request, asked: Asked, fault: Fault | None) -> Reply:
        if _refused(asked):
            return error_envelope("country")
        place = _place(asked, fault)
        apps = self._named(request.query.get("term", ""), asked)
        if _is(fault, FaultKind.LAYOUT_UNKNOWN):
            return reply(200, '{"data":[],"total":0}', JAVASCRIPT)
        body = lookup_body([lookup_result(app, place) for app in apps])
        return Reply(200, (("content-type", JAVASCRIPT),), body)

    def _search_page(self, request: Request, asked: Asked, fault: Fault | None) -> Reply:
        apps = self._named(request.query.get("q", ""), asked)
        moment = self._world.now().replace(minute=0, second=0, microsecond=0)
        if _is(fault, FaultKind.LAYOUT_UNKNOWN):
            return _page(home_page(asked.storefront, moment, self._appearance.details_page_size))
        return _page(search_page(apps, _served(_place(asked, fault)), moment))

    def _named(self, words: str, asked: Asked) -> list[SimulatedApp]:
        """Return the apps that a search finds: those that the storefront shows."""
        store = asked.surface.store
        return [
            app
            for app in self._world.named(store, words)
            if self._world.presence(store, app.listing(store), asked.storefront)
            is not Presence.ABSENT
        ]

    def _dressed(self, page: DetailsPage, fault: Fault | None) -> DetailsPage:
        self._variant = (self._variant + 1) % _VARIANTS
        return replace(
            page,
            app=_other(page.app) if _is(fault, FaultKind.WRONG_APP) else page.app,
            layout=self._appearance.details_page,
            variant=self._variant,
            size=self._appearance.details_page_size,
            hides_slot=_is(fault, FaultKind.SLOT_ABSENT),
            unreadable=_is(fault, FaultKind.LAYOUT_UNKNOWN),
        )

    def _presence(self, asked: Asked, listing: str, fault: Fault | None) -> Presence:
        if fault is not None and fault.hits(listing):
            if fault.kind is FaultKind.FALSE_ABSENCE:
                return Presence.ABSENT
            if fault.kind in (FaultKind.FALSE_PRESENCE, FaultKind.ECHO):
                return Presence.LISTED
        return self._world.presence(asked.surface.store, listing, asked.storefront)

    def _app(self, store: str, listing: str, fault: Fault | None) -> SimulatedApp | None:
        app = self._world.app(store, listing)
        if app is None and _is(fault, FaultKind.ECHO):
            app_store = listing if store == APP_STORE else ""
            package = listing if store == GOOGLE_PLAY else ""
            return SimulatedApp("Echo", "Echo", app_store=app_store, google_play=package)
        return app

    def _found(self, asked: Asked, fault: Fault | None) -> list[SimulatedApp]:
        """Return the App Store apps to show, each once, in no order that a client may count on."""
        if asked.storefront not in APP_STORE_STOREFRONTS:
            return []
        listings = sorted(set(asked.listings), key=lambda listing: listing[::-1])
        apps = [
            app
            for listing in listings
            if self._presence(asked, listing, fault) is not Presence.ABSENT
            and (app := self._app(APP_STORE, listing, fault)) is not None
        ]
        if _is(fault, FaultKind.WRONG_APP):
            return [_other(app) for app in apps]
        return apps


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _bad_ids(asked: Asked) -> bool:
    return not all(listing.isdecimal() for listing in asked.listings)


def _refused(asked: Asked) -> bool:
    known = APP_STORE_STOREFRONTS | SILENT_COUNTRIES
    return _bad_ids(asked) or asked.storefront not in known


def _is(fault: Fault | None, kind: FaultKind) -> bool:
    return fault is not None and fault.kind is kind


def _place(asked: Asked, fault: Fault | None) -> str:
    if fault is None or fault.kind is not FaultKind.WRONG_STOREFRONT:
        return asked.storefront
    return fault.instead or ("fr" if asked.storefront == "us" else "us")


def _served(country: str) -> str:
    """Return the country that Play renders: for a code that is none, where the asker is."""
    return country if country_name(country) else "us"


def _other(app: SimulatedApp) -> SimulatedApp:
    number = str(int(app.app_store) + 1) if app.app_store else ""
    package = f"{app.google_play}.other" if app.google_play else ""
    return replace(app, name=f"Not {app.name}", app_store=number, google_play=package)


def _page(pieces: tuple[Piece, ...]) -> Reply:
    return Reply(200, (("content-type", HTML), ("cache-control", "no-cache")), pieces)
