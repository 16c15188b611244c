"""Recorded answers of the lookup API, read as a correct monitor must read them."""

import csv
import tarfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from appwatch.domain.model import Outcome, Reason, Verdict
from appwatch.domain.verdict import Rule
from appwatch.stores.app_store import answers, rules
from appwatch.stores.app_store.storefronts import STOREFRONTS
from tests.stores import lookup_bodies as bodies

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"
pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the recorded answers (../shared/corpus) are not here"
)
LIMITED = "blocks/TRANSCRIBED_apple_lookup_403_headers_2023-07-25.http"
FACEBOOK = "apple_lookup/fastlane_itunesLookup-284882215.json"
FACEBOOK_BY_BUNDLE = "apple_lookup/fastlane_itunesLookup-com.facebook.Facebook.json"
FRENCH = "apple_lookup/fastlane_itunesLookup-338986109_FR.json"
INVALID = "apple_lookup/fastlane_itunesLookup-net.sunapps.invalid.json"
SLACK = "apple_lookup/mas_slack-lookup.json"
POTATSO = "apple_lookup/ipatool-py_lookup_2022.json"
ALBUM = "apple_lookup/harmony_album_255636575_gb.json"
NO_STOREFRONT = "blocks/appavail_874139669_aq.json"
ERROR = "blocks/fastlane_itunesLookup-invalid_errorMessage.json"
SORRY = "blocks/2026-07-25_google_sorry_captcha.html"
ROBOT = "blocks/2023-03-26_google_soft404_body.html"

# file, status, track id, storefront, rule
CASES = [
    (FACEBOOK, 200, "284882215", "us", rules.FOUND),
    (FACEBOOK_BY_BUNDLE, 200, "284882215", "us", rules.FOUND),
    (FRENCH, 200, "338986109", "fr", rules.FOUND),
    (INVALID, 200, "338986109", "us", rules.ABSENT),
    (SLACK, 200, "803453959", "us", rules.FOUND),
    (POTATSO, 200, "1239860606", "us", rules.FOUND),
    (ALBUM, 200, "255636575", "gb", rules.NOT_SOFTWARE),
    (ALBUM, 200, "255636631", "gb", rules.OTHER_APP),
    (ALBUM, 200, "284882215", "gb", rules.OTHER_APP),
    (NO_STOREFRONT, 400, "874139669", "aq", rules.NO_STOREFRONT),
    (NO_STOREFRONT, 400, "874139669", "us", rules.REFUSED),
    (NO_STOREFRONT, 404, "874139669", "us", rules.OTHER_STATUS),
    (NO_STOREFRONT, 200, "874139669", "us", rules.EMPTY),
    (ERROR, 400, "874139669", "us", rules.REFUSED),
    (ERROR, 200, "874139669", "us", rules.REFUSED),
    (SORRY, 200, "874139669", "us", rules.NOT_JSON),
    (ROBOT, 404, "874139669", "us", rules.OTHER_STATUS),
]
LISTED = [row[:4] for row in CASES if row[4] is rules.FOUND]


def read(file: str, status: int, listing: str, storefront: str) -> Verdict:
    answer = bodies.answer((CORPUS / file).read_bytes(), status, storefront)
    return answers.read(answer, [listing], storefront)[listing]


@pytest.mark.parametrize(("file", "status", "listing", "storefront", "rule"), CASES)
def test_a_recorded_answer_is_read_by_its_rule(
    file: str, status: int, listing: str, storefront: str, rule: Rule
) -> None:
    verdict = read(file, status, listing, storefront)
    assert (verdict.rule, verdict.outcome, verdict.reason) == (rule.id, rule.outcome, rule.reason)


@pytest.mark.parametrize(("file", "status", "listing", "storefront"), LISTED)
def test_a_recorded_listing_says_what_it_is(
    file: str, status: int, listing: str, storefront: str
) -> None:
    facts = read(file, status, listing, storefront).facts
    assert all([facts.name, facts.developer, facts.version, facts.price])
    assert f"/{storefront}/" in facts.url


@pytest.mark.parametrize(("file", "status", "listing", "storefront"), LISTED)
def test_a_recorded_listing_says_nothing_of_others(
    file: str, status: int, listing: str, storefront: str
) -> None:
    assert read(file, status, "42", storefront).reason is Reason.WRONG_APP
    assert read(file, status, listing, "de").reason is Reason.WRONG_STOREFRONT


def test_the_recorded_403_asks_us_to_slow_down() -> None:
    head, _, body = (CORPUS / LIMITED).read_bytes().partition(b"\n\n")
    lines = [line.split(": ", 1) for line in head.decode().splitlines()[1:]]
    headers = {name.replace("-", "_"): value for name, value in lines}
    assert (headers["content_length"], body.strip()) == ("0", b"")
    verdict = answers.read(bodies.answer(body, 403, "ru", **headers), ["1521900439"], "ru")
    assert verdict["1521900439"].reason is Reason.RATE_LIMITED


@cache
def recorded() -> dict[tuple[str, str], bytes]:
    """Return the bodies of 2019 by (track id, storefront); 0 bytes stand for an HTTP error."""
    found: dict[tuple[str, str], bytes] = {}
    with tarfile.open(CORPUS / "apple_lookup" / "apple_lookup_2019.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                _, listing, storefront = Path(member.name).stem.split("_")
                found[listing, storefront] = content.read()
    return found


def outcome(listing: str, storefront: str) -> Outcome:
    body = recorded()[listing, storefront]
    answer = bodies.answer(body, 200 if body else 400, storefront)
    return answers.read(answer, [listing], storefront)[listing].outcome


def test_the_answers_of_2019_are_read_as_they_were_counted() -> None:
    expected = {
        "found": Outcome.AVAILABLE,
        "empty": Outcome.NOT_FOUND,
        "http_error": Outcome.INCONCLUSIVE,
    }
    with (CORPUS / "apple_lookup" / "matrix_2019.csv").open() as file:
        rows = {(row["track_id"], row["country"]): row["state"] for row in csv.DictReader(file)}
    assert rows.keys() == recorded().keys()
    for (listing, storefront), state in rows.items():
        wanted = expected[state] if storefront in STOREFRONTS else Outcome.INCONCLUSIVE
        assert outcome(listing, storefront) is wanted, (listing, storefront)


def test_the_answers_of_2019_where_there_is_a_store() -> None:
    counts = Counter(outcome(*key) for key in recorded() if key[1] in STOREFRONTS)
    assert counts == {
        Outcome.AVAILABLE: 1152,
        Outcome.NOT_FOUND: 318,
        Outcome.INCONCLUSIVE: 91,
    }


def test_the_answers_of_2019_where_there_is_no_store_prove_nothing() -> None:
    elsewhere = [key for key in recorded() if key[1] not in STOREFRONTS]
    assert len(elsewhere) == 675
    assert {outcome(*key) for key in elsewhere} == {Outcome.INCONCLUSIVE}
    # 46 of them were answered as if a store had nothing.
    assert sum(bool(recorded()[key]) for key in elsewhere) == 46


def test_a_recorded_result_is_extracted_byte_for_byte() -> None:
    for (listing, _), body in recorded().items():
        own = answers.extract(body, [listing]).get(listing, b"")
        assert own in body
        assert bool(own) is (b'"resultCount":1' in body)
