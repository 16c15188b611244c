"""What every store of the registry keeps to, whatever it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appwatch.domain.model import Observation, Outcome, Reason
from appwatch.stores import STORES
from appwatch.stores.base import Answer, Asked, Batch, Findings, Link, Request, Store
from appwatch.stores.faults import FAULT_RULES

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8081"
# Nothing that any store, wall or broken connection says so may read as an absence.
BODIES = {
    "nothing": b"",
    "blank": b" \r\n\n",
    "a page": b"<!DOCTYPE html><html><body>Service Unavailable</body></html>",
    "another shape": b'{"results":{},"version":2}',
    "no text": b"\x00\xff\xfe",
    "deep": b"[" * 100_000,
}
STATUSES = [200, 204, 206, 301, 302, 304, 400, 401, 403, 410, 429, 500, 502, 503, 504, 599]


@dataclass(frozen=True, slots=True)
class AnySettings:
    """Every setting that any store needs, pointed at this machine."""

    apple_lookup_url: str = BASE
    apple_platform_url: str = BASE
    apple_web_url: str = BASE
    apple_per_minute: float = 0
    google_play_url: str = BASE
    google_play_cookie: str = field(default="", repr=False)
    google_play_per_minute: float = 0


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest) -> Store:
    return make(request.param)


def make(name: str) -> Store:
    return STORES[name](AnySettings())


def batch(store: Store, settled: Outcome | None = None, *, vouched: bool = False) -> Batch:
    """Return a batch of a control and another listing, as far as one request holds them."""
    listings = [*store.default_controls[:2]][: store.batch_size]
    controls = store.default_controls[1:]
    return Batch("us", [Asked(one, settled) for one in listings], controls, "key", vouched)


def look(store: Store, batch: Batch, *answers: Answer) -> Findings:
    """Carry the dialogue; the last answer is given for ever, but not beyond reason."""
    dialogue = store.look(batch)
    request = next(dialogue)
    for number in range(50):
        template = answers[min(number, len(answers) - 1)]
        try:
            request = dialogue.send(meant(template, request))
        except StopIteration as stop:
            findings = stop.value
            break
    assert isinstance(findings, Findings)
    return findings


def meant(template: Answer, request: Request) -> Answer:
    return Answer(
        request,
        NOW,
        NOW,
        template.status,
        request.url if template.status else "",
        template.headers,
        template.body,
        template.body,
        template.fault,
        template.detail,
    )


def answer(status: int, body: bytes = b"", fault: Reason | None = None) -> Answer:
    request = Request(BASE, "any", "us", frozenset())
    html = (("Content-Type", "text/html"),)
    return Answer(request, NOW, NOW, status, "", html, body, body, fault)


def assert_proves_nothing(findings: Findings, batch: Batch) -> None:
    assert [one.listing for one in findings.observations] == [one.listing for one in batch.asked]
    assert {one.storefront for one in findings.observations} == {batch.storefront}
    assert {one.outcome for one in findings.observations} == {Outcome.INCONCLUSIVE}
    assert all(one.reason is not None for one in findings.observations)
    assert not any(findings.controls.values())


def rules_of(observations: Sequence[Observation]) -> set[str]:
    return {one.rule for one in observations}


def test_a_store_is_named_as_the_registry_names_it(store: Store) -> None:
    assert STORES.keys() >= {store.name}
    assert make(store.name).name == store.name
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", store.name)
    assert store.title
    assert not store.title.islower()
    assert store.batch_size >= 1


def test_rules_have_ids_of_their_own_and_say_why(store: Store) -> None:
    ids = [rule.id for rule in (*store.rules, *FAULT_RULES)]
    assert len(ids) == len(set(ids))
    assert all(rule.id.startswith(f"{store.name}.") for rule in store.rules)
    assert all(rule.looks_for and rule.because for rule in store.rules)


def test_a_rule_has_a_reason_if_it_proves_nothing_and_only_then(store: Store) -> None:
    for rule in store.rules:
        assert (rule.reason is not None) is (rule.outcome is Outcome.INCONCLUSIVE), rule.id


def test_a_store_can_tell_presence_absence_and_a_failed_control(store: Store) -> None:
    outcomes = {rule.outcome for rule in store.rules}
    assert outcomes >= {Outcome.AVAILABLE, Outcome.NOT_FOUND, Outcome.INCONCLUSIVE}
    assert Reason.CONTROL_FAILED in {rule.reason for rule in store.rules}


def test_the_default_controls_are_listings(store: Store) -> None:
    assert len(set(store.default_controls)) >= 2
    assert not any(store.refuse_listing(control) for control in store.default_controls)


@pytest.mark.parametrize("listing", ["", " ", "é", "a b", "https://example.org/", "x" * 400])
def test_a_listing_that_cannot_be_is_refused_in_words(store: Store, listing: str) -> None:
    refusal = store.refuse_listing(listing)
    assert refusal is not None
    assert "expected" in refusal or "too long" in refusal
    assert len(refusal) < 300


@pytest.mark.parametrize("storefront", ["", "usa", "US", "uk", "zz", "kp", "all", "u\n"])
def test_a_storefront_that_cannot_be_is_refused_in_words(store: Store, storefront: str) -> None:
    refusal = store.refuse_storefront(storefront)
    assert refusal is not None
    assert "\n" not in refusal
    assert len(refusal) < 300


def test_common_storefronts_are_known(store: Store) -> None:
    assert not any(store.refuse_storefront(code) for code in ("us", "gb", "de", "in", "xk"))


def test_all_names_storefronts_of_the_store(store: Store) -> None:
    every = store.every_storefront() or ()
    assert len(set(every)) == len(every)
    assert not any(store.refuse_storefront(code) for code in every)


def test_people_are_sent_to_the_public_page(store: Store) -> None:
    listing = store.default_controls[0]
    page = store.page_url(listing, "gb")
    assert page.startswith("https://")
    assert listing in page
    assert "gb" in page
    assert BASE not in page


def test_a_request_goes_where_the_settings_say(store: Store) -> None:
    request = next(store.look(batch(store)))
    assert request.url.startswith(f"{BASE}/")
    assert (request.host, request.storefront) == ("127.0.0.1:8081", "us")
    assert request.hosts <= {"127.0.0.1:8081"}
    assert request.per_minute == 0
    assert request.headers["User-Agent"].startswith("appwatch/")


@pytest.mark.parametrize("settled", [None, *Outcome])
@pytest.mark.parametrize("fault", list(Reason))
def test_no_fault_proves_anything(store: Store, fault: Reason, settled: Outcome | None) -> None:
    for vouched in (False, True):
        asked = batch(store, settled, vouched=vouched)
        assert_proves_nothing(look(store, asked, answer(0, fault=fault)), asked)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("status", STATUSES)
def test_no_wall_proves_anything(store: Store, status: int, body: bytes) -> None:
    asked = batch(store, Outcome.AVAILABLE, vouched=True)
    assert_proves_nothing(look(store, asked, answer(status, body)), asked)


@pytest.mark.parametrize(
    ("status", "fault", "reason"),
    [
        (0, Reason.NETWORK, Reason.NETWORK),
        (200, Reason.NETWORK, Reason.NETWORK),
        (0, Reason.TIMEOUT, Reason.TIMEOUT),
        (200, Reason.TOO_LARGE, Reason.TOO_LARGE),
        (0, Reason.RATE_LIMITED, Reason.RATE_LIMITED),
        (0, Reason.INTERNAL_ERROR, Reason.INTERNAL_ERROR),
        (400, None, Reason.BAD_REQUEST),
        (429, None, Reason.RATE_LIMITED),
        (500, None, Reason.SERVER_ERROR),
        (503, None, Reason.SERVER_ERROR),
        (200, None, Reason.BAD_ANSWER),
    ],
)
def test_what_went_wrong_has_the_same_reason_in_every_store(
    store: Store, status: int, fault: Reason | None, reason: Reason
) -> None:
    findings = look(store, batch(store), answer(status, fault=fault))
    assert {one.reason for one in findings.observations} == {reason}


def test_every_verdict_names_a_known_rule(store: Store) -> None:
    known = {rule.id for rule in (*store.rules, *FAULT_RULES)}
    for status in STATUSES:
        for body in BODIES.values():
            findings = look(store, batch(store), answer(status, body))
            assert rules_of(findings.observations) <= known


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://consent.google.com/m?continue=x", Reason.CONSENT),
        ("https://www.google.com/sorry/index?continue=x", Reason.BLOCKED),
        ("https://login.hotel.example/", Reason.BAD_ANSWER),
    ],
)
def test_a_redirect_is_told_by_where_it_leads(store: Store, location: str, reason: Reason) -> None:
    request = Request(BASE, "any", "us", frozenset())
    moved = Answer(request, NOW, NOW, 302, headers=(("Location", location),))
    findings = look(store, batch(store), moved)
    assert {one.reason for one in findings.observations} == {reason}


def test_observations_point_at_exchanges_that_were_made(store: Store) -> None:
    findings = look(store, batch(store), answer(503))
    assert all(one.exchanges == (number,) for number, one in enumerate(findings.observations)) or {
        one.exchanges for one in findings.observations
    } == {(0,)}
    assert all(one.seen_at == NOW for one in findings.observations)


@pytest.mark.parametrize("name", sorted(STORES))
@settings(max_examples=60)
@given(body=st.binary(max_size=300), status=st.integers(0, 599).filter(lambda s: s != 404))
def test_no_bytes_end_a_dialogue_early(name: str, body: bytes, status: int) -> None:
    store = make(name)
    asked = batch(store, Outcome.AVAILABLE)
    assert_proves_nothing(look(store, asked, answer(status, body)), asked)


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 100_000, b"\xff"])
def test_extracting_never_fails(store: Store, body: bytes) -> None:
    assert set(store.extract(body, store.default_controls[:1]).values()) <= {body}


def test_a_store_reads_its_own_links_and_listings(store: Store) -> None:
    control = store.default_controls[0]
    assert store.read_link(control) == Link(control)
    page = store.read_link(store.page_url(control, "gb"))
    assert page == Link(control, "gb")
    others = [make(name) for name in STORES if name != store.name]
    assert not any(other.read_link(store.page_url(control, "gb")) for other in others)
