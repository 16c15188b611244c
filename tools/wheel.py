"""Builds the wheel, installs it into an environment of its own and tries it from elsewhere."""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tools.installing import PYTHON, Problem, add, ensure, lock_of, make_venv, run, say, sync


def wheel(_arguments: Sequence[str]) -> int:
    """Build the wheel, install it into an environment of its own and try it from elsewhere."""
    ensure("run")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(PYTHON, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
        (built,) = folder.glob("*.whl")
        packed = zipfile.ZipFile(built).namelist()
        if "appwatch/migrations/env.py" not in packed:
            message = f"{built.name} carries no migrations."
            raise Problem(message)
        if "appwatch/alerts/catalogues/fr.po" not in packed:
            message = f"{built.name} carries no catalogues of messages."
            raise Problem(message)
        make_venv(folder / "venv")
        python = folder / "venv" / "bin" / "python"
        sync(python, lock_of("run"))
        add(python, str(built))
        for words in (["--help"], ["db", "upgrade"], ["db", "current"]):
            try_installed(folder, words)
        say(f"{built.name} works: {len(packed)} files, {built.stat().st_size // 1024} kB")
    return 0


def try_installed(folder: Path, words: Sequence[str]) -> None:
    """Run the installed program in an empty folder, without any setting of this shell."""
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("APPWATCH_", "PYTHON"))}
    program = folder / "venv" / "bin" / "appwatch"
    done = subprocess.run(
        [program, *words], cwd=empty, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
        message = f"the installed `appwatch {' '.join(words)}` ended with {done.returncode}."
        raise Problem(message)
