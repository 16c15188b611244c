"""Alerts as they are sent, of every kind, made by the code that makes the real ones."""
# ruff: noqa: INP001 - a folder of pages

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from appwatch.alerts.first_report import first_report_message
from appwatch.alerts.gathered import gathered_message
from appwatch.alerts.language import ENGLISH
from appwatch.alerts.letter import Message
from appwatch.alerts.messages import changes_message, test_message
from appwatch.alerts.notices import notices_message
from appwatch.alerts.reminders import reminder_message
from appwatch.alerts.story import incident_text
from appwatch.alerts.trouble import operator_message
from appwatch.alerts.wording import Wording
from appwatch.db.alarms import ALARM, ALARM_OVER
from appwatch.db.deliveries import ChangeRow
from appwatch.db.incidents import Claim, IncidentChange
from appwatch.db.notices import Notice
from appwatch.db.operators import CHANNEL_OFF
from appwatch.db.outbox import Subject
from appwatch.watchlist import LANGUAGES
from appwatch.wiring import build

AT = datetime(2026, 11, 9, 14, 17, 8, tzinfo=UTC)
BEFORE = AT - timedelta(minutes=14, seconds=57)
GONE = ChangeRow(
    id="c-01kb2x9hq4m7p3ad",
    incident="i-01kb2x9hq4m7p3ad",
    app="jike",
    name="Jike 即刻",
    store="app_store",
    listing="966129812",
    storefront="cn",
    kind="disappeared",
    from_state="available",
    to_state="gone",
    before_at=BEFORE,
    after_at=AT,
    confirmed_at=AT + timedelta(minutes=30, seconds=22),
    looks=3,
    surfaces=("lookup", "product_page"),
    context={
        "seen": {"gone": ["cn"], "suspected": [], "listed": ["gb", "hk", "us"]},
        "rates": {
            "days": 90,
            "watched": 120,
            "disappeared": 3,
            "returned": 2,
            "typical_absence_s": 82_800,
        },
        "updated": "2026-10-01T08:00:00Z",
    },
)
ELSEWHERE = replace(
    GONE,
    id="c-01kb2xd7nw5r8t0e",
    storefront="hk",
    after_at=AT + timedelta(minutes=4),
    confirmed_at=AT + timedelta(minutes=36),
    context=None,
)
IN_PLAY = replace(
    GONE,
    id="c-01kb30v1ya6c2s9f",
    incident="i-01kb30v1ya6c2s9f",
    app="castro",
    name="Castro",
    store="google_play",
    listing="fm.castro.example",
    storefront="us",
    kind="restricted",
    to_state="not_installable",
    surfaces=("details",),
    context=None,
)
BACK = replace(
    GONE, kind="returned", from_state="gone", to_state="available", looks=2, context=None
)
NAMES = ("Castro", "Jike 即刻", "Overcast", "Pocket Casts", "Toutiao")
REPORT = {
    "states": {"available": 50, "never_seen": 2, "not_installable": 1, "unknown": 3},
    "absent": [
        ["jike", "Jike 即刻", "app_store", "cn", "never_seen"],
        ["jike", "Jike 即刻", "app_store", "hk", "never_seen"],
        ["castro", "Castro", "google_play", "us", "not_installable"],
    ],
}
CLAIM = Claim(
    "cl-01kb31",
    GONE.incident,
    "A regulator says that it asked for this.",
    "https://example.org/story",
    "desk",
    AT,
)


@cache
def wording() -> Wording:
    """Return what messages are worded with, where a dashboard has an address."""
    with build(
        {"APPWATCH_BASE_URL": "https://watch.example.org"}, Path(__file__).parent
    ) as services:
        return services.wording()


def noticed(kind: str, /, **content: object) -> Notice:
    """Return a notice about the app of the other examples."""
    names = {name: getattr(GONE, name) for name in ("name", "store", "listing", "storefront")}
    change = GONE.id if kind == "retracted" else None
    return Notice("n-01kb2x4c8e1g6h5k", kind, AT, "jike", names | content, None, change)


def trouble() -> Mapping[str, Mapping[str, object]]:
    """Return what operators are told of, by how the example begins."""
    since, ended = AT.isoformat(), (AT + timedelta(minutes=45)).isoformat()
    sick = {"store": "app_store", "storefronts": ["cn"], "since": since, "count": 3, "of": 120}
    rule = {"words": "app_store.no_control (control_failed, local)"}
    alarm = {"event": ALARM, "id": "o-01kb2x9hq4m7p3ad", "kind": "sick", **sick, **rule}
    few = {
        "kind": "coverage",
        "storefronts": ["cn", "hk"],
        "words": "cn: 41 %, hk: 67 %",
        "percent": 41,
        "least": 80,
    }
    span = {"seconds": 21_600, "words": ""}
    return {
        "an alarm for": alarm,
        "its end for": alarm | {"event": ALARM_OVER, "id": "o-01kb2z1ay8n4q6rt", "ended_at": ended},
        "too little coverage for": alarm | few | span,
        "a channel that is off, for": {
            "event": CHANNEL_OFF,
            "id": "o-01kb2x9hq4m7p3af",
            "at": AT.isoformat(),
            "channel": "desk",
            "words": "The service answered 403: it refuses the address.",
        },
    }


def messages(language: str = ENGLISH) -> Mapping[str, Message]:
    """Return a message of every kind, by what it is."""
    missed: dict[str, object] = {
        "before_at": BEFORE.isoformat(), "first_missed_at": AT.isoformat(), "looks": 1,
    }  # fmt: skip
    seen: dict[str, object] = {
        "first_missed_at": AT.isoformat(),
        "seen_at": (AT + timedelta(minutes=15)).isoformat(),
    }
    disagreed = seen | {"seen_at": (AT + timedelta(days=1)).isoformat(), "looks": 96}
    wrong: dict[str, object] = {
        "kind": "disappeared", "by": "Ada", "why": "The answer was another app's.",
    }  # fmt: skip
    held = [
        replace(
            GONE,
            id=f"c-01kb2x9hq4m7p3a{n}",
            app=name,
            name=name,
            listing=f"96612981{n}",
            hold="h-1",
        )
        for n, name in enumerate(NAMES)
    ]
    changes = MappingProxyType(
        {
            "disappeared": [GONE],
            "restricted": [IN_PLAY],
            "returned": [BACK],
            "appeared": [replace(BACK, kind="appeared", from_state="never_seen")],
            "listed": [replace(BACK, kind="listed", to_state="preregistration")],
            "an update of an incident": [
                ELSEWHERE,
                replace(ELSEWHERE, id="c-01kb2xd7nw5r8t0f", storefront="tw"),
            ],
            "many apps out of a hold": held,
            "a digest": [GONE, IN_PLAY],
        }
    )
    notices = MappingProxyType(
        {
            "suspected": noticed("suspected", **missed, outcome="not_found"),
            "cleared": noticed("cleared", **seen),
            "cleared, as it is not watched": noticed("cleared", outcome="not_watched"),
            "disputed": noticed("disputed", **disagreed),
            "retracted": noticed("retracted", **wrong),
        }
    )
    told = {
        name: changes_message(rows, wording(), language=language) for name, rows in changes.items()
    }
    told |= {
        name: notices_message([one], wording(), language=language) for name, one in notices.items()
    }
    told |= {
        f"{name} operators": operator_message(content, wording(), language=language)
        for name, content in trouble().items()
    }
    as_of = {"as_of": (GONE.confirmed_at + timedelta(days=7)).isoformat()}
    told["a reminder"] = reminder_message([GONE], wording(), as_of, language=language)
    for name, subject in (("a summary", Subject.SUMMARY), ("a late digest", Subject.LATE)):
        news = ([GONE, ELSEWHERE, IN_PLAY], [notices["cleared"]])
        told[name] = gathered_message(subject, news, wording(), language=language)
    told["a first report"] = first_report_message(REPORT, wording(), language=language)
    told["a test of a channel"] = test_message("newsroom", language=language)
    return told


def story(language: str = ENGLISH) -> str:
    """Return the text of an incident as a reporter pastes it."""
    return incident_text([IncidentChange(GONE, None, None)], [CLAIM], wording(), language=language)


def in_english() -> str:
    """Return every kind of message in English, and the short forms."""
    return "\n".join(_pages())


def in_other_languages() -> str:
    """Return a whole message in each of the other languages."""
    codes = [code for code in LANGUAGES if code != ENGLISH]
    return "\n".join(_block(code, _whole(messages(code)["disappeared"])) for code in codes)


def _pages() -> Iterator[str]:
    told = messages()
    for name, message in told.items():
        yield _block(name, _whole(message))
    yield _block("a text message", told["disappeared"].short[0])
    yield _block("a text to paste", story())


def _whole(message: Message) -> str:
    return f"{message.title}\n\n{message.body}"


def _block(name: str, text: str) -> str:
    return f"### {name}\n\n```text\n{text}\n```\n"
