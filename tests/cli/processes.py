"""The real process of `appwatch run`, and ways to ask and end it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.cli.conftest import WATCHLIST, Clock, Office

DEADLINE = 20.0
_RUN = (sys.executable, "-m", "appwatch", "run")
# Root may read everything; without these two it may read what its owner may.
_HUMBLY = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
_ROOT = Path(__file__).resolve().parents[2]


class WallClock(Clock):
    """The time that the processes have too."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


def hurried(watchlist: str) -> str:
    """Return the watchlist with a round a second."""
    return watchlist.replace("every: 15m", "every: 1s")


@contextmanager
def running(
    office: Office,
    watchlist: str | None = WATCHLIST,
    humble: bool = False,
    command: Sequence[str] = _RUN,
    log: Path | None = None,
    **settings: str,
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Give a process of `appwatch run` and the address that it printed.

    It looks once a second; without a watchlist the one in the folder stays. `humble`: with no
    right to read what its owner may not. `command` begins `run` in another way. A process
    of more than a minute must log to a file.
    """
    if watchlist is not None:
        office.write(hurried(watchlist))
    errors = None if log is None else log.open("wb")
    process = subprocess.Popen(
        [*(_HUMBLY if humble and os.geteuid() == 0 else ()), *command],
        cwd=office.folder,
        env={
            **os.environ,
            "PYTHONPATH": str(_ROOT),
            **office.environment,
            "APPWATCH_WEB_PORT": "0",
            **settings,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if errors is None else errors,
        text=True,
    )
    if errors is not None:
        errors.close()
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def ready(address: str) -> tuple[int, dict[str, object]]:
    try:
        with urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310 - our own address
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def end(process: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> tuple[int, float]:
    began = time.monotonic()
    process.send_signal(number)
    return process.wait(DEADLINE), time.monotonic() - began


def eventually(holds: Callable[[], object]) -> bool:
    """Whether it holds before the deadline."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False
