"""Which fault strikes which request, and what each one answers."""

from datetime import timedelta

import httpx
import pytest

from appwatch.simulator import APP_STORE, GOOGLE_PLAY, Fault, FaultKind, Faults, Surface, World
from appwatch.simulator.faults import Asked
from tests.simulator.conftest import Clock

JIKE, CASTRO = "966129812", "1080840241"
PLAY = "/store/apps/details?id=com.ruguoapp.jike&hl=en&gl="
LOOKUP = Asked(Surface.LOOKUP, "cn", (JIKE,))


def count(client: httpx.Client, storefront: str = "cn", key: str = "") -> int:
    query = {"id": f"{JIKE},{CASTRO}", "country": storefront} | ({"_": key} if key else {})
    found: int = client.get("/lookup", params=query).json()["resultCount"]
    return found


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        ({}, True),
        ({"store": APP_STORE}, True),
        ({"store": GOOGLE_PLAY}, False),
        ({"surface": Surface.PLATFORM}, False),
        ({"storefronts": frozenset({"jp"})}, False),
        ({"listings": frozenset({JIKE, "5"})}, True),
        ({"listings": frozenset({"5"})}, False),
    ],
)
def test_a_fault_keeps_to_its_limits(limits: dict[str, object], fits: bool, clock: Clock) -> None:
    fault = Fault(FaultKind.HANG, **limits)  # type: ignore[arg-type]  # one case, one limit
    assert (Faults([fault]).strike(LOOKUP, clock()) is fault) is fits


def test_a_fault_lasts_from_its_first_moment_until_before_its_last(clock: Clock) -> None:
    start = clock()
    fault = Fault(FaultKind.HANG, since=start, until=start + timedelta(hours=1))
    faults = Faults([fault])
    struck = [
        faults.strike(LOOKUP, start + timedelta(minutes=minutes)) is fault
        for minutes in (-1, 0, 59, 60)
    ]
    assert struck == [False, True, True, False]


def test_a_fault_strikes_so_many_times(clock: Clock) -> None:
    fault = Fault(FaultKind.HANG, times=2)
    faults = Faults([fault])
    assert [faults.strike(LOOKUP, clock()) for _ in range(3)] == [fault, fault, None]
    assert faults.struck(fault) == 2


def test_a_share_is_the_same_in_every_run_of_a_seed(clock: Clock) -> None:
    fault = Fault(FaultKind.HANG, share=0.3)
    runs = []
    for seed in (1, 1, 2):
        faults = Faults([fault], seed=seed)
        runs.append([faults.strike(LOOKUP, clock()) is fault for _ in range(400)])
    assert runs[0] == runs[1] != runs[2]
    assert 80 < sum(runs[0]) < 160


def test_the_first_fault_that_strikes_counts(clock: Clock) -> None:
    once, always = Fault(FaultKind.HANG, times=1), Fault(FaultKind.SERVER_ERROR)
    faults = Faults([once])
    faults.add(always)
    assert [faults.strike(LOOKUP, clock()) for _ in range(2)] == [once, always]
    faults.remove(always)
    assert faults.strike(LOOKUP, clock()) is None


def test_an_outage_leaves_a_storefront_without_any_app(
    client: httpx.Client, faults: Faults
) -> None:
    faults.add(Fault(FaultKind.FALSE_ABSENCE, storefronts=frozenset({"jp"})))
    assert (count(client, "jp"), count(client, "cn")) == (0, 2)


def test_a_batch_can_lack_some_of_its_apps(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.FALSE_ABSENCE, listings=frozenset({JIKE})))
    assert count(client) == 1


def test_a_fresh_key_gets_past_a_cached_absence(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.FALSE_ABSENCE, fresh_key_helps=True))
    assert [count(client, key=key) for key in ("", "a", "a", "b")] == [0, 2, 0, 2]


def test_a_false_presence_shows_what_is_gone(
    client: httpx.Client, faults: Faults, world: World
) -> None:
    world.remove(APP_STORE, JIKE)
    faults.add(Fault(FaultKind.FALSE_PRESENCE, surface=Surface.PRODUCT_PAGE))
    assert count(client) == 1
    assert client.get(f"/cn/app/id{JIKE}").status_code == 301


@pytest.mark.parametrize(("helps", "seen"), [(True, [2, 2, 1, 1]), (False, [2, 2, 2, 1])])
def test_a_stale_answer_is_kept_per_query(
    client: httpx.Client, faults: Faults, world: World, clock: Clock, helps: bool, seen: list[int]
) -> None:
    """Same query, then another key, then the hours pass."""
    fault = Fault(FaultKind.STALE, hours=24, fresh_key_helps=helps)
    faults.add(fault)
    client.get("/lookup?id=5&country=cn&_=a")  # makes the key known, for another query
    counts = [count(client, key="a")]
    world.remove(APP_STORE, JIKE)
    counts += [count(client, key="a"), count(client, key="b")]
    clock.pass_hours(24)
    assert [*counts, count(client, key="a")] == seen


def test_results_can_be_of_other_apps(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.WRONG_APP))
    [result] = client.get(f"/lookup?id={JIKE}&country=cn").json()["results"]
    assert result["trackId"] == 966129813


def test_results_can_be_of_another_storefront(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.WRONG_STOREFRONT, instead="hk"))
    [result] = client.get(f"/lookup?id={CASTRO}&country=cn").json()["results"]
    assert result["trackViewUrl"].startswith("https://apps.apple.com/hk/")


def test_only_the_enterprise_catalogue_can_be_empty(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.EMPTY_ENTERPRISE))
    path = f"/WebObjects/MZStorePlatform.woa/wa/lookup?id={JIKE}&cc=us&platform="
    sizes = [len(client.get(path + p).json()["results"]) for p in ("enterprisestore", "iphone")]
    assert sizes == [0, 1]


@pytest.mark.parametrize(
    ("kind", "status", "part"),
    [
        (FaultKind.FORBIDDEN_EMPTY, 403, ""),
        (FaultKind.FORBIDDEN, 403, "Forbidden"),
        (FaultKind.TEXT_404, 404, "Not Found"),
        (FaultKind.RATE_LIMITED, 429, "Please reduce your request rate."),
        (FaultKind.UNAVAILABLE_EMPTY, 503, ""),
        (FaultKind.UNAVAILABLE_HTML, 503, "<html"),
        (FaultKind.SERVER_ERROR, 500, "<html"),
        (FaultKind.ROBOT_404, 404, "Error 404 (Not Found)!!1"),
        (FaultKind.CAPTCHA, 429, 'id="captcha-form"'),
        (FaultKind.CONSENT_FORM, 200, 'action="https://consent.google.com/save"'),
        (FaultKind.JAVASCRIPT_STUB, 200, "enablejs"),
        (FaultKind.HTML_FOR_JSON, 200, "<html"),
        (FaultKind.EMPTY_BODY, 200, ""),
        (FaultKind.ERROR_ENVELOPE, 200, "errorMessage"),
        (FaultKind.HOME_PAGE, 200, "Android Apps on Google Play"),
        (FaultKind.FALSE_ABSENCE, 404, '<div id="error-section"'),
        (FaultKind.WRONG_APP, 200, "com.ruguoapp.jike.other"),
        (FaultKind.WRONG_STOREFRONT, 200, "/intl/en-US_us/"),
        (FaultKind.LAYOUT_UNKNOWN, 200, "Zz7qXc"),
    ],
)
def test_each_fault_answers_as_the_stores_did(
    client: httpx.Client, faults: Faults, kind: FaultKind, status: int, part: str
) -> None:
    faults.add(Fault(kind))
    answer = client.get(f"{PLAY}fr")
    assert answer.status_code == status
    assert part in answer.text
    assert bool(answer.content) == bool(part)


def test_a_home_page_does_not_name_the_listing(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.HOME_PAGE))
    assert "com.ruguoapp.jike" not in client.get(f"{PLAY}fr").text


def test_a_captcha_can_come_with_200(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.CAPTCHA, status=200))
    assert client.get(f"{PLAY}fr").status_code == 200


def test_a_limit_can_say_when_to_come_back(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.RATE_LIMITED, retry_after="120"))
    assert client.get(f"{PLAY}fr").headers["retry-after"] == "120"


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (FaultKind.CAPTCHA_REDIRECT, "https://www.google.com/sorry/index?continue=http"),
        (FaultKind.CONSENT_REDIRECT, "https://consent.google.com/m?continue=http"),
        (FaultKind.REDIRECT_AWAY, "http://elsewhere.invalid/"),
    ],
)
def test_a_redirect_leads_to_another_host(
    client: httpx.Client, faults: Faults, kind: FaultKind, start: str
) -> None:
    faults.add(Fault(kind))
    answer = client.get(f"{PLAY}fr", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].startswith(start)) == (302, True)


def test_a_redirect_can_lead_to_itself(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.REDIRECT_LOOP))
    answer = client.get(f"{PLAY}fr")
    assert answer.headers["location"] == str(answer.url)


@pytest.mark.parametrize(
    "path",
    [
        f"/lookup?id={JIKE}&country=cn",
        f"/WebObjects/MZStorePlatform.woa/wa/lookup?id={JIKE}&cc=cn",
        f"/cn/app/castro/id{CASTRO}",
    ],
)
def test_an_unknown_layout_comes_with_200_and_names_no_listing(
    client: httpx.Client, faults: Faults, path: str
) -> None:
    faults.add(Fault(FaultKind.LAYOUT_UNKNOWN))
    answer = client.get(path)
    assert answer.status_code == 200
    assert JIKE not in answer.text
    assert CASTRO not in answer.text


def test_a_fault_of_one_endpoint_leaves_the_others_alone(
    client: httpx.Client, faults: Faults
) -> None:
    fault = Fault(FaultKind.HOME_PAGE)
    faults.add(fault)
    assert count(client) == 2
    assert faults.struck(fault) == 0
    client.get(f"{PLAY}fr")
    assert faults.struck(fault) == 1


def test_faults_can_all_be_switched_off(client: httpx.Client, faults: Faults) -> None:
    faults.add(Fault(FaultKind.SERVER_ERROR), Fault(FaultKind.HANG))
    faults.clear()
    assert count(client) == 2
