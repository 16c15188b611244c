"""What each verdict claims of the bytes, checked a second time without any code of the readers."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from appwatch.domain.model import Outcome, Verdict
from appwatch.stores.base import Answer
from benchmarks.fuzz.seeds import CONTROL, Seed

_TERMS = re.compile(rb"/intl/[\w-]+_([a-z]{2})/about/play-terms\.html", re.IGNORECASE)
_NAMES = {"us": [b"United States"], "br": [b"Brazil"], "kr": [b"South Korea"]}
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]*?)\s*</title", re.IGNORECASE)
_CANONICAL = re.compile(rb'<link rel="canonical" href="[^"]*/app/[^"]*id\d')
_OFFERED = re.compile(rb'itemprop="offers"[^>]*>(?:(?!</span>).){0,200}', re.DOTALL)
_CALL = re.compile(
    r"AF_initDataCallback\(\{key: 'ds:\d+'.{0,60}?data:(?:function\(\)\{return )?", re.DOTALL
)
_DECIDING = frozenset(
    {"resultCount", "results", "trackId", "trackViewUrl", "wrapperType", "errorMessage"}
    | {"collectionId", "artistId", "errors", "failureType"}
)
_NOT_FOUND_AT_MOST = 16_000
_PAGE_MARKS = (b"AF_initDataCallback", b"AF_dataServiceRequests", b'rel="canonical"', b"<form")


def complaint(seed: Seed, answer: Answer, verdict: Verdict) -> str:
    """Return what the verdict claims although the answer does not bear it out, or nothing."""
    if verdict.outcome is Outcome.INCONCLUSIVE:
        return "" if verdict.reason else "inconclusive without a reason"
    if verdict.reason is not None or answer.fault is not None:
        return "conclusive in spite of a reason"
    if seed.reader != "details" and verdict.outcome not in (Outcome.AVAILABLE, Outcome.NOT_FOUND):
        return f"{verdict.rule}: the App Store says no such thing"
    missing = _CLAIMS[seed.reader](seed, answer, verdict.outcome)
    return f"{verdict.rule}: {missing}" if missing else ""


def _lookup(seed: Seed, answer: Answer, outcome: Outcome) -> str:
    told = _object(answer.body)
    if answer.status != 200 or told is None:
        return "no whole answer of status 200"
    results = told.get("results")
    if not isinstance(results, list) or type(told.get("resultCount")) is not int:
        return "no results, or no count of them"
    if told["resultCount"] != len(results) or told.get("errorMessage") is not None:
        return "the count is another, or there is a complaint"
    ids = [str(one.get("trackId")) for one in results if isinstance(one, dict)]
    if outcome is Outcome.AVAILABLE:
        of_it = (one for one in results if str(one.get("trackId")) == seed.listing)
        addresses = [urlsplit(str(one.get("trackViewUrl"))).path for one in of_it]
        here = any(path.startswith(f"/{seed.storefront}/") for path in addresses)
        return "" if here else "no result of this id with an address in this storefront"
    if seed.listing in ids or len(ids) != len(results):
        return "the id is there, or something that is no result"
    return "" if set(ids) <= {CONTROL.app_store} else "something else was answered"


def _platform(seed: Seed, answer: Answer, outcome: Outcome) -> str:
    told = _object(answer.body)
    results = told.get("results") if told else None
    if answer.status != 200 or told is None or not isinstance(results, dict):
        return "no whole answer of status 200"
    if any(told.get(word) for word in ("errorMessage", "errors", "failureType")):
        return "a complaint"
    if outcome is Outcome.NOT_FOUND:
        return "" if not results else "something was answered"
    one = results.get(seed.listing)
    whole = isinstance(one, dict) and one.get("bundleId") and one.get("name") and one.get("offers")
    return "" if whole else "no result of this id with bundle id, name and offer"


def _product_page(seed: Seed, answer: Answer, outcome: Outcome) -> str:
    place = urlsplit(answer.url or answer.request.url)
    parts = place.path.strip("/").split("/")
    if (place.netloc, parts[0], parts[-1]) != (
        "apps.apple.com",
        seed.storefront,
        f"id{seed.listing}",
    ):
        return "the answer stands at another address"
    body = answer.body
    if outcome is Outcome.NOT_FOUND:
        head = body[:2_000].lower()
        page = not body.strip() or b"<html" in head or b"<!doctype html" in head
        if answer.status != 404 or not page:
            return "no page of status 404"
        marks = (b'"SoftwareApplication"', b'"apple:content_id"')
        named = any(mark in body for mark in marks) or _CANONICAL.search(body)
        return "a 404 whose page speaks of an app" if named else ""
    its = f"id{seed.listing}".encode() in body or f'"{seed.listing}"'.encode() in body
    return "" if answer.status == 200 and its else "no page of this id"


def _details(seed: Seed, answer: Answer, outcome: Outcome) -> str:
    asked, place = urlsplit(seed.answer.url), urlsplit(answer.url or answer.request.url)
    same = (asked.netloc, asked.path) == (place.netloc, place.path)
    query, got = parse_qs(asked.query), parse_qs(place.query)
    if not same or any(query.get(name) != got.get(name) for name in ("id", "gl")):
        return "the answer stands at another address"
    if outcome is Outcome.NOT_FOUND:
        return _play_not_found(answer)
    return "status" if answer.status != 200 else _listing(seed, answer.body, outcome)


def _play_not_found(answer: Answer) -> str:
    body = answer.body
    if answer.status != 404 or len(body) > _NOT_FOUND_AT_MOST:
        return "no small page of status 404"
    if set(_TITLE.findall(body)) != {b"Not Found"}:
        return "another title"
    if b"the requested URL was not found on this server" not in body:
        return "the page does not say so"
    if not body.rstrip().endswith(b"</html>"):
        return "the page is cut short"
    foreign = [mark.decode() for mark in _PAGE_MARKS[:3] if mark in body]
    return f"the page holds {foreign[0]}" if foreign else ""


def _listing(seed: Seed, body: bytes, outcome: Outcome) -> str:
    blocks = list(_blocks(body))
    codes = {code.decode().lower() for code in _TERMS.findall(body)}
    if seed.storefront not in codes and not any(name in body for name in _NAMES[seed.storefront]):
        return "the page does not name the country"
    offers = list(_offers_of(blocks, body, seed.listing))
    if outcome is Outcome.AVAILABLE:
        held = any(offer == [2] or _at(offer, 2) for offer in offers)
        return "" if held else "no listing of this package can be installed"
    if outcome is Outcome.PREREGISTRATION and not any(_at(offer, 0) == 1 for offer in offers):
        return "no listing of this package is announced"
    if any(offer == [2] for offer in offers):
        return "a listing of this package can be installed"
    if b"</html>" not in body[-200:]:
        return "the page is cut short"
    buttons = [one for one in _OFFERED.findall(body) if seed.listing.encode() in one]
    if outcome is Outcome.NOT_INSTALLABLE and (not any(not o for o in offers) or buttons):
        return "no listing of this package with an empty slot, or an offer beside it"
    return "" if offers else "no listing of this package"


def _offers_of(blocks: list[Any], body: bytes, package: str) -> Iterator[Any]:
    """Yield what stands in the availability slot of each listing of the package."""
    for block in blocks:
        current = _at(block, 1, 2, 77, 0) == package and _at(block, 1, 2, 0, 0)
        if current and b"'Ws7gDc'" in body:
            yield _at(block, 1, 2, 18)
        asked = b"'jLZZ2e'" in body and f'["{package}",7'.encode() in body.replace(b" ", b"")
        if asked and _at(block, 0, 0, 0) and isinstance(_at(block, 0, 12), list):
            yield _at(block, 0, 12, 11)


def _at(value: Any, *path: int) -> Any:  # noqa: ANN401 - any JSON
    for index in path:
        rest = value[-1] if isinstance(value, list) and value else None
        if isinstance(rest, dict) and index >= len(value) - 1:
            value = rest.get(str(index + 1))
        else:
            value = value[index] if isinstance(value, list) and index < len(value) else None
    return value


def _blocks(body: bytes) -> Iterator[Any]:
    text = body.decode("utf-8", "replace")
    for call in _CALL.finditer(text):
        try:
            start = re.compile(r"\s*").match(text, call.end())
            yield json.JSONDecoder().raw_decode(text, start.end() if start else call.end())[0]
        except (ValueError, RecursionError):
            continue


def _object(body: bytes) -> dict[str, Any] | None:
    """Return a whole JSON object in which no key that decides stands twice, or None."""
    try:
        told = json.loads(body.decode("utf-8", "replace"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    deciding = [key for key, _ in pairs if key in _DECIDING or key.isdigit()]
    if len(set(deciding)) != len(deciding):
        raise ValueError("a key that decides stands twice")
    return dict(pairs)


_CLAIMS: Mapping[str, Callable[[Seed, Answer, Outcome], str]] = {
    "lookup": _lookup,
    "platform": _platform,
    "product_page": _product_page,
    "details": _details,
}
