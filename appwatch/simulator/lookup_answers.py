"""What the App Store's two lookups answer: bytes made of apps, as recorded and documented."""

import json
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from appwatch.simulator.bodies import Piece, piece, steady
from appwatch.simulator.places import currency
from appwatch.simulator.world import SimulatedApp

# A real answer begins and ends with three newlines; the empty one is 42 bytes long.
_RESULTS_END = piece(b"]\n}\n\n\n")
_COMMA = piece(b",\n")
_ARTWORK = "https://is1-ssl.mzstatic.com/image/thumb/Purple116/v4"
_DEVICES = (
    "iPhone5s iPadAir iPadAirCellular iPadMiniRetina iPhone6 iPhone6Plus iPadPro iPhone8 iPhoneX"
)
_WORDS = "share find your friends music photo video daily new quick simple private listen read"


def lookup_body(results: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the body of a lookup that found these results."""
    opening = f'\n\n\n{{\n "resultCount":{len(results)},\n "results": ['
    if not results:
        return (piece(opening.encode()), _RESULTS_END)
    parts = [piece(f"{opening}\n".encode()), results[0]]
    for result in results[1:]:
        parts += [_COMMA, result]
    return (*parts, _RESULTS_END)


@lru_cache(maxsize=32_768)
def lookup_result(app: SimulatedApp, storefront: str) -> Piece:
    """Return one result with the fields that every recorded one has (2,220 of 2,220)."""
    fields = {**_pictures(app), **_people(app, storefront), **_terms(app, storefront)}
    fields |= {
        "trackId": int(app.app_store),
        "trackName": app.name,
        "trackCensoredName": app.name,
        "trackViewUrl": f"{page_address(app, storefront)}?uo=4",
        "bundleId": app.bundle_id,
        "kind": "software",
        "wrapperType": "software",
        "version": app.version,
        "description": _text(app.app_store, 220),
        "releaseNotes": _text(f"{app.app_store}:{app.version}", 30),
        "currentVersionReleaseDate": f"{app.updated:%Y-%m-%dT%H:%M:%SZ}",
        "releaseDate": "2014-03-04T08:00:00Z",
    }
    return piece(json.dumps(fields, ensure_ascii=False, separators=(", ", ":")).encode())


def page_address(app: SimulatedApp, storefront: str) -> str:
    """Return the public address of the product page."""
    return f"https://apps.apple.com{page_path(app, storefront)}"


def page_path(app: SimulatedApp, storefront: str) -> str:
    """Return the path of the product page, percent-encoded as the store writes it."""
    return f"/{storefront}/app/{quote(app.slug)}/id{app.app_store}"


def platform_body(apps: Sequence[SimulatedApp]) -> tuple[Piece, ...]:
    """Return the body of a platform lookup: a listing that is not there has no key."""
    results = {app.app_store: _platform_result(app) for app in apps}
    body = {"results": results, "version": 2, "isAuthenticated": False, "meta": {}}
    return (piece(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()),)


def _platform_result(app: SimulatedApp) -> dict[str, object]:
    parameters = (
        f"productType=C&price=0&salableAdamId={app.app_store}&pricingParameters=STDQ&pg=default"
    )
    version = {"display": app.version, "externalId": 830_000_000 + len(app.version)}
    offer = {"buyParams": parameters, "version": version, "type": "get", "price": 0}
    return {
        "id": app.app_store,
        "bundleId": app.bundle_id,
        "name": app.name,
        "kind": "iosSoftware",
        "artistName": app.developer,
        "offers": [offer],
    }


def _pictures(app: SimulatedApp) -> dict[str, object]:
    digits = steady(app.app_store)
    folders = [f"{_ARTWORK}/{digits.getrandbits(96):024x}/source" for _ in range(5)]
    return {
        "screenshotUrls": [f"{folder}/392x696bb.jpg" for folder in folders],
        "ipadScreenshotUrls": [f"{folder}/576x768bb.jpg" for folder in folders[:3]],
        "appletvScreenshotUrls": [],
        "artworkUrl60": f"{folders[0]}/60x60bb.jpg",
        "artworkUrl100": f"{folders[0]}/100x100bb.jpg",
        "artworkUrl512": f"{folders[0]}/512x512bb.jpg",
    }


def _people(app: SimulatedApp, storefront: str) -> dict[str, object]:
    artist = 200_000_000 + sum(app.developer.encode())
    developer = f"https://apps.apple.com/{storefront}/developer/id{artist}?uo=4"
    return {
        "artistId": artist,
        "artistName": app.developer,
        "artistViewUrl": developer,
        "sellerName": app.developer,
        "averageUserRating": 4.5,
        "userRatingCount": 1000 + artist % 9000,
    }


def _terms(app: SimulatedApp, storefront: str) -> dict[str, object]:
    return {
        "price": 0.0,
        "formattedPrice": "Free",
        "currency": currency(storefront),
        "genres": ["Social Networking", "News"],
        "genreIds": ["6005", "6009"],
        "primaryGenreId": 6005,
        "primaryGenreName": "Social Networking",
        "contentAdvisoryRating": "12+",
        "trackContentRating": "12+",
        "advisories": ["Infrequent/Mild Profanity or Crude Humor"],
        "features": ["iosUniversal"],
        "supportedDevices": [f"{name}-{name}" for name in _DEVICES.split()],
        "languageCodesISO2A": ["EN", "FR", "ZH"],
        "fileSizeBytes": str(60_000_000 + len(app.name)),
        "minimumOsVersion": "11.0",
        "isGameCenterEnabled": False,
        "isVppDeviceBasedLicensingEnabled": True,
    }


def _text(seed: str, words: int) -> str:
    random, known = steady(seed), _WORDS.split()
    return " ".join(random.choice(known) for _ in range(words)).capitalize() + "."
