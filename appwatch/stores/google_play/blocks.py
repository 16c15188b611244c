"""The data blocks of a page: found by RPC id with byte searches, decoded one by one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

# Both are spelled as only the page's own scripts can spell them: within the text of a listing
# an apostrophe is escaped, and within JSON data = and > are.
_SERVICES = b"AF_dataServiceRequests = {'ds:"
_CALLBACK = b">AF_initDataCallback({key: 'ds:"
_SERVICE = re.compile(rb"'(ds:\d{1,4})'\s{0,3}:\s{0,3}\{\s{0,3}id:\s{0,3}'(\w{1,40})'")
_FUNCTION = b"function(){return "  # blocks were wrapped so before about 2020
_SIDE_CHANNEL = b", sideChannel:"
_LARGEST = 4_000_000  # bytes of a block; recorded ones stay below 60,000
_MOST = 8  # blocks of one RPC that are looked at; recorded pages carry up to four

ABSENT = object()  # what stands in a slot that the page does not have


@dataclass(frozen=True, slots=True)
class Block:
    """One data block: the RPC that it answers, that RPC's parameters, the answer; all bytes."""

    rpc: bytes
    request: bytes
    text: bytes

    def value(self) -> object:
        """Return the block's data, or ABSENT where it is cut, too deep or no JSON."""
        try:
            data: object = msgspec.json.decode(self.text)
        except (ValueError, RecursionError):
            return ABSENT
        return data


@dataclass(frozen=True, slots=True)
class Page:
    """A page with data: its bytes, its services (key, RPC, parameters), where blocks stand."""

    body: bytes
    start: int
    services: tuple[tuple[bytes, bytes, bytes], ...]
    places: Mapping[bytes, int]

    def blocks(self, rpc: bytes) -> Iterator[Block]:
        """Yield the blocks that answer this RPC, in the page's order; whatever their numbers."""
        keys = [(key, request) for key, its, request in self.services if its == rpc][:_MOST]
        for key, request in keys:
            if key in self.places:
                yield Block(rpc, request, _text(self.body, self.places[key]))

    def has(self, rpc: bytes) -> bool:
        """Whether the page asked this RPC at all."""
        return any(its == rpc for _, its, _ in self.services)

    def is_whole(self) -> bool:
        """Whether this is one page from beginning to end: one map, no block twice, nothing cut."""
        ends = b"</html>" in self.body[-200:]
        once = self.body.count(_CALLBACK) == len(self.places)
        return ends and once and self.body.find(_SERVICES) == self.start


def find(body: bytes) -> Page | None:
    """Return where the page's data stands, or None for a page without a map of its services.

    The map says which RPC each `ds:N` block answers; the numbers move between requests.
    """
    start = body.rfind(_SERVICES)
    if start < 0:
        return None
    end = body.find(b"</script>", start)
    end = len(body) if end < 0 else end
    return Page(body, start, _services(body[start:end]), _places(body, end))


def slot(value: object, *path: int) -> object:
    """Return what stands at this path of lists, or ABSENT.

    A list may be cut short by an object that holds the rest, keyed by place counted from 1:
    `[..., {"146": x}]` puts x at place 145 counted from 0.
    """
    for index in path:
        value = _item(value, index)
    return value


def _item(value: object, index: int) -> object:
    if not isinstance(value, list):
        return ABSENT
    rest = value[-1] if value and isinstance(value[-1], dict) else None
    length = len(value) if rest is None else len(value) - 1
    if index < length:
        return value[index]
    return ABSENT if rest is None else rest.get(str(index + 1), ABSENT)


def _services(text: bytes) -> tuple[tuple[bytes, bytes, bytes], ...]:
    """Return (key, RPC, parameters) for each entry of the map."""
    entries = list(_SERVICE.finditer(text))
    ends = [*(entry.start() for entry in entries[1:]), len(text)]
    return tuple(
        (entry[1], entry[2], text[entry.end() : end])
        for entry, end in zip(entries, ends, strict=False)
    )


def _places(body: bytes, start: int) -> dict[bytes, int]:
    """Return where each block begins, by key; one pass over the rest of the page."""
    places: dict[bytes, int] = {}
    at = body.find(_CALLBACK, start)
    while at >= 0:
        at += len(_CALLBACK) - len(b"ds:")
        places.setdefault(body[at : at + 10].partition(b"'")[0], at)
        at = body.find(_CALLBACK, at)
    return places


def _text(body: bytes, at: int) -> bytes:
    """Return the JSON text of the block at this place; empty where it is cut or too large."""
    start = body.find(b"data:", at, at + 200)
    end = body.find(b"</script>", at, at + _LARGEST)
    if start < 0 or end < start:
        return b""
    text = body[start + len(b"data:") : end].strip()
    if text.startswith(_FUNCTION):
        return text[len(_FUNCTION) :].removesuffix(b"}});")
    return text[: text.rfind(_SIDE_CHANNEL)]
