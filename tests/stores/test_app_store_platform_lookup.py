"""What each answer of the platform lookup says, by bytes alone, and which catalogues are asked."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appwatch.domain.model import Outcome, Reason, Verdict
from appwatch.domain.verdict import Rule
from appwatch.simulator import SimulatedApp
from appwatch.simulator.bodies import joined
from appwatch.simulator.lookup_answers import platform_body
from appwatch.stores.app_store import second_rules as rules
from appwatch.stores.app_store.platform_lookup import CATALOGUES, consult, read, request
from appwatch.stores.base import Answer
from appwatch.stores.faults import FAULT_RULES, NO_ANSWER, SERVER_ERROR, TOO_MANY_REQUESTS

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
BASE = "https://uclient-api.itunes.apple.com"
JIKE = "966129812"
LISTED = joined(platform_body([SimulatedApp("Jike 即刻", "Ruguo", JIKE)]))
OTHER = joined(platform_body([SimulatedApp("Castro", "Supertop", "1080840241")]))
ABSENT = joined(platform_body([]))
HTML = b"<!DOCTYPE html><html><title>Welcome</title></html>"
WALLS = rules.PLATFORM_WALLS


def answer(body: bytes, status: int = 200, **more: str) -> Answer:
    """Return an answer; `storefront` and header names (with _ for -) go by name."""
    asked = request(BASE, JIKE, more.pop("storefront", "cn"), "iphone", "key", 20)
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    return Answer(asked, NOW, NOW, status, asked.url, headers, body, body)


def result(**more: object) -> bytes:
    """Return an answer with one result; fields may be replaced, or left out by giving `...`."""
    fields: dict[str, object] = {
        "id": JIKE,
        "bundleId": "com.ruguoapp.jike",
        "name": "Jike",
        "offers": [{"buyParams": "productType=C", "version": {"display": "7.1"}}],
    }
    kept = {name: value for name, value in (fields | more).items() if value is not ...}
    return json.dumps({"results": {JIKE: kept}}).encode()


def twice(body: bytes) -> bytes:
    """Return the answer with an empty result before the good one, under the same track id."""
    return body.replace(b'{"results": {', f'{{"results": {{"{JIKE}": {{}}, '.encode())


CASES = [
    ("listed", rules.PLATFORM_LISTED, LISTED, 200, {}),
    ("without an id inside", rules.PLATFORM_LISTED, result(id=...), 200, {}),
    ("with a number for an id", rules.PLATFORM_LISTED, result(id=int(JIKE)), 200, {}),
    ("left out", rules.PLATFORM_UNLISTED, ABSENT, 200, {}),
    ("only an empty object of results", rules.PLATFORM_UNLISTED, b'{"results":{}}', 200, {}),
    ("results twice", rules.PLATFORM_ODD, b'{"results":{"1":{}},"results":{}}', 200, {}),
    ("one id twice", rules.PLATFORM_ODD, twice(result()), 200, {}),
    ("no offer", rules.PLATFORM_NO_OFFER, result(offers=[]), 200, {}),
    ("offers left out", rules.PLATFORM_NO_OFFER, result(offers=...), 200, {}),
    ("an empty offer", rules.PLATFORM_NO_OFFER, result(offers=[{}]), 200, {}),
    ("offers of another shape", rules.PLATFORM_ODD, result(offers={"a": 1}), 200, {}),
    ("an offer of another shape", rules.PLATFORM_ODD, result(offers=["get"]), 200, {}),
    ("no bundle id", rules.PLATFORM_ODD, result(bundleId=...), 200, {}),
    ("no name", rules.PLATFORM_ODD, result(name=""), 200, {}),
    ("a number for a name", rules.PLATFORM_ODD, result(name=7), 200, {}),
    ("another id inside", rules.PLATFORM_OTHER_APP, result(id="1"), 200, {}),
    ("another app", rules.PLATFORM_OTHER_APP, OTHER, 200, {}),
    ("null for the app", rules.PLATFORM_ODD, b'{"results":{"966129812":null}}', 200, {}),
    ("no results", rules.PLATFORM_ODD, b'{"version":2}', 200, {}),
    ("null for results", rules.PLATFORM_ODD, b'{"results":null}', 200, {}),
    ("a list for results", rules.PLATFORM_ODD, b'{"results":[]}', 200, {}),
    ("an answer of the lookup", rules.PLATFORM_ODD, b'{"resultCount":0,"results":[]}', 200, {}),
    ("an error message", rules.PLATFORM_ODD, b'{"results":{},"errorMessage":"no"}', 200, {}),
    ("a failure", rules.PLATFORM_ODD, b'{"results":{},"failureType":"5002"}', 200, {}),
    ("another shape", rules.PLATFORM_ODD, b'{"data":{}}', 200, {}),
    ("a list", rules.PLATFORM_ODD, b"[]", 200, {}),
    ("HTML for JSON", rules.PLATFORM_ODD, HTML, 200, {}),
    ("cut", rules.PLATFORM_ODD, LISTED[:-20], 200, {}),
    ("no text", rules.PLATFORM_ODD, b"\xff\xfe\x00", 200, {}),
    ("100,000 deep", rules.PLATFORM_ODD, b'{"results":' + b'{"x":' * 100_000, 200, {}),
    ("0 bytes", WALLS.empty, b"", 200, {}),
    ("blank", WALLS.empty, b" \r\n", 200, {}),
    ("where no store is", WALLS.no_storefront, ABSENT, 200, {"storefront": "aq"}),
    ("a 400", WALLS.refused, ABSENT, 400, {}),
    ("an empty 403", WALLS.forbidden, b"", 403, {}),
    ("a 404", WALLS.status, ABSENT, 404, {}),
    ("a 401", WALLS.status, ABSENT, 401, {}),
    ("a 429", TOO_MANY_REQUESTS, ABSENT, 429, {}),
    ("a 503", SERVER_ERROR, HTML, 503, {}),
    ("a redirect", WALLS.redirect, ABSENT, 301, {"location": "https://www.apple.com/"}),
    ("a consent path", WALLS.consent, b"", 302, {"location": "/consent?continue=x"}),
    ("a robot check", WALLS.sorry, b"", 302, {"location": "https://example.com/sorry/index"}),
]


@pytest.mark.parametrize(
    ("rule", "body", "status", "more"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_an_answer_is_read_by_its_rule(
    rule: Rule, body: bytes, status: int, more: dict[str, str]
) -> None:
    verdict = read(answer(body, status, **more), JIKE)
    assert (verdict.rule, verdict.outcome, verdict.reason) == (rule.id, rule.outcome, rule.reason)


def test_every_rule_of_the_platform_lookup_has_a_case() -> None:
    known = {rule.id for rule in rules.SECOND_RULES if ".platform_" in rule.id}
    seen = {case[1].id for case in CASES} - {rule.id for rule in FAULT_RULES}
    assert known == seen | {rules.PLATFORM_ABSENT.id}


@pytest.mark.parametrize("fault", NO_ANSWER)
def test_what_did_not_arrive_whole_is_not_read(fault: Reason) -> None:
    whole = answer(ABSENT)
    broken = Answer(whole.request, NOW, NOW, 200, whole.url, (), whole.body, whole.raw, fault)
    assert read(broken, JIKE).reason is fault


def test_a_result_says_what_the_app_is_and_who_made_it() -> None:
    verdict = read(answer(LISTED), JIKE)
    assert (verdict.facts.name, verdict.facts.developer) == ("Jike 即刻", "Ruguo")
    assert verdict.detail == "iphone"


@settings(max_examples=60)
@given(body=st.binary(max_size=300), status=st.integers(0, 599), place=st.text(max_size=40))
def test_no_bytes_prove_anything(body: bytes, status: int, place: str) -> None:
    for content in (body, LISTED[:-30] + body):
        verdict = read(answer(content, status, location=place), JIKE)
        assert verdict.outcome is Outcome.INCONCLUSIVE


def test_the_request_asks_as_it_is_documented_and_past_any_cache() -> None:
    asked = request(f"{BASE}/", JIKE, "cn", "ipad", "7f3a", 5)
    parts = urlsplit(asked.url)
    assert parts.path == "/WebObjects/MZStorePlatform.woa/wa/lookup"
    assert parse_qs(parts.query) == {
        "version": ["2"],
        "id": [JIKE],
        "p": ["mdm-lockup"],
        "caller": ["MDM"],
        "platform": ["ipad"],
        "cc": ["cn"],
        "l": ["en"],
        "_": ["7f3a"],
    }
    assert (asked.surface, asked.storefront, asked.per_minute) == ("platform", "cn", 5)
    assert asked.hosts == frozenset()


def consulted(bodies: Sequence[bytes]) -> tuple[Verdict, list[str]]:
    """Return the verdict when the catalogues answer so, and which of them were asked."""
    dialogue = consult(BASE, JIKE, "cn", "key", 20)
    asked = next(dialogue)
    seen = []
    for body in bodies:
        seen.append(parse_qs(urlsplit(asked.url).query)["platform"][0])
        status = 200 if body else 503
        try:
            asked = dialogue.send(Answer(asked, NOW, NOW, status, asked.url, (), body, body))
        except StopIteration as end:
            return end.value, seen
    raise AssertionError("the dialogue wants more")


def test_the_first_catalogue_that_lists_the_app_is_enough() -> None:
    for empty in range(3):
        verdict, asked = consulted([*[ABSENT] * empty, LISTED])
        assert verdict.rule == rules.PLATFORM_LISTED.id
        assert asked == list(CATALOGUES[: empty + 1])


def test_an_app_is_absent_when_no_catalogue_lists_it() -> None:
    verdict, asked = consulted([ABSENT] * 3)
    assert verdict.rule == rules.PLATFORM_ABSENT.id
    assert asked == list(CATALOGUES)


@pytest.mark.parametrize("failing", range(3))
@pytest.mark.parametrize("fault", [b"", HTML, result(offers=[])], ids=["503", "HTML", "no offer"])
def test_one_catalogue_that_fails_leaves_the_absence_open(failing: int, fault: bytes) -> None:
    answers = [ABSENT] * 3
    answers[failing] = fault
    assert consulted(answers)[0].outcome is Outcome.INCONCLUSIVE


def test_a_catalogue_that_lists_the_app_outweighs_one_that_failed() -> None:
    assert consulted([b"", LISTED])[0].outcome is Outcome.AVAILABLE
    assert consulted([HTML, ABSENT, LISTED])[0].outcome is Outcome.AVAILABLE
