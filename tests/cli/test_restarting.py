"""What a restart of the real process tells, and what a stand-still of it or of its clock does."""

import json
import sys
from datetime import datetime
from pathlib import Path

import pytest

from appwatch.simulator import Receiver, World
from tests.cli.conftest import Clock, Office
from tests.cli.processes import WallClock, end, eventually, running

# `run` under a clock that lies as many hours off as a file says, and its ticker with it.
SHIFTED = """
import datetime as real
import sys
from pathlib import Path
from apscheduler.executors import base as executors
from apscheduler.schedulers import base as schedulers
from apscheduler.triggers import interval
from appwatch import wiring
from appwatch.cli import main, process

hours = Path(sys.argv.pop(1))

class Kind(type):
    def __instancecheck__(cls, one):
        return isinstance(one, real.datetime)

class datetime(real.datetime, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return real.datetime.now(tz) + real.timedelta(hours=int(hours.read_text()))

for place in (executors, schedulers, interval, process, wiring):
    place.datetime = datetime
main()
"""
DECADES = 24 * 365 * 30


@pytest.fixture
def clock() -> Clock:
    return WallClock()


def looked(office: Office) -> list[str]:
    """Return when each target was looked at last."""
    rows = office.call("status", "--format", "jsonl").stdout.splitlines()
    return [str(json.loads(row)["last_looked_at"]) for row in rows]


def put(file: Path, text: str) -> None:
    """Write the file whole: a reader sees the old text or the new one."""
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(file)


def all_looked_anew(office: Office) -> bool:
    before = looked(office)
    return eventually(
        lambda: all(now > then for now, then in zip(looked(office), before, strict=True))
    )


def test_a_restart_with_nothing_changed_is_silent(office: Office, newsroom: Receiver) -> None:
    for _ in range(2):
        with running(office) as (process, _):
            assert newsroom.wait_for(1, 20)
            assert all_looked_anew(office)
            assert end(process)[0] == 0
    with running(office) as (process, _):
        assert all_looked_anew(office)
        process.kill()
    assert len(newsroom.messages) == 1
    assert office.call("changes").stdout == ""


def test_what_changed_while_nobody_looked_is_one_alert_that_says_so(
    office: Office, world: World, newsroom: Receiver
) -> None:
    with running(office) as (process, _):
        assert newsroom.wait_for(1, 20)
        assert all_looked_anew(office)
        assert end(process)[0] == 0
    world.remove("app_store", "966129812", ["cn"])
    stopped = WallClock()()
    assert eventually(lambda: (WallClock()() - stopped).total_seconds() > 4)
    with running(office) as (process, _):
        assert newsroom.wait_for(2, 20)
        assert all_looked_anew(office)
    [_, told] = newsroom.messages
    assert "disappeared from the App Store in China" in told.title
    assert "Seen after a gap of" in told.body
    assert "nobody looked in between, for" in told.body


def of_apps(newsroom: Receiver) -> list[str]:
    """Return the titles that tell of apps: a clock that is set may be told to operators too."""
    told = [(one.title, one.body.splitlines()[-1].split()) for one in newsroom.messages]
    return [title for title, ids in told if any(one.startswith("c-") for one in ids)]


def test_a_clock_set_back_by_an_hour_stops_no_look_and_no_alert(
    office: Office, world: World, newsroom: Receiver, tmp_path: Path
) -> None:
    hours = tmp_path / "hours"
    put(hours, "0")
    command = [sys.executable, "-W", "ignore", "-c", SHIFTED, str(hours), "run"]
    with running(office, command=command) as (process, _):
        assert newsroom.wait_for(1, 20)
        put(hours, "-1")
        world.remove("app_store", "966129812", ["cn"])
        assert eventually(lambda: len(of_apps(newsroom)) == 1)
        world.restore("app_store", "966129812", ["cn"])
        put(hours, "1")  # and forward by two
        assert eventually(lambda: len(of_apps(newsroom)) == 2)
        assert end(process)[0] == 0
    gone, back = of_apps(newsroom)
    assert "disappeared" in gone
    assert "returned" in back


def test_a_clock_set_forward_by_decades_stops_nothing(
    office: Office, world: World, newsroom: Receiver, tmp_path: Path
) -> None:
    hours = tmp_path / "hours"
    put(hours, str(-DECADES))  # a machine without a battery, before it has asked for the time
    command = [sys.executable, "-W", "ignore", "-c", SHIFTED, str(hours), "run"]
    with running(office, command=command) as (process, _):
        assert newsroom.wait_for(1, 20)
        put(hours, "0")
        world.remove("app_store", "966129812", ["cn"])
        assert eventually(lambda: len(of_apps(newsroom)) == 1)
        assert end(process)[0] == 0


@pytest.mark.parametrize("zone", ["Europe/Athens", "Pacific/Auckland"])
def test_whatever_the_zone_of_the_machine_what_is_told_is_in_utc(
    office: Office, world: World, newsroom: Receiver, zone: str
) -> None:
    began = WallClock()()
    with running(office, TZ=zone, APPWATCH_LOG_FORMAT="json") as (process, _):
        assert newsroom.wait_for(1, 20)
        world.remove("app_store", "966129812", ["cn"])
        assert newsroom.wait_for(2, 20)
        assert end(process)[0] == 0
        assert process.stderr is not None
        lines = [json.loads(line) for line in process.stderr.read().splitlines()]
    ended = WallClock()()
    (change,) = map(json.loads, office.call("changes").stdout.splitlines())
    moments = [change["after_at"], change["confirmed_at"], *(line["timestamp"] for line in lines)]
    stamps = [datetime.fromisoformat(moment) for moment in moments]
    assert all(began <= stamp <= ended for stamp in stamps)
    assert f"{stamps[1]:%H:%M:%S} UTC" in newsroom.messages[1].body
