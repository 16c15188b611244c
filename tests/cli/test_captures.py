"""Captures by the Wayback Machine: asked for when set, retried for days, shown as answered."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appwatch.capturing import BACKOFF
from appwatch.evidence import wacz
from appwatch.simulator import World
from tests.cli.conftest import Clock, Office
from tests.evidence.archive import Archive, archiving
from tests.evidence.bundles import members

JIKE = "966129812"
KEY = "access:very-secret"
GONE = f"https://apps.apple.com/cn/app/id{JIKE}"
LISTED = f"https://apps.apple.com/us/app/id{JIKE}"


@pytest.fixture
def archive() -> Iterator[Archive]:
    with archiving() as archive:
        yield archive


@pytest.fixture
def gone(office: Office, world: World, clock: Clock, archive: Archive) -> Office:
    """Return an office in which Jike left China, and is listed elsewhere."""
    office.environment |= {"APPWATCH_WAYBACK_URL": archive.url, "APPWATCH_WAYBACK_KEY": KEY}
    office.call("check", "--store", "app_store")
    world.remove("app_store", JIKE, ["cn"])
    for _ in range(2):
        clock.moment += timedelta(minutes=5)
        office.call("check", "--store", "app_store", "--storefront", "cn")
    return office


def change_of(office: Office) -> str:
    (line,) = office.call("changes").stdout.splitlines()
    return str(json.loads(line)["id"])


def captures(office: Office) -> list[dict[str, Any]]:
    """Return what is shown of the captures."""
    shown = office.call("evidence", "show", change_of(office))
    assert KEY not in shown.output
    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    return [row for row in rows if row["role"] == "capture"]


def step(office: Office, clock: Clock, wait: timedelta) -> str:
    """Let time pass, and have the archive asked."""
    clock.moment += wait
    result = office.call("evidence", "capture")
    assert result.exit_code == 0, result.output
    assert KEY not in result.output
    return result.stderr


def test_both_pages_are_captured_and_shown_with_their_addresses(
    gone: Office, clock: Clock, archive: Archive, tmp_path: Path
) -> None:
    assert "Asked about 2 pages." in step(gone, clock, timedelta())
    assert [form["url"] for form in archive.asked] == [[GONE], [LISTED]]
    assert {form["capture_all"][0] for form in archive.asked} == {"1"}
    assert set(archive.keys) == {f"LOW {KEY}"}
    assert {row["outcome"] for row in captures(gone)} == {"waiting"}
    step(gone, clock, timedelta(minutes=1))  # pending
    archive.succeed(GONE)
    step(gone, clock, timedelta(minutes=1))
    made = f"{archive.url}/web/20260706120900/{GONE}"
    assert [(r["outcome"], r["url"]) for r in captures(gone)] == [("captured", made)] * 2
    assert len(archive.asked) == 2
    file = tmp_path / "jike.wacz"
    bundled = gone.call("evidence", "bundle", change_of(gone), "--to", str(file))
    assert "not checked: 2 captures at the Wayback Machine" in bundled.stderr
    assert bundled.exit_code == 0
    parts = members(file)
    assert [c["capture_url"] for c in json.loads(parts[wacz.CHANGE])["captures"]] == [made] * 2
    assert "Captures at the Wayback Machine" in parts[wacz.SUMMARY].decode()


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (200, {"status": "error", "status_ext": "error:blocked", "message": "No."}, "No. error"),
        (200, {"job_id": None, "message": "The same snapshot had been made."}, "The same snapshot"),
        (401, {"message": "You need to be logged in."}, "status 401: You need to be logged in."),
        (500, b"<html>", "status 500"),
        (200, b"<html>", "an answer that is none of Save Page Now"),
        (200, [1, 2], "an answer that is none of Save Page Now"),
        (200, {"message": f"your key {KEY}\u202e"}, "your key ***?"),
        (200, b" " * 2_000_000, "an answer that cannot be taken"),
    ],
)  # fmt: skip
def test_a_refusal_is_kept_in_the_archives_own_words_and_tried_again_later(
    gone: Office, clock: Clock, archive: Archive, status: int, answer: object, words: str
) -> None:
    archive.status, archive.saves = status, [answer]
    step(gone, clock, timedelta())
    assert [row["outcome"] for row in captures(gone)] == ["waiting"] * 2
    assert all(row["fault"].startswith(words) for row in captures(gone))
    assert "Asked about 0 pages." in step(gone, clock, BACKOFF[0] - timedelta(seconds=10))
    archive.status, archive.saves = 200, [{"job_id": "spn2-2"}]
    assert "Asked about 2 pages." in step(gone, clock, timedelta(seconds=20))
    assert {row["fault"] for row in captures(gone)} == {None}


def test_what_is_refused_for_days_is_given_up_and_can_be_asked_for_again(
    gone: Office, clock: Clock, archive: Archive
) -> None:
    archive.saves = [{"status": "error", "message": "Too many."}]
    step(gone, clock, timedelta())
    for wait in BACKOFF:
        step(gone, clock, wait + timedelta(minutes=1))
    assert sum(BACKOFF, timedelta()) > timedelta(days=3)
    assert [(r["outcome"], r["fault"]) for r in captures(gone)] == [("failed", "Too many.")] * 2
    assert "Asked about 0 pages." in step(gone, clock, timedelta(days=30))
    archive.saves = [{"job_id": "spn2-3"}]
    again = gone.call("evidence", "capture", "--change", change_of(gone))
    assert "Asked about 2 pages." in again.stderr


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "success", "timestamp": "today", "original_url": GONE},
        {"status": "success", "timestamp": "20260706120900", "original_url": "javascript:x"},
        {
            "status": "success",
            "timestamp": "20260706120900",
            "original_url": "http://" + "x" * 3000,
        },
        {"status": "success"},
        {"status": "error", "message": "It is gone."},
    ],
)
def test_a_capture_that_came_to_nothing_is_asked_for_anew(
    gone: Office, clock: Clock, archive: Archive, answer: object
) -> None:
    step(gone, clock, timedelta())
    archive.statuses = [answer]
    step(gone, clock, timedelta(minutes=1))
    assert [row["outcome"] for row in captures(gone)] == ["waiting"] * 2
    step(gone, clock, BACKOFF[0])
    assert len(archive.asked) == 4


def test_a_job_that_the_archive_forgot_is_asked_for_anew(
    gone: Office, clock: Clock, archive: Archive
) -> None:
    step(gone, clock, timedelta())
    step(gone, clock, timedelta(minutes=70))
    assert {row["fault"] for row in captures(gone)} == {"still pending after an hour"}
    step(gone, clock, BACKOFF[0])
    assert len(archive.asked) == 4


def test_an_archive_that_is_not_there_or_hangs_is_told(
    gone: Office, clock: Clock, archive: Archive
) -> None:
    gone.environment["APPWATCH_REQUEST_TIMEOUT"] = "0.2"
    archive.hanging.clear()
    step(gone, clock, timedelta())
    assert {row["fault"] for row in captures(gone)} == {"no answer within 0.2 s"}


def test_nothing_is_asked_for_unless_the_settings_say_so(gone: Office, archive: Archive) -> None:
    del gone.environment["APPWATCH_WAYBACK_URL"]
    refused = gone.call("evidence", "capture")
    assert refused.exit_code == 2
    assert "APPWATCH_WAYBACK_URL is not set" in refused.stderr
    assert archive.asked == []


def test_what_disappeared_long_before_is_captured_on_request_only(
    gone: Office, clock: Clock, archive: Archive
) -> None:
    assert "Asked about 0 pages." in step(gone, clock, timedelta(days=2))
    gone.call("evidence", "capture", "--change", change_of(gone))
    assert [form["url"] for form in archive.asked] == [[GONE], [LISTED]]


def test_a_missing_key_is_told_and_a_wrong_one_refused(gone: Office) -> None:
    gone.environment["APPWATCH_WAYBACK_KEY"] = ""
    assert "APPWATCH_WAYBACK_KEY is not; expected a key" in gone.call("status").stderr
    gone.environment["APPWATCH_WAYBACK_KEY"] = "hush"
    refused = gone.call("status")
    assert refused.exit_code == 2
    assert "APPWATCH_WAYBACK_KEY cannot be used; expected an S3 key" in refused.stderr
    assert "hush" not in refused.output
