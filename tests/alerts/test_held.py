"""What is told of the many apps that came out of a hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from inline_snapshot import snapshot

from appwatch.alerts.messages import changes_message
from appwatch.db.deliveries import ChangeRow
from tests.alerts.rows import CHANGE, CONTEXT, START, WORDING, told

APPS = ("Castro", "Jike", "Overcast", "Pocket Casts", "Toutiao")
SCOPE = "Scope when China (cn) was confirmed:"


def held(count: int = 5, **fields: Any) -> list[ChangeRow]:  # noqa: ANN401 - those of a row
    """Return the changes of so many apps that came out of a hold."""
    names = [*APPS, *(f"App {number:03}" for number in range(count))][:count]
    one = replace(CHANGE, hold="h-1", **fields)
    return [
        replace(one, id=f"c-{n}", app=name.lower(), name=name, listing=str(n))
        for n, name in enumerate(names)
    ]


def test_many_apps_out_of_a_hold_are_one_text() -> None:
    changes = [replace(change, context=CONTEXT) for change in held()]
    assert told(*changes) == snapshot("""\
5 apps are no longer listed in the App Store in China (cn)

5 apps are no longer listed in the App Store in China (cn).
So much was missing at once that they were held until a control was seen in a later sweep.

- Castro: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds.
    Surfaces: lookup and product page. A control app was seen beside it each time.
    https://app-store.example/cn/0
- Jike: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds.
    Surfaces: lookup and product page. A control app was seen beside it each time.
    https://app-store.example/cn/1
- Overcast: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds.
    Surfaces: lookup and product page. A control app was seen beside it each time.
    https://app-store.example/cn/2
- Pocket Casts: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14
    minutes 57 seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes
    22 seconds. Surfaces: lookup and product page. A control app was seen beside it each
    time. https://app-store.example/cn/3
- Toutiao: between 9 June 2020, 14:02:11 UTC and 9 June 2020, 14:17:08 UTC (14 minutes 57
    seconds). Confirmed: 9 June 2020, 14:47:30 UTC, by 3 looks over 30 minutes 22 seconds.
    Surfaces: lookup and product page. A control app was seen beside it each time.
    https://app-store.example/cn/4

In the 90 days before, 3 of 120 watched apps disappeared there. In that time 2 returned.
    Absences typically lasted 23 hours.

appwatch: c-0 c-1 c-2 c-3 c-4\
""")


def test_an_app_of_a_hold_in_several_storefronts_takes_one_line() -> None:
    there = [replace(c, id=f"{c.id}-hk", storefront="hk") for c in held(2)]
    assert told(*held(2), *there) == snapshot("""\
2 apps are no longer listed in the App Store in 2 storefronts

2 apps are no longer listed in the App Store in 2 storefronts: China (cn) and Hong Kong
    SAR China (hk).
So much was missing at once that they were held until a control was seen in a later sweep.

- Castro: China (cn) and Hong Kong SAR China (hk); between 9 June 2020, 14:02:11 UTC and 9
    June 2020, 14:17:08 UTC (14 minutes 57 seconds). Each confirmed by 3 looks or more.
- Jike: China (cn) and Hong Kong SAR China (hk); between 9 June 2020, 14:02:11 UTC and 9
    June 2020, 14:17:08 UTC (14 minutes 57 seconds). Each confirmed by 3 looks or more.

appwatch: c-0 c-1 c-0-hk c-1-hk\
""")


def test_each_app_of_a_hold_has_its_own_scope() -> None:
    far = [{"gone": ["cn"], "listed": ["us"]}, {"gone": ["cn", "us"], "listed": ["hk"]}]
    changes = [replace(c, context={"seen": seen}) for c, seen in zip(held(2), far, strict=True)]
    castro, jike = [
        line for line in told(*changes).replace("\n    ", " ").splitlines() if "Sc" in line
    ]
    assert castro.startswith("- Castro: between")
    assert f"time. {SCOPE} Gone from cn. Still listed in us. https:" in castro
    assert f"time. {SCOPE} Gone from cn and us. Still listed in hk. https:" in jike


def test_a_scope_that_all_apps_of_a_hold_have_is_told_once() -> None:
    seen = {"seen": {"gone": ["cn"], "listed": ["us"]}}
    text = told(*held(3, context=seen))
    assert text.count("Scope") == 1
    assert "\nScope of each app when it was confirmed: Gone from cn. Still listed in us.\n" in text


def test_doubts_about_an_app_of_a_hold_are_counted() -> None:
    there = [replace(c, id=f"{c.id}-hk", storefront="hk", waived=True) for c in held(2)]
    text = told(*held(2, missed_rounds=9), *there).replace("\n    ", " ")
    assert "In 1 of them the second surface stayed silent and was waived. In 1 of them it" in text


def test_retracted_changes_of_a_hold_are_one_text_too() -> None:
    lines = told(*held(2, retracted_at=START)).splitlines()
    assert lines[0] == "Retracted as wrong: 2 apps disappeared from the App Store in China (cn)"
    assert lines[-3].endswith("It is held to have stayed as it was before.")


def test_many_apps_of_a_hold_are_bounded_and_no_id_is_left_out() -> None:
    changes = held(300)
    message = changes_message(changes, WORDING)
    assert message.title == "300 apps are no longer listed in the App Store in China (cn)"
    assert "\n- and 275 more apps: between 9 June 2020, 14:02:11 UTC and" in message.body
    assert message.body.splitlines()[-1].split()[1:] == [change.id for change in changes]


def test_a_hold_that_a_person_released_says_so() -> None:
    before: dict[str, Any] = {"hold_released_at": CHANGE.confirmed_at - timedelta(minutes=1)}
    after: dict[str, Any] = {"hold_released_at": CHANGE.confirmed_at + timedelta(minutes=1)}
    assert "held until a person released them." in told(*held(**before))
    assert "held until a control was seen in a later sweep." in told(*held(**after))
    mixed = [*held(2, **before), *held(4, **after)[2:]]
    assert "in a later sweep or a person released them." in told(*mixed).replace("\n    ", " ")


def test_one_app_out_of_a_hold_reads_as_any_other_and_says_that_it_was_held() -> None:
    lines = told(*held(1)).replace("\n    ", " ").splitlines()
    assert lines[0] == "Castro disappeared from the App Store in China (cn)"
    held_line = "So much was missing at once that it was held until a control was seen in a later"
    assert f"{held_line} sweep." in lines


def test_what_came_back_meanwhile_is_told_apart() -> None:
    back = replace(
        held(2)[1], id="c-9", kind="returned", to_state="available", incident="i-2", hold=None,
        confirmed_at=CHANGE.confirmed_at + timedelta(hours=1),
    )  # fmt: skip
    text = told(*held(3), back).replace("\n    ", " ")
    assert "2 apps are no longer listed in the App Store in China (cn).\n" in text
    assert (
        "Jike disappeared from the App Store in China (cn). It has changed again since.\n" in text
    )
    assert "Jike is available again in the App Store in China (cn).\n" in text


def test_no_text_about_many_apps_says_who_or_why() -> None:
    text = told(*(replace(change, context=CONTEXT, waived=True) for change in held())).lower()
    assert not any(word in text for word in ("removed", "banned", "apple", "google", "because"))
