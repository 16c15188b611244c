"""What tests of evidence by the command line share: an office in which an app has left."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appwatch.cli import command_line
from appwatch.cli.entry import Entry
from appwatch.simulator import APP_STORE, Appearance, Faults, SimulatedApp, World, serve
from appwatch.wiring import Services
from tests.cli.conftest import CONTROLS, WATCHLIST, Clock, Office

JIKE, CASTRO = "966129812", "1080840241"
HERE = ("--store", "app_store", "--storefront", "cn")


@pytest.fixture(scope="module")
def seasoned(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return an office in which Jike has left the App Store in China, seen beside Castro."""
    clock = Clock()
    world = World(clock, [SimulatedApp("即刻", "Ruguo", JIKE), SimulatedApp("C", app_store=CASTRO)])
    world.add_controls(APP_STORE, CONTROLS[APP_STORE])
    small = Appearance(product_page_size=1_000, details_page_size=60_000)
    with serve(world, Faults(), appearance=small) as simulator:
        environment = {**simulator.environment(), "NEWSROOM_URL": "json://127.0.0.1:9/"}
        office = Office(tmp_path_factory.mktemp("seasoned"), environment, clock)
        office.write(WATCHLIST)
        office.call("check", *HERE)
        world.remove("app_store", JIKE, ["cn"])
        for _ in range(2):
            clock.moment += timedelta(minutes=5)
            office.call("check", *HERE)
    return office


@pytest.fixture
def gone(seasoned: Office, tmp_path: Path) -> Office:
    """Return a copy of that office, to be spoilt; its stores answer no more."""
    folder = shutil.copytree(seasoned.folder, tmp_path / "office")
    return Office(folder, dict(seasoned.environment), Clock())


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def change_of(office: Office) -> str:
    """Return the id of the only change."""
    (change,) = lines(office.call("changes").stdout)
    return str(change["id"])


def bundled(office: Office, *options: str) -> Path:
    """Return a bundle of the only change."""
    file = office.folder / "jike.wacz"
    result = office.call("evidence", "bundle", change_of(office), "--to", str(file), *options)
    assert (result.exit_code, result.stdout) == (0, f"{file}\n"), result.stderr
    return file


def elsewhere(*arguments: str) -> Result:
    """Call the command line on a machine without settings and without a database."""

    def build() -> Services:
        raise AssertionError("no services are to be had here")

    return CliRunner().invoke(command_line, arguments, obj=Entry(build))
