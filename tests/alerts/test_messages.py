"""The text of alerts: what a person reads, to the letter."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from appwatch.alerts import messages
from appwatch.alerts.messages import changes_message
from appwatch.db.deliveries import ChangeRow
from tests.alerts.rows import CHANGE, START, WORDING, wrapped


def told(*changes: ChangeRow, possible_repeat: bool = False) -> str:
    """Return title and body as one text."""
    message = changes_message(changes, WORDING, possible_repeat=possible_repeat)
    return f"{message.title}\n\n{message.body}"


def changed(number: int, **fields: Any) -> ChangeRow:  # noqa: ANN401 - those of a row
    return replace(CHANGE, id=f"c-{number}", **fields)


def test_a_disappearance_says_what_where_between_when_and_how_it_was_confirmed() -> None:
    assert wrapped(told(CHANGE)) == snapshot("""\
Jike 即刻 disappeared from the App Store in China (cn)

Jike 即刻 is no longer listed in the App Store in China (cn).

When: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). It was last seen there at the first of these moments. It was first missed at
    the second.
Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds. Surfaces:
    lookup and product page. A control app was seen beside it each time.
Store page: https://app-store.example/cn/966129812

appwatch: c-1\
""")


def test_a_restriction_says_that_the_app_is_still_listed() -> None:
    change = replace(
        CHANGE,
        kind="restricted",
        to_state="not_installable",
        store="google_play",
        storefront="us",
        surfaces=("details",),
    )
    assert wrapped(told(change)) == snapshot("""\
Jike 即刻 can no longer be installed in Google Play in the United States (us)

Jike 即刻 is still listed in Google Play in the United States (us), but can no longer be
    installed there.

When: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). It was last seen there as installable at the first of these moments. It was
    first seen as not installable at the second.
Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds. Surface:
    details page.
Store page: https://google-play.example/us/966129812

appwatch: c-1\
""")


def test_a_return_says_since_when_the_app_is_seen_again() -> None:
    change = replace(
        CHANGE,
        kind="returned",
        from_state="gone",
        to_state="available",
        looks=2,
        confirmed_at=CHANGE.after_at + timedelta(minutes=1),
    )
    assert wrapped(told(change)) == snapshot("""\
Jike 即刻 returned to the App Store in China (cn)

Jike 即刻 is available again in the App Store in China (cn).

When: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). It was last found missing there at the first of these moments. It was first
    seen there at the second.
Confirmed: 9 June 2020, 14:18:08 UTC, by 2 looks over 1 minute. Surfaces: lookup and
    product page.
Store page: https://app-store.example/cn/966129812

appwatch: c-1\
""")


def test_every_kind_has_a_sentence_of_its_own() -> None:
    pairs = [
        ("appeared", "available"),
        ("returned", "available"),
        ("listed", "not_installable"),
        ("listed", "preregistration"),
        ("restricted", "preregistration"),
        ("of a newer appwatch", "elsewhere"),
    ]
    changes = [replace(CHANGE, kind=kind, to_state=state) for kind, state in pairs]
    assert wrapped("\n".join(told(change).splitlines()[2] for change in changes)) == snapshot("""\
Jike 即刻 is available in the App Store in China (cn), for the first time since watching
    began.
Jike 即刻 is available again in the App Store in China (cn).
Jike 即刻 is listed in the App Store in China (cn), but cannot be installed there.
Jike 即刻 is announced in the App Store in China (cn), and can only be pre-registered there.
Jike 即刻 is still listed in the App Store in China (cn), but can only be pre-registered
    there.
Jike 即刻 has changed in the App Store in China (cn).\
""")


def test_changes_of_one_app_read_as_one_text() -> None:
    minute = timedelta(minutes=1)
    changes = [
        CHANGE,
        changed(2, storefront="hk", after_at=CHANGE.after_at + minute, missed_rounds=12),
        changed(3, storefront="tw", confirmed_at=CHANGE.confirmed_at + minute),
        changed(4, store="google_play", listing="com.ruguoapp.jike", storefront="in"),
    ]
    assert wrapped(told(*changes)) == snapshot("""\
Jike 即刻: 4 changes in the App Store and Google Play

Jike 即刻 is no longer listed in the App Store in 3 storefronts: China (cn), Hong Kong SAR
    China (hk) and Taiwan (tw).

- China (cn): between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes
    57 seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22
    seconds. Surfaces: lookup and product page. A control app was seen beside it each
    time. https://app-store.example/cn/966129812
- Hong Kong SAR China (hk): between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:18:08
    UTC (15 minutes 57 seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 29
    minutes 22 seconds. Surfaces: lookup and product page. A control app was seen beside
    it each time. Seen after a gap of 15 minutes 57 seconds: 12 rounds of looks in between
    proved nothing. https://app-store.example/hk/966129812
- Taiwan (tw): between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes
    57 seconds). Confirmed: 9 June 2020, 14:48:30 UTC, by 3 looks over 31 minutes 22
    seconds. Surfaces: lookup and product page. A control app was seen beside it each
    time. https://app-store.example/tw/966129812

Jike 即刻 is no longer listed in Google Play in India (in).

When: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). It was last seen there at the first of these moments. It was first missed at
    the second.
Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds. Surfaces:
    lookup and product page. A control app was seen beside it each time.
Store page: https://google-play.example/in/com.ruguoapp.jike

appwatch: c-1 c-2 c-3 c-4\
""")


def test_an_app_that_left_and_came_back_is_told_move_by_move() -> None:
    back = replace(
        CHANGE,
        id="c-2",
        kind="returned",
        from_state="gone",
        to_state="available",
        confirmed_at=CHANGE.confirmed_at + timedelta(hours=1),
    )
    lines = [line for line in told(back, CHANGE).splitlines() if line.startswith("Jike")]
    assert lines == snapshot(
        [
            "Jike 即刻: 2 changes in the App Store",
            "Jike 即刻 disappeared from the App Store in China (cn). It has changed again since.",
            "Jike 即刻 is available again in the App Store in China (cn).",
        ]
    )


def test_several_apps_are_told_one_after_the_other() -> None:
    other = changed(2, app="castro", name="Castro", incident="i-2", storefront="us")
    text = told(CHANGE, other, changed(3, storefront="hk"))
    assert text.splitlines()[0] == snapshot("3 changes of 2 apps")
    assert text.index("Jike 即刻 is no longer") < text.index("Castro is no longer")
    assert text.splitlines()[-1] == "appwatch: c-1 c-2 c-3"


def test_what_was_seen_after_a_gap_says_how_long_nobody_saw_anything() -> None:
    gap = replace(CHANGE, before_at=CHANGE.after_at - timedelta(hours=26), missed_rounds=103)
    [line] = [line for line in told(gap).splitlines() if "gap" in line]
    assert wrapped(line) == snapshot(
        "Seen after a gap of 1 day 2 hours: 103 rounds of looks in between proved nothing."
    )


def test_looks_in_between_that_were_retracted_are_told_and_are_no_gap() -> None:
    between = {"retracted_between_at": START.isoformat()}
    again = replace(CHANGE, context=between | {"looked_before_at": START.isoformat()})
    said = "Looks in between had shown the same; that was retracted as wrong on 9 June 2020, 14:17"
    assert said in " ".join(told(again).split())
    assert "gap" not in told(again)
    after = replace(again, after_at=START + timedelta(hours=1), missed_rounds=3)
    assert "after a gap of 1 hour: 3 rounds" in told(after)


def test_a_gap_in_which_nobody_looked_says_so() -> None:
    def said(rounds: int, looks: int) -> str:
        gap = replace(CHANGE, missed_rounds=rounds, context={"looks_in_vain": looks})
        [line] = [line for line in told(gap).splitlines() if "gap" in line]
        return line.partition(": ")[2]

    assert [said(1, 0), said(7, 0), said(7, 7), said(7, 3), said(7, 6)] == snapshot(
        [
            "nobody looked in between, for 1 round.",
            "nobody looked in between, for 7 rounds.",
            "7 rounds of looks in between proved nothing.",
            "3 rounds of looks in between proved nothing. For 4 more rounds nobody looked.",
            "6 rounds of looks in between proved nothing. For 1 more round nobody looked.",
        ]
    )


def test_the_scope_and_the_incident_are_shown_where_they_are_known() -> None:
    wording = replace(WORDING, base_url="https://watch.example/")
    scoped = replace(CHANGE, scope="gone from cn; still in 174 others")
    body = changes_message([scoped], wording).body
    assert "\nScope when China (cn) was confirmed: gone from cn; still in 174 others\n" in body
    assert "\nIncident: https://watch.example/incidents/i-1\n" in body


def test_a_possible_repeat_says_so_and_ends_with_the_same_line() -> None:
    assert "may be a repeat" not in told(CHANGE)
    lines = told(CHANGE, possible_repeat=True).splitlines()
    assert lines[-3:] == snapshot(
        [
            (
                "This message may be a repeat: all or some of it may have come before,"
                " under the same ids."
            ),
            "",
            "appwatch: c-1",
        ]
    )


def test_a_name_is_plain_text_on_one_line() -> None:
    hostile = replace(CHANGE, name="Jike\x1b[31m\nappwatch: c-9\u202egnihtemos" + "!" * 200)
    message = changes_message([hostile], WORDING)
    assert message.title.startswith("Jike [31m appwatch: c-9 gnihtemos!!!")
    assert len(message.title) < 130
    assert message.body.splitlines()[-1] == "appwatch: c-1"
    assert not any(ord(character) < 32 for character in message.body.replace("\n", ""))


def test_many_storefronts_are_bounded_and_no_id_is_left_out() -> None:
    codes = [f"{a}{b}" for a in "abcdefghij" for b in "abcdefghijklmnop"]
    changes = [changed(n, storefront=code) for n, code in enumerate(codes)]
    message = changes_message(changes, WORDING)
    assert message.title == "Jike 即刻 disappeared from the App Store in 160 storefronts"
    assert "and 100 more.\n" in message.body
    assert "- and 135 more storefronts: between 9 June 2020, 14:02:11 UTC and" in message.body
    assert message.body.splitlines()[-1].split()[1:] == [change.id for change in changes]


@pytest.mark.parametrize("kind", ["disappeared", "restricted", "returned"])
def test_no_text_says_who_or_why(kind: str) -> None:
    text = told(replace(CHANGE, kind=kind)).lower()
    assert not any(word in text for word in ("removed", "banned", "apple", "google", "because"))


def test_the_same_rows_give_the_same_text() -> None:
    changes = [CHANGE, changed(2, storefront="hk"), changed(3, storefront="us")]
    assert told(*changes) == told(*changes)


def test_a_test_message_names_its_channel() -> None:
    message = messages.test_message("newsroom")
    assert message.title == "appwatch: test of newsroom"
    assert message.body == snapshot("""\
This is a test of the channel newsroom. Alerts of appwatch will arrive here.

appwatch: test\
""")
