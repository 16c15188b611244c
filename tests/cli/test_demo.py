"""The demo tells June 2020 as it was, and alerts nobody of an outage."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appwatch.cli import command_line
from appwatch.simulator.june_2020 import FALSE_EMPTY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the demo is to make."""
    return tmp_path_factory.mktemp("demo") / "june"


@pytest.fixture(scope="module")
def played(folder: Path) -> Result:
    """Return what the demo printed."""
    return CliRunner().invoke(command_line, ["demo", "--folder", str(folder)])


def test_the_demo_ends_well_and_names_its_stand_ins(played: Result) -> None:
    assert played.exit_code == 0, played.output
    assert "stand-ins" in played.stderr


@pytest.mark.parametrize(
    "told",
    [
        "Castro disappeared from the App Store in China",
        "Pocket Casts disappeared from the App Store in China",
        r"Zynn disappeared from Google Play",
        "Jike 即刻 returned to the App Store in China",
    ],
)
def test_each_event_is_told(played: Result, told: str) -> None:
    assert re.search(rf"^--- {told}", played.stdout, re.MULTILINE)


def plain(text: str) -> str:
    """Return the text in one line, whatever the ids of changes."""
    return " ".join(re.sub(r"\bc-[0-9a-z]+", "c-ID", text).split())


def test_the_alert_that_the_readme_shows_is_one_of_them(played: Result) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    samples = re.findall(r"```text\n(.+? disappeared .+?)```", readme, re.DOTALL)
    assert len(samples) == 1
    assert plain(f"--- {samples[0]}") in plain(played.stdout)


def test_no_alert_tells_of_an_update_that_was_still_to_come(played: Result) -> None:
    gone = played.stdout.split("--- Jike 即刻 disappeared")[1].split("---")[0]
    assert "between 12 July 2019" in gone
    assert "last updated on 20 June 2019" in gone
    assert "China (cn) was confirmed: Gone from cn. Still listed in gb, jp and us." in gone


def test_the_coverage_that_the_demo_proposes_is_that_of_its_own_time(
    played: Result, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed = re.search(r"^  appwatch (coverage .+?)  ", played.stdout, re.MULTILINE)
    assert proposed
    monkeypatch.setenv("APPWATCH_WATCHLIST", str(folder / "watchlist.yaml"))
    command = [*proposed[1].split(), "--format", "csv"]
    told = CliRunner().invoke(command_line, command).stdout
    rows = {(r["store"], r["storefront"]): r for r in csv.DictReader(io.StringIO(told))}
    assert len(rows) == 8
    assert float(rows["app_store", "cn"]["share"]) == 1
    assert "control_failed" in rows["app_store", "jp"]["inconclusive"]


def test_days_are_written_as_in_the_alerts(played: Result) -> None:
    assert "\n1 August 2019, 2 alerts\n" in played.stderr
    assert not re.search(r"\b0\d [A-Z][a-z]+ 20", played.stdout + played.stderr)


def test_one_alert_is_told_as_one(played: Result) -> None:
    assert ", 1 alert\n" in played.stderr
    assert "1 alerts" not in played.stderr


def test_the_outage_and_the_captcha_alert_nobody(played: Result) -> None:
    alerts = [line for line in played.stdout.splitlines() if line.startswith("--- ")]
    assert not [a for a in alerts if "Japan" in a and "Zynn" not in a]
    assert not [a for a in alerts if "Overcast" in a or "Signal" in a]


def test_what_alerted_nobody_is_shown_with_what_kept_it_back(played: Result) -> None:
    quiet = played.stdout.split("What alerted nobody")[1]
    assert re.search(
        r"A false empty\.[^-]* [1-9]\d* looks proved nothing \(control_failed\)", quiet
    )
    assert "5 of 5 apps were missing" in quiet
    assert re.search(r"They were held \(h-", quiet)
    assert "The controls of app_store/jp are not seen" in quiet


def test_the_hours_of_the_false_empty_are_those_of_the_world(played: Result) -> None:
    since, until = FALSE_EMPTY.since, FALSE_EMPTY.until
    assert since
    assert until
    assert f"{since.day} {since:%B}, from {since:%H:%M} to {until:%H:%M} UTC" in played.stdout


def test_what_was_held_made_no_change(
    played: Result, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert played.exit_code == 0
    monkeypatch.setenv("APPWATCH_WATCHLIST", str(folder / "watchlist.yaml"))
    held = CliRunner().invoke(command_line, ["holds", "list", "--all", "--format", "csv"]).stdout
    (hold,) = csv.DictReader(io.StringIO(held))
    assert (hold["storefront"], hold["ended_how"]) == ("gb", "over")
    told = CliRunner().invoke(command_line, ["changes", "--format", "csv"]).stdout
    changes = list(csv.DictReader(io.StringIO(told)))
    assert {c["storefront"] for c in changes if c["app"] != "zynn"} == {"cn"}


def test_what_was_kept_can_be_looked_at_afterwards(
    played: Result, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert played.exit_code == 0
    monkeypatch.setenv("APPWATCH_WATCHLIST", str(folder / "watchlist.yaml"))
    shown = CliRunner().invoke(command_line, ["export", "timeline", "--format", "csv"])
    periods = list(csv.DictReader(io.StringIO(shown.stdout)))
    jike = [p["state"] for p in periods if p["app"] == "jike" and p["store"] == "app_store"]
    assert jike == ["available", "gone", "available"]


def test_a_bundle_of_the_demo_verifies_on_a_machine_without_the_rest(
    played: Result, folder: Path, tmp_path: Path
) -> None:
    assert f"appwatch evidence verify {folder}/castro.wacz" in played.stdout
    alone = shutil.copy(folder / "castro.wacz", tmp_path / "given.wacz")
    done = subprocess.run(
        [sys.executable, "-m", "appwatch", "evidence", "verify", str(alone)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every check holds" in done.stderr
    assert set(tmp_path.iterdir()) == {Path(alone)}


def test_a_folder_that_is_there_already_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(command_line, ["demo", "--folder", str(tmp_path)])
    assert refused.exit_code == 2
    assert "name a new one" in refused.stderr
