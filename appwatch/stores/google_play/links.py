"""The links that lead to a listing of Google Play, in all the forms that people paste."""

import re
from urllib.parse import parse_qs, urlsplit

from appwatch.stores.base import Link
from appwatch.stores.google_play.requests import refuse_listing
from appwatch.stores.google_play.storefronts import code_written

_HOSTS = ("play.google.com", "market.android.com")
_PAGE = re.compile(r"(?:/store/apps)?/details(?:/.*)?|/store/apps/datasafety/?")
_LEADS_ON = "play.app.goo.gl"  # has the page's own address in `link`


def read_link(text: str) -> Link | None:
    """Return the package in a link, or a plain package name; None for all else."""
    if refuse_listing(text) is None and not text.startswith(_HOSTS):
        return Link(text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname or ""
    except ValueError:
        return None
    # market://details?id=... has its path in the place of the host.
    is_market = parts.scheme.lower() == "market" and host == "details"
    is_page = host in _HOSTS and bool(_PAGE.fullmatch(parts.path))
    query = parse_qs(parts.query)
    if host == _LEADS_ON and "link" in query:
        parts = urlsplit(query["link"][0])
        return read_link(query["link"][0]) if parts.hostname in _HOSTS else None
    package = query.get("id", [""])[0]
    if parts.scheme.lower() == "android-app":  # whose host is the package, its case kept
        package = parts.netloc
    elif not (is_market or is_page):
        return None
    if refuse_listing(package):
        return None
    return Link(package, code_written(query.get("gl", [""])[0]))
