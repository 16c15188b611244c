"""What operators read of appwatch's own trouble."""

import pytest

from appwatch.alerts.alarm_phrases import UNKNOWN, phrase_of
from appwatch.alerts.trouble import operator_message
from appwatch.db.alarms import ALARM, ALARM_OVER
from appwatch.domain.alarms import AlarmKind
from appwatch.domain.instrument import FaultKind
from appwatch.watchlist import LANGUAGES
from tests.alerts.rows import WORDING

SINCE, ENDED = "2026-07-06T12:00:00+00:00", "2026-07-06T13:00:00+00:00"
CONTENT = {
    "event": ALARM,
    "id": "o-1",
    "store": "app_store",
    "storefronts": ["cn"],
    "count": 3,
    "of": 9,
    "percent": 40,
    "least": 80,
    "seconds": 3600,
    "since": SINCE,
    "ended_at": None,
}
# The controls of a storefront that are not seen are an alarm of their own.
FAULTS = [kind for kind in FaultKind if kind is not FaultKind.CONTROLS]
ALL: list[tuple[AlarmKind, str]] = [
    (kind, "") for kind in AlarmKind if kind is not AlarmKind.INSTRUMENT
]
ALL += [(AlarmKind.INSTRUMENT, fault.value) for fault in FAULTS]


@pytest.mark.parametrize(("kind", "fault"), ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_and_its_end_are_told_in_every_language(
    kind: AlarmKind, fault: str, language: str
) -> None:
    assert phrase_of(kind.value, fault) is not UNKNOWN
    content = CONTENT | {"kind": kind.value, "fault": fault}
    begun = operator_message(content, WORDING, language=language)
    over = operator_message(
        content | {"event": ALARM_OVER, "ended_at": ENDED}, WORDING, language=language
    )
    assert begun.title != over.title
    for message in (begun, over):
        assert "{" not in message.title + message.body
        assert message.body.splitlines()[-1] == "appwatch: o-1"
    assert ("13:00" in begun.body, "13:00" in over.body) == (False, True)


def test_an_alarm_of_a_newer_version_is_told_all_the_same() -> None:
    message = operator_message({"event": ALARM, "id": "o-1", "kind": "flood"}, WORDING)
    assert message.title == "appwatch: there is trouble that this version does not know"
