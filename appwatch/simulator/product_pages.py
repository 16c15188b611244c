"""The App Store's product pages in the three layouts that were served since 2019."""

import json
from enum import StrEnum
from html import escape
from typing import Any

from appwatch.simulator.bodies import Piece, padding, piece
from appwatch.simulator.lookup_answers import page_address
from appwatch.simulator.script_data import script_json
from appwatch.simulator.world import SimulatedApp


class ProductPageLayout(StrEnum):
    """Which generation of the site answers."""

    EMBER = "ember"  # 2019 to October 2025
    LIST = "list"  # November 2025: the served data is a list
    OBJECT = "object"  # since April 2026: the served data is an object that holds the list


NOT_FOUND_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>App Store</title></head><body><main>'
    "<h1>The page you&rsquo;re looking for can&rsquo;t be found.</h1></main></body></html>"
)
# The smart banner's own id: the App Store's, on every page.
_BANNER_ID = "375380948"


def product_page(
    app: SimulatedApp, storefront: str, layout: ProductPageLayout, size: int
) -> tuple[Piece, ...]:
    """Return the page of a listed app, filled up by about `size` bytes of styles."""
    address = page_address(app, storefront)
    ember = layout is ProductPageLayout.EMBER
    head = _ember_head(app, address) if ember else _head(app, address)
    data = _shoebox(app, storefront) if ember else _served(app, address, layout)
    opening = f'<!DOCTYPE html><html dir="ltr" lang="en-US"><head>{head}<style>'
    rest = f"</style></head><body><h1>{escape(app.name)}</h1>{data}</body></html>"
    return (piece(opening.encode()), padding(size), piece(rest.encode()))


def unreadable_page(size: int) -> tuple[Piece, ...]:
    """Return a page of the store with nothing in it that names a listing."""
    return (
        piece(b"<!DOCTYPE html><html><head><title>App Store</title><style>"),
        padding(size),
        piece(b'</style></head><body><div id="app-shell"></div></body></html>'),
    )


def _head(app: SimulatedApp, address: str) -> str:
    title = f"{escape(app.name)} App - App Store"
    return (
        f'<title>{title}</title><link rel="canonical" href="{address}">'
        f'<meta property="og:url" content="{address}">'
        f'<meta name="apple-itunes-app" content="app-id={_BANNER_ID}, app-argument={address}">'
        f'<script id="software-application" type="application/ld+json">{_linked(app)}</script>'
    )


def _ember_head(app: SimulatedApp, address: str) -> str:
    title = f"{escape(app.name)} on the App&nbsp;Store"
    return (
        f'<title>{title}</title>\n<link rel="canonical" href="{address}">\n'
        f'<meta name="apple-itunes-app" content="app-id={_BANNER_ID}, app-argument={address}">\n'
        f'<meta name="apple:content_id" content="{app.app_store}">\n'
        f'<meta property="og:title" content="{title}"><meta property="og:url" content="{address}">'
        f'<script name="schema:software-application" type="application/ld+json">\n{_linked(app)}\n'
        "</script>"
    )


def _linked(app: SimulatedApp) -> str:
    return script_json(
        {
            "@context": "http://schema.org",
            "@type": "SoftwareApplication",
            "name": app.name,
            "operatingSystem": "Requires iOS 13.0 or later.",
            "applicationCategory": "Social Networking",
            "author": {"@type": "Organization", "name": app.developer},
            "offers": {"@type": "Offer", "price": 0, "priceCurrency": "USD", "category": "free"},
        }
    )


def _shoebox(app: SimulatedApp, storefront: str) -> str:
    attributes = {"name": app.name, "artistName": app.developer}
    value = {"d": [{"id": app.app_store, "type": "apps", "attributes": attributes}]}
    key = f".v1.catalog.{storefront}.apps.{app.app_store}.l.en-us.platform.web"
    data = script_json({key: json.dumps(value, ensure_ascii=False)})
    return f'<script type="fastboot/shoebox" id="shoebox-media-api-cache-apps">{data}</script>'


def _served(app: SimulatedApp, address: str, layout: ProductPageLayout) -> str:
    entries = [{"intent": _intent(app), "data": _data(app, address)}]
    served: Any = entries if layout is ProductPageLayout.LIST else {"data": entries}
    return (
        '<script type="application/json" id="serialized-server-data">'
        f"{script_json(served)}</script>"
    )


def _intent(app: SimulatedApp) -> dict[str, Any]:
    return {"$kind": "ProductPageIntent", "id": app.app_store}


def _data(app: SimulatedApp, address: str) -> dict[str, Any]:
    versions = {"items": [{"primarySubtitle": app.version, "text": "Bug fixes."}]}
    return {
        "adamId": app.app_store,
        "title": app.name,
        "canonicalURL": address,
        "developerAction": {"title": app.developer},
        "titleOfferDisplayProperties": {"isFree": True, "titles": {"standard": "Get"}},
        "shelfMapping": {"mostRecentVersion": versions},
    }
