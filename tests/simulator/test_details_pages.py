"""Google Play's details pages, read by slot and compared with a recorded one."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from appwatch.simulator import (
    GOOGLE_PLAY,
    Appearance,
    DetailsPageLayout,
    Fault,
    FaultKind,
    Faults,
    World,
    serve,
)

PACKAGE = "com.ruguoapp.jike"
ADDRESS = f"/store/apps/details?id={PACKAGE}&hl=en&gl="
SERVICES = re.compile(r"'(ds:\d+)' : \{id:'(\w+)'")
STARTS = r"AF_initDataCallback\(\{key: '%s'.*?data:(?:function\(\)\{return )?"


def blocks(page: str, service: str) -> Iterator[Any]:
    """Yield the data of each block of a service, in whichever ds number it stands."""
    for name, known in SERVICES.findall(page):
        if known == service and (start := re.search(STARTS % name, page)):
            yield json.JSONDecoder().raw_decode(page[start.end() :])[0]


def details(page: str) -> list[Any]:
    """Return the slots of the block that has them."""
    return next(data[1][2] for data in blocks(page, "Ws7gDc") if len(data[1][2]) > 1)


@pytest.fixture(scope="session")
def recorded(corpus: Path) -> str:
    return (corpus / "play_web" / "2026-07-06_us_translate.html").read_text(encoding="utf-8")


def test_the_slots_stand_where_the_recorded_page_has_them(
    client: httpx.Client, recorded: str
) -> None:
    ours, theirs = details(client.get(f"{ADDRESS}us").text), details(recorded)
    assert len(ours) == len(theirs)
    filled = {index for index, value in enumerate(ours) if value is not None}
    assert filled <= {index for index, value in enumerate(theirs) if value is not None}
    for path in [(0, 0), (18, 0), (77, 0), (57, 0, 0, 0, 0, 1, 0), (145, 0, 1, 0), (79, 0, 0, 2)]:
        assert type(reach(ours, path)) is type(reach(theirs, path)), path


def reach(slots: list[Any], path: tuple[int, ...]) -> object:
    value: Any = slots
    for index in path:
        value = value[index]
    return value


def test_the_country_stands_where_the_recorded_page_has_it(
    client: httpx.Client, recorded: str
) -> None:
    page = client.get(f"{ADDRESS}us").text
    [ours], [theirs] = list(blocks(page, "jRco8")), list(blocks(recorded, "jRco8"))
    assert ours[0][0] == theirs[0][0]
    assert ours[1:3] == theirs[1:3]


def test_a_page_is_of_the_country_asked(client: httpx.Client) -> None:
    [country] = blocks(client.get(f"{ADDRESS}fr").text, "jRco8")
    assert country[1] == "France"
    assert country[0][0][0][2].endswith("/intl/en_fr/about/play-terms.html")


def test_a_listed_app_is_offered(client: httpx.Client) -> None:
    page = client.get(f"{ADDRESS}fr").text
    assert details(page)[18] == [2]
    assert 'itemprop="offers"' in page


def test_a_restricted_app_keeps_its_page_and_its_price(client: httpx.Client, world: World) -> None:
    world.restrict(GOOGLE_PLAY, PACKAGE, ["in"])
    answer = client.get(f"{ADDRESS}in")
    slots = details(answer.text)
    assert (answer.status_code, slots[18], slots[77]) == (200, [], [PACKAGE])
    assert slots[57][0][0][0][0][1][0] == [0, "INR", ""]
    assert 'itemprop="offers"' not in answer.text
    assert "https://schema.org/InStock" in answer.text


def test_a_preregistration_offers_nothing_yet(client: httpx.Client, world: World) -> None:
    world.preregister(GOOGLE_PLAY, PACKAGE)
    page = client.get(f"{ADDRESS}in").text
    assert details(page)[18][0] == 1
    assert 'itemprop="offers"' not in page


@pytest.mark.parametrize("country", ["kp", "sy"])
def test_a_country_that_is_not_served_has_no_listing(client: httpx.Client, country: str) -> None:
    assert client.get(f"{ADDRESS}{country}").status_code == 404


def test_a_removed_app_meets_the_small_page_of_the_store(
    client: httpx.Client, world: World, corpus: Path
) -> None:
    world.remove(GOOGLE_PLAY, PACKAGE, ["in"])
    answer = client.get(f"{ADDRESS}in")
    theirs = (corpus / "play_web" / "2016-03-28_com.your.app_404_body.html").read_text()
    assert (answer.status_code, answer.headers["server"]) == (404, "GSE")
    for part in ["<title>Not Found</title>", '<div id="error-section"', "We're sorry, the requ"]:
        assert part in answer.text
        assert part in theirs


def test_the_data_moves_between_requests(client: httpx.Client) -> None:
    pages = [client.get(f"{ADDRESS}us").text for _ in range(4)]
    names = {next(name for name, known in SERVICES.findall(p) if known == "jRco8") for p in pages}
    assert len(names) > 1
    assert len({json.dumps(details(page)) for page in pages}) == 1


def test_a_page_is_as_large_as_asked(world: World) -> None:
    with serve(world) as stores:
        page = httpx.get(f"{stores.url}{ADDRESS}us").content
    assert len(page) == 1_100_000
    assert page.index(b"AF_initDataCallback({key") > 0.85 * len(page)


def test_the_short_layout_counts_its_later_slots_from_one(world: World, corpus: Path) -> None:
    recorded = (corpus / "play_web" / "2025-10-20_kr_stock_ko.html").read_text(encoding="utf-8")
    with serve(world, appearance=Appearance(details_page=DetailsPageLayout.SHORT)) as stores:
        slots = details(httpx.get(f"{stores.url}{ADDRESS}kr").text)
    theirs = details(recorded)
    assert len(slots) == len(theirs)
    assert slots[-1]["141"][0][0] == ["7.1"]
    assert type(theirs[-1]["141"][0][0][0]) is str


def test_the_old_layout_stands_where_the_recorded_one_does(world: World, corpus: Path) -> None:
    world.restrict(GOOGLE_PLAY, PACKAGE, ["kr"])
    with serve(world, appearance=Appearance(details_page=DetailsPageLayout.OLD)) as stores:
        ours = httpx.get(f"{stores.url}{ADDRESS}kr").text
    path = corpus / "play_web" / "2018-09-25_kr_flickr_REGION_UNAVAILABLE.html"
    theirs = path.read_text(encoding="utf-8")
    for page, title, country in [
        (ours, "Jike 即刻", "South Korea"),
        (theirs, "Flickr", "대한민국"),
    ]:
        [data], [place] = list(blocks(page, "jLZZ2e")), list(blocks(page, "VU2xMc"))
        [price], [version] = list(blocks(page, "d5UeYe")), list(blocks(page, "IoIWBc"))
        assert isinstance(price[0][2][0][0][0][1][0][1], str)
        assert isinstance(version[1], str)
        assert (data[0][0][0], data[0][12][11], place[4]) == (title, [], country)
        assert place[0][4].endswith("_kr/about/play-terms.html")


def test_a_hidden_slot_leaves_the_offer_standing(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.SLOT_ABSENT))
    page = client.get(f"{ADDRESS}us").text
    assert details(page)[18] is None
    assert 'itemprop="offers"' in page
