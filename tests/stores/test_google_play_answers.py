"""What each page of Google Play says, by bytes alone."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appwatch.domain.model import Outcome, Reason, Verdict
from appwatch.domain.verdict import Rule
from appwatch.stores.base import Answer
from appwatch.stores.faults import FAULT_RULES
from appwatch.stores.google_play import answers, rules
from tests.stores import google_play_pages as pages

PACKAGE = pages.PACKAGE
GOLDEN = Path(__file__).parent / "cases" / "google_play"
SMALL = "<html><head></head><body>{}</body></html>"
HOME = f"{pages.BASE}/store"
GOOD = pages.listing()
NOT_OFFERED = pages.listing(offer=())
ANNOUNCED = pages.listing(offer=(1, None, None))
ASKED_OF_ANOTHER = pages.former("com.other.app", (2,), canonical=PACKAGE)
NAMED = b'<link rel="canonical" href="https://play.goo">'
BLOCK = b"<script>AF_initDataCallback({key: 'ds:0', data:[], sideChannel: {}});</script>"
TAIL = NOT_OFFERED[NOT_OFFERED.rindex(b"<script") :]
TWO_OFFERS = pages.page(
    *(("Ws7gDc", [[], [None, None, pages.slots(offer=offer)]]) for offer in ((), (2,))),
    ("jRco8", pages.footer()),
)


def read(body: bytes, status: int = 200, **more: str) -> Verdict:
    return answers.read(pages.answer(body, status, None, **more), PACKAGE, "us")


def small(text: str) -> bytes:
    return SMALL.format(text).encode()


def with_slots(change: dict[int, object]) -> bytes:
    row = pages.slots()
    for index, value in change.items():
        row[index] = value
    return pages.page(("Ws7gDc", [[], [None, None, row]]), ("jRco8", pages.footer()))


CASES = [
    ("installable", rules.INSTALLABLE, GOOD, 200, {}),
    ("early access", rules.EARLY_ACCESS, pages.listing(offer=(2, None, "Early access")), 200, {}),
    ("preregistration", rules.PREREGISTRATION, pages.listing(offer=(1, None, None)), 200, {}),
    ("an empty slot", rules.NOT_OFFERED, pages.listing(offer=()), 200, {}),
    ("null in its place", rules.NOT_OFFERED, pages.listing(offer=None), 200, {}),
    ("former, installable", rules.INSTALLABLE, pages.former(offer=(2,)), 200, {}),
    ("former, not offered", rules.NOT_OFFERED, pages.former(), 200, {}),
    ("the store's own 404", rules.NOT_FOUND_PAGE, pages.NOT_FOUND_PAGE, 404, {}),
    ("a 400", rules.BAD_REQUEST, small("Bad request"), 400, {}),
    (
        "a redirect to a consent host",
        rules.CONSENT_ADDRESS,
        b"",
        302,
        {"location": "https://consent.google.com/m?continue=https://play.google.com/"},
    ),
    (
        "a redirect to a consent path",
        rules.CONSENT_ADDRESS,
        b"",
        302,
        {"location": "/consent/m?continue=x"},
    ),
    (
        "a 404 of a consent host",
        rules.CONSENT_ADDRESS,
        pages.NOT_FOUND_PAGE,
        404,
        {"url": "https://consent.google.es/ml?continue=x"},
    ),
    (
        "a consent form at the address asked",
        rules.CONSENT_FORM,
        small('<form method="POST" action="https://consent.google.pl/save"><input></form>'),
        200,
        {},
    ),
    (
        "a consent form with hidden fields only",
        rules.CONSENT_FORM,
        small('<form><input type="hidden" name="set_eom" value="true"></form>'),
        200,
        {},
    ),
    (
        "a redirect to /sorry/",
        rules.SORRY,
        b"",
        302,
        {"location": "https://www.google.com/sorry/index?continue=x"},
    ),
    ("an answer from /sorry/", rules.SORRY, small(""), 200, {"url": f"{pages.BASE}/sorry/index"}),
    ("a captcha", rules.CAPTCHA, small('<form id="captcha-form" action="index">'), 200, {}),
    ("a captcha as 403", rules.CAPTCHA, small('<div class="g-recaptcha">'), 403, {}),
    (
        "a JavaScript stub",
        rules.JAVASCRIPT_STUB,
        small("<noscript>Please enable JavaScript</noscript>"),
        200,
        {},
    ),
    ("a robot's 404", rules.FOREIGN_404, small("404. That's an error."), 404, {}),
    ("an empty 404", rules.FOREIGN_404, b"", 404, {}),
    ("a cut 404", rules.FOREIGN_404, pages.NOT_FOUND_PAGE[:-20], 404, {}),
    ("a 404 with data", rules.FOREIGN_404, pages.listing() + pages.NOT_FOUND_PAGE, 404, {}),
    ("a 404 with a block", rules.FOREIGN_404, BLOCK + pages.NOT_FOUND_PAGE, 404, {}),
    ("a 404 with a listing's head", rules.FOREIGN_404, GOOD[:250] + pages.NOT_FOUND_PAGE, 404, {}),
    ("a 404 with an address of its own", rules.FOREIGN_404, NAMED + pages.NOT_FOUND_PAGE, 404, {}),
    ("two 404 in one", rules.FOREIGN_404, pages.NOT_FOUND_PAGE + pages.NOT_FOUND_PAGE, 404, {}),
    ("a cut page without an offer", rules.NOT_ONE_PAGE, NOT_OFFERED[:-7], 200, {}),
    ("a cut announcement", rules.NOT_ONE_PAGE, ANNOUNCED[:-7], 200, {}),
    ("two pages in one", rules.NOT_ONE_PAGE, pages.page(("Ws7gDc", [])) + NOT_OFFERED, 200, {}),
    ("a block that stands twice", rules.NOT_ONE_PAGE, NOT_OFFERED + TAIL, 200, {}),
    ("two offers of one package", rules.NOT_ONE_PAGE, TWO_OFFERS, 200, {}),
    ("a 404 of the home page", rules.FOREIGN_404, pages.NOT_FOUND_PAGE, 404, {"url": HOME}),
    (
        "a 404 for another package",
        rules.FOREIGN_404,
        pages.NOT_FOUND_PAGE,
        404,
        {"url": pages.asked("com.other.app").url},
    ),
    (
        "a 404 that lost its country",
        rules.FOREIGN_404,
        pages.NOT_FOUND_PAGE,
        404,
        {"url": f"{pages.BASE}/store/apps/details?id={PACKAGE}"},
    ),
    (
        "a 404 of another type",
        rules.FOREIGN_404,
        pages.NOT_FOUND_PAGE,
        404,
        {"content_type": "application/json"},
    ),
    ("a 403", rules.FORBIDDEN, small("Forbidden"), 403, {}),
    ("a redirect elsewhere", rules.REDIRECT, b"", 302, {"location": "https://example.org/"}),
    ("a redirect without a place", rules.REDIRECT, b"", 302, {}),
    ("a redirect that makes no sense", rules.REDIRECT, b"", 302, {"location": "http://[x"}),
    ("a page from another place", rules.REDIRECT, GOOD, 200, {"url": HOME}),
    ("a 410", rules.OTHER_STATUS, small("Gone"), 410, {}),
    ("a 204", rules.OTHER_STATUS, b"", 204, {}),
    ("nothing", rules.EMPTY_BODY, b"", 200, {}),
    ("blanks", rules.EMPTY_BODY, b" \n", 200, {}),
    ("JSON", rules.NOT_HTML, b"{}", 200, {}),
    ("HTML that says it is JSON", rules.NOT_HTML, GOOD, 200, {"content_type": "application/json"}),
    ("the home page", rules.NO_LISTING, small("Apps, music, films"), 200, {}),
    ("the Not Found page with 200", rules.NO_LISTING, pages.NOT_FOUND_PAGE, 200, {}),
    ("another app", rules.WRONG_APP, pages.listing("com.other.app"), 200, {}),
    ("another case of the name", rules.WRONG_APP, pages.listing("com.example.App"), 200, {}),
    ("former, another app", rules.WRONG_APP, pages.former("com.other.app"), 200, {}),
    ("former, asked of another", rules.WRONG_APP, ASKED_OF_ANOTHER, 200, {}),
    ("former, two apps", rules.WRONG_APP, pages.former(canonical="com.other.app"), 200, {}),
    (
        "another country by code",
        rules.WRONG_STOREFRONT,
        pages.listing(country=pages.footer("/intl/ko_kr/about/play-terms.html")),
        200,
        {},
    ),
    (
        "another country by name",
        rules.WRONG_STOREFRONT,
        pages.listing(country=pages.footer("/about/terms", "Hong Kong SAR China")),
        200,
        {},
    ),
    (
        "a country of no name",
        rules.NO_COUNTRY,
        pages.listing(country=pages.footer("/about/terms", "대한민국")),
        200,
        {},
    ),
    ("no footer", rules.NO_COUNTRY, pages.page(("Ws7gDc", [[], [0, 0, pages.slots()]])), 200, {}),
    ("a listing without data", rules.NO_DATA, pages.page(), 200, {}),
    ("a renamed RPC", rules.NO_DATA, GOOD.replace(b"Ws7gDc", b"Xs8hEd"), 200, {}),
    ("a page cut short", rules.NO_DATA, GOOD[:300], 200, {}),
    ("no title", rules.SLOT_MISSING, with_slots({0: None}), 200, {}),
    ("no price", rules.SLOT_MISSING, pages.listing(offer=(), price=False), 200, {}),
    ("a text for an availability", rules.SLOT_UNKNOWN, pages.listing(offer="yes"), 200, {}),
    ("an availability of 3", rules.SLOT_UNKNOWN, pages.listing(offer=(3,)), 200, {}),
    ("an availability of true", rules.SLOT_UNKNOWN, pages.listing(offer=(True,)), 200, {}),
    (
        "an empty slot beside a button",
        rules.OFFER_CONTRADICTS,
        pages.listing(offer=()).replace(b"<body>", f"<body>{pages.button()}".encode()),
        200,
        {},
    ),
]


@pytest.mark.parametrize(
    ("rule", "body", "status", "more"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_page_reads_by_the_first_rule_that_fits(
    rule: Rule, body: bytes, status: int, more: dict[str, str]
) -> None:
    verdict = read(body, status, **more)
    assert (verdict.rule, verdict.outcome, verdict.reason) == (rule.id, rule.outcome, rule.reason)


@pytest.mark.parametrize("case", sorted(GOLDEN.iterdir()), ids=lambda case: case.name)
def test_a_golden_case_reads_as_it_says(case: Path) -> None:
    wanted = json.loads((case / "case.json").read_bytes())
    request = pages.asked(wanted["package"], wanted["storefront"])
    body = (case / "body.html").read_bytes()
    answer = pages.answer(body, wanted["status"], request, **wanted.get("headers", {}))
    verdict = answers.read(answer, wanted["package"], wanted["storefront"])
    got = {"outcome": verdict.outcome, "reason": verdict.reason, "rule": verdict.rule}
    assert got == {name: wanted[name] for name in got}


def test_every_rule_has_its_case() -> None:
    tried = {case[1].id for case in CASES} | {rules.CONTROL_FAILED.id}
    assert tried == {rule.id for rule in rules.RULES}


def test_rule_ids_are_unique_and_explained() -> None:
    ids = [rule.id for rule in (*rules.RULES, *FAULT_RULES)]
    assert len(set(ids)) == len(ids)
    assert all(rule.looks_for and rule.because for rule in rules.RULES)


@pytest.mark.parametrize(
    ("status", "reason"), [(429, Reason.RATE_LIMITED), (503, Reason.SERVER_ERROR)]
)
def test_a_captcha_with_a_status_of_its_own_reads_by_its_status(
    status: int, reason: Reason
) -> None:
    assert read(small('<form id="captcha-form">'), status).reason is reason


def test_an_answer_that_never_arrived_reads_by_its_fault() -> None:
    lost = Answer(pages.asked(), pages.NOW, pages.NOW, fault=Reason.TIMEOUT, detail="30 s")
    assert answers.read(lost, PACKAGE, "us").reason is Reason.TIMEOUT


def test_facts_are_what_the_page_says() -> None:
    facts = read(GOOD).facts
    assert (facts.name, facts.developer, facts.version) == ("Example", "Example Ltd", "1.2.3")
    assert (facts.price, facts.updated) == ("€0.99", "2026-07-06T16:26:30.000Z")
    assert facts.url == f"{pages.BASE}/store/apps/details?id={PACKAGE}&gl=us"


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ([0, "USD", ""], "Free"),
        ([1500000, "PLN", ""], "1.50 PLN"),
        ([1500000, "PLN", None], "1.50 PLN"),
        (["free", "USD"], ""),
    ],
)
def test_a_price_without_words_gets_some(price: object, text: str) -> None:
    assert read(with_slots({57: [[[[[None, [price]]]]]]})).facts.price == text


@pytest.mark.parametrize("seconds", [0, -5, 10**18, 1.5, "1", None])
def test_an_update_at_no_time_is_left_out(seconds: object) -> None:
    assert read(with_slots({145: [["once", [seconds]]]})).facts.updated == ""


def test_slots_may_stand_in_an_object_that_counts_from_one() -> None:
    row = pages.slots()
    rest = {str(i + 1): value for i, value in enumerate(row) if i >= 15 and value is not None}
    data = [[], [None, None, [*row[:15], rest]]]
    verdict = read(pages.page(("Ws7gDc", data), ("jRco8", pages.footer())))
    assert verdict.outcome is Outcome.AVAILABLE
    assert verdict.facts.version == "1.2.3"


def test_a_slot_that_the_page_does_not_have_is_not_an_empty_one() -> None:
    row = pages.slots(offer=None)
    rest = {str(i + 1): value for i, value in enumerate(row) if i >= 15 and value is not None}
    data = [[], [None, None, [*row[:15], rest]]]
    verdict = read(pages.page(("Ws7gDc", data), ("jRco8", pages.footer())))
    assert (verdict.rule, verdict.detail) == (rules.SLOT_MISSING.id, "availability")


def test_decoys_of_the_same_rpc_are_passed_over() -> None:
    decoys: list[object] = [[[], [None, None, [None] * 137]], [[], [None, None, []]], [[]]]
    short: list[object] = [[], [None, None, [{"78": [PACKAGE]}]]]
    real = [[], [None, None, pages.slots()]]
    data = [("Ws7gDc", value) for value in (*decoys, short, real)]
    assert read(pages.page(*data, ("jRco8", pages.footer()))).outcome is Outcome.AVAILABLE


def test_blocks_wrapped_in_a_function_are_read() -> None:
    old = pages.former().replace(b"data:[", b"data:function(){return [")
    assert read(old.replace(b", sideChannel: {}});", b"\n}});")).rule == rules.NOT_OFFERED.id


def test_a_button_of_another_app_is_no_offer_of_this_one() -> None:
    advert = f"<body>{pages.button('com.other.app')}".encode()
    page = pages.listing(offer=()).replace(b"<body>", advert)
    assert read(page).outcome is Outcome.NOT_INSTALLABLE


def test_an_offer_that_names_no_app_counts() -> None:
    offer = b'<body><div itemprop="offers"></div>' + b" " * 300
    assert read(pages.listing(offer=()).replace(b"<body>", offer)).reason is Reason.LAYOUT_UNKNOWN


def test_words_of_a_developer_cannot_pose_as_page_data() -> None:
    row = pages.slots(offer=())
    row[72] = "var AF_dataServiceRequests = {x AF_initDataCallback({key: 'ds:0', data:[[],[2]]"
    page = pages.page(("Ws7gDc", [[], [None, None, row]]), ("jRco8", pages.footer()))
    assert read(page).outcome is Outcome.NOT_INSTALLABLE


HOSTILE = {
    "binary": bytes(range(256)) * 100,
    "utf-16": GOOD.decode().encode("utf-16"),
    "latin-1": GOOD.replace(b"Example", b"\xe9xample"),
    "deep": GOOD.replace(b"data:[", b"data:" + b"[" * 100_000, 1),
    "deep objects": GOOD.replace(b"data:[", b"data:" + b'{"a":' * 100_000, 1),
    "a number beyond numbers": GOOD.replace(b"1783355190", b"9" * 10_000),
    "deep availability": pages.listing(offer="@").replace(b'"@"', b"[" * 400 + b"]" * 400),
    "many forms": b"<html>" + b"<form" * 400_000,
    "many maps": b"<html>" + b"AF_dataServiceRequests = {'ds:0' : {id:'Ws7gDc'" * 40_000,
    "many entries": b"<html>AF_dataServiceRequests = {'ds:" + b"'ds:0' : {id:'Ws7gDc'" * 90_000,
    "many blocks": pages.page() + b">AF_initDataCallback({key: 'ds:1'" * 60_000,
    "many offers": pages.listing(offer=()) + b'itemprop="offers"' * 100_000,
    "a large number of blanks": b"<html>" + b" " * 4_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("status", [200, 404])
def test_hostile_bytes_prove_nothing(body: bytes, status: int) -> None:
    started = datetime.now(UTC)
    assert read(body, status).outcome is Outcome.INCONCLUSIVE
    assert (datetime.now(UTC) - started).total_seconds() < 5


SOURCES = st.sampled_from([GOOD, pages.listing(offer=()), pages.former(), pages.former(offer=(2,))])


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """Cut, splice and flip a whole page."""
    page = bytearray(draw(SOURCES))
    for _ in range(draw(st.integers(1, 4))):
        first, last = sorted(draw(st.tuples(*[st.integers(0, len(page))] * 2)))
        match draw(st.sampled_from(["cut", "drop", "flip", "splice"])):
            case "cut":
                del page[last:]
            case "drop":
                del page[first:last]
            case "flip" if first < len(page):
                page[first] ^= draw(st.integers(1, 255))
            case _:
                page[first:first] = draw(SOURCES)[first:last]
    return bytes(page)


@settings(max_examples=300)
@given(mutations(), st.sampled_from([200, 301, 403, 404, 418]))
def test_no_mutation_of_a_page_reads_as_not_found(body: bytes, status: int) -> None:
    assert read(body, status).outcome is not Outcome.NOT_FOUND


@settings(max_examples=300)
@given(mutations())
def test_no_mutation_of_a_page_says_anything_of_another_app(body: bytes) -> None:
    verdict = answers.read(pages.answer(body, request=pages.asked("org.other")), "org.other", "us")
    assert verdict.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("status", [200, 404])
def test_a_coding_whose_name_no_parser_takes_is_no_page(status: int) -> None:
    body = pages.NOT_FOUND_PAGE.replace(b"<head>", b'<head><meta charset="a\x01b">')
    assert read(body, status).outcome is Outcome.INCONCLUSIVE


def test_a_body_that_is_an_address_and_no_page_is_read_without_a_warning() -> None:
    assert read(b"https:").reason is Reason.BAD_ANSWER


@settings(max_examples=200)
@given(st.binary(max_size=2000), st.integers(100, 599), st.text(max_size=80), st.text(max_size=80))
def test_nothing_at_all_raises(body: bytes, status: int, url: str, location: str) -> None:
    outcome = read(body, status, url=url, location=location).outcome
    assert outcome is Outcome.INCONCLUSIVE
