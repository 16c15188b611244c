"""CPU that `appwatch --help` takes, in a process of its own."""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, options, progress, report

# Help is asked for in passing, and shell completion asks the same way.
SECONDS_AT_MOST = 0.3
COMMAND = Path(sys.executable).with_name("appwatch")


def main(arguments: Sequence[str]) -> int:
    """Measure and report."""
    chosen = options("CPU of `appwatch --help`.", 15).parse_args(arguments)
    _seconds()  # Python's own byte code is written once
    seconds = [_seconds() for _ in range(chosen.runs)]
    progress(f"{min(seconds):.3f} to {max(seconds):.3f} s")
    figure = Figure("appwatch --help", median(seconds), "seconds of CPU", SECONDS_AT_MOST)
    return report([figure])


def _seconds() -> float:
    """Return the CPU seconds, of user and system, that one call takes."""
    before = _of_children()
    subprocess.run([COMMAND, "--help"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return _of_children() - before


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
