"""The simulator as a process of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from appwatch.errors import UsageError
from appwatch.simulator import recorded_lookups
from appwatch.simulator.__main__ import main

COMMAND = [sys.executable, "-m", "appwatch.simulator"]


def start(*options: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline().rstrip().partition("=") for _ in range(6)]
    return process, {name: value for name, _, value in lines}


def end(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    return process.returncode


def test_it_prints_its_settings_serves_and_stops_when_told() -> None:
    process, settings = start("--page-size", "0")
    lookup = f"{settings['APPWATCH_APPLE_LOOKUP_URL']}/lookup?id=1080840241&country=cn"
    assert httpx.get(lookup).json()["resultCount"] == 1
    assert settings["APPWATCH_GOOGLE_PLAY_PER_MINUTE"] == "0"
    assert end(process) == 0


def test_it_serves_a_folder_of_recordings(tmp_path: Path) -> None:
    body = "\n\n\n" + json.dumps({"resultCount": 1, "results": [{"trackId": 7}]}, indent=1)
    (tmp_path / "itunes_7_us.json").write_text(body)
    (tmp_path / "com.example_us.html").write_text("<html>recorded</html>")
    process, settings = start("--recorded", str(tmp_path))
    url = settings["APPWATCH_GOOGLE_PLAY_URL"]
    assert httpx.get(f"{url}/lookup?id=7,361309726&country=us").json()["resultCount"] == 2
    page = httpx.get(f"{url}/store/apps/details?id=com.example&gl=us").text
    assert (page, end(process)) == ("<html>recorded</html>", 0)


def test_recordings_that_are_not_there_are_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere.tar.gz")
    answer = subprocess.run(
        [*COMMAND, "--recorded", missing], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert missing in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_recording_of_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "itunes_7_us.json").write_text("<html>")
    with pytest.raises(UsageError, match="itunes_7_us"):
        recorded_lookups(tmp_path)
    assert main(["--recorded", str(tmp_path)]) == 2


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.tar.gz"
    path.write_text("odd")
    assert main(["--recorded", str(path)]) == 2
