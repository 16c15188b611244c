"""Searches find what a storefront shows, in the stores' own forms."""

import httpx

from appwatch.simulator import Fault, FaultKind, Faults, Surface, World


def test_a_lookup_search_finds_by_name_and_developer(client: httpx.Client, world: World) -> None:
    query = {"term": "RUGUO jike", "country": "us", "entity": "software"}
    (result,) = client.get("/search", params=query).json()["results"]
    assert (result["trackId"], result["kind"]) == (966129812, "software")
    world.remove("app_store", "966129812", ["us"])
    assert client.get("/search", params=query).json()["resultCount"] == 0


def test_a_search_page_names_its_country_and_its_apps(client: httpx.Client) -> None:
    page = client.get("/store/search", params={"q": "jike", "c": "apps", "gl": "hk"})
    assert "lGYRle" in page.text
    assert "com.ruguoapp.jike" in page.text
    assert "/intl/en_hk/about/play-terms.html" in page.text
    nothing = client.get("/store/search", params={"q": "castro", "gl": "hk"})
    assert "com." not in nothing.text.replace("play.google.com", "")


def test_faults_strike_searches_alone_if_so_meant(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.FORBIDDEN_EMPTY, surface=Surface.SEARCH))
    assert client.get("/search", params={"term": "jike"}).status_code == 403
    assert client.get("/lookup", params={"id": "966129812"}).status_code == 200
    faults.add(Fault(FaultKind.LAYOUT_UNKNOWN, surface=Surface.SEARCH_PAGE))
    page = client.get("/store/search", params={"q": "jike", "gl": "hk"})
    assert "com.ruguoapp.jike" not in page.text
