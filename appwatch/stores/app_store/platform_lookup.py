"""The App Store's platform lookup as a second surface: requests, answers, and its catalogues."""

import json
from collections.abc import Generator
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from appwatch import __version__
from appwatch.domain.model import Facts, Outcome, Verdict
from appwatch.stores.app_store import second_rules as rules
from appwatch.stores.app_store.walls import stopped
from appwatch.stores.base import Answer, Request

PLATFORM = "platform"
# In the order in which they are asked. Source: majd/ipatool, pull request 585 (2026).
CATALOGUES = ("enterprisestore", "iphone", "ipad")
_PATH = "/WebObjects/MZStorePlatform.woa/wa/lookup"
_HEADERS = {"User-Agent": f"appwatch/{__version__}", "Accept": "application/json"}


class Result(msgspec.Struct):
    """One result on the wire."""

    id: object = None
    bundleId: str | None = None  # noqa: N815 - the wire's own name
    name: str | None = None
    artistName: object = ""  # noqa: N815
    offers: list[dict[str, msgspec.Raw]] | None = None


class Envelope(msgspec.Struct):
    """An answer on the wire: results by track id; what is not listed has no key."""

    results: dict[str, msgspec.Raw]
    errorMessage: object = None  # noqa: N815
    errors: object = None
    failureType: object = None  # noqa: N815

    @property
    def complaint(self) -> str:
        """What the store complains of, or an empty string."""
        told = (self.errorMessage, self.errors, self.failureType)
        return next((str(one)[:200] for one in told if one), "")


_DECODER = msgspec.json.Decoder(Envelope)
_RESULT_DECODER = msgspec.json.Decoder(Result)


def request(
    base_url: str, listing: str, storefront: str, catalogue: str, key: str, per_minute: float
) -> Request:
    """Return the request that looks a track id up in one catalogue; `key` is new every round.

    The endpoint never redirects: whatever does so stands between us and it.
    Source: majd/ipatool, pkg/appstore/appstore_platform_version_lookup.go (2026).
    """
    query = {
        "version": "2",
        "id": listing,
        "p": "mdm-lockup",
        "caller": "MDM",
        "platform": catalogue,
        "cc": storefront,
        "l": "en",
        "_": key,
    }
    url = f"{base_url.rstrip('/')}{_PATH}?{urlencode(query)}"
    return Request(url, PLATFORM, storefront, frozenset(), _HEADERS, per_minute=per_minute)


def read(answer: Answer, listing: str) -> Verdict:
    """Return what the answer says of this listing in the one catalogue that was asked.

    Never raises, whatever the bytes. The answer does not name its storefront.
    """
    wall = stopped(answer, rules.PLATFORM_WALLS, (200,))
    if wall is not None:
        return wall
    if not answer.body.strip():
        return rules.PLATFORM_WALLS.empty.says()
    try:
        envelope = _DECODER.decode(answer.body)
        json.loads(answer.body, object_pairs_hook=_once)
        return _verdict(answer, envelope, listing)
    except (ValueError, RecursionError) as error:
        return rules.PLATFORM_ODD.says(str(error)[:200])


def consult(
    base_url: str, listing: str, storefront: str, key: str, per_minute: float
) -> Generator[Request, Answer, Verdict]:
    """Ask the catalogues in turn until one lists the app; absent only if none of them does.

    A catalogue that gives no conclusive answer leaves the whole inconclusive, unless another
    lists the app.
    """
    unclear: Verdict | None = None
    for catalogue in CATALOGUES:
        answer = yield request(base_url, listing, storefront, catalogue, key, per_minute)
        verdict = read(answer, listing)
        if verdict.outcome is Outcome.AVAILABLE:
            return verdict
        if verdict.outcome is Outcome.INCONCLUSIVE:
            unclear = unclear or verdict
    return unclear or rules.PLATFORM_ABSENT.says()


def _verdict(answer: Answer, envelope: Envelope, listing: str) -> Verdict:
    """Judge a whole answer. Raises ValueError where the result has another shape."""
    if envelope.complaint:
        return rules.PLATFORM_ODD.says(envelope.complaint)
    results = envelope.results
    strangers = results.keys() - {listing}
    if strangers:
        return rules.PLATFORM_OTHER_APP.says(min(strangers)[:200])
    catalogue = parse_qs(urlsplit(answer.request.url).query).get("platform", [""])[0]
    if listing not in results:
        return rules.PLATFORM_UNLISTED.says(catalogue)
    result = _RESULT_DECODER.decode(results[listing])
    if result.id is not None and str(result.id)[:20] != listing:
        return rules.PLATFORM_OTHER_APP.says(str(result.id)[:200])
    if not result.bundleId or not result.name:
        return rules.PLATFORM_ODD.says("the result names no bundle id or no name")
    if not result.offers or not all(result.offers):
        return rules.PLATFORM_NO_OFFER.says(catalogue)
    return rules.PLATFORM_LISTED.says(catalogue, _facts(result))


def _once(pairs: list[tuple[str, object]]) -> None:
    """Raise ValueError for a key that stands twice: which of the two is meant, nobody can tell."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")


def _facts(result: Result) -> Facts:
    developer = result.artistName if isinstance(result.artistName, str) else ""
    # PostgreSQL refuses the character 0.
    name = (result.name or "").replace("\0", "")
    return Facts(name=name, developer=developer.replace("\0", ""))
