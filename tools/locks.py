"""The locks in requirements/: made from pyproject.toml with uv, checked without it."""

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Sequence

from tools.installing import LEVELS, ROOT, Problem, lock_of, run, say


def origin() -> str:
    """Return the line that ties a lock to the dependency lists it was made from."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = tables["project"]
    lists = [
        project["requires-python"],
        project["dependencies"],
        project["optional-dependencies"],
        tables["dependency-groups"],
    ]
    digest = hashlib.sha256(json.dumps(lists, sort_keys=True).encode()).hexdigest()
    return f"# from the dependencies in pyproject.toml, sha256:{digest}"


def lock(arguments: Sequence[str]) -> int:
    """Renew the locks from pyproject.toml, or only say whether they fit it."""
    if "--check" in arguments:
        return check_locks()
    uv = shutil.which("uv")
    if not uv:
        message = "renewing the locks needs uv on the PATH; installing from them does not."
        raise Problem(message)
    for level in LEVELS:
        compile_lock(uv, level, arguments)
    return 0


def compile_lock(uv: str, level: str, options: Sequence[str]) -> None:
    """Write one lock: every platform and Python, every hash, and no index."""
    target = lock_of(level)
    command = [uv, "pip", "compile", "pyproject.toml", "--extra", "postgresql", "--quiet"]
    for group in LEVELS[level]:
        command += ["--group", group]
    for smaller in LEVELS:
        if smaller == level:
            break
        command += ["--constraints", f"requirements/{smaller}.txt"]
    command += ["--universal", "--generate-hashes", "--no-header", "--no-emit-index-url"]
    command += ["--annotation-style", "line"]
    run(*command, "--output-file", target.relative_to(ROOT), *options)
    head = f"# Made by `python3 dev.py lock`; never edited by hand.\n{origin()}\n"
    body = re.sub(r"\A(#[^\n]*\n)+", "", target.read_text())
    target.write_text(head + body)
    say(f"{target.relative_to(ROOT)}: {body.count('==')} packages")


def check_locks() -> int:
    """Say which locks are older than pyproject.toml or hold anything but pinned packages."""
    found = []
    for level in LEVELS:
        text = lock_of(level).read_text()
        if origin() not in text.splitlines()[:2]:
            found.append(f"requirements/{level}.txt does not fit pyproject.toml")
        found += [f"requirements/{level}.txt holds more than pins: {it}" for it in odd_lines(text)]
    for line in found:
        say(f"{line}; run `python3 dev.py lock`.")
    return 1 if found else 0


def odd_lines(text: str) -> list[str]:
    """Return the lines of a lock that are no pin, hash or comment, or name a place of a package."""
    expected = re.compile(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+.*|    --hash=sha256:\w+.*|\s*#.*|")
    place = re.compile(r"\w+://|^\s*#.*\s/")
    lines = text.splitlines()
    return [line for line in lines if not expected.fullmatch(line) or place.search(line)]
