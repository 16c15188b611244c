"""What each answer of the lookup API says, by bytes alone."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appwatch.domain.model import Outcome, Reason, Verdict
from appwatch.domain.verdict import Rule
from appwatch.stores.app_store import answers, rules, storefronts
from appwatch.stores.base import Answer
from appwatch.stores.faults import FAULT_RULES, NO_ANSWER, SERVER_ERROR, TOO_MANY_REQUESTS, fault_of
from tests.stores import lookup_bodies as bodies
from tests.stores.lookup_bodies import CASTRO, JIKE, PAGES, result

HTML = b"<!DOCTYPE html><html><title>Welcome</title></html>"
ERROR = b'{"errorMessage":"Invalid value(s) for key(s): [country]","queryParameters":{}}'
GOOD = bodies.listing([JIKE, CASTRO, PAGES])
ANOTHER_NAME = "https://apps.apple.com/gb/app/cn/id966129812"
PODCAST = {"wrapperType": "track", "kind": "podcast", "collectionId": int(JIKE)}
ALBUM = {"wrapperType": "collection", "kind": ..., "collectionId": int(JIKE), "trackId": ...}
ARTIST = {"wrapperType": "artist", "kind": ..., "artistId": int(JIKE), "trackId": ...}
CONSENT = {"location": "https://consent.example.com/m?continue=x"}
CONSENT_PATH = {"location": "/consent?continue=x"}
SORRY = {"location": "https://www.google.com/sorry/index?continue=x"}
PORTAL = {"location": "http://login.hotel.example/?to=x"}


def read(content: bytes, status: int = 200, listing: str = JIKE, **headers: str) -> Verdict:
    return answers.read(bodies.answer(content, status, **headers), [listing], "cn")[listing]


def one(**more: object) -> bytes:
    return bodies.body(result(JIKE, **more))


HERE = "https://apps.apple.com/cn/app"
TWO_RESULTS = b'{"resultCount":1,"results":[%s],"results":[]}' % json.dumps(result(JIKE)).encode()
TWO_IDS = one().replace(b'"trackId": 966129812', b'"trackId": 7, "trackId": 966129812')
TWO_COUNTS = b'{"resultCount":1,"resultCount":0,"results":[]}'

CASES = [
    ("listed", rules.FOUND, one(), 200, {}),
    ("a Mac app", rules.FOUND, one(kind="mac-software"), 200, {}),
    (
        "an older host",
        rules.FOUND,
        one(trackViewUrl=f"https://itunes.apple.com/cn/app/id{JIKE}"),
        200,
        {},
    ),
    ("an id alone", rules.FOUND, one(trackViewUrl=f"{HERE}/id{JIKE}/?uo=4#x"), 200, {}),
    ("a name like an id", rules.FOUND, one(trackViewUrl=f"{HERE}/id1/id{JIKE}"), 200, {}),
    ("an address without an id", rules.FOUND, one(trackViewUrl=f"{HERE}/x?from=/id1"), 200, {}),
    ("another's address", rules.OTHER_ADDRESS, one(trackViewUrl=f"{HERE}/x/id123?uo=4"), 200, {}),
    ("a longer id", rules.OTHER_ADDRESS, one(trackViewUrl=f"{HERE}/id{JIKE}0"), 200, {}),
    ("results twice", rules.NOT_JSON, TWO_RESULTS, 200, {}),
    ("a count twice", rules.SAID_TWICE, TWO_COUNTS, 200, {}),
    ("an id twice", rules.SAID_TWICE, TWO_IDS, 200, {}),
    ("a page's type", rules.OTHER_TYPE, one(), 200, {"content_type": "text/html; charset=utf-8"}),
    ("an error's type", rules.OTHER_TYPE, bodies.EMPTY, 200, {"content_type": "text/plain"}),
    ("the API's type", rules.FOUND, one(), 200, {"content_type": "text/javascript; charset=utf-8"}),
    ("JSON's type", rules.FOUND, one(), 200, {"content_type": "Application/JSON"}),
    ("no wrapper type", rules.FOUND, one(wrapperType=..., kind=...), 200, {}),
    ("null in fields", rules.FOUND, one(wrapperType=None, kind=None, version=None), 200, {}),
    ("odd types in facts", rules.FOUND, one(trackName=7, version=[]), 200, {}),
    ("left out", rules.ABSENT, bodies.EMPTY, 200, {}),
    ("an empty 403", rules.EMPTY_403, b"", 403, {}),
    ("a blank 403", rules.EMPTY_403, b" \r\n", 403, {}),
    ("a 403 with a page", rules.FORBIDDEN, HTML, 403, {}),
    ("the service's 404", rules.OTHER_STATUS, b"Not Found", 404, {"content_type": "text/plain"}),
    ("a 404 with results", rules.OTHER_STATUS, bodies.EMPTY, 404, {}),
    ("a 401", rules.OTHER_STATUS, bodies.EMPTY, 401, {}),
    ("a 206", rules.OTHER_STATUS, bodies.EMPTY, 206, {}),
    ("a 400", rules.REFUSED, ERROR, 400, {}),
    ("an empty 400", rules.REFUSED, b"", 400, {}),
    ("an error message with 200", rules.REFUSED, ERROR, 200, {}),
    (
        "an error with results",
        rules.REFUSED,
        b'{"resultCount":0,"results":[],"errorMessage":1}',
        200,
        {},
    ),
    ("a 429", TOO_MANY_REQUESTS, bodies.EMPTY, 429, {}),
    ("a 500", SERVER_ERROR, bodies.EMPTY, 500, {}),
    ("a 503 with a page", SERVER_ERROR, HTML, 503, {}),
    ("a consent host", rules.CONSENT, b"", 302, CONSENT),
    ("a consent path", rules.CONSENT, b"", 302, CONSENT_PATH),
    ("a robot check", rules.SORRY, b"", 302, SORRY),
    ("a captive portal", rules.ELSEWHERE, HTML, 302, PORTAL),
    ("a redirect with results", rules.ELSEWHERE, bodies.EMPTY, 301, PORTAL),
    ("a redirect to nonsense", rules.ELSEWHERE, b"", 302, {"location": "http://[oops"}),
    ("a redirect to nowhere", rules.ELSEWHERE, b"", 304, {}),
    ("0 bytes", rules.EMPTY, b"", 200, {}),
    ("blank", rules.EMPTY, b"\n\n\n", 200, {}),
    ("HTML for JSON", rules.OTHER_TYPE, HTML, 200, {"content_type": "text/html"}),
    ("cut", rules.NOT_JSON, bodies.EMPTY[:30], 200, {}),
    ("two answers", rules.NOT_JSON, bodies.EMPTY * 2, 200, {}),
    ("no text", rules.NOT_JSON, b"\xff\xfe\x00", 200, {}),
    ("a list", rules.NOT_JSON, b"[]", 200, {}),
    ("null", rules.NOT_JSON, b"null", 200, {}),
    ("an empty object", rules.NOT_JSON, b"{}", 200, {}),
    ("no results", rules.NOT_JSON, b'{"resultCount":0}', 200, {}),
    ("null for results", rules.NOT_JSON, b'{"resultCount":0,"results":null}', 200, {}),
    ("no count", rules.NOT_JSON, b'{"results":[]}', 200, {}),
    ("a count as text", rules.NOT_JSON, b'{"resultCount":"0","results":[]}', 200, {}),
    ("a count too high", rules.NOT_JSON, bodies.body(count=1), 200, {}),
    ("a count too low", rules.NOT_JSON, bodies.body(result(JIKE), count=0), 200, {}),
    ("an object for results", rules.NOT_JSON, b'{"resultCount":0,"results":{}}', 200, {}),
    ("null for a result", rules.NOT_JSON, b'{"resultCount":1,"results":[null]}', 200, {}),
    (
        "an id beyond Python",
        rules.NOT_JSON,
        one().replace(b": 966129812", b": " + b"9" * 5000),
        200,
        {},
    ),
    ("an id as text", rules.NOT_JSON, one(trackId=JIKE), 200, {}),
    ("an id beyond integers", rules.OTHER_APP, one(trackId=10**40), 200, {}),
    ("100,000 deep", rules.NOT_JSON, b'{"results":' + b"[" * 100_000, 200, {}),
    ("100,000 deep aside", rules.NOT_JSON, b'{"x":' + b'{"x":' * 100_000, 200, {}),
    ("another app", rules.OTHER_APP, bodies.listing([CASTRO]), 200, {}),
    ("no id", rules.OTHER_APP, one(trackId=None), 200, {}),
    ("the developer's id", rules.OTHER_APP, one(trackId=1, artistId=int(JIKE)), 200, {}),
    ("a podcast", rules.NOT_SOFTWARE, one(**PODCAST), 200, {}),
    ("an album", rules.NOT_SOFTWARE, one(**ALBUM), 200, {}),
    ("an artist", rules.NOT_SOFTWARE, one(**ARTIST), 200, {}),
    ("another storefront", rules.OTHER_STOREFRONT, bodies.listing([JIKE], "us"), 200, {}),
    ("an app called cn", rules.OTHER_STOREFRONT, one(trackViewUrl=ANOTHER_NAME), 200, {}),
    ("no address", rules.OTHER_STOREFRONT, one(trackViewUrl=...), 200, {}),
    ("null for an address", rules.OTHER_STOREFRONT, one(trackViewUrl=None), 200, {}),
    (
        "no country in it",
        rules.OTHER_STOREFRONT,
        one(trackViewUrl="https://a.b/app/id966129812"),
        200,
        {},
    ),
    ("no address at all", rules.OTHER_STOREFRONT, one(trackViewUrl="http://["), 200, {}),
]


@pytest.mark.parametrize(("name", "rule", "content", "status", "headers"), CASES)
def test_an_answer_is_read_by_its_rule(
    name: str, rule: Rule, content: bytes, status: int, headers: dict[str, str]
) -> None:
    verdict = read(content, status, **headers)
    assert (verdict.rule, verdict.outcome, verdict.reason) == (
        rule.id,
        rule.outcome,
        rule.reason,
    ), name


def test_the_answer_that_is_empty_is_as_long_as_the_recorded_one() -> None:
    assert len(bodies.EMPTY) == 42


def test_every_rule_of_the_reader_has_a_case() -> None:
    told = {rule.id for _, rule, *_ in CASES}
    apart = {rules.NO_STOREFRONT.id, rules.CONTROL_FAILED.id}
    assert {rule.id for rule in rules.RULES} - told == apart


@pytest.mark.parametrize("fault", list(Reason))
def test_an_answer_that_did_not_come_is_inconclusive(fault: Reason) -> None:
    request = bodies.asked()
    # Whatever stands in it, what is marked as broken is not read.
    broken = Answer(
        request, bodies.NOW, bodies.NOW, 200, body=bodies.EMPTY, fault=fault, detail="x"
    )
    verdict = answers.read(broken, [JIKE], "cn")[JIKE]
    expected = NO_ANSWER.get(fault, NO_ANSWER[Reason.INTERNAL_ERROR])
    assert (verdict.outcome, verdict.rule) == (Outcome.INCONCLUSIVE, expected.id)
    assert (verdict.reason, verdict.detail) == (expected.reason, "x")


def test_a_good_answer_has_no_fault_of_any_store() -> None:
    assert fault_of(bodies.answer(b"")) is None
    assert len({rule.id for rule in FAULT_RULES}) == len(FAULT_RULES)


@pytest.mark.parametrize("storefront", ["ad", "cf", "aq", "uk", "CN", "", "all"])
def test_where_there_is_no_app_store_no_answer_proves_anything(storefront: str) -> None:
    for content in (bodies.EMPTY, bodies.listing([JIKE], storefront or "cn")):
        answer = bodies.answer(content, 200, storefront)
        verdict = answers.read(answer, [JIKE], storefront)[JIKE]
        assert (verdict.rule, verdict.reason) == (rules.NO_STOREFRONT.id, Reason.BAD_REQUEST)


def test_a_batch_is_sorted_by_track_id() -> None:
    answer = bodies.answer(bodies.listing([PAGES, JIKE]))
    verdicts = answers.read(answer, [JIKE, CASTRO, PAGES], "cn")
    found = {listing: verdict.outcome for listing, verdict in verdicts.items()}
    assert found == {
        JIKE: Outcome.AVAILABLE,
        CASTRO: Outcome.NOT_FOUND,
        PAGES: Outcome.AVAILABLE,
    }


@pytest.mark.parametrize("asked", [[JIKE, PAGES], [PAGES]])
def test_beside_a_result_that_was_not_asked_nothing_is_believed(asked: list[str]) -> None:
    answer = bodies.answer(bodies.listing([PAGES, "4711"]))
    verdicts = answers.read(answer, asked, "cn")
    assert list(verdicts) == asked
    assert {(v.reason, v.detail) for v in verdicts.values()} == {
        (Reason.WRONG_APP, "track id 4711")
    }


def test_a_result_of_another_storefront_makes_no_absence() -> None:
    answer = bodies.answer(bodies.body(result(PAGES, "us"), result(CASTRO)))
    verdicts = answers.read(answer, [JIKE, PAGES, CASTRO], "cn")
    assert verdicts[CASTRO].outcome is Outcome.AVAILABLE
    assert {verdicts[JIKE].reason, verdicts[PAGES].reason} == {Reason.WRONG_STOREFRONT}


def test_a_result_that_contradicts_its_address_makes_no_absence() -> None:
    content = bodies.body(result(PAGES, trackViewUrl="https://apps.apple.com/cn/app/x/id1"))
    verdicts = answers.read(bodies.answer(content), [JIKE, PAGES], "cn")
    assert {v.rule for v in verdicts.values()} == {rules.OTHER_ADDRESS.id}


TWICE = [
    (b'"resultCount":2,', b'"resultCount":2,"results":[],'),
    (b'"resultCount":2,', b'"resultCount":9,"resultCount":2,'),
    (b'"trackId":966129812,', b'"trackId":1080840241,"trackId":966129812,'),
]


@pytest.mark.parametrize(("once", "twice"), TWICE)
def test_what_can_be_read_in_two_ways_proves_neither_presence_nor_absence(
    once: bytes, twice: bytes
) -> None:
    good = bodies.listing([JIKE, PAGES]).replace(b": ", b":").replace(b", ", b",")
    content = good.replace(once, twice)
    assert content != good
    verdicts = answers.read(bodies.answer(content), [JIKE, CASTRO, PAGES], "cn")
    assert {v.rule for v in verdicts.values()} == {rules.SAID_TWICE.id}


def test_a_name_that_is_spelled_like_a_key_is_only_a_name() -> None:
    content = bodies.body(result(PAGES, trackName="results", version="trackId"))
    verdicts = answers.read(bodies.answer(content), [JIKE, PAGES], "cn")
    assert [v.rule for v in verdicts.values()] == [rules.ABSENT.id, rules.FOUND.id]


@pytest.mark.parametrize("blank", [{"trackViewUrl": ""}, {"kind": "podcast"}])
def test_of_two_copies_the_good_one_counts(blank: dict[str, object]) -> None:
    copies = [result(JIKE, **blank), result(JIKE)]
    for content in (bodies.body(*copies), bodies.body(*reversed(copies))):
        verdicts = answers.read(bodies.answer(content), [JIKE, CASTRO], "cn")
        assert verdicts[JIKE].outcome is Outcome.AVAILABLE
        assert verdicts[CASTRO].outcome is Outcome.NOT_FOUND


def test_what_was_found_says_what_it_is() -> None:
    facts = read(one(trackName="Jike 即刻\0", version=None)).facts
    assert (facts.name, facts.developer, facts.version) == ("Jike 即刻", "Example Ltd", "")
    assert (facts.price, facts.updated) == ("Free", "2026-07-06T08:00:00Z")
    assert facts.url == f"https://apps.apple.com/cn/app/x/id{JIKE}?uo=4"


def test_listings_are_extracted_byte_for_byte() -> None:
    own = answers.extract(GOOD, [JIKE, CASTRO, "1"])
    assert {listing: json.loads(part)["trackId"] for listing, part in own.items()} == {
        JIKE: int(JIKE),
        CASTRO: int(CASTRO),
    }
    assert all(part in GOOD for part in own.values())


@pytest.mark.parametrize(
    "content", [b"", HTML, b"\xff", b"{}", bodies.EMPTY, b'{"results":' + b"[" * 100_000]
)
def test_nothing_is_extracted_where_there_is_nothing(content: bytes) -> None:
    assert answers.extract(content, [JIKE]) == {}


def test_there_are_175_storefronts() -> None:
    assert len(set(storefronts.STOREFRONTS)) == 175
    assert not any(storefronts.refuse_storefront(code) for code in storefronts.STOREFRONTS)


@pytest.mark.parametrize(
    ("code", "words"),
    [("uk", "use gb"), ("UK", "use gb"), ("CN", "use cn"), ("aq", "no App Store"), ("", "175")],
)
def test_a_storefront_is_refused_with_a_reason(code: str, words: str) -> None:
    assert words in (storefronts.refuse_storefront(code) or "")


# --- no mutation of a good answer reads as an absence --------------------------------------

GOOD_IDS = [JIKE, CASTRO, PAGES]


def mentioned(content: bytes) -> set[str]:
    """Return the ids that a sound answer lists; an answer that is not sound lists none."""
    results = json.loads(content)["results"]
    return {str(one.get("trackId")) for one in results}


def assert_no_absence_is_invented(content: bytes) -> None:
    for listing, verdict in answers.read(bodies.answer(content), GOOD_IDS, "cn").items():
        if verdict.outcome is Outcome.NOT_FOUND:
            assert listing not in mentioned(content)


@given(st.integers(0, len(GOOD) - 1))
def test_a_good_answer_that_is_cut_proves_nothing(length: int) -> None:
    # Only the newlines after the last brace may be missing.
    verdicts = answers.read(bodies.answer(GOOD[:length]), GOOD_IDS, "cn").values()
    whole = length >= len(GOOD.rstrip())
    expected = Outcome.AVAILABLE if whole else Outcome.INCONCLUSIVE
    assert {verdict.outcome for verdict in verdicts} == {expected}


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(1, 255)), min_size=1, max_size=8)
)
def test_flipped_bytes_invent_no_absence(flips: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for position, bits in flips:
        content[position] ^= bits
    assert_no_absence_is_invented(bytes(content))


@settings(max_examples=300)
@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
def test_spliced_answers_invent_no_absence(start: int, end: int, place: int) -> None:
    piece = GOOD[min(start, end) : max(start, end)]
    assert_no_absence_is_invented(GOOD[:place] + piece + GOOD[place:])
    assert_no_absence_is_invented(GOOD[: min(start, end)] + GOOD[max(start, end) :])
    assert_no_absence_is_invented(GOOD[:place] + piece)


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, 999))
def test_no_bytes_raise_and_none_but_a_whole_answer_is_an_absence(
    content: bytes, status: int
) -> None:
    verdict = read(content, status)
    assert isinstance(verdict, Verdict)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert answers.extract(content, [JIKE]) == {}


@given(st.text(max_size=60))
def test_no_location_raises(location: str) -> None:
    verdict = read(b"", 302, location=location)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert re.fullmatch(r"app_store\.(consent|sorry|redirect)", verdict.rule)
