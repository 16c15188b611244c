"""The data that Google Play's details pages carry, slot by slot, in each layout."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from appwatch.simulator.places import country_name, currency
from appwatch.simulator.world import Presence, SimulatedApp

Slots = list[Any]  # Any: a page's data nests text, numbers and lists without a schema


class DetailsPageLayout(StrEnum):
    """Which generation of the site answers."""

    LONG = "long"  # since 2022: 155 slots, as recorded in July 2026
    SHORT = "short"  # the same with 112 slots, and an object keyed by slot number + 1 (2025)
    OLD = "old"  # 2018 to 2021


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """What a page is about and how it is told.

    `variant` moves the data to other ds numbers, as the store does between requests.
    `hides_slot` leaves the availability out although all else says that it can be installed;
    `unreadable` carries the data under other names. `size` is in bytes, about.
    """

    app: SimulatedApp
    storefront: str
    presence: Presence
    moment: datetime
    language: str = "en"
    layout: DetailsPageLayout = DetailsPageLayout.LONG
    variant: int = 0
    size: int = 1_100_000
    hides_slot: bool = False
    unreadable: bool = False

    @property
    def package(self) -> str:
        """The listing."""
        return self.app.google_play

    @property
    def country(self) -> str:
        """The country's name in the page's language."""
        return country_name(self.storefront, self.language) or "United States"

    @property
    def offered(self) -> bool:
        """Whether the page shows a button to install."""
        return self.presence is Presence.LISTED


@dataclass(frozen=True, slots=True)
class Block:
    """One answer of the site's own services, embedded in the page."""

    service: str
    request: Any  # as above
    data: Any


_PICTURE = [None, 2, [512, 512], [None, None, "https://play-lh.googleusercontent.com/simulated"]]


def data_blocks(page: DetailsPage) -> list[Block]:
    """Return what the site's services answered for this page, in no order that counts."""
    target = [[page.package, 7]]
    links = Block("CLXjtf", target, [1, f"/store/apps/details?id={page.package}", None, []])
    navigation = Block("T6C6Se", [], [[[11, [None, None], "Games"], [1, [None, None], "Apps"]]])
    reviews = Block("oCPfdb", [None, [2, None, [20]], target[0]], [[["0", ["A reader"], 5]]])
    common = [navigation, links, reviews, country_block(page)]
    if page.layout is DetailsPageLayout.OLD:
        return [*common, _old_details(page), *_old_price_and_version(page)]
    return [*common, _details(page), _decoy(page), Block("shGlA", [None, 0], [[[]]])]


def country_block(page: DetailsPage) -> Block:
    """Return the footer's data: by its terms link and its name, the country of the page."""
    language = {"us": "en-US_us"}.get(page.storefront, f"en_{page.storefront}")
    terms = f"https://play.google.com/intl/{language}/about/play-terms.html"
    if page.layout is DetailsPageLayout.OLD:
        old: Slots = ["/store/account", "/redeem", None, "/googleplay/", terms]
        return Block("VU2xMc", [], [old, None, None, None, page.country, "English"])
    links: Slots = [[[None, None, terms], "Terms of Service"], [[None, None, "/help"], "Help"]]
    return Block("jRco8", [], [links, page.country, "English (United States)", None, [None, None]])


def _details(page: DetailsPage) -> Block:
    slots: Slots = [None] * 155
    for position, value in _facts(page).items():
        slots[position] = value
    if page.layout is DetailsPageLayout.SHORT:
        slots = _shortened(slots)
    request = [None, None, [[1, 9, 10, 11]], [], None, [[page.package, 7]]]
    data = [[[[]]], [None, None, slots, [{"12": [[page.package, 7]]}]]]
    if page.unreadable:
        return Block("Zz7qXc", request, {"listing": data})
    return Block("Ws7gDc", request, data)


def _shortened(slots: Slots) -> Slots:
    rest = {str(index + 1): slots[index] for index in range(112, 155) if slots[index] is not None}
    return [*slots[:112], rest]


def _decoy(page: DetailsPage) -> Block:
    """Return the service's second block: ratings alone, no title, no package."""
    request = [None, None, [[52]], [], None, [[page.package, 7]]]
    ratings = {"52": [["4.3", 4.26], [None, ["971", 971]]]}
    return Block("Ws7gDc", request, [[[[]]], [None, None, [ratings], {"40": [[52]]}]])


def _availability(page: DetailsPage) -> Slots | None:
    if page.hides_slot:
        return None
    if page.presence is Presence.PREREGISTRATION:
        return [1, None]
    return [2] if page.offered else []


def _facts(page: DetailsPage) -> dict[int, Slots | None]:
    app, seconds = page.app, int(page.app.updated.timestamp())
    played = page.presence is not Presence.PREREGISTRATION
    return {
        0: [app.name],
        8: [0, 1, [0]],
        9: ["Everyone", _PICTURE],
        13: ["1,000,000+", 1_000_000, 1_619_908, "1M+"] if played else None,
        18: _availability(page),
        37: [app.developer],
        42: [1, 1, 0],
        51: [["4.3", 4.26508], [None, ["971", 971]]] if played else None,
        57: _price(page),
        68: [app.developer, [None, None, None, None, [None, None, "/store/apps/dev?id=1"]], "1"],
        72: [[None, f"{app.name}: simulated for tests and demonstrations.<br>Not for sale."]],
        73: [[None, "A simulated app"]],
        77: [page.package],
        79: [
            [
                [
                    "Tools",
                    [None, None, None, None, [None, None, "/store/apps/category/TOOLS"]],
                    "TOOLS",
                ]
            ]
        ],
        95: [_PICTURE, 1],
        99: [[None, None, None, None, None, [None, None, "https://example.org/privacy"]]],
        140: [[[app.version]], [[[30, "11"]], [[[23, "6.0"]]]]],
        144: [None, [None, "Bug fixes and improvements"]],
        145: [[f"{app.updated:%b} {app.updated.day}, {app.updated.year}", [seconds, 338_000_000]]],
    }


def _price(page: DetailsPage) -> Slots:
    """Return a price: it stands there even where nothing is offered, as recorded."""
    offer = f"https://play.google.com/store/apps/details?id={page.package}&rdid={page.package}"
    price = [0, currency(page.storefront), ""]
    buy = [None, [price], None, [None, "Buy"], None, 1, [None, None, None, None, None, offer]]
    return [[[[buy], ["Install"], None, ["CgYKBENBRT0="]]]]


def _old_price_and_version(page: DetailsPage) -> list[Block]:
    target = [page.package, 7]
    price = Block("d5UeYe", [target], [[None, None, _price(page)[0]]])
    return [price, Block("IoIWBc", [[None, target]], ["25M", page.app.version, "6.0 and up"])]


def _old_details(page: DetailsPage) -> Block:
    inner: Slots = [None] * 37
    inner[5] = [["1", 8], page.app.developer, ["mail@example.org"]]
    inner[8] = [int(page.app.updated.timestamp()), 0]
    inner[9] = ["1,000,000+"]
    inner[11] = _availability(page)
    inner[13] = [["Tools", None, "TOOLS"]]
    inner[35] = [page.app.developer]
    root: Slots = [None] * 22
    root[0], root[3], root[12] = [page.app.name], [1], inner
    root[10] = [[None, "Simulated for tests and demonstrations."]]
    request = [[page.package, 7], 2]
    if page.unreadable:
        return Block("Zz7qXc", request, {"listing": [root]})
    return Block("jLZZ2e", request, [root])
