"""The data of a product page: found by byte searches, decoded piece by piece, never as a whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import msgspec

# Both marks stand in the tag itself: within the text of a page < is escaped, within an
# attribute the quotation mark is.
_SERVED = b'id="serialized-server-data"'
_LINKED = b'type="application/ld+json"'
_CANONICAL = b'rel="canonical"'
# Not apple-itunes-app: the smart banner on every page names the App Store's own app.
_CONTENT_ID = b'name="apple:content_id"'
_TAG_AT_MOST = 4_000  # bytes of a tag
_DATA_AT_MOST = 4_000_000  # bytes of a script; recorded ones stay below 700,000
_MOST = 8  # scripts, tags and entries of one kind that are looked at
_ADDRESS = re.compile(r"(?:/([a-z]{2}))?/app/(?:[^/?#]+/)?id(\d{1,20})/?(?:[?#]|$)", re.IGNORECASE)


class Place(NamedTuple):
    """What an address of a product page names; empty where it does not."""

    storefront: str = ""
    listing: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What a page says it describes: every track id and storefront that it names, and a title."""

    listings: frozenset[str]
    storefronts: frozenset[str]
    title: str


class Intent(msgspec.Struct):
    """What the page was asked for."""

    id: object = None
    storefront: object = None


class Lockup(msgspec.Struct):
    """What heads the page."""

    adamId: object = None  # noqa: N815 - the wire's own name
    title: object = None


class Product(msgspec.Struct):
    """The page's own app, on the wire."""

    adamId: object = None  # noqa: N815
    title: object = None
    canonicalURL: object = None  # noqa: N815
    lockup: Lockup | None = None


class Entry(msgspec.Struct):
    """One answer that the page was served with."""

    data: Product
    intent: Intent | None = None


class Envelope(msgspec.Struct):
    """The served data since April 2026; before, it was the list alone."""

    data: list[msgspec.Raw]


class Linked(msgspec.Struct):
    """A description for search engines (JSON-LD)."""

    type: object = msgspec.field(name="@type", default=None)
    name: object = None


_Wire = TypeVar("_Wire")
_SERVED_DECODER = msgspec.json.Decoder(list[msgspec.Raw] | Envelope)
_ENTRY_DECODER = msgspec.json.Decoder(Entry)
_LINKED_DECODER = msgspec.json.Decoder(Linked)


def place_of(address: object) -> Place:
    """Return what the address of a product page names: /cn/app/NAME/id1, the name left out or not.

    One without a country names no storefront; one of anything else names nothing.
    """
    found = _ADDRESS.search(address[:_TAG_AT_MOST]) if isinstance(address, str) else None
    return Place((found[1] or "").lower(), found[2]) if found else Place()


def describe(body: bytes) -> Description | None:
    """Return what the page describes, or None where no layout that is known describes an app.

    Layouts: a served list (November 2025), a served object that holds it (April 2026), and
    before them JSON-LD with apple:content_id (2019 to October 2025). Sources: a recorded page of
    2023, and what readers of the later ones report. Never raises, whatever the bytes.
    """
    if _SERVED in body:
        return next(_served(body), None)
    return _described(body)


def canonical(body: bytes) -> str:
    """Return the canonical address in the page's head, or an empty string."""
    return next(_attributes(body, b"<link", _CANONICAL, rb"href"), "")


def speaks_of_app(body: bytes) -> bool:
    """Whether the page bears any mark of an app's own page, even if it cannot be read."""
    marked = b'"SoftwareApplication"' in body or _CONTENT_ID in body
    addresses = _attributes(body, b"<link", _CANONICAL, rb"href")
    return marked or any(place_of(address).listing for address in addresses)


def _served(body: bytes) -> Iterator[Description]:
    for text in _scripts(body, _SERVED):
        entries = _decoded(_SERVED_DECODER, text)
        raw = entries.data if isinstance(entries, Envelope) else entries or []
        for one in raw[:_MOST]:
            entry = _decoded(_ENTRY_DECODER, one)
            description = _product(entry, place_of(canonical(body))) if entry else None
            if description is not None:
                yield description


def _product(entry: Entry, head: Place) -> Description | None:
    """Return what an entry describes, or None if it is about no app.

    What the page was asked for can contradict what it holds, but does not stand for it.
    """
    data, lockup, intent = entry.data, entry.data.lockup or Lockup(), entry.intent or Intent()
    own = place_of(data.canonicalURL)
    named = _all(_id(data.adamId), _id(lockup.adamId), own.listing)
    if not named:
        return None
    return Description(
        named | _all(_id(intent.id), head.listing),
        _all(own.storefront, head.storefront, _country(intent.storefront)),
        _text(data.title) or _text(lockup.title),
    )


def _described(body: bytes) -> Description | None:
    """Return what a page without served data describes: JSON-LD of an app, and its address."""
    texts = (_decoded(_LINKED_DECODER, text) for text in _scripts(body, _LINKED))
    linked = next((one for one in texts if one and one.type == "SoftwareApplication"), None)
    if linked is None:
        return None
    head = place_of(canonical(body))
    content_id = next(_attributes(body, b"<meta", _CONTENT_ID, rb"content"), "")
    return Description(_all(head.listing, content_id), _all(head.storefront), _text(linked.name))


def _decoded(decoder: msgspec.json.Decoder[_Wire], text: bytes | msgspec.Raw) -> _Wire | None:
    """Return the value, or None where it is cut, too deep, of other types or no JSON."""
    try:
        return decoder.decode(text)
    except (ValueError, RecursionError):
        return None


def _scripts(body: bytes, mark: bytes) -> Iterator[bytes]:
    """Yield the texts of the scripts whose tag carries the mark."""
    for end in _tags(body, b"<script", mark):
        close = body.find(b"</script>", end, end + _DATA_AT_MOST)
        if close >= 0:
            yield body[end:close]


def _attributes(body: bytes, opening: bytes, mark: bytes, name: bytes) -> Iterator[str]:
    """Yield an attribute of each tag that carries the mark; empty where it has none."""
    for end in _tags(body, opening, mark):
        start = body.rfind(b"<", max(0, end - _TAG_AT_MOST), end)
        found = re.search(rb"\s" + name + rb'="([^"]*)"', body[start:end])
        yield found[1].decode("utf-8", "replace") if found else ""


def _tags(body: bytes, opening: bytes, mark: bytes) -> Iterator[int]:
    """Yield where each tag that carries the mark ends."""
    at = -1
    for _ in range(_MOST):
        at = body.find(mark, at + 1)
        if at < 0:
            return
        start = body.rfind(b"<", max(0, at - _TAG_AT_MOST), at)
        end = body.find(b">", at, at + _TAG_AT_MOST)
        if end >= 0 and start >= 0 and body.startswith(opening, start):
            yield end + 1


def _id(value: object) -> str:
    """Return a track id, which is written as a number or as text."""
    return str(value) if type(value) is int else _text(value)


def _country(value: object) -> str:
    """Return a country's code; a storefront may be named by a number, which says nothing here."""
    text = _text(value).lower()
    return text if len(text) == 2 and text.isascii() and text.isalpha() else ""


def _text(value: object) -> str:
    """Return a text that any database can keep: PostgreSQL refuses the character 0."""
    return value.replace("\0", "") if isinstance(value, str) else ""


def _all(*values: str) -> frozenset[str]:
    return frozenset(value for value in values if value)
