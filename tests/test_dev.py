"""dev.py and its tools, as far as they can be tried without installing anything."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.installing import LEVELS, levels_from, lock_of
from tools.locks import odd_lines

ROOT = Path(__file__).resolve().parents[1]


def dev(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "dev.py"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_help_names_every_command_from_any_folder(tmp_path: Path) -> None:
    told = dev("--help", cwd=tmp_path)
    assert told.returncode == 0
    for word in ("run", "demo", "test", "lint", "cover", "wheel", "lock", "setup"):
        assert f"\n  {word} " in told.stdout


def test_no_command_is_wrong_use() -> None:
    assert dev().returncode == 2


def test_an_unknown_level_is_named_with_those_there_are() -> None:
    told = dev("setup", "everything")
    assert told.returncode == 2
    assert told.stderr == "dev.py: there is no level everything; there are run, test, check.\n"


def test_the_locks_fit_the_project() -> None:
    told = dev("lock", "--check")
    assert told.stderr == ""
    assert told.returncode == 0


@pytest.mark.parametrize(
    "line",
    ["--index-url https://example.org/simple", "-e .", "httpx", "httpx @ file:///tmp/httpx.whl"],
)
def test_a_lock_may_hold_nothing_but_pins(line: str) -> None:
    assert odd_lines(f"# via httpx\nidna==3.20 \\\n    --hash=sha256:ab\n{line}\n") == [line]


def test_every_level_locks_all_that_the_one_before_it_locks() -> None:
    pins = [
        {line.split(" ")[0] for line in lock_of(level).read_text().splitlines() if "==" in line}
        for level in LEVELS
    ]
    assert pins[0] < pins[1] < pins[2]
    assert levels_from("test") == ["test", "check"]


def test_an_unknown_check_is_told_before_anything_is_installed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "dev.py", tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    command = [sys.executable, str(tmp_path / "dev.py"), "lint", "style", "everything"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert told.stderr.startswith("dev.py: there is no check everything; there are style, ")
    assert not (tmp_path / ".venv").exists()
