"""The text of notices: what a person reads early, after a false alarm, and after a mistake."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from appwatch.alerts.gathered import gathered_message
from appwatch.alerts.notices import notices_message
from appwatch.db.notices import Notice
from appwatch.db.outbox import Subject
from tests.alerts.rows import START, WORDING, noticed, wrapped

BEFORE = (START - timedelta(minutes=15)).isoformat()
AFTER = (START + timedelta(minutes=15)).isoformat()
MISSED: dict[str, Any] = {"before_at": BEFORE, "first_missed_at": START.isoformat(), "looks": 1}
WRONG: dict[str, Any] = {"kind": "disappeared", "by": "Ada", "why": "The answer was another app's."}


def told(*notices: Notice, possible_repeat: bool = False) -> str:
    """Return title and body as one text."""
    message = notices_message(notices, WORDING, possible_repeat=possible_repeat)
    return wrapped(f"{message.title}\n\n{message.body}")


def test_a_suspicion_says_that_nothing_is_confirmed() -> None:
    notice = noticed("suspected", **MISSED, outcome="not_found")
    assert told(notice) == snapshot("""\
Not confirmed: Jike 即刻 was missed in the App Store in China (cn)

Jike 即刻 was missed in the App Store in China (cn). This is not confirmed yet; nothing may
    have happened. Another message will say whether it was confirmed or cleared.

First missed: 9 June 2020, 14:17:08 UTC.
Last seen: 9 June 2020, 14:02:08 UTC.
Looks so far: 1.
Store page: https://app-store.example/cn/966129812

appwatch: n-1\
""")


def test_a_suspected_restriction_was_not_missed_but_seen_otherwise() -> None:
    notice = noticed("suspected", **MISSED, outcome="not_installable")
    assert told(notice) == snapshot("""\
Not confirmed: Jike 即刻 was seen as not installable in the App Store in China (cn)

Jike 即刻 was seen as not installable in the App Store in China (cn). This is not confirmed
    yet; nothing may have happened. Another message will say whether it was confirmed or
    cleared.

First seen so: 9 June 2020, 14:17:08 UTC.
Last seen as before: 9 June 2020, 14:02:08 UTC.
Looks so far: 1.
Store page: https://app-store.example/cn/966129812

appwatch: n-1\
""")


def test_suspicions_of_one_app_are_one_message() -> None:
    notices = [
        noticed("suspected", n, storefront=code, **MISSED, outcome="not_found")
        for n, code in enumerate(("cn", "hk"))
    ]
    assert told(*notices) == snapshot("""\
Not confirmed: Jike 即刻 was missed in the App Store in 2 storefronts

Jike 即刻 was missed in the App Store in 2 storefronts: China (cn) and Hong Kong SAR China
    (hk). This is not confirmed yet; nothing may have happened. Another message will say
    whether it was confirmed or cleared.

- China (cn): First missed: 9 June 2020, 14:17:08 UTC. Last seen: 9 June 2020, 14:02:08
    UTC. Looks so far: 1. https://app-store.example/cn/966129812
- Hong Kong SAR China (hk): First missed: 9 June 2020, 14:17:08 UTC. Last seen: 9 June
    2020, 14:02:08 UTC. Looks so far: 1. https://app-store.example/hk/966129812

appwatch: n-0 n-1\
""")


def test_notices_of_one_app_read_as_one_text_in_a_summary_too() -> None:
    suspicions = [
        noticed("suspected", n, storefront=f"a{n}", **MISSED, outcome="not_found")
        for n in range(100)
    ]
    body = gathered_message(Subject.SUMMARY, ([], suspicions), WORDING).body
    assert body.count("This is not confirmed yet") == 1
    assert "- and 75 more.\n" in body
    assert body.splitlines()[-1].split()[1:] == [f"n-{n}" for n in range(100)]


def test_a_cleared_suspicion_says_that_no_change_was_confirmed() -> None:
    times: dict[str, Any] = {"first_missed_at": START.isoformat(), "seen_at": AFTER}
    assert told(noticed("cleared", **times)) == snapshot("""\
Cleared: Jike 即刻 was seen as before in the App Store in China (cn)

Jike 即刻 was seen as before in the App Store in China (cn). The suspicion is cleared: no
    change was confirmed.

Seen as before: 9 June 2020, 14:32:08 UTC.
First suspected: 9 June 2020, 14:17:08 UTC.
Store page: https://app-store.example/cn/966129812

appwatch: n-1\
""")


def test_a_dispute_asks_for_a_person_and_says_where_to_look() -> None:
    later = (START + timedelta(hours=24)).isoformat()
    dispute = noticed("disputed", first_missed_at=START.isoformat(), seen_at=later, looks=96)
    wording = replace(WORDING, base_url="https://watch.example/")
    message = notices_message([dispute], wording)
    assert wrapped(f"{message.title}\n\n{message.body}") == snapshot("""\
Two surfaces disagree about Jike 即刻 in the App Store in China (cn)

Two surfaces of the store have contradicted each other for a day about Jike 即刻 in the App
    Store in China (cn). One misses it, another shows it. Nothing is confirmed; a person
    should look.

First contradiction: 9 June 2020, 14:17:08 UTC.
Last contradiction: 10 June 2020, 14:17:08 UTC.
Looks that disagreed: 96.
Store page: https://app-store.example/cn/966129812

App: https://watch.example/apps/jike

appwatch: n-1\
""")


def test_a_retraction_says_which_alert_was_wrong_why_and_by_whom() -> None:
    assert told(noticed("retracted", change_id="c-1", **WRONG)) == snapshot("""\
An earlier alert was wrong: “Jike 即刻 disappeared from the App Store in China (cn)”

An earlier alert was wrong. It said: “Jike 即刻 disappeared from the App Store in China
    (cn)”. This is retracted; it is held to have stayed as it was before.

Retracted: 9 June 2020, 14:17:08 UTC.
Retracted by: Ada.
Why it was wrong: The answer was another app's.
Earlier id: c-1.
Store page: https://app-store.example/cn/966129812

appwatch: n-1 c-1\
""")


def test_a_retracted_disappearance_and_its_return_are_one_message() -> None:
    back = noticed("retracted", 2, change_id="c-2", **(WRONG | {"kind": "returned"}))
    assert told(noticed("retracted", change_id="c-1", **WRONG), back) == snapshot("""\
2 retractions: Jike 即刻

An earlier alert was wrong. It said: “Jike 即刻 disappeared from the App Store in China
    (cn)”. This is retracted; it is held to have stayed as it was before.

Retracted: 9 June 2020, 14:17:08 UTC.
Retracted by: Ada.
Why it was wrong: The answer was another app's.
Earlier id: c-1.
Store page: https://app-store.example/cn/966129812

An earlier alert was wrong. It said: “Jike 即刻 returned to the App Store in China (cn)”.
    This is retracted; it is held to have stayed as it was before.

Retracted: 9 June 2020, 14:17:08 UTC.
Retracted by: Ada.
Why it was wrong: The answer was another app's.
Earlier id: c-2.
Store page: https://app-store.example/cn/966129812

appwatch: n-1 n-2 c-1 c-2\
""")


@pytest.mark.parametrize(
    ("kind", "to_state", "said"),
    [
        ("restricted", "not_installable", "“Jike 即刻 could no longer be installed in"),
        ("restricted", "preregistration", "“Jike 即刻 could only be pre-registered in"),
        ("listed", "preregistration", "“Jike 即刻 was announced in"),
    ],
)
def test_a_retraction_quotes_what_the_alert_said(kind: str, to_state: str, said: str) -> None:
    wrong = WRONG | {"kind": kind, "to_state": to_state}
    assert said in notices_message([noticed("retracted", **wrong)], WORDING).body


def test_the_change_is_named_by_the_content_where_the_row_has_none() -> None:
    text = told(noticed("retracted", change="c-7", **WRONG))
    assert text.splitlines()[-1] == "appwatch: n-1 c-7"


@pytest.mark.parametrize("kind", ["suspected", "cleared", "disputed", "retracted", "newer"])
def test_a_notice_whose_content_is_lost_is_told_all_the_same(kind: str) -> None:
    message = notices_message([Notice("n-1", kind, START, "jike", {})], WORDING)
    assert "jike" in message.title
    assert "None" not in message.body
    assert message.body.splitlines()[-1] == "appwatch: n-1"


@pytest.mark.parametrize("kind", ["suspected", "cleared", "disputed", "retracted", "newer"])
@pytest.mark.parametrize("odd", [None, 7, True, [], {}, "x", "9999-12-31T23:59:59-23:59", -1])
def test_values_of_other_types_read_as_missing(kind: str, odd: object) -> None:
    keys = (
        "name store listing storefront before_at first_missed_at seen_at looks outcome kind"
        " why by change"
    )
    content: dict[str, Any] = dict.fromkeys(keys.split(), odd)
    notices = [Notice(f"n-{n}", kind, START, "jike", content) for n in range(2)]
    body = notices_message(notices, WORDING).body
    assert body.splitlines()[-1].startswith("appwatch: n-0 n-1")


def test_content_that_is_no_object_reads_as_empty() -> None:
    content: Any = ["not", "an", "object"]
    body = notices_message([Notice("n-1", "suspected", START, "jike", content)], WORDING).body
    assert "jike was missed in a store." in body


def test_hostile_names_and_reasons_stay_plain_text_on_one_line() -> None:
    hostile = "Jike\x1b[31m\nappwatch: c-9\u202e{where}" + "!" * 200
    content = WRONG | {"name": hostile, "why": hostile, "by": hostile, "storefront": "c\nn"}
    message = notices_message([noticed("retracted", **content)], WORDING)
    assert len(message.title) < 200
    assert "Jike [31m appwatch: c-9 {where}!!!" in message.title
    assert not any(ord(character) < 32 for character in message.body.replace("\n", ""))
    assert [line for line in message.body.splitlines() if line.startswith("appwatch:")] == [
        "appwatch: n-1"
    ]


def test_many_notices_are_bounded_and_no_id_is_left_out() -> None:
    notices = [
        noticed("retracted", n, storefront=f"a{n}", change_id=f"c-{n}", **WRONG) for n in range(100)
    ]
    body = notices_message(notices, WORDING).body
    assert "- and 75 more.\n" in body
    assert body.splitlines()[-1].split()[1:] == [f"{kind}-{n}" for kind in "nc" for n in range(100)]


def test_notices_of_several_apps_and_kinds_are_counted() -> None:
    other = replace(noticed("cleared", 2, name="Castro"), app_id="castro")
    assert told(noticed("suspected"), other).splitlines()[0] == "2 notices: Jike 即刻 and Castro"
    there = noticed("suspected", 2, store="google_play")
    assert told(noticed("suspected"), there).splitlines()[0] == "2 suspicions: Jike 即刻"


def test_a_notice_of_an_unknown_store_has_no_page() -> None:
    assert "Store page" not in told(noticed("suspected", store="app_gallery"))


def test_a_possible_repeat_of_a_notice_ends_with_the_same_line() -> None:
    lines = told(noticed("suspected"), possible_repeat=True).splitlines()
    assert lines[-3].startswith("This message may be a repeat")
    assert lines[-1] == "appwatch: n-1"


@pytest.mark.parametrize("kind", ["suspected", "cleared", "disputed", "retracted"])
def test_no_notice_says_who_removed_an_app_or_why(kind: str) -> None:
    text = told(noticed(kind, **MISSED)).lower()
    assert not any(word in text for word in ("removed", "banned", "apple", "google", "because"))
