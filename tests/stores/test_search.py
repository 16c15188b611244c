"""Searches by name: what an answer holds, and what proves nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appwatch.domain.model import Reason
from appwatch.stores import STORES
from appwatch.stores.base import Answer, Candidate, Found, Store
from tests.stores.test_contract import BODIES, STATUSES, AnySettings

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
CASES = Path(__file__).parent / "cases"
PAGES = CASES / "google_play_search"
RECORDED = (
    Path(__file__).resolve().parents[2]
    / ".." / "shared" / "corpus" / "play_web" / "control_2026-07_search_page.html"
)  # fmt: skip


def search(store: Store, body: bytes, kind: str = "text/html", status: int = 200) -> Found:
    """Return what a search in the United States makes of an answer."""
    dialogue = store.find("panda", "us", "key")
    request = next(dialogue)
    headers = (("Content-Type", kind),)
    answer = Answer(request, NOW, NOW, status, request.url, headers, body, body)
    with pytest.raises(StopIteration) as end:
        dialogue.send(answer)
    found: Found = end.value.value
    return found


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest) -> Store:
    return STORES[request.param](AnySettings())


@pytest.fixture
def app_store() -> Store:
    return STORES["app_store"](AnySettings())


@pytest.fixture
def google_play() -> Store:
    return STORES["google_play"](AnySettings())


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_no_answer_proves_nothing(store: Store, body: bytes) -> None:
    found = search(store, body)
    assert (found.candidates, found.reason is None) == ((), False)


@pytest.mark.parametrize("status", [*(s for s in STATUSES if s != 200), 404])
def test_another_status_proves_nothing(store: Store, status: int) -> None:
    assert search(store, b"<html></html>", status=status).reason is not None


def result(number: int, name: object, country: str = "us") -> dict[str, object]:
    url = f"https://apps.apple.com/{country}/app/x/id{number}?uo=4"
    told = {"trackId": number, "trackName": name, "artistName": "Panda Inc.", "trackViewUrl": url}
    return {**told, "kind": "software", "wrapperType": "software"}


def answered(*results: dict[str, object]) -> bytes:
    body = {"resultCount": len(results), "results": results}
    return b"\n\n\n" + json.dumps(body).encode()


def test_the_app_stores_results_are_candidates_in_its_order(app_store: Store) -> None:
    song = {"trackId": 3, "kind": "song", "wrapperType": "track"}
    found = search(
        app_store, answered(result(2, "Panda"), song, result(1, None)), "text/javascript"
    )
    assert found.candidates == (
        Candidate("2", "Panda", "Panda Inc."),
        Candidate("1", "", "Panda Inc."),
    )


def test_an_empty_answer_is_no_candidate_and_no_failure(app_store: Store) -> None:
    assert search(app_store, answered(), "text/javascript") == Found()


def test_results_of_another_storefront_prove_nothing(app_store: Store) -> None:
    found = search(app_store, answered(result(2, "Panda", "fr")), "text/javascript")
    assert found.reason is Reason.WRONG_STOREFRONT


def test_google_plays_page_shows_one_app_at_length_and_others_in_a_list(google_play: Store) -> None:
    found = search(google_play, (PAGES / "body.html").read_bytes())
    assert found == Found(
        (
            Candidate("com.example.panda", "Panda", "Panda Group"),
            Candidate("com.example.noodle", "Panda Noodle", "Noodle"),
        )
    )


def test_a_page_of_another_country_proves_nothing(google_play: Store) -> None:
    page = (PAGES / "body.html").read_bytes().replace(b"en_us", b"en_fr")
    assert search(google_play, page).reason is Reason.WRONG_STOREFRONT


def test_a_page_whose_data_is_elsewhere_proves_nothing(google_play: Store) -> None:
    page = (PAGES / "body.html").read_bytes().replace(b"lGYRle", b"xXxXxX")
    assert search(google_play, page).reason is Reason.LAYOUT_UNKNOWN


@pytest.mark.skipif(not RECORDED.exists(), reason="the corpus is not here")
def test_the_recorded_page_holds_twenty_apps(google_play: Store) -> None:
    found = search(google_play, RECORDED.read_bytes())
    assert found.reason is None
    assert found.candidates[0] == Candidate(
        "com.pandaexpress.app", "Panda Express", "Panda Restaurant Group, Inc."
    )
    assert len(found.candidates) == 20
