"""What is asked of Google Play, in which order, and what a look concludes from the answers."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from appwatch.domain.model import Observation, Outcome, Reason
from appwatch.stores.base import Asked, Batch, Findings, Request
from appwatch.stores.google_play import GooglePlay, from_settings, rules, storefronts
from tests.stores import google_play_pages as pages

PACKAGE = pages.PACKAGE
MAPS, TUBE = "com.google.maps", "com.google.tube"
STORE = GooglePlay(pages.BASE)
GONE = (pages.NOT_FOUND_PAGE, 404)
THERE = (pages.listing(), 200)
UNOFFERED = (pages.listing(offer=()), 200)
SLOW = (b"", 429)
MAPS_SEEN = (pages.listing(MAPS), 200)
TUBE_SEEN = (pages.listing(TUBE), 200)


def batch(
    settled: Outcome | None = Outcome.AVAILABLE, listing: str = PACKAGE, *, vouched: bool = False
) -> Batch:
    return Batch("us", [Asked(listing, settled)], [MAPS, TUBE], "key", vouched)


def look(
    batch: Batch, *replies: tuple[bytes, int], store: GooglePlay = STORE
) -> tuple[Findings, list[Request]]:
    """Carry the dialogue with these replies, in order; all of them must be used up."""
    dialogue, asked, left = store.look(batch), [], list(replies)
    request = next(dialogue)
    while True:
        asked.append(request)
        body, status = left.pop(0)
        try:
            request = dialogue.send(pages.answer(body, status, request))
        except StopIteration as stop:
            findings = stop.value
            break
    assert not left
    assert isinstance(findings, Findings)
    return findings, asked


def observe(batch: Batch, *replies: tuple[bytes, int]) -> Observation:
    (observation,) = look(batch, *replies)[0].observations
    return observation


def test_a_listing_that_is_there_takes_one_request() -> None:
    findings, asked = look(batch(None), THERE)
    (seen,) = findings.observations
    assert (seen.outcome, seen.rule) == (Outcome.AVAILABLE, rules.INSTALLABLE.id)
    assert (seen.exchanges, seen.surfaces, seen.facts.name) == ((0,), ("details",), "Example")
    assert (len(asked), dict(findings.controls)) == (1, {})


def test_an_absence_that_would_move_a_state_is_asked_again_beside_a_control() -> None:
    findings, asked = look(batch(), GONE, MAPS_SEEN, GONE)
    (seen,) = findings.observations
    assert (seen.outcome, seen.exchanges) == (Outcome.NOT_FOUND, (2, 0, 1))
    assert dict(findings.controls) == {MAPS: True}
    assert [request.fresh for request in asked] == [False, False, True]
    assert [r.headers.get("Cache-Control") for r in asked] == [None, None, "no-cache"]
    assert [request.url for request in asked] == [
        pages.asked(name).url for name in (PACKAGE, MAPS, PACKAGE)
    ]


def test_a_first_absence_is_asked_again_too() -> None:
    assert observe(batch(None, vouched=True), GONE, MAPS_SEEN, GONE).exchanges == (2, 0, 1)


def test_the_fresh_answer_wins() -> None:
    assert observe(batch(), GONE, MAPS_SEEN, THERE).outcome is Outcome.AVAILABLE
    assert observe(batch(), GONE, MAPS_SEEN, UNOFFERED).outcome is Outcome.NOT_INSTALLABLE
    assert observe(batch(), UNOFFERED, MAPS_SEEN, GONE).outcome is Outcome.NOT_FOUND


def test_a_fresh_answer_that_proves_nothing_leaves_the_look_inconclusive() -> None:
    seen = observe(batch(), GONE, MAPS_SEEN, SLOW)
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.RATE_LIMITED)


def test_a_sight_needs_no_control() -> None:
    assert observe(batch(), GONE, SLOW, SLOW, THERE).outcome is Outcome.AVAILABLE


def test_a_second_control_is_asked_if_the_first_is_not_seen() -> None:
    findings, _ = look(batch(), GONE, GONE, TUBE_SEEN, GONE)
    assert findings.observations[0].outcome is Outcome.NOT_FOUND
    assert findings.observations[0].exchanges == (3, 0, 1, 2)
    assert dict(findings.controls) == {MAPS: False, TUBE: True}


@pytest.mark.parametrize("absence", [GONE, UNOFFERED])
def test_an_absence_without_a_control_is_inconclusive(absence: tuple[bytes, int]) -> None:
    seen = observe(batch(), absence, GONE, SLOW, absence)
    assert (seen.outcome, seen.rule) == (Outcome.INCONCLUSIVE, rules.CONTROL_FAILED.id)
    assert seen.reason is Reason.CONTROL_FAILED
    assert seen.detail.endswith("google_play.not_found_page, any.429")
    assert seen.facts.name == ""


def test_a_control_must_be_of_the_same_country() -> None:
    german = pages.listing(MAPS, country=pages.footer("/intl/en_de/about/play-terms.html"))
    seen = observe(batch(), GONE, (german, 200), GONE, GONE)
    assert seen.reason is Reason.CONTROL_FAILED


def test_a_control_whose_new_layout_cannot_be_read_still_vouches_for_the_stores_404() -> None:
    unread = pages.unreadable(MAPS)
    seen = observe(batch(), GONE, (unread, 200), GONE)
    assert seen.outcome is Outcome.NOT_FOUND


def test_it_does_not_vouch_for_a_page_that_offers_nothing() -> None:
    locked, unread = (pages.listing(offer=[]), 200), (pages.unreadable(MAPS), 200)
    seen = observe(batch(), locked, unread, unread, locked)
    assert seen.reason is Reason.CONTROL_FAILED


def test_a_page_that_does_not_name_the_control_vouches_for_nothing() -> None:
    other = (pages.unreadable("com.example.other"), 200)
    seen = observe(batch(), GONE, other, other, GONE)
    assert seen.reason is Reason.CONTROL_FAILED


def test_without_any_control_no_absence_stands() -> None:
    seen = observe(replace(batch(), controls=[]), GONE, GONE)
    assert (seen.reason, seen.detail) == (
        Reason.CONTROL_FAILED,
        "not_found; beside it: no control to ask",
    )


def test_a_listing_is_no_control_of_itself() -> None:
    findings, asked = look(batch(listing=MAPS), GONE, TUBE_SEEN, GONE)
    assert f"id={TUBE}&" in asked[1].url
    assert dict(findings.controls) == {TUBE: True}


def test_what_has_long_been_absent_is_asked_once_where_a_control_was_seen() -> None:
    assert observe(batch(Outcome.NOT_FOUND, vouched=True), GONE).exchanges == (0,)


def test_what_has_long_been_absent_needs_a_control_still() -> None:
    settled = batch(Outcome.NOT_FOUND)
    assert observe(settled, GONE, MAPS_SEEN).exchanges == (0, 1)
    assert observe(settled, GONE, SLOW, SLOW).reason is Reason.CONTROL_FAILED


def test_a_page_that_moves_nothing_proves_itself() -> None:
    seen = observe(batch(Outcome.NOT_INSTALLABLE), UNOFFERED)
    assert (seen.outcome, seen.exchanges) == (Outcome.NOT_INSTALLABLE, (0,))


def test_an_inconclusive_answer_is_not_asked_again() -> None:
    seen = observe(batch(), SLOW)
    assert (seen.outcome, seen.exchanges) == (Outcome.INCONCLUSIVE, (0,))


def test_several_listings_number_their_exchanges_on() -> None:
    both = Batch("us", [Asked(PACKAGE, None), Asked(PACKAGE, Outcome.AVAILABLE)], [MAPS], "key")
    findings, _ = look(both, THERE, GONE, MAPS_SEEN, GONE)
    assert [seen.exchanges for seen in findings.observations] == [(0,), (3, 1, 2)]


def test_the_time_of_a_look_is_that_of_the_deciding_answer() -> None:
    dialogue, late = STORE.look(batch()), pages.NOW.replace(minute=5)
    request = dialogue.send(pages.answer(*GONE, next(dialogue)))
    request = dialogue.send(pages.answer(*MAPS_SEEN, request))
    with pytest.raises(StopIteration) as stop:
        dialogue.send(replace(pages.answer(*GONE, request), finished_at=late))
    assert stop.value.value.observations[0].seen_at == late


def test_a_request_names_package_language_country_and_us() -> None:
    _, (request,) = look(batch(), THERE, store=GooglePlay("http://127.0.0.1:8081/", per_minute=0))
    assert request.url == f"http://127.0.0.1:8081/store/apps/details?id={PACKAGE}&hl=en&gl=us"
    assert (request.surface, request.storefront, request.per_minute) == ("details", "us", 0)
    assert request.hosts == {"127.0.0.1:8081"}
    assert request.headers["User-Agent"].startswith("appwatch/")
    assert "Cookie" not in request.headers


def test_a_configured_cookie_goes_with_every_request() -> None:
    _, asked = look(batch(), GONE, MAPS_SEEN, GONE, store=GooglePlay(pages.BASE, "SOCS=x"))
    assert [request.headers["Cookie"] for request in asked] == ["SOCS=x"] * 3


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        ("com.example", None),
        ("com.Example.App_2", None),
        ("com.example app", "letters, digits and _"),
        ("example", "no dot"),
        ("com..app", "begin with a letter"),
        ("com.2048", "begin with a letter"),
        ("com.exämple", "letters, digits and _"),
        ("com.example\n", "letters, digits and _"),
        ("https://play.google.com/store/apps/details?id=com.example", "after id="),
        ("com." + "a" * 197, "too long"),  # PostgreSQL keeps 200
        ("", "no dot"),
    ],
)
def test_a_package_is_refused_with_a_reason(listing: str, words: str | None) -> None:
    refusal = STORE.refuse_listing(listing)
    assert refusal is None if words is None else words in (refusal or "")


@pytest.mark.parametrize(
    ("storefront", "words"),
    [
        ("us", None),
        ("xk", None),
        ("cn", "does not serve cn (mainland China)"),
        ("kp", "does not serve kp"),
        ("sy", "does not serve sy"),
        ("uk", "use gb"),
        ("US", "use us"),
        ("zz", "no country code"),
        ("usa", "no country code"),
        ("", "no country code"),
        ("all", "App Store only"),
    ],
)
def test_a_storefront_is_refused_with_a_reason(storefront: str, words: str | None) -> None:
    refusal = STORE.refuse_storefront(storefront)
    assert refusal is None if words is None else words in (refusal or "")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Hong Kong", "hk"),
        ("Hong Kong SAR China", "hk"),
        ("Macao SAR China", "mo"),
        ("Côte d’Ivoire", "ci"),
        ("Türkiye", "tr"),
        ("Turkey", "tr"),
        ("Myanmar (Burma)", "mm"),
        ("Bosnia and Herzegovina", "ba"),
        ("the Bahamas", "bs"),
        ("Saint Lucia", "lc"),
        ("Atlantis", None),
        ("", None),
        ("대한민국", None),
    ],
)
def test_a_country_is_known_by_its_names(name: str, code: str | None) -> None:
    assert storefronts.code_named(name) == code


@pytest.mark.parametrize(("text", "code"), [("US", "us"), ("uk", "gb"), ("zz", None)])
def test_a_code_is_known_in_any_case(text: str, code: str | None) -> None:
    assert storefronts.code_written(text) == code


def test_a_page_is_kept_whole() -> None:
    assert STORE.extract(pages.listing(), [PACKAGE]) == {PACKAGE: pages.listing()}


def test_the_store_is_built_from_its_settings() -> None:
    settings = SimpleNamespace(
        google_play_url="http://127.0.0.1:1", google_play_cookie="SOCS=x", google_play_per_minute=0
    )
    store = from_settings(settings)
    assert (store.base_url, store.cookie, store.per_minute) == ("http://127.0.0.1:1", "SOCS=x", 0)


def test_people_are_sent_to_the_public_page() -> None:
    url = "https://play.google.com/store/apps/details?id=com.example.app&gl=us"
    assert GooglePlay("http://127.0.0.1:1").page_url(PACKAGE, "us") == url


def test_the_defaults_are_packages_and_there_is_no_list_of_storefronts() -> None:
    assert not any(STORE.refuse_listing(control) for control in STORE.default_controls)
    assert STORE.every_storefront() is None
    assert (STORE.name, STORE.title, STORE.batch_size) == ("google_play", "Google Play", 1)
