"""Recorded answers of Google Play, read as a correct monitor must read them."""

from pathlib import Path

import pytest

from appwatch.domain.model import Outcome, Reason, Verdict
from appwatch.stores.google_play import answers
from tests.stores import google_play_pages as pages

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"
pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the recorded answers (../shared/corpus) are not here"
)
CONSENT = "https://consent.google.es/ml?continue=https://play.google.com/"
SORRY = "https://www.google.com/sorry/index?continue=https://play.google.com/"
SEARCH = f"{pages.BASE}/store/search?q=panda&c=apps"

# file, package, storefront, title: listed there and installable
LISTED = [
    ("2026-07-06_us_translate.html", "com.google.android.apps.translate", "us", "Google Translate"),
    ("2025-10-20_kr_stock_ko.html", "com.youngkiu.stock_knee_shoulder", "kr", "주식 무릎"),
    ("2022-06-03_br_usdebtnow_newdesign.html", "com.moonwink.treasury", "br", "US Debt Now"),
    ("2021-11-14_usdebtnow_ds_shifted.html", "com.moonwink.treasury", "us", "US Debt Now"),
    ("2019-09-06_kr_helloworld_no_ratings.html", "com.copyx.helloworld", "kr", "Hello World!"),
    ("2019-07-05_kr_dragonisland_open_beta.html", "com.jellypip.dragonisland", "kr", "드래곤"),
    ("2019-06_us_minecraft.html", "com.mojang.minecraftpe", "us", "Minecraft"),
    ("2019-02-11_ru_facebook_en.html", "com.facebook.katana", "ru", "Facebook"),
]
FLICKR = (
    "2018-09-25_kr_flickr_REGION_UNAVAILABLE.html",
    "com.yahoo.mobile.client.android.flickr",
    "kr",
)
PAGES = [*(row[:3] for row in LISTED), FLICKR]
# file, status, final address (empty: the one asked), outcome, reason
OTHERS = [
    ("play_web/2016-03-28_com.your.app_404_body.html", 404, "", Outcome.NOT_FOUND, None),
    ("play_web/control_SHORTENED_notfound_body_2026.html", 404, "", Outcome.NOT_FOUND, None),
    ("play_web/2016-03-28_com.your.app_404_body.html", 200, "", None, Reason.BAD_ANSWER),
    ("play_web/2016-03-28_com.your.app_404_body.html", 404, CONSENT, None, Reason.CONSENT),
    ("play_web/control_2026-07_search_page.html", 200, SEARCH, None, Reason.BAD_ANSWER),
    ("play_web/control_2026-07_search_page.html", 200, "", None, Reason.BAD_ANSWER),
    ("blocks/2023-03-26_google_soft404_body.html", 404, "", None, Reason.BLOCKED),
    ("blocks/2024-06-10_consent.google.es_body.html", 200, CONSENT, None, Reason.CONSENT),
    ("blocks/2024-06-10_consent.google.es_body.html", 200, "", None, Reason.CONSENT),
    ("blocks/2026-07-25_google_sorry_captcha.html", 429, SORRY, None, Reason.RATE_LIMITED),
    ("blocks/2026-07-25_google_sorry_captcha.html", 200, SORRY, None, Reason.BLOCKED),
    ("blocks/2026-07-25_google_sorry_captcha.html", 200, "", None, Reason.BLOCKED),
    ("blocks/TRANSCRIBED_google_play_429_body.html", 429, "", None, Reason.RATE_LIMITED),
]


def read(file: str, package: str, storefront: str, status: int = 200, url: str = "") -> Verdict:
    request = pages.asked(package, storefront)
    body = (CORPUS / file).read_bytes()
    answer = pages.answer(body, status, request, url=url or request.url)
    return answers.read(answer, package, storefront)


@pytest.mark.parametrize(("file", "package", "storefront", "title"), LISTED)
def test_a_recorded_listing_is_available(
    file: str, package: str, storefront: str, title: str
) -> None:
    verdict = read(f"play_web/{file}", package, storefront)
    assert (verdict.outcome, verdict.reason) == (Outcome.AVAILABLE, None)
    assert verdict.facts.name.startswith(title)
    assert verdict.facts.developer
    assert verdict.facts.price
    assert verdict.facts.updated.endswith("Z")


def test_the_recorded_page_without_an_offer_is_not_installable() -> None:
    file, package, storefront = FLICKR
    verdict = read(f"play_web/{file}", package, storefront)
    assert (verdict.outcome, verdict.rule) == (
        Outcome.NOT_INSTALLABLE,
        "google_play.not_offered",
    )
    assert (verdict.facts.name, verdict.facts.developer) == ("Flickr", "Yahoo")


@pytest.mark.parametrize(("file", "package", "storefront"), PAGES)
def test_a_recorded_page_says_nothing_of_another_app(
    file: str, package: str, storefront: str
) -> None:
    for other in (f"{package}2", package.upper(), "com.example.app"):
        assert read(f"play_web/{file}", other, storefront).reason is Reason.WRONG_APP


@pytest.mark.parametrize(("file", "package", "storefront"), PAGES)
def test_a_recorded_page_says_nothing_of_another_country(
    file: str, package: str, storefront: str
) -> None:
    for other in {"us", "kr", "ru", "br", "de"} - {storefront}:
        assert read(f"play_web/{file}", package, other).reason is Reason.WRONG_STOREFRONT


@pytest.mark.parametrize(("file", "package", "storefront"), PAGES)
def test_the_beginning_of_a_recorded_page_proves_nothing(
    file: str, package: str, storefront: str
) -> None:
    body = (CORPUS / "play_web" / file).read_bytes()
    request = pages.asked(package, storefront)
    for share in (0.01, 0.3, 0.6, 0.8):
        cut = pages.answer(body[: int(len(body) * share)], 200, request)
        verdict = answers.read(cut, package, storefront)
        assert verdict.reason is Reason.LAYOUT_UNKNOWN, share


@pytest.mark.parametrize(("file", "status", "url", "outcome", "reason"), OTHERS)
def test_a_recorded_answer_that_is_no_listing(
    file: str, status: int, url: str, outcome: Outcome | None, reason: Reason | None
) -> None:
    verdict = read(file, "com.your.app", "us", status, url)
    assert (verdict.outcome, verdict.reason) == (outcome or Outcome.INCONCLUSIVE, reason)
