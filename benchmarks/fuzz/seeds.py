"""Good answers to spoil: the simulator's, and recorded ones where they lie beside the checkout."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appwatch.domain.model import Verdict
from appwatch.simulator import details_pages, lookup_answers, product_pages
from appwatch.simulator.bodies import Piece, joined
from appwatch.simulator.details_data import DetailsPage, DetailsPageLayout
from appwatch.simulator.product_pages import ProductPageLayout
from appwatch.simulator.world import Presence, SimulatedApp
from appwatch.stores.app_store import answers as lookup
from appwatch.stores.app_store import platform_lookup, product_page, requests
from appwatch.stores.base import Answer, Request
from appwatch.stores.google_play import answers as details
from appwatch.stores.google_play import requests as play_requests

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
APP = SimulatedApp("Jike", app_store="966129812", google_play="com.ruguoapp.jike")
CONTROL = SimulatedApp("Pages", app_store="361309726", google_play="com.google.android.youtube")
_SMALL = 2_000  # bytes of a made page; recorded ones are as long as they are
_HTML = "text/html; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_NUMBER, _PACKAGE = APP.app_store, APP.google_play
# file below play_web, package, storefront, status
_RECORDED_PAGES = (
    ("2026-07-06_us_translate.html", "com.google.android.apps.translate", "us", 200),
    ("2022-06-03_br_usdebtnow_newdesign.html", "com.moonwink.treasury", "br", 200),
    ("2021-11-14_usdebtnow_ds_shifted.html", "com.moonwink.treasury", "us", 200),
    ("2019-06_us_minecraft.html", "com.mojang.minecraftpe", "us", 200),
    (
        "2018-09-25_kr_flickr_REGION_UNAVAILABLE.html",
        "com.yahoo.mobile.client.android.flickr",
        "kr",
        200,
    ),
    ("2016-03-28_com.your.app_404_body.html", _PACKAGE, "us", 404),
)
# file below apple_lookup, track id, storefront
_RECORDED_LOOKUPS = (
    ("fastlane_itunesLookup-284882215.json", "284882215", "us"),
    ("fastlane_itunesLookup-338986109_FR.json", "338986109", "fr"),
    ("fastlane_itunesLookup-net.sunapps.invalid.json", _NUMBER, "us"),
    ("harmony_album_255636575_gb.json", "255636575", "gb"),
    ("mas_slack-lookup.json", "803453959", "us"),
)


@dataclass(frozen=True, slots=True)
class Seed:
    """A good answer, the reader that it is for, and what was asked."""

    name: str
    reader: str
    listing: str
    storefront: str
    answer: Answer

    def read(self, answer: Answer) -> Verdict:
        """Return what its reader says of another answer to the same question."""
        return READERS[self.reader](answer, self.listing, self.storefront)


def _lookup(answer: Answer, listing: str, storefront: str) -> Verdict:
    return lookup.read(answer, [listing, CONTROL.app_store], storefront)[listing]


READERS: dict[str, Callable[[Answer, str, str], Verdict]] = {
    "lookup": _lookup,
    "platform": lambda answer, listing, _: platform_lookup.read(answer, listing),
    "product_page": product_page.read,
    "details": details.read,
}


def made() -> list[Seed]:
    """Return the simulator's answers, short ones."""
    return [*_made_lookups(), *_made_platform(), *_made_product_pages(), *_made_details()]


def recorded(corpus: Path) -> list[Seed]:
    """Return the recorded answers in this folder; those that are missing are left out."""
    seeds = []
    for file, package, storefront, status in _RECORDED_PAGES:
        if (path := corpus / "play_web" / file).is_file():
            request = _details_request(package, storefront)
            seeds.append(_seed(file, "details", package, request, (path.read_bytes(), status)))
    for file, track, storefront in _RECORDED_LOOKUPS:
        if (path := corpus / "apple_lookup" / file).is_file():
            request = _lookup_request(track, storefront)
            seeds.append(_seed(file, "lookup", track, request, (path.read_bytes(), 200)))
    page = corpus / "apple_web" / "2023_us_netflix_id363590051_emberDOM.html"
    if page.is_file():
        request = product_page.request("https://apps.apple.com", "363590051", "us", 0)
        told = (page.read_bytes(), 200)
        seeds.append(_seed(page.name, "product_page", "363590051", request, told))
    return seeds


def _made_lookups() -> Iterator[Seed]:
    results = [lookup_answers.lookup_result(app, "cn") for app in (APP, CONTROL)]
    request = _lookup_request(_NUMBER, "cn")
    for name, listed in (("both", results), ("control", results[1:]), ("nothing", [])):
        body = joined(lookup_answers.lookup_body(listed))
        yield _seed(f"lookup of {name}", "lookup", _NUMBER, request, (body, 200))


def _made_platform() -> Iterator[Seed]:
    request = platform_lookup.request(
        "https://uclient-api.itunes.apple.com", _NUMBER, "cn", "iphone", "key", 0
    )
    for name, apps in (("listed", [APP]), ("absent", [])):
        body = joined(lookup_answers.platform_body(apps))
        yield _seed(f"platform, {name}", "platform", _NUMBER, request, (body, 200))


def _made_product_pages() -> Iterator[Seed]:
    request = product_page.request("https://apps.apple.com", _NUMBER, "cn", 0)
    for layout in ProductPageLayout:
        body = joined(product_pages.product_page(APP, "cn", layout, _SMALL))
        yield _seed(f"product page, {layout}", "product_page", _NUMBER, request, (body, 200))
    absent = product_pages.NOT_FOUND_PAGE.encode()
    yield _seed("product page, absent", "product_page", _NUMBER, request, (absent, 404))


def _made_details() -> Iterator[Seed]:
    request = _details_request(_PACKAGE, "us")
    shown = (Presence.LISTED, Presence.NOT_INSTALLABLE, Presence.PREREGISTRATION)
    for layout in DetailsPageLayout:
        for presence in shown:
            body = _details_page(DetailsPage(APP, "us", presence, NOW, layout=layout, size=_SMALL))
            name = f"details, {layout}, {presence}"
            yield _seed(name, "details", _PACKAGE, request, (body, 200))
    absent = details_pages.NOT_FOUND_PAGE.encode()
    yield _seed("details, absent", "details", _PACKAGE, request, (absent, 404))


def _details_page(page: DetailsPage) -> bytes:
    pieces: tuple[Piece, ...] = details_pages.details_page(page)
    return joined(pieces)


def _details_request(package: str, storefront: str) -> Request:
    return play_requests.details("https://play.google.com", package, storefront)


def _lookup_request(track: str, storefront: str) -> Request:
    ids = [track, CONTROL.app_store]
    return requests.lookup("https://itunes.apple.com", ids, storefront, "key", 0)


def _seed(name: str, reader: str, listing: str, request: Request, told: tuple[bytes, int]) -> Seed:
    body, status = told
    kind = _SCRIPT if reader == "lookup" else _HTML
    kind = "application/json" if reader == "platform" else kind
    headers = (("content-type", kind),)
    answer = Answer(request, NOW, NOW, status, request.url, headers, body, body)
    return Seed(name, reader, listing, request.storefront, answer)
