"""Keeps .venv at what requirements/ locks, with uv or with plain pip."""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
# Each level's lock holds all that the level before it holds; the names are dependency groups.
LEVELS = {"run": ("build",), "test": ("build", "test"), "check": ("build", "test", "check")}


class Problem(Exception):
    """What keeps a command from being done; the message is for a person."""


def say(text: str) -> None:
    """Tell the person at the terminal; stdout is left to the command's own data."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def lock_of(level: str) -> Path:
    """Return the file that lists, with hashes, all that a level needs."""
    return ROOT / "requirements" / f"{level}.txt"


def wanted(level: str) -> dict[str, str]:
    """Return what the stamp says when the level is installed as it should be."""
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", lock_of(level)):
        digest.update(path.read_bytes())
    python = "{}.{}".format(*sys.version_info)
    return {"level": level, "python": python, "path": str(ROOT), "inputs": digest.hexdigest()}


def stamp() -> dict[str, str]:
    """Return what the last finished installation noted; nothing if there was none."""
    with contextlib.suppress(OSError, ValueError):
        noted = json.loads(STAMP.read_text())
        if isinstance(noted, dict):
            return noted
    return {}


def is_installed(level: str) -> bool:
    """Say whether .venv holds at least this level, whole and as locked."""
    noted = stamp()
    held = noted.get("level")
    return held in levels_from(level) and PYTHON.exists() and noted == wanted(held)


def levels_from(level: str) -> list[str]:
    """Return the level and those that hold it too."""
    names = list(LEVELS)
    return names[names.index(level) :]


def is_usable() -> bool:
    """Say whether .venv can be brought up to date in place, instead of made anew."""
    noted = stamp()
    python = "{}.{}".format(*sys.version_info)
    if noted:
        same = (noted.get("python"), noted.get("path")) == (python, str(ROOT))
        return same and PYTHON.exists()
    with contextlib.suppress(OSError):
        made_by = re.search(
            r"^version\w* = (\d+\.\d+)", (VENV / "pyvenv.cfg").read_text(), re.MULTILINE
        )
        return PYTHON.exists() and made_by is not None and made_by[1] == python
    return False


def ensure(level: str) -> None:
    """Install a level into .venv unless it is there; one dev.py at a time."""
    if is_installed(level):
        return
    with one_at_a_time():
        if is_installed(level):
            return
        held = stamp().get("level")
        level = held if held in levels_from(level) else level
        say(f"installing what requirements/{level}.txt locks")
        if not is_usable():
            make_venv(VENV)
        note({"unfinished": level})
        sync(PYTHON, lock_of(level))
        add(PYTHON, "--no-build-isolation", "--editable", str(ROOT))
        note(wanted(level))


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock on .venv, waiting for whoever has it."""
    # Opened for reading, so that a lock file left by root is no obstacle to others.
    holder = os.open(ROOT / ".venv.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another dev.py is installing; waiting for it")
            fcntl.flock(holder, fcntl.LOCK_EX)
        if VENV.exists() and not os.access(VENV, os.W_OK):
            raise PermissionError(13, "it belongs to another user", str(VENV))
        yield
    finally:
        os.close(holder)


def note(what: dict[str, str]) -> None:
    """Write the stamp, whole or not at all."""
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps(what))
    fresh.replace(STAMP)


def make_venv(folder: Path) -> None:
    """Make an empty virtual environment, in place of whatever is there.

    Without pip: Debian's Python cannot put it there unless python3-venv is installed.
    """
    try:
        import venv
    except ImportError:
        message = "this Python lacks the venv module; install it (Debian: python3-venv)."
        raise Problem(message) from None
    venv.EnvBuilder(clear=True, symlinks=True, with_pip=False).create(folder)


def sync(python: Path, lock: Path) -> None:
    """Install the locked packages, each checked against its hash."""
    uv = shutil.which("uv")
    if uv:
        try:
            run(uv, "pip", "sync", "--python", python, "--require-hashes", lock)
        except Problem as problem:
            # An index or a proxy may be known to pip alone.
            say(f"{problem}; trying pip")
        else:
            return
    pip = pip_for(python)
    try:
        run(*pip, "install", "--require-hashes", "--requirement", lock)
    except Problem as problem:
        message = f"{problem}. Installing needs a network (or a proxy: HTTPS_PROXY) this once."
        raise Problem(message) from None


def add(python: Path, *what: str) -> None:
    """Install something of our own beside the locked packages, offline."""
    uv = shutil.which("uv")
    pip = (uv, "pip", "install", "--python", python) if uv else (*pip_for(python), "install")
    run(*pip, "--no-deps", *what)


def pip_for(python: Path) -> tuple[str | Path, ...]:
    """Return how to call pip for an environment that may not hold one.

    Source: `pip --python` since pip 22.3; Debian splits ensurepip off into python3-venv.
    """
    own = (python, "-m", "pip")
    if any(python.parent.parent.glob("lib/python*/site-packages/pip/__main__.py")):
        return own
    if importlib.util.find_spec("ensurepip"):
        with contextlib.suppress(Problem):
            run(python, "-m", "ensurepip")
            return own
    if importlib.util.find_spec("pip"):
        return (sys.executable, "-m", "pip", "--python", python)
    message = "neither pip nor uv can be found; install one (Debian: apt install python3-venv)."
    raise Problem(message)


def run(*command: str | Path) -> None:
    """Run a command quietly; what it said is told only if it fails."""
    environment = {
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **os.environ,
        "PIP_USER": "0",
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print((done.stdout + done.stderr).strip()[-2000:], file=sys.stderr)
        name = command[2] if command[1] == "-m" else Path(command[0]).name
        message = f"{name} failed; what it said stands above"
        raise Problem(message)
