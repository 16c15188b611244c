"""The simulated stores as a process of their own: `python -m appwatch.simulator`."""

import argparse
import signal
import sys
import tarfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from appwatch.errors import AppwatchError
from appwatch.simulator.endpoints import Appearance
from appwatch.simulator.faults import Faults
from appwatch.simulator.june_2020 import APP_STORE_CONTROLS, START, june_2020
from appwatch.simulator.recorded import (
    NOTHING_RECORDED,
    Recordings,
    page_files,
    recorded_lookups,
    recorded_pages,
    recorded_world,
)
from appwatch.simulator.server import Simulator
from appwatch.simulator.world import World


def main(arguments: list[str]) -> int:
    """Serve until SIGINT or SIGTERM; print the settings that point appwatch here."""
    options = _parser().parse_args(arguments)
    try:
        simulator = _simulator(options)
        with simulator:
            for name, value in simulator.environment().items():
                sys.stdout.write(f"{name}={value}\n")
            sys.stdout.flush()
            _until_told_to_stop()
    except (AppwatchError, OSError, tarfile.TarError) as error:
        sys.stderr.write(f"The simulator cannot start: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m appwatch.simulator",
        description="Simulated stores on 127.0.0.1. Without recordings: June 2020.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument(
        "--recorded",
        type=Path,
        help="a tar.gz or folder of itunes_ID_CC.json and PACKAGE_CC.html to serve instead",
    )
    parser.add_argument(
        "--speed", type=float, default=1, help="simulated seconds in a second (default 1)"
    )
    parser.add_argument(
        "--page-size", type=int, default=1_100_000, help="bytes of a rendered Play page"
    )
    return parser


def _simulator(options: argparse.Namespace) -> Simulator:
    appearance = Appearance(details_page_size=options.page_size)
    world, faults, recordings = _scene(options.recorded, options.speed)
    return Simulator(
        world,
        faults,
        appearance=appearance,
        recordings=recordings,
        port=options.port,
        keep=0,
    )


def _scene(recorded: Path | None, speed: float) -> tuple[World, Faults, Recordings]:
    if recorded is None:
        world, faults = june_2020(_clock(START, speed))
        return world, faults, NOTHING_RECORDED
    recordings = recorded_lookups(recorded)
    if recorded.is_dir():
        pages = recorded_pages(page_files(recorded)).pages
        recordings = replace(recordings, pages=pages)
    now = _clock(datetime.now(UTC), speed)
    return recorded_world(now, recordings, APP_STORE_CONTROLS), Faults(), recordings


def _clock(start: datetime, speed: float) -> Callable[[], datetime]:
    began = datetime.now(UTC)
    return lambda: start + (datetime.now(UTC) - began) * speed


def _until_told_to_stop() -> None:
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    told.wait()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
