"""Nothing of an address is left in what a service said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from appwatch.alerts.answers import answers
from appwatch.alerts.outcomes import Notes, read
from appwatch.alerts.redaction import redact, secrets_of

URL = "tgram://123456789:AAH-sEcReT_token/-100200300/?format=text&thread=77"


@pytest.mark.parametrize(
    "words",
    [
        "Failed to post to https://api.example/bot123456789:AAH-sEcReT_token/sendMessage.",
        "Unauthorized: 123456789:AAH-sEcReT_token",
        "bad token aah-secret_TOKEN",
        "Failed to send to -100200300: error=403.",
        "thread 77 not found",
    ],
)
def test_no_part_of_the_address_is_left(words: str) -> None:
    shown = redact(words, URL).lower()
    parts = ("123456789", "aah-secret_token", "100200300", "77", "example")
    assert not [part for part in parts if part in shown]


def test_a_token_is_hidden_wherever_it_stands_in_a_long_answer() -> None:
    response = Response()
    response.status_code = 403
    response._content = f"see https://{'x' * 250} {'. ' * 64}AAH-sEcReT_token".encode()
    told = read(Notes(False, (), answers([response])), URL)
    assert told.words.endswith('. ***"')


def test_the_words_of_the_service_stay_readable() -> None:
    words = "Failed to send Telegram notification to -100200300: Forbidden, error=403."
    assert redact(words, URL) == (
        "Failed to send Telegram notification to ***: Forbidden, error=403."
    )


def test_the_words_are_one_line_of_bounded_length() -> None:
    shown = redact("a\nb\x1b[2J" + "c" * 900, URL)
    assert shown.startswith("a b [2J")
    assert len(shown) == 300


PARTS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=4, max_size=20)


@given(user=PARTS, password=PARTS, host=PARTS, path=PARTS)
def test_any_part_of_any_address_is_hidden(user: str, password: str, host: str, path: str) -> None:
    url = f"jsons://{user}:{password}@{host}/{path}?+Token={path}"
    shown = redact(f"No {user} {password} at {host}/{path} ({url})", url)
    assert shown.count("***") >= 4
    assert {user, password, host, path} <= set(secrets_of(url))
