"""The small words: places by name, moments spelled out, spans, plain text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from appwatch.alerts.language import ENGLISH, speaking
from appwatch.alerts.wording import counted, plain
from appwatch.stores.app_store.storefronts import STOREFRONTS
from appwatch.watchlist import LANGUAGES
from tests.alerts.rows import START, WORDING

ENGLISH_WORDS = speaking(ENGLISH)


@pytest.mark.parametrize(
    ("storefront", "words"),
    [
        ("cn", "Google Play in China (cn)"),
        ("hk", "Google Play in Hong Kong SAR China (hk)"),
        ("us", "Google Play in the United States (us)"),
        ("gb", "Google Play in the United Kingdom (gb)"),
        ("nl", "Google Play in the Netherlands (nl)"),
        ("ky", "Google Play in the Cayman Islands (ky)"),
        ("xk", "Google Play in Kosovo (xk)"),
        ("qq", "Google Play in QQ (qq)"),
    ],
)
def test_a_storefront_has_a_name_and_a_code(storefront: str, words: str) -> None:
    assert WORDING.where("google_play", [storefront]) == words


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_storefront_of_apple_has_a_name(code: str) -> None:
    language = speaking(code)
    assert [place for place in STOREFRONTS if language.country(place) == place.upper()] == []


def test_a_store_reads_as_in_a_sentence() -> None:
    assert WORDING.store("app_store") == "the App Store"
    assert WORDING.store("google_play") == "Google Play"


def test_a_moment_is_spelled_out_in_utc() -> None:
    assert ENGLISH_WORDS.moment(START) == "9 June 2020, 14:17:08 UTC"


def test_a_moment_of_another_zone_is_told_in_utc() -> None:
    auckland = datetime(2020, 6, 10, 2, 17, 8, tzinfo=timezone(timedelta(hours=12)))
    assert ENGLISH_WORDS.moment(auckland) == "9 June 2020, 14:17:08 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (0.6, "1 second"),
        (59.7, "1 minute"),
        (897, "14 minutes 57 seconds"),
        (3600, "1 hour"),
        (3605, "1 hour"),
        (86_400 * 2 + 3600 * 4 + 59, "2 days 4 hours"),
        (86_400 * 400, "400 days"),
        (-5, "0 seconds"),
    ],
)
def test_a_span_is_told_by_its_two_largest_units(seconds: float, words: str) -> None:
    assert ENGLISH_WORDS.span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("code", "day", "span", "places"),
    [
        ("zh-Hans", "2026年5月1日", "1小时2分钟", "印度（in）和伊朗（ir）"),
        ("es", "1 de mayo de 2026", "1 hora 2 minutos", "India (in) e Irán (ir)"),
        ("fr", "1er mai 2026", "1 heure 2 minutes", "Inde (in) et Iran (ir)"),
    ],
)
def test_names_days_and_spans_are_those_of_the_language(
    code: str, day: str, span: str, places: str
) -> None:
    language = speaking(code)
    assert language.day(datetime(2026, 5, 1, tzinfo=UTC)) == day
    assert language.span(timedelta(minutes=62)) == span
    assert language.listed([language.place("in"), language.place("ir")]) == places


def test_numbers_and_lists_read_as_written_by_hand() -> None:
    assert counted(1, "look") == "1 look"
    assert counted(3, "look") == "3 looks"
    assert ENGLISH_WORDS.listed(["a", "b"], 2) == "a and b"
    assert ENGLISH_WORDS.listed(["a", "b", "c"], 2) == "a, b and 1 more"


def test_plain_text_keeps_every_language_and_drops_what_steers() -> None:
    assert plain("  Jike\t即刻\x00 \u2028 мир 👩\u200d💻 ") == "Jike 即刻 мир 👩\u200d💻"
    assert plain("a\u202eb\u2066c") == "a b c"
    assert plain("x" * 20, 10) == "x" * 9 + "…"
