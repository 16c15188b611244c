"""What minds the time passes whatever zone the machine is set to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MINDING_TIME = (
    "domain",
    "exports",
    "alerts/test_clock_changes.py",
    "alerts/test_messages.py",
    "alerts/test_routing.py",
    "alerts/test_wording.py",
    "db/test_queries.py",
    "evidence/test_timestamp.py",
    "watchlist/test_channels.py",
)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Athens", "Pacific/Auckland"])
def test_the_suite_passes_in_every_zone(zone: str) -> None:
    tests = [f"tests/{name}" for name in MINDING_TIME]
    command = [sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-k", "not postgresql and not properties", *tests],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
