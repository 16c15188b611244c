"""What is asked of the App Store, and how a listing is written."""

from collections.abc import Sequence

from appwatch import __version__
from appwatch.stores.base import Request

LOOKUP = "lookup"
# The API serves up to 200 ids in one request, but answers 50 unless told.
# Source: Apple's iTunes Search API documentation.
LIMIT = 200
HEADERS = {
    "User-Agent": f"appwatch/{__version__}",
    "Accept": "application/json, text/javascript",
}


def lookup(
    base_url: str, ids: Sequence[str], storefront: str, key: str, per_minute: float
) -> Request:
    """Return the request that looks these track ids up; `key` is new for every round.

    The API's cache is keyed by the whole query string, so a new key gets a fresh answer.
    It never redirects: whatever does so stands between us and the API, and is not followed.
    """
    query = f"id={','.join(ids)}&country={storefront}&limit={LIMIT}&_={key}"
    return Request(
        f"{base_url.rstrip('/')}/lookup?{query}",
        LOOKUP,
        storefront,
        frozenset(),
        HEADERS,
        per_minute=per_minute,
    )


def refuse_listing(listing: str) -> str | None:
    """Return why this cannot be a track id and what was expected, or None."""
    if listing.isascii() and listing.isdigit() and not listing.startswith("0"):
        return None if len(listing) <= 15 else f"{listing[:20]!r} is too long for a track id"
    return f"{listing[:40]!r} is no App Store id; expected digits alone, such as 966129812"
