"""What each product page of the App Store says, by bytes alone."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appwatch.domain.model import Outcome, Reason, Verdict
from appwatch.domain.verdict import Rule
from appwatch.simulator import ProductPageLayout, SimulatedApp
from appwatch.simulator.bodies import joined
from appwatch.simulator.product_pages import NOT_FOUND_PAGE, product_page, unreadable_page
from appwatch.stores.app_store import page_data
from appwatch.stores.app_store import second_rules as rules
from appwatch.stores.app_store.product_page import read, request
from appwatch.stores.base import Answer
from appwatch.stores.faults import FAULT_RULES, NO_ANSWER, SERVER_ERROR, TOO_MANY_REQUESTS

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus" / "apple_web"
NETFLIX = "2023_us_netflix_id363590051_emberDOM.html"
PODCASTS = "control_podcasts.apple.com_page.html"
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
BASE = "https://apps.apple.com"
JIKE, BANNER = "966129812", "375380948"
APP = SimulatedApp("Jike 即刻", "Ruguo", JIKE)
SLUGGED = f"{BASE}/cn/app/jike-%E5%8D%B3%E5%88%BB/id{JIKE}"
APPLES_404 = NOT_FOUND_PAGE.encode()
ROBOTS_404 = b"<!DOCTYPE html><html><title>Error 404 (Not Found)!!1</title>google</html>"
TWO_ADDRESSES = APPLES_404 + b"".join(
    b'<link rel="canonical" href="%s/cn/%s">' % (BASE.encode(), path)
    for path in (b"ap", b"app/jike/id966129812")
)
UTF_16_404 = APPLES_404.decode().encode("utf-16")
JOINED_404 = APPLES_404 + b'<script type="application/ld+json">{"@type":"SoftwareApplication"'
ECHOING_404 = b"<html>https://apps.apple.com/cn/app/id966129812 was not found here</html>"
PORTAL = b"<html><head><title>Welcome</title></head><body>Pay for Wi-Fi</body></html>"
CAPTCHA = b'<html><form id="captcha-form"></form></html>'
CONSENT = b'<html><form action="https://consent.example.com/save"></form></html>'
STUB = b"<html><noscript>Please enable JavaScript</noscript></html>"


def page(
    layout: ProductPageLayout = ProductPageLayout.OBJECT,
    storefront: str = "cn",
    app: SimulatedApp = APP,
) -> bytes:
    return joined(product_page(app, storefront, layout, 100))


EMBER, LIST, OBJECT = (page(layout) for layout in ProductPageLayout)
HEAD = OBJECT[: OBJECT.index(b"<style>")]


def served(data: object, intent: object = None, head: str = "") -> bytes:
    """Return a page served with one entry."""
    text = json.dumps({"data": [{"data": data, "intent": intent}]})
    script = f'<script type="application/json" id="serialized-server-data">{text}</script>'
    return f"<!DOCTYPE html><html><title>App Store</title>{head}{script}</html>".encode()


def answer(body: bytes, status: int = 200, **more: str) -> Answer:
    """Return an answer; `url`, `storefront` and header names (with _ for -) go by name."""
    asked = request(BASE, JIKE, more.pop("storefront", "cn"), 20)
    url = more.pop("url", asked.url)
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    return Answer(asked, NOW, NOW, status, url, headers, body, body)


def judge(body: bytes, status: int = 200, **more: str) -> Verdict:
    return read(answer(body, status, **more), JIKE, more.get("storefront", "cn"))


OWN = {"adamId": JIKE, "title": "Jike", "canonicalURL": SLUGGED}
EMBER_US, OBJECT_US = page(ProductPageLayout.EMBER, "us"), page(storefront="us")
OTHER = EMBER.replace(JIKE.encode(), b"1")
UNTOLD = EMBER.replace(b"SoftwareApplication", b"WebPage")
BEYOND = OBJECT.replace(b'"adamId":"', b'"adamId":' + b"9" * 5000 + b',"x":"')
DEEP = OBJECT.replace(b'"adamId":', b'"x":' + b"[" * 100_000)
NEIGHBOUR = {**OWN, "lockup": {"adamId": 1}}
CANONICAL = f'<link rel="canonical" href="{SLUGGED}">'
WALLS = rules.PAGE_WALLS

CASES = [
    ("ember", rules.PAGE_LISTED, EMBER, 200, {}),
    ("a served list", rules.PAGE_LISTED, LIST, 200, {}),
    ("a served object", rules.PAGE_LISTED, OBJECT, 200, {}),
    ("with its name in the address", rules.PAGE_LISTED, OBJECT, 200, {"url": SLUGGED}),
    ("with a query", rules.PAGE_LISTED, OBJECT, 200, {"url": f"{SLUGGED}?l=en"}),
    ("an id as a number", rules.PAGE_LISTED, served({**OWN, "adamId": int(JIKE)}), 200, {}),
    (
        "an id in the lockup alone",
        rules.PAGE_LISTED,
        served({"lockup": {"adamId": JIKE, "title": "Jike"}}, {"storefront": "CN"}),
        200,
        {},
    ),
    (
        "its place in the head alone",
        rules.PAGE_LISTED,
        served({"adamId": JIKE, "title": "Jike"}, None, CANONICAL),
        200,
        {},
    ),
    ("Apple's 404", rules.PAGE_ABSENT, APPLES_404, 404, {}),
    ("Apple's 404 with the name", rules.PAGE_ABSENT, APPLES_404, 404, {"url": SLUGGED}),
    ("a robot's 404", rules.PAGE_FOREIGN_404, ROBOTS_404, 404, {}),
    ("a 404 that repeats the address", rules.PAGE_ABSENT, ECHOING_404, 404, {}),
    ("an empty 404", rules.PAGE_ABSENT, b"", 404, {}),
    ("a 404 in text", rules.PAGE_FOREIGN_404, b"Not Found", 404, {"content_type": "text/plain"}),
    ("a 404 that is no page", rules.PAGE_FOREIGN_404, b"\x8f\x13bh\\e3", 404, {}),
    ("a 404 in another coding", rules.PAGE_FOREIGN_404, UTF_16_404, 404, {}),
    ("a 404 with a listing", rules.PAGE_CONTRADICTORY_404, OBJECT, 404, {}),
    ("a 404 with the head of a listing", rules.PAGE_CONTRADICTORY_404, HEAD, 404, {}),
    ("a 404 with two addresses", rules.PAGE_CONTRADICTORY_404, TWO_ADDRESSES, 404, {}),
    ("a 404 joined to cut data", rules.PAGE_CONTRADICTORY_404, JOINED_404, 404, {}),
    ("a 404 with a captcha", rules.PAGE_CAPTCHA, CAPTCHA, 404, {}),
    (
        "a 404 of another storefront",
        rules.PAGE_OTHER_STOREFRONT,
        APPLES_404,
        404,
        {"url": f"{BASE}/us/app/id{JIKE}"},
    ),
    (
        "a 404 without a country",
        rules.PAGE_OTHER_STOREFRONT,
        APPLES_404,
        404,
        {"url": f"{BASE}/app/id{JIKE}"},
    ),
    ("a 404 of another app", rules.PAGE_OTHER_APP, APPLES_404, 404, {"url": f"{BASE}/cn/app/id1"}),
    ("a 404 of the store's home", WALLS.redirect, APPLES_404, 404, {"url": f"{BASE}/cn"}),
    ("a 404 where no store is", WALLS.no_storefront, APPLES_404, 404, {"storefront": "aq"}),
    ("a 429", TOO_MANY_REQUESTS, OBJECT, 429, {}),
    ("a 500", SERVER_ERROR, OBJECT, 500, {}),
    ("a 400", WALLS.refused, b"", 400, {}),
    ("an empty 403", WALLS.forbidden, b"", 403, {}),
    ("a 403 with a page", WALLS.forbidden, OBJECT, 403, {}),
    ("a 410", WALLS.status, APPLES_404, 410, {}),
    ("a 206", WALLS.status, OBJECT, 206, {}),
    ("off the host", WALLS.redirect, b"", 301, {"location": "https://www.apple.com/"}),
    ("to nonsense", WALLS.redirect, b"", 302, {"location": "http://[oops"}),
    ("to a consent host", WALLS.consent, b"", 302, {"location": "https://consent.example.com/"}),
    ("to a robot check", WALLS.sorry, b"", 302, {"location": "https://example.com/sorry/index"}),
    (
        "at another host",
        WALLS.redirect,
        OBJECT,
        200,
        {"url": f"https://example.com/cn/app/id{JIKE}"},
    ),
    ("at the store's home", WALLS.redirect, OBJECT, 200, {"url": f"{BASE}/cn/iphone/today"}),
    ("at nonsense", WALLS.redirect, OBJECT, 200, {"url": "http://[oops"}),
    (
        "moved to another storefront",
        rules.PAGE_OTHER_STOREFRONT,
        OBJECT_US,
        200,
        {"url": f"{BASE}/us/app/jike/id{JIKE}"},
    ),
    (
        "moved to no storefront",
        rules.PAGE_OTHER_STOREFRONT,
        OBJECT,
        200,
        {"url": f"{BASE}/app/jike/id{JIKE}"},
    ),
    ("at another app", rules.PAGE_OTHER_APP, OBJECT, 200, {"url": f"{BASE}/cn/app/id{BANNER}"}),
    ("an ember page of the us", rules.PAGE_OTHER_STOREFRONT, EMBER_US, 200, {}),
    ("a page of the us", rules.PAGE_OTHER_STOREFRONT, OBJECT_US, 200, {}),
    (
        "asked for the us",
        rules.PAGE_OTHER_STOREFRONT,
        served(OWN, {"id": JIKE, "storefront": "us"}),
        200,
        {},
    ),
    ("an ember page of another app", rules.PAGE_OTHER_APP, OTHER, 200, {}),
    ("two apps in one", rules.PAGE_OTHER_APP, served({**OWN, "adamId": "1"}), 200, {}),
    ("a neighbour's lockup", rules.PAGE_OTHER_APP, served(NEIGHBOUR), 200, {}),
    ("0 bytes", WALLS.empty, b"", 200, {}),
    ("JSON", rules.PAGE_NOT_HTML, b"{}", 200, {"content_type": "application/json"}),
    ("JSON called HTML", rules.PAGE_NOT_HTML, b'{"resultCount":0}', 200, {}),
    ("a captive portal", rules.PAGE_NO_LISTING, PORTAL, 200, {}),
    ("a captcha", rules.PAGE_CAPTCHA, CAPTCHA, 200, {}),
    ("a consent form", rules.PAGE_CONSENT_FORM, CONSENT, 200, {}),
    ("a stub", rules.PAGE_JAVASCRIPT_STUB, STUB, 200, {}),
    ("no data", rules.PAGE_NO_DATA, joined(unreadable_page(100)), 200, {}),
    ("no data, but large", rules.PAGE_NO_DATA, joined(unreadable_page(500_000)), 200, {}),
    ("only what was asked for", rules.PAGE_NO_DATA, served({}, {"id": JIKE}, CANONICAL), 200, {}),
    ("no title", rules.PAGE_NO_DATA, served({**OWN, "title": ""}), 200, {}),
    ("no storefront", rules.PAGE_NO_DATA, served({"adamId": JIKE, "title": "Jike"}), 200, {}),
    ("odd types", rules.PAGE_NO_DATA, served({**OWN, "lockup": []}), 200, {}),
    ("true for an id", rules.PAGE_NO_DATA, served({"adamId": True, "title": "Jike"}), 200, {}),
    ("cut data", rules.PAGE_NO_DATA, OBJECT[: OBJECT.find(b"canonicalURL")], 200, {}),
    ("no app for search engines", rules.PAGE_NO_DATA, UNTOLD, 200, {}),
    ("a number beyond Python", rules.PAGE_NO_DATA, BEYOND, 200, {}),
    ("100,000 deep", rules.PAGE_NO_DATA, DEEP, 200, {}),
]


@pytest.mark.parametrize(
    ("rule", "body", "status", "more"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_page_is_read_by_its_rule(
    rule: Rule, body: bytes, status: int, more: dict[str, str]
) -> None:
    verdict = judge(body, status, **more)
    assert (verdict.rule, verdict.outcome, verdict.reason) == (rule.id, rule.outcome, rule.reason)


def test_every_rule_of_the_page_has_a_case() -> None:
    known = {rule.id for rule in rules.SECOND_RULES if ".page_" in rule.id}
    assert known == {case[1].id for case in CASES} - {rule.id for rule in FAULT_RULES}


@pytest.mark.parametrize("fault", NO_ANSWER)
def test_what_did_not_arrive_whole_is_not_read(fault: Reason) -> None:
    whole = answer(APPLES_404, 404)
    broken = Answer(whole.request, NOW, NOW, 404, whole.url, (), whole.body, whole.raw, fault)
    assert read(broken, JIKE, "cn").reason is fault


@pytest.mark.parametrize("body", [EMBER, LIST, OBJECT], ids=list(ProductPageLayout))
def test_a_page_says_what_the_app_is_called_and_where_it_stands(body: bytes) -> None:
    facts = judge(body).facts
    assert (facts.name, facts.url) == (APP.name, SLUGGED)


@pytest.mark.parametrize("body", [EMBER, LIST, OBJECT], ids=list(ProductPageLayout))
def test_the_smart_banner_names_no_listing(body: bytes) -> None:
    asked = request(BASE, BANNER, "cn", 20)
    verdict = read(Answer(asked, NOW, NOW, 200, asked.url, (), body, body), BANNER, "cn")
    assert BANNER.encode() in body
    assert verdict.reason is Reason.WRONG_APP


def test_the_request_names_the_storefront_and_looks_like_a_browser() -> None:
    asked = request(f"{BASE}/", JIKE, "cn", 5)
    assert asked.url == f"{BASE}/cn/app/id{JIKE}"
    assert (asked.surface, asked.storefront, asked.per_minute) == ("product_page", "cn", 5)
    assert asked.hosts == {"apps.apple.com"}
    assert asked.headers["User-Agent"].startswith("Mozilla/5.0 ")
    assert "appwatch/" in asked.headers["User-Agent"]


@settings(max_examples=60)
@given(body=st.binary(max_size=400), status=st.integers(0, 599), place=st.text(max_size=40))
def test_no_bytes_prove_anything(body: bytes, status: int, place: str) -> None:
    for content in (body, b"<html>" + body, OBJECT[:-300] + body):
        verdict = judge(content, status, url=place, location=place)
        assert verdict.outcome is Outcome.INCONCLUSIVE


@settings(max_examples=60)
@given(at=st.integers(0, len(OBJECT) - 1), byte=st.integers(0, 255))
def test_a_spoilt_byte_never_makes_an_absence(at: int, byte: int) -> None:
    verdict = judge(OBJECT[:at] + bytes([byte]) + OBJECT[at + 1 :])
    assert verdict.outcome in (Outcome.AVAILABLE, Outcome.INCONCLUSIVE)


@pytest.mark.parametrize(
    "piece",
    [b"<script ", b'<script id="serialized-server-data">', b'type="application/ld+json"', b"</"],
)
def test_a_page_made_to_be_slow_is_read_at_once(piece: bytes) -> None:
    body = b"<html>" + piece * (4_000_000 // len(piece))
    started = datetime.now(UTC)
    assert judge(body).outcome is Outcome.INCONCLUSIVE
    assert (datetime.now(UTC) - started).total_seconds() < 2


def recorded(name: str) -> bytes:
    if not CORPUS.is_dir():
        pytest.skip("the recorded pages of the corpus (../shared/corpus) are not here")
    return (CORPUS / name).read_bytes()


def test_the_recorded_page_of_2023_is_listed_where_it_was_recorded() -> None:
    body = recorded(NETFLIX)
    asked = request(BASE, "363590051", "us", 20)
    for url in (asked.url, f"{BASE}/us/app/netflix/id363590051"):
        verdict = read(Answer(asked, NOW, NOW, 200, url, (), body, body), "363590051", "us")
        assert verdict.rule == rules.PAGE_LISTED.id
        assert verdict.facts.name == "Netflix"


def test_the_recorded_page_of_2023_says_nothing_of_others() -> None:
    body = recorded(NETFLIX)
    assert judge(body).reason is Reason.WRONG_APP
    asked = request(BASE, "363590051", "cn", 20)
    abroad = read(Answer(asked, NOW, NOW, 200, asked.url, (), body, body), "363590051", "cn")
    assert abroad.reason is Reason.WRONG_STOREFRONT


def test_a_recorded_page_of_another_store_is_no_listing() -> None:
    body = recorded(PODCASTS)
    assert judge(body, storefront="es").rule == rules.PAGE_NO_LISTING.id
    assert page_data.describe(body) is None
