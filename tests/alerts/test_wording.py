"""The small words: places by name, moments spelled out, spans, plain text."""

from datetime import datetime, timedelta, timezone

import pytest

from appwatch.alerts.wording import counted, in_place, listed, moment, place, plain, span
from appwatch.stores.app_store.storefronts import STOREFRONTS
from tests.alerts.rows import START, WORDING


@pytest.mark.parametrize(
    ("storefront", "words"),
    [
        ("cn", "in China (cn)"),
        ("hk", "in Hong Kong SAR China (hk)"),
        ("us", "in the United States (us)"),
        ("gb", "in the United Kingdom (gb)"),
        ("nl", "in the Netherlands (nl)"),
        ("ky", "in the Cayman Islands (ky)"),
        ("xk", "in Kosovo (xk)"),
        ("qq", "in QQ (qq)"),
    ],
)
def test_a_storefront_has_a_name_and_a_code(storefront: str, words: str) -> None:
    assert in_place(storefront) == words


def test_every_storefront_of_apple_has_a_name() -> None:
    assert [code for code in STOREFRONTS if place(code) == f"{code.upper()} ({code})"] == []


def test_a_store_reads_as_in_a_sentence() -> None:
    assert WORDING.store("app_store") == "the App Store"
    assert WORDING.store("google_play") == "Google Play"


def test_a_moment_is_spelled_out_in_utc() -> None:
    assert moment(START) == "9 June 2020, 14:17:08 UTC"


def test_a_moment_of_another_zone_is_told_in_utc() -> None:
    auckland = datetime(2020, 6, 10, 2, 17, 8, tzinfo=timezone(timedelta(hours=12)))
    assert moment(auckland) == "9 June 2020, 14:17:08 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.6, "1 s"),
        (59.7, "1 min"),
        (897, "14 min 57 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (86_400 * 2 + 3600 * 4 + 59, "2 d 4 h"),
        (-5, "0 s"),
    ],
)
def test_a_span_is_told_by_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_numbers_and_lists_read_as_written_by_hand() -> None:
    assert counted(1, "look") == "1 look"
    assert counted(3, "look") == "3 looks"
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"


def test_plain_text_keeps_every_language_and_drops_what_steers() -> None:
    assert plain("  Jike\t即刻\x00 \u2028 мир 👩\u200d💻 ") == "Jike 即刻 мир 👩\u200d💻"
    assert plain("a\u202eb\u2066c") == "a b c"
    assert plain("x" * 20, 10) == "x" * 9 + "…"
