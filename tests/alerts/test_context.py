"""The context of a change and what is said of doubts: scope, rates, neighbours, waivers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from appwatch.alerts.gathered import gathered_message
from appwatch.alerts.messages import changes_message
from appwatch.alerts.reminders import reminder_message
from appwatch.db.outbox import Subject
from tests.alerts.rows import CHANGE, CONTEXT, RATES, START, TOUTIAO, WORDING, told, wrapped

SCOPED = replace(CHANGE, scope="Gone from cn; still listed in hk, us.", context=CONTEXT)


def body(**context: object) -> str:
    """Return the text of a change that carries this context."""
    return changes_message([replace(CHANGE, context=context)], WORDING).body


def test_a_change_carries_its_context() -> None:
    assert told(SCOPED) == snapshot("""\
Jike 即刻 disappeared from the App Store in China (cn)

Jike 即刻 is no longer listed in the App Store in China (cn).

When: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). It was last seen there at the first of these moments. It was first missed at
    the second.
Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds. Surfaces:
    lookup and product page. A control app was seen beside it each time.
Scope when China (cn) was confirmed: Gone from cn; still listed in hk, us.
In the 90 days before, 3 of 120 watched apps disappeared there. In that time 2 returned.
    Absences typically lasted 23 hours.
Other apps of the same developer: Toutiao (cn) disappeared on 9 June 2020, 12:17:08 UTC.
The listing was last updated on 1 May 2020.
Store page: https://app-store.example/cn/966129812

appwatch: c-1\
""")


def test_several_storefronts_share_one_context() -> None:
    hong_kong = replace(
        SCOPED,
        id="c-2",
        storefront="hk",
        confirmed_at=SCOPED.confirmed_at + timedelta(minutes=1),
        scope="Gone from cn, hk; still listed in us.",
        context=CONTEXT | {"rates": RATES | {"disappeared": 0, "returned": 0}},
    )
    assert told(SCOPED, hong_kong) == snapshot("""\
Jike 即刻 disappeared from the App Store in 2 storefronts

Jike 即刻 is no longer listed in the App Store in 2 storefronts: China (cn) and Hong Kong
    SAR China (hk).

- China (cn): between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes
    57 seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22
    seconds. Surfaces: lookup and product page. A control app was seen beside it each
    time. https://app-store.example/cn/966129812
- Hong Kong SAR China (hk): between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08
    UTC (14 minutes 57 seconds). Confirmed: 9 June 2020, 14:48:30 UTC, by 3 looks over 31
    minutes 22 seconds. Surfaces: lookup and product page. A control app was seen beside
    it each time. https://app-store.example/hk/966129812

Scope when Hong Kong SAR China (hk) was confirmed: Gone from cn, hk; still listed in us.
China (cn): In the 90 days before, 3 of 120 watched apps disappeared there. In that time 2
    returned. Absences typically lasted 23 hours.
Hong Kong SAR China (hk): In the 90 days before, none of 120 watched apps disappeared
    there. In that time none returned. Absences typically lasted 23 hours.
Other apps of the same developer: Toutiao (cn) disappeared on 9 June 2020, 12:17:08 UTC.
The listing was last updated on 1 May 2020.

appwatch: c-1 c-2\
""")


def test_storefronts_of_equal_rates_share_a_sentence() -> None:
    codes = ("cn", "us", "hk")
    changes = [replace(SCOPED, id=f"c-{n}", storefront=code) for n, code in enumerate(codes)]
    lonely = replace(changes[1], context={"rates": RATES | {"watched": 5}})
    text = changes_message([changes[0], lonely, changes[2]], WORDING).body
    [both, alone] = [line for line in text.splitlines() if "days before" in line]
    assert both.startswith("Each of China (cn) and Hong Kong SAR China (hk): In the 90 days before")
    assert alone.startswith("United States (us): In the 90 days before, 3 of 5 watched apps")


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (
            {"gone": ["cn"], "suspected": ["hk"], "listed": ["us"]},
            "Gone from cn. Missed but not confirmed in hk. Still listed in us.",
        ),
        ({"gone": ["cn"]}, "Gone from cn. No other storefront was looked at."),
        (
            {"gone": ["cn"], "absent": ["us"]},
            "Gone from cn. Not found in us, where it is not known to have been.",
        ),
        (
            {"gone": ["cn"], "unknown": ["us"]},
            "Gone from cn. Unknown in us, where no recent look could tell.",
        ),
        (
            {"gone": ["cn", "hk"]},
            "Gone from cn and hk. Missing everywhere that was looked (2 storefronts).",
        ),
        (
            {"gone": ["cn"], "listed": list("abcdefg")},
            "Gone from cn. Still listed in 7 storefronts (a, b, c, d, e and 2 more).",
        ),
    ],
)
def test_the_scope_is_told_from_where_it_was_seen(seen: dict[str, Any], sentence: str) -> None:
    assert f"\nScope when China (cn) was confirmed: {sentence}\n" in body(seen=seen)


def test_a_group_and_another_store_are_told_with_the_scope() -> None:
    beside = [{"store": "Google Play", "gone": ["hk", "tw"]}]
    seen = {"gone": ["cn", "hk"], "listed": ["us"], "beside": beside}
    assert (
        "\nScope when China (cn) was confirmed:"
        " Gone from cn and hk (all of greater-china that was looked at)."
        " Still listed in us. It is gone from Google Play (hk and tw) as well.\n"
    ) in body(seen=seen, group="greater-china")


def test_a_reminder_says_of_when_the_scope_is_that_it_repeats() -> None:
    text = reminder_message([SCOPED], WORDING, {}).body
    assert "\nScope when China (cn) was confirmed: Gone from cn; still listed in hk, us.\n" in text


def test_the_scope_may_stand_in_the_context_alone() -> None:
    assert "\nScope when China (cn) was confirmed: Gone from cn.\n" in body(scope="Gone from cn.")


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        ({"days": 90, "disappeared": 0}, "no watched app disappeared there."),
        ({"days": 90, "disappeared": 1}, "1 watched app disappeared there."),
        (
            {"days": 90, "watched": 2, "disappeared": 0, "returned": 0},
            "none of 2 watched apps disappeared there. In that time none returned.",
        ),
        (
            {"days": 90, "watched": 2, "disappeared": 3, "typical_absence_s": 90_000},
            "3 watched apps disappeared there. Absences typically lasted 1 day 1 hour.",
        ),
    ],
)
def test_rates_are_told_as_far_as_they_are_known(rates: dict[str, Any], sentence: str) -> None:
    assert f"\nIn the 90 days before, {sentence}\n" in body(rates=rates)


@pytest.mark.parametrize(
    "rates",
    [{}, {"days": 90}, {"days": 0, "disappeared": 3}, RATES | {"watched": 1}, [], "3", None],
)
def test_rates_that_cannot_be_read_are_left_out(rates: object) -> None:
    assert "days before" not in body(rates=rates)


def test_rates_put_departures_and_returns_in_proportion_and_nothing_else() -> None:
    appeared = replace(SCOPED, kind="appeared", to_state="available")
    assert "days before" not in told(appeared)
    assert "days before" in told(replace(appeared, kind="returned"))


def test_the_developers_other_apps_are_bounded() -> None:
    others = [TOUTIAO | {"name": f"App {n}", "kind": "returned"} for n in range(7)]
    [line] = [one for one in body(neighbours=others).splitlines() if "same developer" in one]
    assert line.count(" returned on ") == 5
    assert line.endswith("; 2 more changes.")


@pytest.mark.parametrize(
    ("siblings", "neighbours", "said"),
    [
        (0, [], None),
        (2, [], None),
        (2, [TOUTIAO | {"kind": "returned"}], None),
        (3, [TOUTIAO, TOUTIAO], "That is 1 of the developer's 3 other watched apps."),
        (2, [TOUTIAO, TOUTIAO | {"name": "B"}], "That is all of the developer's 2 other"),
    ],
)
def test_how_many_of_the_developers_other_apps_are_affected_is_said_where_any_is_known(
    siblings: int, neighbours: list[dict[str, Any]], said: str | None
) -> None:
    text = body(siblings=siblings, neighbours=neighbours)
    assert said in text if said else "The developer's" not in text


def test_neighbours_that_say_little_are_told_as_far_as_they_go() -> None:
    others = [{"name": "Castro"}, {"kind": "disappeared"}, "odd", None, {"name": 7}]
    assert "\nOther apps of the same developer: Castro changed.\n" in body(neighbours=others)
    assert "same developer" not in body(neighbours="odd")


@pytest.mark.parametrize(
    ("updated", "told"),
    [
        ("2020-05-01T23:30:00-08:00", "on 2 May 2020"),
        ("2020-05-01", "on 1 May 2020"),
        ("some day", "on some day"),
    ],
)
def test_the_last_update_is_told_as_a_day(updated: str, told: str) -> None:
    assert f"\nThe listing was last updated {told}.\n" in body(updated=updated)


@pytest.mark.parametrize("context", [None, [], "odd", {"scope": 7, "updated": None}])
def test_a_context_of_another_shape_adds_nothing(context: Any) -> None:  # noqa: ANN401 - odd JSON
    assert told(replace(CHANGE, context=context)) == told(CHANGE)


def test_hostile_context_stays_on_its_line() -> None:
    hostile = "x\nappwatch: c-9\x1b[2J\u202e"
    text = body(scope=hostile, updated=hostile, neighbours=[TOUTIAO | {"name": hostile}])
    assert [line for line in text.splitlines() if line.startswith("appwatch:")] == ["appwatch: c-1"]
    assert not any(ord(character) < 32 for character in text.replace("\n", ""))


def test_a_waived_second_surface_is_named_where_the_store_says_which() -> None:
    waived = replace(
        CHANGE,
        waived=True,
        looks=6,
        surfaces=("lookup",),
        confirmed_at=CHANGE.after_at + timedelta(hours=2),
    )
    wording = replace(WORDING, second={"app_store": ("product_page", "platform")})
    text = changes_message([waived], wording).body
    assert wrapped("\n".join(text.splitlines()[3:5])) == snapshot("""\
Confirmed: 9 June 2020, 16:17:08 UTC, by 6 looks over 2 hours. Surface: lookup. A control
    app was seen beside it each time.
The second surface stayed silent; after 6 looks over 2 hours it was waived. It could have
    been: product page and platform lookup.\
""")
    assert "The second surface stayed silent; after 6 looks over 2 hours it was waived." in wrapped(
        changes_message([waived, replace(waived, id="c-2", storefront="hk")], WORDING).body
    ).replace("\n    ", " ")


def test_what_was_retracted_before_it_was_sent_is_not_told_as_true() -> None:
    retracted = replace(SCOPED, retracted_at=CHANGE.confirmed_at + timedelta(hours=3))
    assert told(retracted) == snapshot("""\
Retracted as wrong: Jike 即刻 disappeared from the App Store in China (cn)

Retracted as wrong: Jike 即刻 disappeared from the App Store in China (cn).

When: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). It was last seen there at the first of these moments. It was first missed at
    the second.
Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds. Surfaces:
    lookup and product page. A control app was seen beside it each time.
Retracted: 9 June 2020, 17:47:30 UTC. It is held to have stayed as it was before.
Store page: https://app-store.example/cn/966129812

appwatch: c-1\
""")


def test_a_digest_neither_leads_with_nor_counts_what_was_retracted() -> None:
    wrong = replace(CHANGE, retracted_at=START + timedelta(hours=3))
    castro = replace(CHANGE, id="c-2", app="castro", name="Castro")
    text = told(wrong, castro)
    assert text.startswith("Castro disappeared from the App Store in China (cn)\n\nCastro is no")
    assert text.index("Castro is no longer") < text.index("Retracted as wrong: Jike 即刻 dis")
    both = told(wrong, replace(castro, retracted_at=START + timedelta(hours=3)))
    assert both.startswith("Retracted as wrong: 2 changes of 2 apps\n")


def test_a_summary_counts_what_was_retracted_apart() -> None:
    wrong = replace(CHANGE, retracted_at=START + timedelta(hours=3))
    changes = [wrong, replace(CHANGE, id="c-2", app="castro", name="Castro")]
    message = gathered_message(Subject.SUMMARY, (changes, []), WORDING)
    assert message.title == "In one message: 1 change and 1 retraction"
    first, second = [line for line in message.body.splitlines() if line.startswith("- ")]
    assert first.startswith("- Castro is no longer listed")
    assert second.startswith("- Retracted as wrong: Jike")


def test_a_change_before_one_that_was_retracted_still_holds() -> None:
    wrong = replace(CHANGE, id="c-2", confirmed_at=START + timedelta(days=1), retracted_at=START)
    text = told(CHANGE, wrong)
    assert "Jike 即刻 is no longer listed in the App Store in China (cn).\n" in text
    assert "Retracted as wrong: Jike 即刻 disappeared from" in text
