"""Small pages built like Google Play's own, and answers that carry them."""

import json
from datetime import UTC, datetime

from appwatch.stores.base import Answer, Request
from appwatch.stores.google_play.requests import details

BASE = "https://play.google.com"
PACKAGE = "com.example.app"
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ABSENT = "absent"
NOT_FOUND_PAGE = (
    b'<!DOCTYPE html><html><head><title>Not Found</title></head><body><div id="content">'
    b'<div id="error-section" class="rounded">We\'re sorry, the requested URL was not found on '
    b"this server.</div></div></body></html>"
)


def slots(package: str = PACKAGE, offer: object = (2,), *, price: bool = True) -> list[object]:
    """Return the slots of a listing as the current layout has them."""
    row: list[object] = [None] * 146
    row[0] = ["Example"]
    row[18] = list(offer) if isinstance(offer, tuple) else offer
    row[57] = [[[[[None, [[990000, "EUR", "€0.99"]]]]]]] if price else None
    row[68] = ["Example Ltd"]
    row[77] = [package]
    row[140] = [[["1.2.3"]]]
    row[145] = [["Jul 6, 2026", [1783355190, 338000000]]]
    return row


def footer(
    link: str = "/intl/en-US_us/about/play-terms.html", name: str = "United States"
) -> object:
    """Return the footer's data: the terms link and the country's name."""
    return [[[[None, None, f"{BASE}{link}"], "Terms"]], name, "English (United States)"]


def button(package: str = PACKAGE) -> str:
    """Return an Install button with its offer."""
    return (
        '<span itemprop="offers" itemscope><meta itemprop="url" content="https://play.google.com'
        f'/store/apps/details?id={package}&amp;rdid={package}"></span>Install'
    )


def page(
    *data: tuple[str, object], body: str = "", package: str = PACKAGE, request: str = "[]"
) -> bytes:
    """Return a page whose blocks answer these RPCs, numbered in the order given."""
    services = ",".join(
        f"'ds:{n}' : {{id:'{rpc}',request:{request}}}" for n, (rpc, _) in enumerate(data)
    )
    blocks = "".join(
        f"<script nonce=\"n\">AF_initDataCallback({{key: 'ds:{n}', hash: '{n}', "
        f"data:{json.dumps(value)}, sideChannel: {{}}}});</script>"
        for n, (_, value) in enumerate(data)
    )
    return (
        '<!doctype html><html lang="en"><head><base href="https://play.google.com/">'
        f'<link rel="canonical" href="{BASE}/store/apps/details?id={package}&amp;hl=en">'
        f'<script nonce="n">var AF_initDataKeys = []; var AF_dataServiceRequests = {{{services}}};'
        f" var AF_initDataChunkQueue = [];</script></head><body>{body}{blocks}</body></html>"
    ).encode()


def listing(
    package: str = PACKAGE, offer: object = (2,), country: object = None, **more: bool
) -> bytes:
    """Return a whole listing of the current layout, with a button if it can be installed."""
    data = [[[[]]], [None, None, slots(package, offer, **more)]]
    body = button(package) if offer == (2,) else ""
    return page(("Ws7gDc", data), ("jRco8", country or footer()), body=body, package=package)


def unreadable(package: str = PACKAGE) -> bytes:
    """Return the page of a listing in a layout that nobody knows yet."""
    link = f"https://play.google.com/store/apps/details?id={package}"
    head = f'<link rel="canonical" href="{link}">'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{{}}</body></html>".encode()


def former(package: str = PACKAGE, offer: object = (), *, canonical: str = "") -> bytes:
    """Return a listing of the layout before June 2022, whose data does not name the package."""
    facts: list[object] = [None] * 12
    facts[5] = [["1", 8], "Example Ltd"]
    facts[8] = [1531329912, 780000000]
    facts[11] = list(offer) if isinstance(offer, tuple) else offer
    row = [["Example"], *[None] * 11, facts]
    price = [[None, None, [[[[None, [[0, "USD", ""]]]]]]]]
    foot = [["/store/account", None, None, None, f"{BASE}/intl/en_us/about/play-terms.html"]]
    return page(
        ("jLZZ2e", [row]),
        ("d5UeYe", price),
        ("VU2xMc", [*foot, None, None, None, "United States", "English"]),
        package=canonical or package,
        request=f'[["{package}",7],2]',
    )


def asked(package: str = PACKAGE, storefront: str = "us") -> Request:
    """Return the request for a page."""
    return details(BASE, package, storefront)


def answer(body: bytes, status: int = 200, request: Request | None = None, **more: str) -> Answer:
    """Return an answer; `url` and header names (with _ for -) may be given by name."""
    request = request or asked()
    url = more.pop("url", request.url)
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    return Answer(request, NOW, NOW, status=status, url=url, headers=headers, body=body)
