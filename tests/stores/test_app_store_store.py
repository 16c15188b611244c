"""What is asked of the App Store, in which order, and what a look concludes from the answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from appwatch.domain.model import Observation, Outcome, Reason
from appwatch.stores.app_store import AppStore, from_settings, rules
from appwatch.stores.app_store.second_surfaces import Surfaces
from appwatch.stores.app_store.store import ALONE, TOGETHER
from appwatch.stores.base import Answer, Asked, Batch, Findings, Request
from tests.stores import lookup_bodies as bodies
from tests.stores.lookup_bodies import CASTRO, JIKE, NUMBERS, PAGES, TESTFLIGHT

STORE = AppStore("https://itunes.apple.com")
CONTROLS = [PAGES, TESTFLIGHT, NUMBERS]
MANY = [str(number) for number in range(1_000_000_001, 1_000_000_198)]
Server = Callable[[int, Sequence[str]], tuple[bytes, int]]


def ids_of(request: Request) -> list[str]:
    return parse_qs(urlsplit(request.url).query)["id"][0].split(",")


def batch(
    *listings: str,
    settled: Outcome | None = Outcome.AVAILABLE,
    controls: Sequence[str] = CONTROLS,
) -> Batch:
    return Batch("cn", [Asked(listing, settled) for listing in listings], controls, "4f2a")


def serve(batch: Batch, server: Server) -> tuple[Findings, list[Request]]:
    """Carry the dialogue; the server is told the number of the request and the ids asked."""
    dialogue, asked = STORE.look(batch), []
    request = next(dialogue)
    while True:
        asked.append(request)
        content, status = server(len(asked) - 1, ids_of(request))
        try:
            request = dialogue.send(Answer(request, bodies.NOW, bodies.NOW, status, body=content))
        except StopIteration as stop:
            findings = stop.value
            break
    assert isinstance(findings, Findings)
    return findings, asked


def look(batch: Batch, *there: Iterable[str] | int) -> tuple[Findings, list[Request]]:
    """Carry the dialogue; each answer lists what is there, or has the status given."""

    def server(number: int, ids: Sequence[str]) -> tuple[bytes, int]:
        known = there[min(number, len(there) - 1)]
        if isinstance(known, int):
            return b"", known
        return bodies.listing([one for one in ids if one in set(known)]), 200

    return serve(batch, server)


def observe(batch: Batch, *there: Iterable[str] | int) -> Observation:
    return look(batch, *there)[0].observations[0]


def test_a_batch_that_is_all_there_takes_one_request() -> None:
    findings, asked = look(batch(JIKE, CASTRO), [JIKE, CASTRO, *CONTROLS])
    assert [one.listing for one in findings.observations] == [JIKE, CASTRO]
    assert {one.outcome for one in findings.observations} == {Outcome.AVAILABLE}
    assert {one.exchanges for one in findings.observations} == {(0,)}
    assert (len(asked), findings.controls) == (1, dict.fromkeys(CONTROLS, True))


def test_a_full_batch_with_its_controls_is_one_request_of_200_ids() -> None:
    findings, asked = look(batch(*MANY), [*MANY, *CONTROLS])
    assert (len(MANY), len(asked), len(set(ids_of(asked[0])))) == (STORE.batch_size, 1, 200)
    assert "&limit=200&" in asked[0].url
    assert len(asked[0].url) < 4_000
    assert {one.rule for one in findings.observations} == {rules.FOUND.id}


def test_an_absence_that_would_move_a_state_is_asked_again_beside_one_control() -> None:
    findings, asked = look(batch(JIKE, CASTRO), [CASTRO, *CONTROLS])
    missing, there = findings.observations
    assert [ids_of(request) for request in asked] == [[JIKE, CASTRO, *CONTROLS], [JIKE, PAGES]]
    assert (missing.outcome, missing.exchanges) == (Outcome.NOT_FOUND, (1, 0))
    assert (missing.rule, missing.surfaces) == (rules.ABSENT.id, ("lookup",))
    assert (there.outcome, there.exchanges) == (Outcome.AVAILABLE, (0,))


def test_a_first_absence_is_asked_again_too() -> None:
    seen = observe(batch(JIKE, settled=None), CONTROLS)
    assert (seen.outcome, seen.exchanges) == (Outcome.NOT_FOUND, (1, 0))


def test_what_has_long_been_absent_is_not_asked_twice() -> None:
    findings, asked = look(batch(JIKE, settled=Outcome.NOT_FOUND), CONTROLS)
    assert (findings.observations[0].outcome, len(asked)) == (Outcome.NOT_FOUND, 1)


def test_what_has_long_been_absent_needs_a_control_still() -> None:
    seen = observe(batch(JIKE, settled=Outcome.NOT_FOUND), [])
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.CONTROL_FAILED)


def test_the_fresh_answer_wins() -> None:
    seen = observe(batch(JIKE), CONTROLS, [JIKE, *CONTROLS])
    assert (seen.outcome, seen.exchanges) == (Outcome.AVAILABLE, (1, 0))
    assert seen.facts.name == f"App {JIKE}"


@pytest.mark.parametrize(
    ("status", "reason"),
    [(403, Reason.RATE_LIMITED), (503, Reason.SERVER_ERROR), (200, Reason.BAD_ANSWER)],
)
def test_a_fresh_answer_that_proves_nothing_leaves_the_look_inconclusive(
    status: int, reason: Reason
) -> None:
    seen = observe(batch(JIKE), CONTROLS, status)
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, reason)


def test_without_a_control_in_the_first_answer_nothing_is_believed_or_asked_again() -> None:
    findings, asked = look(batch(JIKE, CASTRO), [CASTRO])
    missing, there = findings.observations
    assert (missing.rule, missing.reason) == (rules.CONTROL_FAILED.id, Reason.CONTROL_FAILED)
    assert there.outcome is Outcome.AVAILABLE
    assert (len(asked), findings.controls) == (1, dict.fromkeys(CONTROLS, False))


def test_without_a_control_in_the_second_answer_nothing_is_believed() -> None:
    seen = observe(batch(JIKE), CONTROLS, [])
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.CONTROL_FAILED)
    assert seen.exchanges == (1, 0)


def test_any_one_control_vouches() -> None:
    findings, asked = look(batch(JIKE), [NUMBERS])
    assert findings.observations[0].outcome is Outcome.NOT_FOUND
    assert ids_of(asked[1]) == [JIKE, NUMBERS]
    assert findings.controls == {PAGES: False, TESTFLIGHT: False, NUMBERS: True}


def test_a_control_of_another_storefront_vouches_for_nothing() -> None:
    def server(_number: int, ids: Sequence[str]) -> tuple[bytes, int]:
        return bodies.listing([one for one in ids if one != JIKE], "us"), 200

    seen = serve(batch(JIKE), server)[0].observations[0]
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.WRONG_STOREFRONT)


def test_without_any_control_no_absence_stands() -> None:
    seen = observe(batch(JIKE, controls=[]), [])
    assert seen.reason is Reason.CONTROL_FAILED


def test_a_watched_app_is_no_control_of_itself() -> None:
    gone = observe(batch(PAGES), [NUMBERS])
    assert (gone.outcome, gone.exchanges) == (Outcome.NOT_FOUND, (1, 0))
    alone = observe(batch(PAGES, controls=[PAGES]), [])
    assert alone.reason is Reason.CONTROL_FAILED


def test_a_watched_control_vouches_for_others() -> None:
    findings, asked = look(batch(PAGES, JIKE, controls=[PAGES]), [PAGES])
    there, missing = findings.observations
    assert (there.outcome, missing.outcome) == (Outcome.AVAILABLE, Outcome.NOT_FOUND)
    assert [ids_of(request) for request in asked] == [[PAGES, JIKE], [JIKE, PAGES]]


def test_a_few_misses_are_asked_again_one_by_one() -> None:
    _, asked = look(batch(*MANY[:ALONE]), CONTROLS)
    assert [ids_of(request) for request in asked[1:]] == [[one, PAGES] for one in MANY[:ALONE]]


def test_more_misses_are_asked_again_together() -> None:
    findings, asked = look(batch(*MANY[: ALONE + 1]), CONTROLS)
    assert [ids_of(request) for request in asked[1:]] == [[*MANY[: ALONE + 1], PAGES]]
    assert {one.exchanges for one in findings.observations} == {(1, 0)}


def test_each_group_is_judged_by_its_own_control() -> None:
    def server(number: int, ids: Sequence[str]) -> tuple[bytes, int]:
        known = [] if number == 2 else CONTROLS
        return bodies.listing([one for one in ids if one in known]), 200

    findings, asked = serve(batch(*MANY), server)
    assert [len(ids_of(request)) for request in asked] == [200, 50, 50, 50, 50, 2]
    believed = [one.outcome is Outcome.NOT_FOUND for one in findings.observations]
    assert believed == [index // TOGETHER != 1 for index in range(len(MANY))]


def test_an_answer_cut_short_at_the_default_limit_invents_no_absence() -> None:
    def server(_number: int, ids: Sequence[str]) -> tuple[bytes, int]:
        return bodies.listing([*reversed(ids)][:50]), 200

    findings, _ = serve(batch(*MANY), server)
    assert {one.outcome for one in findings.observations} == {Outcome.AVAILABLE}


def test_every_request_has_a_key_of_its_own_that_begins_with_the_rounds() -> None:
    _, asked = look(batch(*MANY[:3]), CONTROLS)
    keys = [parse_qs(urlsplit(request.url).query)["_"][0] for request in asked]
    assert keys == ["4f2a", "4f2a.1", "4f2a.2", "4f2a.3"]


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 429, 500, 503])
def test_an_answer_that_proves_nothing_is_not_asked_again(status: int) -> None:
    findings, asked = look(batch(JIKE, CASTRO, settled=None), status)
    assert len(asked) == 1
    assert [one.listing for one in findings.observations] == [JIKE, CASTRO]
    assert {one.outcome for one in findings.observations} == {Outcome.INCONCLUSIVE}


def odd(*strange: str, there: Iterable[str], by: int = 1_000_000) -> Server:
    """Return a server that answers these ids with ids so much higher, the others as they are."""

    def server(_number: int, ids: Sequence[str]) -> tuple[bytes, int]:
        known = {one: one for one in there} | {one: str(int(one) + by) for one in strange}
        return bodies.listing([known[one] for one in ids if one in known]), 200

    return server


def test_a_server_that_answers_another_question_lists_nothing_by_chance() -> None:
    next_to = batch(MANY[0], MANY[1], settled=None)
    findings, asked = serve(next_to, odd(MANY[0], MANY[1], there=CONTROLS, by=1))
    assert {one.rule for one in findings.observations} == {rules.OTHER_APP.id}
    assert [len(ids_of(request)) for request in asked] == [5, 2, 2]


def test_an_id_that_is_answered_with_another_blinds_no_other() -> None:
    there = [*MANY[1:3], *CONTROLS]
    findings, asked = serve(batch(*MANY[:4]), odd(MANY[0], there=there))
    strange, *seen, missing = findings.observations
    assert (strange.rule, strange.exchanges) == (rules.OTHER_APP.id, (1,))
    assert [(one.outcome, one.exchanges) for one in seen] == [
        (Outcome.AVAILABLE, (2,)),
        (Outcome.AVAILABLE, (3,)),
    ]
    # Its absence needs two answers that are about what was asked.
    assert (missing.outcome, missing.exchanges) == (Outcome.NOT_FOUND, (5, 4))
    assert (len(asked), True in findings.controls.values()) == (6, True)


def test_of_a_full_batch_an_odd_id_blinds_those_asked_beside_it_alone() -> None:
    findings, asked = serve(batch(*MANY), odd(MANY[0], there=[*MANY, *CONTROLS]))
    assert [len(ids_of(request)) for request in asked] == [200, 50, 50, 50, 50, 2]
    blind = [one.listing for one in findings.observations if not one.conclusive]
    assert blind == MANY[:TOGETHER]


def test_an_odd_control_blinds_no_round_but_those_that_draw_it() -> None:
    seen = set()
    for key in ("1", "2", "3", "4"):
        wanted = replace(batch(JIKE), key=key)
        findings, _ = serve(wanted, odd(PAGES, there=[JIKE, *CONTROLS]))
        seen.add(findings.observations[0].outcome)
        assert not findings.controls[PAGES]
    assert Outcome.AVAILABLE in seen


def test_the_time_of_a_look_is_that_of_the_deciding_answer() -> None:
    dialogue, late = STORE.look(batch(JIKE)), bodies.NOW.replace(minute=5)
    second = dialogue.send(
        Answer(next(dialogue), bodies.NOW, bodies.NOW, 200, body=bodies.listing(CONTROLS))
    )
    with pytest.raises(StopIteration) as stop:
        dialogue.send(Answer(second, bodies.NOW, late, 200, body=bodies.listing([PAGES])))
    assert stop.value.value.observations[0].seen_at == late


def test_a_request_names_country_and_us_and_follows_nobody() -> None:
    store = AppStore("http://127.0.0.1:8081/", per_minute=0)
    request = next(store.look(batch(JIKE, controls=[])))
    assert request.url == f"http://127.0.0.1:8081/lookup?id={JIKE}&country=cn&limit=200&_=4f2a"
    assert (request.surface, request.storefront, request.per_minute) == ("lookup", "cn", 0)
    assert (request.host, request.hosts) == ("127.0.0.1:8081", frozenset())
    assert request.headers["User-Agent"].startswith("appwatch/")


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        (JIKE, None),
        ("id966129812", "digits alone"),
        ("0966129812", "digits alone"),
        ("٤٢", "digits alone"),
        ("-1", "digits alone"),
        ("966129812\n", "digits alone"),
        ("", "digits alone"),
        ("9" * 16, "too long"),
    ],
)
def test_a_listing_is_refused_with_a_reason(listing: str, words: str | None) -> None:
    refusal = STORE.refuse_listing(listing)
    assert refusal is None if words is None else words in (refusal or "")


def test_the_store_is_built_from_its_settings() -> None:
    lookup, web, platform = (f"http://127.0.0.1:{port}" for port in (1, 2, 3))
    settings = SimpleNamespace(
        apple_lookup_url=lookup,
        apple_web_url=web,
        apple_platform_url=platform,
        apple_per_minute=0,
    )
    assert from_settings(settings) == AppStore(lookup, 0, Surfaces(web, platform, 0))


def test_a_listing_is_extracted_from_a_batch() -> None:
    body = bodies.listing([JIKE, CASTRO])
    assert f'"trackId": {CASTRO}'.encode() in STORE.extract(body, [CASTRO])[CASTRO]


def test_all_stands_for_the_175_storefronts() -> None:
    assert len(STORE.every_storefront()) == 175
    assert STORE.refuse_storefront("cn") is None
    assert STORE.page_url(JIKE, "cn") == f"https://apps.apple.com/cn/app/id{JIKE}"
