"""What the App Store's lookups answer, beside what was recorded."""

import json
import tarfile
from pathlib import Path

import httpx
import pytest

from appwatch.simulator import APP_STORE, SimulatedApp, Simulator, World

EMPTY = b'\n\n\n{\n "resultCount":0,\n "results": []\n}\n\n\n'
PLATFORM = "/WebObjects/MZStorePlatform.woa/wa/lookup"
BOTH = "966129812,1080840241"


def found(client: httpx.Client, **query: str) -> list[int]:
    answer = client.get("/lookup", params=query)
    results = answer.json()["results"]
    assert answer.json()["resultCount"] == len(results)
    return [result["trackId"] for result in results]


def test_a_batch_answers_each_listed_app_once(client: httpx.Client) -> None:
    ids = found(client, id=f"{BOTH},966129812,5", country="us", limit="200")
    assert sorted(ids) == [966129812, 1080840241]


def test_nothing_found_is_the_recorded_answer_byte_for_byte(
    client: httpx.Client, corpus: Path
) -> None:
    path = corpus / "apple_lookup" / "apple_lookup_2019.tar.gz"
    with tarfile.open(path) as archive:
        member = archive.extractfile("apple_lookup_2019/itunes_324684580_ms.json")
        assert member is not None
        assert client.get("/lookup?id=5&country=ms").content == member.read() == EMPTY


def test_a_result_has_every_field_that_recorded_ones_have(
    client: httpx.Client, corpus: Path
) -> None:
    with tarfile.open(corpus / "apple_lookup" / "apple_lookup_2019.tar.gz") as archive:
        member = archive.extractfile("apple_lookup_2019/itunes_284862083_us.json")
        assert member is not None
        recorded = json.load(member)["results"][0]
    result = client.get("/lookup?id=966129812&country=us").json()["results"][0]
    common = {name for name in recorded if "ForCurrentVersion" not in name} - {"sellerUrl"}
    assert common <= set(result)
    assert {name: type(result[name]) for name in common} == {
        name: type(recorded[name]) for name in common
    }


def test_a_result_names_its_storefront_in_its_address(client: httpx.Client) -> None:
    result = client.get("/lookup?id=1080840241&country=jp").json()["results"][0]
    assert result["trackViewUrl"] == "https://apps.apple.com/jp/app/castro/id1080840241?uo=4"


def test_a_lookup_is_javascript_after_three_newlines(client: httpx.Client) -> None:
    answer = client.get("/lookup?id=966129812&country=cn")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.content.startswith(b'\n\n\n{\n "resultCount":1,\n "results": [\n')


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_body_is_compressed_only_for_those_who_accept_it(
    client: httpx.Client, coding: str
) -> None:
    answer = client.get(f"/lookup?id={BOTH}", headers={"accept-encoding": coding})
    assert answer.headers.get("content-encoding", "identity") == coding
    assert answer.json()["resultCount"] == 2


def test_without_a_country_the_store_is_the_american_one(
    client: httpx.Client, world: World
) -> None:
    world.remove(APP_STORE, "966129812", ["us"])
    assert found(client, id=BOTH) == [1080840241]


def test_without_a_limit_fifty_are_answered(client: httpx.Client, world: World) -> None:
    for number in range(60):
        world.add(SimulatedApp(f"App {number}", app_store=str(100 + number)))
    ids = ",".join(str(100 + number) for number in range(60))
    assert len(found(client, id=ids)) == 50
    assert len(found(client, id=ids, limit="200")) == 60


def test_an_unknown_country_is_refused_with_an_envelope(client: httpx.Client) -> None:
    answer = client.get("/lookup?id=966129812&country=aq")
    assert answer.status_code == 400
    assert answer.json()["errorMessage"] == "Invalid value(s) for key(s): [country]"
    assert "results" not in answer.json()


@pytest.mark.parametrize("country", ["ad", "bd", "cf", "et", "gn", "li", "mc", "ps", "ws"])
def test_a_silent_country_answers_nothing_found(client: httpx.Client, country: str) -> None:
    assert client.get(f"/lookup?id=966129812&country={country}").content == EMPTY


def test_the_platform_lookup_leaves_absent_listings_out(client: httpx.Client, world: World) -> None:
    world.remove(APP_STORE, "966129812", ["cn"])
    query = {"id": BOTH, "cc": "cn", "platform": "enterprisestore", "p": "mdm-lockup"}
    results = client.get(PLATFORM, params=query).json()["results"]
    assert list(results) == ["1080840241"]
    assert results["1080840241"]["offers"][0]["version"]["display"] == "1.0"


def test_what_was_asked_can_be_counted(client: httpx.Client, stores: Simulator) -> None:
    client.get("/lookup?id=5&country=us&_=r1")
    client.get("/lookup?id=5&country=aq")
    [first, second] = stores.requests
    assert (first.method, first.path, first.query["_"], first.status) == (
        "GET",
        "/lookup",
        "r1",
        200,
    )
    assert second.status == 400


def test_the_record_can_be_emptied(client: httpx.Client, stores: Simulator) -> None:
    client.get("/lookup?id=5&country=us")
    stores.forget()
    assert stores.requests == []
