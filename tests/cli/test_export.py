import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest

from appwatch.simulator import World
from tests.cli.conftest import Clock, Office


@pytest.fixture
def gone(office: Office, world: World, clock: Clock) -> Office:
    office.call("check", "--app", "castro")
    world.remove("app_store", "1080840241", ["cn"])
    for _ in range(3):
        clock.moment += timedelta(minutes=5)
        office.call("check", "--app", "castro", "--storefront", "cn")
    return office


def test_the_timeline_parts_periods_where_the_change_was(gone: Office) -> None:
    output = gone.call("export", "timeline", "--storefront", "cn", "--app", "castro").stdout
    before, after = csv.DictReader(output.splitlines())
    (change,) = [json.loads(row) for row in gone.call("changes").stdout.splitlines()]
    assert (before["state"], after["state"]) == ("available", "gone")
    assert before["started_earliest_at"] == ""
    assert (after["started_earliest_at"], after["started_at"]) == (
        change["before_at"],
        change["after_at"],
    )
    assert before["end_change"] == after["start_change"] == change["id"]
    assert (before["looks"], after["looks"], after["ended_at"]) == ("1", "3", "")


def test_changes_are_exported_oldest_first(gone: Office, world: World) -> None:
    world.restore("app_store", "1080840241")
    for _ in range(2):
        gone.call("check", "--app", "castro")
    output = gone.call("export", "changes", "--format", "jsonl").stdout
    assert [json.loads(row)["kind"] for row in output.splitlines()] == ["disappeared", "returned"]


def test_a_file_is_written_whole(gone: Office) -> None:
    file = gone.folder / "out.csv"
    result = gone.call("export", "timeline", "--output", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert file.read_text("utf-8").startswith("app,store,listing,storefront,state,")
    assert not list(gone.folder.glob(".out.csv.*"))


def test_a_file_that_cannot_be_written_is_told(gone: Office, tmp_path: Path) -> None:
    result = gone.call("export", "changes", "--output", str(tmp_path / "no" / "x.csv"))
    assert result.exit_code == 2
    assert "x.csv cannot be written (No such file or directory)" in result.stderr
