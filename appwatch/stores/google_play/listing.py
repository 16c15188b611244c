"""A listing as its page's data tells it: where each fact stands, in either layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from appwatch.domain.model import Facts
from appwatch.stores.google_play import storefronts
from appwatch.stores.google_play.blocks import ABSENT, Block, Page, slot

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a layout keeps what is read of it: RPC ids and paths into their data."""

    rpc: bytes
    title: Path
    offer: Path
    price_rpc: bytes
    price: Path
    developer: Path
    version_rpc: bytes
    version: Path
    updated: Path
    package: Path | None = None  # without one, the RPC's parameters carry the package


@dataclass(frozen=True, slots=True)
class Listing:
    """What the data says of one package; `offer` is ABSENT where the page has no such slot."""

    package: str
    title: str
    offer: object
    has_price: bool
    facts: Facts


# Since June 2022.
CURRENT = Layout(
    rpc=b"Ws7gDc",
    title=(1, 2, 0, 0),
    offer=(1, 2, 18),
    price_rpc=b"Ws7gDc",
    price=(1, 2, 57, 0, 0, 0, 0, 1, 0),
    developer=(1, 2, 68, 0),
    version_rpc=b"Ws7gDc",
    version=(1, 2, 140, 0, 0, 0),
    updated=(1, 2, 145, 0, 1, 0),
    package=(1, 2, 77, 0),
)
# 2018 to May 2022: three RPCs, none of which repeats the package in its data.
FORMER = Layout(
    rpc=b"jLZZ2e",
    title=(0, 0, 0),
    offer=(0, 12, 11),
    price_rpc=b"d5UeYe",
    price=(0, 2, 0, 0, 0, 1, 0),
    developer=(0, 12, 5, 1),
    version_rpc=b"IoIWBc",
    version=(1,),
    updated=(0, 12, 8, 0),
)
LAYOUTS = (CURRENT, FORMER)

_FOOTERS = ((b"jRco8", (1,)), (b"VU2xMc", (4,)))  # RPC of the footer, path of the country's name
_TERMS = re.compile(rb"/intl/[A-Za-z0-9-]{1,20}_([A-Za-z]{2})/about/play-terms\.html")
_ASKED_FOR = re.compile(rb"\[\"([A-Za-z0-9_.]{1,255})\"\s{0,3},\s{0,3}7\b")
_CANONICAL = re.compile(
    rb"<link rel=\"canonical\" href=\"[^\"]{1,60}/details\?id=([A-Za-z0-9_.]{1,255})"
)
_OFFER = b'itemprop="offers"'
_OFFERED = re.compile(rb"/details\?id=([A-Za-z0-9_.]{1,255})")
_LONGEST = 300  # characters of a fact
_LAST_SECOND = 253_402_300_799  # of the year 9999


def listings(page: Page) -> Iterator[Listing]:
    """Yield every listing in the page's data; blocks that name no package are none."""
    for layout in LAYOUTS:
        for block in page.blocks(layout.rpc):
            data = block.value()
            package = _package(page, layout, block, data)
            if package:
                yield _listing(page, layout, block, data, package)


def country(page: Page) -> str | None:
    """Return the code of the country that the page was made for, or None.

    It is read from the address of the terms in the footer's data (`/intl/en-US_us/...`,
    `/intl/ko_kr/...`), else from the country's name there; names vary, codes do not.
    """
    for rpc, name_at in _FOOTERS:
        for block in page.blocks(rpc):
            terms = _TERMS.search(block.text)
            code = storefronts.code_written(terms[1].decode()) if terms else None
            code = code or storefronts.code_named(_fact(slot(block.value(), *name_at)))
            if code:
                return code
    return None


def offers(page: Page, package: str) -> bool:
    """Whether the page's HTML offers this package, or one it does not name, to be had."""
    at = page.body.find(_OFFER)
    while at >= 0:
        named = _OFFERED.search(page.body, at, at + 200)
        if named is None or named[1] == package.encode():
            return True
        at = page.body.find(_OFFER, at + len(_OFFER))
    return False


def _package(page: Page, layout: Layout, block: Block, data: object) -> str:
    """Return the package that a block is about, or an empty string."""
    if layout.package is not None:
        return _fact(slot(data, *layout.package))
    asked_for = _asked_for(block)
    canonical = _CANONICAL.search(page.body, 0, page.start)
    if not asked_for or canonical is None or canonical[1].decode() == asked_for:
        return asked_for
    # The parameters repeat the question, the canonical address is the page's own word; what is
    # about two packages is about neither.
    return f"{canonical[1].decode()}, asked for as {asked_for}"


def _listing(page: Page, layout: Layout, block: Block, data: object, package: str) -> Listing:
    price = slot(_beside(page, layout.price_rpc, block, data), *layout.price)
    version = slot(_beside(page, layout.version_rpc, block, data), *layout.version)
    title = _fact(slot(data, *layout.title))
    facts = Facts(
        name=title,
        developer=_fact(slot(data, *layout.developer)),
        version=_fact(version),
        price=_price(price),
        updated=_moment(slot(data, *layout.updated)),
    )
    return Listing(package, title, slot(data, *layout.offer), _is_price(price), facts)


def _beside(page: Page, rpc: bytes, block: Block, data: object) -> object:
    """Return the data of the block of this RPC that is about the same package."""
    if rpc == block.rpc:
        return data
    asked_for = _asked_for(block)
    same = (other for other in page.blocks(rpc) if _asked_for(other) == asked_for)
    return next((other.value() for other in same), ABSENT)


def _asked_for(block: Block) -> str:
    """Return the package in the RPC's parameters, `[["com.example.app",7]...`."""
    match = _ASKED_FOR.search(block.request, 0, 400)
    return match[1].decode() if match else ""


def _is_price(value: object) -> bool:
    """Whether this is a price: [millionths, currency, text]."""
    return (
        isinstance(value, list)
        and len(value) >= 2
        and isinstance(value[0], int)
        and isinstance(value[1], str)
    )


def _price(value: object) -> str:
    """Return the price in the page's words, or "Free" for none."""
    if not isinstance(value, list) or not _is_price(value):
        return ""
    text = _fact(slot(value, 2))
    return text or ("Free" if value[0] == 0 else f"{value[0] / 1_000_000:.2f} {value[1]}")


def _moment(value: object) -> str:
    """Return seconds since 1970 as RFC 3339 in UTC, or an empty string."""
    if not isinstance(value, int) or not 0 < value < _LAST_SECOND:
        return ""
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _fact(value: object) -> str:
    # PostgreSQL keeps no character 0.
    return value.replace("\0", "").strip()[:_LONGEST] if isinstance(value, str) else ""
