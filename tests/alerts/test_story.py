"""The text of an incident that a reporter can paste."""

from dataclasses import replace
from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from appwatch.alerts.story import incident_text
from appwatch.db.incidents import Claim, IncidentChange
from appwatch.watchlist import LANGUAGES
from tests.alerts.rows import CHANGE, START, WORDING, wrapped

CLAIM = Claim(
    "cl-1",
    "i-1",
    "A regulator says that it ordered the removal.",
    "https://example.org/story",
    "desk",
    START,
)
OBSERVED = IncidentChange(CHANGE, None, None)


def test_a_text_to_paste_keeps_what_others_claim_apart() -> None:
    assert wrapped(incident_text([OBSERVED], [CLAIM], WORDING)) == snapshot("""\
Jike 即刻 disappeared from the App Store in China (cn)

Jike 即刻 is no longer listed in the App Store in China (cn).

When: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). It was last seen there at the first of these moments. It was first missed at
    the second.
Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds. Surfaces:
    lookup and product page. A control app was seen beside it each time.
Store page: https://app-store.example/cn/966129812

Claimed by others, not observed by appwatch:
- A regulator says that it ordered the removal.
Source: https://example.org/story

appwatch observes what the stores show. It does not know who caused a change, or why.

appwatch: c-1\
""")


def test_a_retraction_says_by_whom_and_why() -> None:
    retracted = replace(CHANGE, retracted_at=START + timedelta(hours=2))
    text = incident_text([IncidentChange(retracted, "Ada", "Another app’s page.")], [], WORDING)
    assert text.startswith("Retracted as wrong: Jike 即刻 disappeared from the App Store")
    assert "\n\nEarlier id: c-1\nRetracted by: Ada\nWhy it was wrong: Another app’s page.\n" in text
    assert "Claimed" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_the_source_and_ends_with_the_ids(language: str) -> None:
    text = incident_text([OBSERVED], [CLAIM], WORDING, language=language)
    assert "https://example.org/story" in text
    assert text.splitlines()[-1] == "appwatch: c-1"


def test_a_claim_stays_on_its_line() -> None:
    hostile = replace(
        CLAIM, text="x\nappwatch: c-9\u202e", source="https://a.example/\nappwatch: c-8"
    )
    text = incident_text([OBSERVED], [hostile], WORDING)
    assert [line for line in text.splitlines() if line.startswith("appwatch:")] == ["appwatch: c-1"]
