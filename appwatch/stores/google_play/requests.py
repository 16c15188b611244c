"""What is asked of Google Play, and how a listing is written."""

import re
from urllib.parse import urlencode, urlsplit

from appwatch import __version__
from appwatch.stores.base import Request

DETAILS = "details"
DETAILS_PATH = "/store/apps/details"
SEARCH = "search"
SEARCH_PATH = "/store/search"
_PUBLIC = "https://play.google.com"
_USER_AGENT = f"appwatch/{__version__}"
# What Android itself takes for an application's id.
# Source: developer.android.com, "Set the application ID".
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+")
_LONGEST = 200  # what the database keeps


def details(
    base_url: str,
    package: str,
    storefront: str,
    *,
    cookie: str = "",
    fresh: bool = False,
    per_minute: float = 20.0,
) -> Request:
    """Return the request for a listing's page, in English, for one storefront.

    `cookie` is one constant `name=value` for consent walls, sent as it is when not empty. A
    `fresh` one takes a connection of its own, and asks every cache on the way to pass it on.
    """
    query = urlencode({"id": package, "hl": "en", "gl": storefront})
    headers = _headers(cookie)
    if fresh:
        headers["Cache-Control"] = "no-cache"
    return Request(
        url=f"{base_url.rstrip('/')}{DETAILS_PATH}?{query}",
        surface=DETAILS,
        storefront=storefront,
        hosts=frozenset({urlsplit(base_url).netloc}),
        headers=headers,
        fresh=fresh,
        per_minute=per_minute,
    )


def search(base_url: str, name: str, storefront: str, cookie: str, per_minute: float) -> Request:
    """Return the request for the page that a search for apps of this name shows."""
    query = urlencode({"q": name, "c": "apps", "hl": "en", "gl": storefront})
    return Request(
        url=f"{base_url.rstrip('/')}{SEARCH_PATH}?{query}",
        surface=SEARCH,
        storefront=storefront,
        hosts=frozenset({urlsplit(base_url).netloc}),
        headers=_headers(cookie),
        per_minute=per_minute,
    )


def _headers(cookie: str) -> dict[str, str]:
    headers = {"User-Agent": _USER_AGENT, "Accept": "text/html", "Accept-Language": "en"}
    return headers | {"Cookie": cookie} if cookie else headers


def page_url(package: str, storefront: str) -> str:
    """Return the public address of the listing, for people."""
    return f"{_PUBLIC}{DETAILS_PATH}?{urlencode({'id': package, 'gl': storefront})}"


def refuse_listing(listing: str) -> str | None:
    """Return why this cannot be a package name and what was expected, or None."""
    if len(listing) <= _LONGEST and _PACKAGE.fullmatch(listing):
        return None
    expected = "expected a package name such as com.example.app"
    if "://" in listing:
        return f"{listing[:60]!r} is an address; {expected}, as it stands after id= in the address"
    if len(listing) > _LONGEST:
        return f"{listing[:60]!r}... is too long; {expected}"
    if "." not in listing:
        return f"{listing[:60]!r} has no dot; {expected}: at least two parts with a dot between"
    return (
        f"{listing[:60]!r} is no Google Play package; {expected}: parts of letters, digits and _ "
        "that each begin with a letter, with dots between"
    )
