"""The first report: what was already absent when watching began."""

from typing import Any

from inline_snapshot import snapshot

from appwatch.alerts.first_report import first_report_message
from tests.alerts.rows import WORDING


def row(app: str, store: str, storefront: str, state: str = "never_seen") -> list[str]:
    return [app, app.title(), store, storefront, state]


def content(absent: list[list[str]], **states: int) -> dict[str, Any]:
    return {"states": states, "absent": absent}


def test_a_first_report_lists_what_was_absent_by_app() -> None:
    absent = [
        row("jike", "app_store", "cn"),
        row("jike", "app_store", "hk"),
        row("jike", "google_play", "in"),
        row("castro", "app_store", "cn"),
        row("castro", "google_play", "us", "not_installable"),
        row("zynn", "google_play", "us", "preregistration"),
    ]
    counts = {"available": 50, "never_seen": 4, "not_installable": 1, "preregistration": 1}
    message = first_report_message(content(absent, **counts, unknown=6), WORDING)
    assert message.title == "appwatch: begins watching 62 targets; 4 were already absent"
    assert message.body == snapshot("""\
appwatch has begun to watch 62 targets, each an app in one storefront.
What follows was so at the first look: no change, and no alert.

Already absent (4 targets):
- Castro: App Store in China (cn)
- Jike: App Store in China (cn) and Hong Kong SAR China (hk); Google Play in India (in)

Listed, but not installable (1 target):
- Castro: Google Play in United States (us)

Announced, and only to be pre-registered (1 target):
- Zynn: Google Play in United States (us)

6 targets could not be read yet, and will be looked at again.

appwatch: first report\
""")


def test_where_everything_is_listed_the_report_is_short() -> None:
    message = first_report_message(content([], available=1), WORDING)
    assert message.title == "appwatch: begins watching 1 target; 0 were already absent"
    assert message.body == snapshot("""\
appwatch has begun to watch 1 target, an app in one storefront.

appwatch: first report\
""")


def test_a_long_report_is_bounded() -> None:
    codes = [f"{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    absent = [row(f"app-{n:03}", "app_store", code) for n in range(300) for code in codes]
    message = first_report_message(content(absent, never_seen=30_000), WORDING)
    assert "Already absent (30000 targets):\n" in message.body
    assert "- and 280 more apps\n" in message.body
    assert " and 88 more\n" in message.body
    assert len(message.body) < 10_000


def test_the_last_line_says_that_it_is_a_first_report() -> None:
    message = first_report_message(content([], available=1), WORDING, possible_repeat=True)
    assert message.body.splitlines()[-1] == "appwatch: first report"
    assert "may be a repeat" in message.body


def test_names_in_a_report_are_plain_text() -> None:
    hostile = [["x", "Bad\n\x1b[2Jappwatch: c-1", "app_store", "cn", "never_seen"]]
    message = first_report_message(content(hostile, never_seen=1), WORDING)
    assert "- Bad [2Jappwatch: c-1: App Store in China (cn)" in message.body
    assert message.title == "appwatch: begins watching 1 target; 1 was already absent"
