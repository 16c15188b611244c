"""Bytes of the lookup API in, a verdict per track id out."""

import json
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec

from appwatch.domain.model import Facts, Verdict
from appwatch.stores.app_store import rules
from appwatch.stores.app_store.storefronts import refuse_storefront
from appwatch.stores.base import Answer
from appwatch.stores.faults import fault_of

_TYPES = frozenset({"", "text/javascript", "application/javascript", "application/json"})
_WRAPPERS = frozenset({None, "software"})
_SOFTWARE = frozenset({None, "", "software", "mac-software"})
# The storefront is the first part of the path, the id the last; between them the app's name may
# hold "us", "in" or "id1" too.
_ADDRESS = re.compile(r"https?://[^/?#]+/([^/?#]+)/(?:(?:[^?#]*/)?id([0-9]+)/?(?![^?#]))?")
_FOUND = rules.FOUND.says()[:4]  # all but the facts
_ABSENT = rules.ABSENT.says()
_ASTRAY = frozenset({rules.OTHER_STOREFRONT.id, rules.OTHER_ADDRESS.id})
_SHORT = 100_000  # bytes: some ten results
_ONCE = (b'"resultCount"', b'"results"')


class Result(msgspec.Struct, gc=False):
    """One result on the wire; what the verdict does not rest on may be of any type.

    A null is as good as a field left out, so that one odd result does not spoil its batch.
    """

    wrapperType: str | None = None  # noqa: N815 - the wire's own name
    kind: str | None = None
    trackId: int | None = None  # noqa: N815
    collectionId: int | None = None  # noqa: N815
    artistId: int | None = None  # noqa: N815
    trackViewUrl: str | None = None  # noqa: N815
    trackName: object = ""  # noqa: N815
    artistName: object = ""  # noqa: N815
    version: object = ""
    formattedPrice: object = ""  # noqa: N815
    currentVersionReleaseDate: object = ""  # noqa: N815

    @property
    def is_software(self) -> bool:
        """Whether this is an app: of a phone, a tablet, a television or a Mac."""
        return self.wrapperType in _WRAPPERS and self.kind in _SOFTWARE

    def address(self) -> tuple[str, str | None]:
        """Return the storefront and the id that its address names; empty and None for none."""
        named = _ADDRESS.match(self.trackViewUrl or "")
        if named is None:
            return "", None
        return named[1], named[2]

    def ids(self) -> tuple[int | None, ...]:
        """Return every id that a lookup by number may have meant."""
        return (self.trackId,) if self.is_software else (
            self.trackId, self.collectionId, self.artistId
        )  # fmt: skip


class Envelope(msgspec.Struct):
    """An answer on the wire; an error message comes without results."""

    resultCount: int | None = None  # noqa: N815
    results: list[Result] | None = None
    errorMessage: object = None  # noqa: N815


class RawEnvelope(msgspec.Struct):
    """An answer whose results are left as they stand."""

    results: list[msgspec.Raw]


class OnlyId(msgspec.Struct):
    """What tells whose result it is."""

    trackId: int | None = None  # noqa: N815


_DECODER = msgspec.json.Decoder(Envelope)


def read(answer: Answer, ids: Iterable[str], storefront: str) -> dict[str, Verdict]:
    """Return what the answer says of each track id that was asked.

    Facts about the API's answers: docs/verdicts.md. Never raises, whatever the bytes.
    """
    asked = list(ids)
    refused = stopped(answer, storefront)
    if refused is not None:
        return dict.fromkeys(asked, refused)
    results = results_of(answer.body)
    if isinstance(results, Verdict):
        return dict.fromkeys(asked, results)
    verdicts = _sort_out(results, asked, storefront)
    # In a long answer, where it costs much, only if something is left out: what is found must
    # agree with its own address anyway.
    doubted = len(answer.body) <= _SHORT or _ABSENT in verdicts.values()
    if doubted and _says_twice(answer.body, results):
        return dict.fromkeys(asked, rules.SAID_TWICE.says())
    return verdicts


def extract(body: bytes, listings: Collection[str]) -> dict[str, bytes]:
    """Return each listing's own result, byte for byte; those that have none are left out."""
    own: dict[str, bytes] = {}
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        for raw in msgspec.json.decode(body, type=RawEnvelope).results:
            track = str(msgspec.json.decode(raw, type=OnlyId).trackId)
            if track in listings and track not in own:
                own[track] = bytes(raw)
    return own


def stopped(answer: Answer, storefront: str) -> Verdict | None:
    """Return why the answer as a whole proves nothing, or None."""
    if refuse_storefront(storefront):
        return rules.NO_STOREFRONT.says(storefront)
    fault = fault_of(answer)
    if fault is not None:
        return fault
    if answer.status == 403:
        return (rules.EMPTY_403 if _is_blank(answer.body) else rules.FORBIDDEN).says()
    if answer.status == 400:
        return rules.REFUSED.says("status 400")
    if 300 <= answer.status < 400:
        return _redirected(answer.header("location"))
    if answer.status != 200:
        return rules.OTHER_STATUS.says(f"status {answer.status}")
    if _is_blank(answer.body):
        return rules.EMPTY.says()
    kind = answer.header("content-type")
    expected = kind.partition(";")[0].strip().lower() in _TYPES
    return None if expected else rules.OTHER_TYPE.says(kind[:100])


def _is_blank(body: bytes) -> bool:
    return not body or body.isspace()


def _redirected(location: str) -> Verdict:
    """Return what a redirect proves: nothing, and why."""
    try:
        place = urlsplit(location.lower())
    except ValueError:
        return rules.ELSEWHERE.says(location[:200])
    path = place.path.split("/")
    if place.netloc.startswith("consent.") or any(p.startswith("consent") for p in path):
        return rules.CONSENT.says(location[:200])
    return (rules.SORRY if "sorry" in path else rules.ELSEWHERE).says(location[:200])


def results_of(body: bytes) -> list[Result] | Verdict:
    """Return the results of a whole answer, or why there are none to trust."""
    try:
        envelope = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return rules.NOT_JSON.says(str(error)[:200])
    if envelope.errorMessage is not None:
        return rules.REFUSED.says(str(envelope.errorMessage)[:200])
    if envelope.results is None or envelope.resultCount != len(envelope.results):
        return rules.NOT_JSON.says("results and their count do not agree")
    return envelope.results


def _says_twice(body: bytes, results: list[Result]) -> bool:
    """Whether a key stands twice in one object, so that the answer can be read in two ways.

    In a long answer only those keys are counted on which an absence rests.
    """
    ids = sum(result.trackId is not None for result in results)
    once = all(body.count(key) == 1 for key in _ONCE) and body.count(b'"trackId"') == ids
    if once and len(body) > _SHORT:
        return False
    try:
        json.loads(body, object_pairs_hook=_only_once)  # a name may be spelled as a key is
    except (ValueError, RecursionError):
        return True
    return False


def _only_once(pairs: list[tuple[str, object]]) -> None:
    """Raise ValueError if two of these keys are the same."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError


def _sort_out(results: list[Result], asked: list[str], storefront: str) -> dict[str, Verdict]:
    """Return the verdicts on a complete answer: first what is there, then what is left out.

    One result that was not asked shows that the answer is to another question: it says nothing
    of anything, for what it lists of this one it may list by chance.
    """
    wanted = frozenset(asked)
    seen: dict[str, Verdict] = {}
    for result in results:
        listing: str | None = str(result.trackId)
        if listing not in wanted:
            listing = _listing(result, wanted)
        if listing is None:
            stranger = rules.OTHER_APP.says(f"track id {result.trackId}"[:200])
            return dict.fromkeys(asked, stranger)
        # An id may stand twice, the first time as a blank copy: one good result is enough.
        if listing not in seen or seen[listing].rule != rules.FOUND.id:
            seen[listing] = _verdict(result, storefront)
    if len(seen) == len(wanted):
        return seen
    astray = [one for one in seen.values() if one.rule in _ASTRAY]
    # What is left out of an answer to another question is not absent.
    absence = next(iter(astray), _ABSENT)
    return {listing: seen.get(listing, absence) for listing in asked}


def _listing(result: Result, wanted: frozenset[str]) -> str | None:
    """Return which of the ids asked a result with another track id answers, or None."""
    return next((str(i) for i in result.ids() if i is not None and str(i) in wanted), None)


def _verdict(result: Result, storefront: str) -> Verdict:
    if not result.is_software:
        return rules.NOT_SOFTWARE.says(f"{result.wrapperType or ''} {result.kind or ''}".strip())
    named, own = result.address()
    if own is not None and own != str(result.trackId):
        return rules.OTHER_ADDRESS.says((result.trackViewUrl or "")[:200])
    if named != storefront:
        return rules.OTHER_STOREFRONT.says((result.trackViewUrl or "")[:200])
    return Verdict(*_FOUND, _facts(result))


def _facts(result: Result) -> Facts:
    told: tuple[Any, ...] = (
        result.trackName,
        result.artistName,
        result.version,
        result.formattedPrice,
        result.currentVersionReleaseDate,
        result.trackViewUrl,
    )
    try:
        clean = "\0" not in "".join(told)
    except TypeError:  # not all of them are texts
        clean = False
    return Facts(*(told if clean else map(_text, told)))


def _text(value: object) -> str:
    """Return a text that any database can keep: PostgreSQL refuses the character 0."""
    return value.replace("\0", "") if isinstance(value, str) else ""
