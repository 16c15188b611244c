"""Evidence that cannot be kept: looks go on, the loss is told, nothing is confirmed without it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from appwatch.errors import EvidenceError
from appwatch.evidence import Evidence
from appwatch.simulator import Appearance, Faults, SimulatedApp, World, serve
from tests.cli.conftest import CONTROLS, WATCHLIST, Clock, Office

ZYNN = "com.ruguoapp.jike"
# As on a full disk: no file grows any further, and the pages below do not fit.
LIMIT = 400_000
LARGE = Appearance(details_page_size=2_500_000)
LIMITED = """
import resource, runpy, sys
limit = int(sys.argv[1])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.argv = ["appwatch", *sys.argv[2:]]
runpy.run_module("appwatch", run_name="__main__")
"""


class Real(Clock):
    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def world() -> World:
    world = World(Real(), [SimulatedApp("Jike", google_play=ZYNN)])
    for store, listings in CONTROLS.items():
        world.add_controls(store, listings)
    return world


@pytest.fixture
def office(tmp_path: Path, world: World) -> Iterator[Office]:
    with serve(world, Faults(), appearance=LARGE) as stores:
        environment = {**stores.environment(), "NEWSROOM_URL": "json://127.0.0.1:9/"}
        office = Office(tmp_path, environment, Real())
        office.write(WATCHLIST)
        yield office


@pytest.fixture
def small(tmp_path: Path, world: World) -> Iterator[Office]:
    """Return an office beside stores of small pages."""
    with serve(world, Faults(), appearance=Appearance(details_page_size=60_000)) as stores:
        environment = {**stores.environment(), "NEWSROOM_URL": "json://127.0.0.1:9/"}
        office = Office(tmp_path, environment, Real())
        office.write(WATCHLIST)
        yield office


def call(office: Office, *arguments: str, limit: int = 0) -> "subprocess.CompletedProcess[str]":
    """Call appwatch in a process of its own, in which no file may be larger."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments],
        cwd=office.folder,
        env={**os.environ, **office.environment},
        capture_output=True,
        text=True,
        check=False,
    )


def check(office: Office, limit: int = 0) -> tuple[int, list[dict[str, Any]], str]:
    """Look at the page; return the exit code, the looks and what was said."""
    done = call(office, "check", "--store", "google_play", "--format", "jsonl", limit=limit)
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_on_a_full_disk_looks_go_on_and_nothing_is_confirmed(office: Office, world: World) -> None:
    check(office)
    world.remove("google_play", ZYNN)
    for _ in range(3):
        code, (look,), said = check(office, LIMIT)
        assert (code, look["outcome"], look["reason"]) == (3, "inconclusive", "internal_error")
        assert look["state"] == "available"
        assert said.count("evidence is lost") == 1
        assert "File too large" in said
    assert call(office, "changes", limit=LIMIT).stdout == ""
    status = call(office, "status", limit=LIMIT)
    assert status.returncode == 0
    assert "No change is confirmed until evidence can be kept." in status.stderr
    for _ in range(2):
        check(office)
    assert "No change" not in call(office, "status").stderr
    (change,) = call(office, "changes").stdout.splitlines()
    assert json.loads(change)["looks"] == 2
    assert call(office, "evidence", "show", json.loads(change)["id"]).returncode == 0


def test_a_folder_that_cannot_be_written_is_told_by_status_and_doctor(small: Office) -> None:
    small.environment["APPWATCH_EVIDENCE_DIR"] = "/proc/evidence"  # not even root writes there
    assert small.call("check").exit_code == 0
    for command in ("status", "doctor"):
        said = small.call(command).output
        assert "/proc/evidence cannot be written" in said
        assert "free some space or mend its rights" in said


def test_the_loss_is_logged_once_and_so_is_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    folder.write_text("a file")
    evidence = Evidence(folder)
    with capture_logs() as logs:
        for body in (b"one", b"two"):
            with pytest.raises(EvidenceError):
                evidence.keep(body)
        folder.unlink()
        for body in (b"one", b"two"):
            evidence.keep(body)
    assert [line["action"] for line in logs] == ["evidence_failed", "evidence_kept"]
    assert not evidence.trouble()
