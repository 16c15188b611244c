"""Small answers of the lookup API, written as it writes them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from appwatch.stores.app_store.requests import lookup
from appwatch.stores.base import Answer, Request

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
EMPTY = b'\n\n\n{\n "resultCount":0,\n "results": []\n}\n\n\n'
JIKE, CASTRO, PAGES, NUMBERS = "966129812", "1080840241", "361309726", "361304891"
TESTFLIGHT = "899247664"


def result(track_id: str, storefront: str = "cn", /, **more: object) -> dict[str, object]:
    """Return one result; fields may be replaced by name, or left out by giving `...`."""
    fields: dict[str, object] = {
        "wrapperType": "software",
        "kind": "software",
        "trackId": int(track_id),
        "artistId": 1,
        "trackName": f"App {track_id}",
        "artistName": "Example Ltd",
        "version": "1.2",
        "formattedPrice": "Free",
        "currentVersionReleaseDate": "2026-07-06T08:00:00Z",
        "trackViewUrl": f"https://apps.apple.com/{storefront}/app/x/id{track_id}?uo=4",
    }
    return {name: value for name, value in (fields | more).items() if value is not ...}


def body(*results: dict[str, object], count: object = None) -> bytes:
    """Return an answer with these results, and their count unless another is given."""
    counted = len(results) if count is None else count
    written = json.dumps({"resultCount": counted, "results": list(results)}, ensure_ascii=False)
    return f"\n\n\n{written}\n\n\n".encode()


def listing(ids: Iterable[str], storefront: str = "cn") -> bytes:
    """Return an answer that lists all these ids."""
    return body(*(result(track_id, storefront) for track_id in ids))


def asked(storefront: str = "cn", ids: Iterable[str] = (JIKE,)) -> Request:
    """Return a request for these ids."""
    return lookup("https://itunes.apple.com", list(ids), storefront, "key", 20)


def answer(content: bytes, status: int = 200, storefront: str = "cn", **headers: str) -> Answer:
    """Return an answer; header names are written with _ for -."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    request = asked(storefront)
    return Answer(request, NOW, NOW, status, request.url, named, content, content)
