"""The App Store's product pages."""

import json
import re

import httpx
import pytest

from appwatch.simulator import APP_STORE, Appearance, ProductPageLayout, World, serve

SERVED = re.compile(r'id="serialized-server-data">(.*?)</script>', re.DOTALL)


def test_the_short_address_leads_to_the_one_with_the_name(client: httpx.Client) -> None:
    answer = client.get("/cn/app/id966129812")
    assert answer.status_code == 301
    assert answer.headers["location"].endswith("/cn/app/jike-%E5%8D%B3%E5%88%BB/id966129812")
    assert client.get(answer.headers["location"]).status_code == 200


def test_a_page_of_an_absent_app_is_404(client: httpx.Client, world: World) -> None:
    world.remove(APP_STORE, "966129812", ["cn"])
    assert client.get("/cn/app/id966129812").status_code == 404
    assert client.get("/us/app/id966129812").status_code == 301


def test_a_client_that_is_no_browser_is_limited(client: httpx.Client) -> None:
    answer = client.get("/cn/app/id966129812", headers={"user-agent": "python-httpx"})
    assert answer.status_code == 429


@pytest.mark.parametrize("layout", list(ProductPageLayout))
def test_every_layout_names_the_listing_and_the_storefront(
    world: World, layout: ProductPageLayout
) -> None:
    appearance = Appearance(product_page=layout, product_page_size=500)
    with serve(world, appearance=appearance) as stores:
        page = httpx.get(
            f"{stores.url}/jp/app/id1080840241",
            headers={"user-agent": "Mozilla/5.0"},
            follow_redirects=True,
        ).text
    address = "https://apps.apple.com/jp/app/castro/id1080840241"
    assert f'<link rel="canonical" href="{address}">' in page
    assert '"@type":"SoftwareApplication"' in page
    is_ember = layout is ProductPageLayout.EMBER
    assert ('<meta name="apple:content_id" content="1080840241">' in page) == is_ember


@pytest.mark.parametrize("layout", [ProductPageLayout.LIST, ProductPageLayout.OBJECT])
def test_the_served_data_comes_in_both_shapes(world: World, layout: ProductPageLayout) -> None:
    with serve(world, appearance=Appearance(product_page=layout)) as stores:
        address = f"{stores.url}/jp/app/castro/id1080840241"
        page = httpx.get(address, headers={"user-agent": "Mozilla/5.0"}).text
    match = SERVED.search(page)
    assert match is not None
    served = json.loads(match[1])
    entries = served if layout is ProductPageLayout.LIST else served["data"]
    assert entries[0]["data"]["adamId"] == "1080840241"
