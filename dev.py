#!/usr/bin/env python3
"""One command for everything, on a fresh machine too; needs nothing but Python and a network.

Makes .venv, installs what requirements/ locks, then does what was asked.
"""

import sys

if sys.version_info < (3, 11):
    found = ".".join(map(str, sys.version_info[:3]))
    print(f"dev.py: appwatch needs Python 3.11 or newer; this is {found}.", file=sys.stderr)
    sys.exit(2)
if sys.platform == "win32":
    print("dev.py: appwatch runs on Linux and macOS; on Windows, use WSL.", file=sys.stderr)
    sys.exit(2)

import errno
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tools.installing import LEVELS, PYTHON, ROOT, VENV, Problem, ensure, say
from tools.locks import lock
from tools.wheel import wheel

USAGE = """usage: python3 dev.py COMMAND [ARGUMENT...]

  run                 watch, and alert when an app disappears or returns
  demo                the same against simulated stores
  test [ARGUMENT...]  the tests, on all cores; with arguments: pytest with these
  lint [NAME...]      style, types, imports, dependencies, locks, catalogues, generated pages
  cover [ARGUMENT...] the tests again, and which lines and branches they miss
  wheel               build the wheel, install it elsewhere and try it there
  lock [--upgrade]    renew requirements/ from pyproject.toml (needs uv)
  lock --check        say whether requirements/ fits pyproject.toml
  setup [LEVEL]       only install: run, test or check
  anything else       is passed to appwatch: `python3 dev.py status`

Commands work in the folder of this file, whatever the current one."""

CHECKS = {
    "style": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "types": ("-m", "mypy"),
    "imports": (str(VENV / "bin" / "lint-imports"), "--no-logo"),
    "dependencies": (str(VENV / "bin" / "deptry"), "."),
    "locks": ("dev.py", "lock", "--check"),
    "catalogues": ("-m", "tools.catalogues", "--check"),
    "generated pages": ("docs/generate.py", "--check"),
}


def become(*command: str | Path) -> int:
    """Give this process to a command of .venv, so that signals and exit codes are its own."""
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *map(str, command)])


def appwatch(arguments: Sequence[str]) -> int:
    """Run the program itself."""
    ensure("run")
    return become(VENV / "bin" / "appwatch", *arguments)


def test(arguments: Sequence[str]) -> int:
    """Run the tests: all of them on all cores, or as the arguments say."""
    ensure("test")
    return become("-m", "pytest", *(arguments or ("-n", "auto")))


def setup(arguments: Sequence[str]) -> int:
    """Install a level and nothing more."""
    level = arguments[0] if arguments else "run"
    if level not in LEVELS:
        message = f"there is no level {level}; there are {', '.join(LEVELS)}."
        raise Problem(message)
    ensure(level)
    return 0


def lint(arguments: Sequence[str]) -> int:
    """Run every check, or those named; say which fail."""
    if unknown := [name for name in arguments if name not in CHECKS]:
        message = f"there is no check {unknown[0]}; there are {', '.join(CHECKS)}."
        raise Problem(message)
    ensure("check")
    failed = [name for name in arguments or existing_checks() if not passes(name)]
    if failed:
        say(f"not passed: {', '.join(failed)}")
    return 1 if failed else 0


def existing_checks() -> list[str]:
    """Return the checks, without those whose script is not there."""
    scripts = {name: command[0] for name, command in CHECKS.items() if command[0] != "-m"}
    return [name for name in CHECKS if (ROOT / scripts.get(name, "")).exists()]


def passes(name: str) -> bool:
    """Run one check and show what it says only if it fails."""
    began = time.monotonic()
    done = subprocess.run(
        [PYTHON, *CHECKS[name]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    passed = done.returncode == 0
    verdict = "passed" if passed else "FAILED"
    say(f"{name}: {verdict} ({time.monotonic() - began:.1f} s)")
    if not passed:
        print(done.stdout + done.stderr, file=sys.stderr)
    return passed


def cover(arguments: Sequence[str]) -> int:
    """Run the tests and tell what they do not reach."""
    ensure("test")
    tests = in_venv("-m", "coverage", "run", "-m", "pytest", *(arguments or ("-n", "auto")))
    in_venv("-m", "coverage", "combine", "--quiet")
    return in_venv("-m", "coverage", "report") or tests


def in_venv(*command: str) -> int:
    """Run a command of .venv and return its exit code."""
    return subprocess.run([PYTHON, *command], cwd=ROOT, check=False).returncode


COMMANDS = {
    "cover": cover,
    "lint": lint,
    "lock": lock,
    "setup": setup,
    "test": test,
    "wheel": wheel,
}


def main(arguments: Sequence[str]) -> int:
    """Do what the first word says and return the exit code."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(USAGE)
        return 0 if arguments else 2
    try:
        if arguments[0] in COMMANDS:
            return COMMANDS[arguments[0]](arguments[1:])
        return appwatch(arguments)
    except Problem as problem:
        say(str(problem))
        return 2
    except OSError as error:
        say(f"{error.filename or ROOT}: {error.strerror}{remedy(error)}.")
        return 2


def remedy(error: OSError) -> str:
    """Return what to do about a folder that cannot be written."""
    barred = error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}
    return "; use a copy of this folder that you may write to" if barred else ""


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
