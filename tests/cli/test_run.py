import json
import os
import signal
import socket
import sqlite3
import time
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime

import pytest

from appwatch.simulator import Failure, Fault, FaultKind, Faults, Receiver, World
from tests.cli.conftest import WATCHLIST, Clock, Office
from tests.cli.processes import DEADLINE, end, eventually, ready, running
from tests.evidence.archive import archiving


@pytest.fixture
def clock() -> Clock:
    class Real(Clock):
        def __call__(self) -> datetime:
            return datetime.now(UTC)

    return Real()


def test_run_watches_alerts_and_ends_cleanly(
    office: Office, world: World, newsroom: Receiver
) -> None:
    with running(office) as (process, address):
        assert newsroom.wait_for(1, DEADLINE)
        assert ready(address)[0] == 200
        world.remove("app_store", "966129812", ["cn"])
        assert newsroom.wait_for(2, DEADLINE)
        code, seconds = end(process)
        assert (code, seconds < 10) == (0, True)
        assert process.stderr is not None
        assert "A round looks at 2 apps in 5 targets" in process.stderr.read()
    assert "disappeared from the App Store in China" in newsroom.messages[1].title
    (change,) = office.call("changes").stdout.splitlines()
    assert json.loads(change)["id"] in newsroom.messages[1].body


def test_run_ends_within_10_s_whatever_hangs(
    office: Office, faults: Faults, newsroom: Receiver
) -> None:
    hang = Fault(FaultKind.HANG, storefronts=frozenset({"cn"}))
    faults.add(hang)
    newsroom.fail(Failure.HANG)
    with running(office) as (process, address):
        deadline = time.monotonic() + DEADLINE
        while not faults.struck(hang) and time.monotonic() < deadline:
            ready(address)
        code, seconds = end(process)
    assert (code, seconds < 10) == (0, True)
    rows = [json.loads(row) for row in office.call("status").stdout.splitlines()]
    assert {row["state"] for row in rows if row["storefront"] == "cn"} == {"unknown"}


def test_run_ends_without_complaint_while_it_asks_what_is_due(
    office: Office, newsroom: Receiver
) -> None:
    with running(office) as (process, address):
        assert newsroom.wait_for(1, DEADLINE)
        with closing(sqlite3.connect(office.folder / "appwatch.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = time.monotonic() + 2
            while time.monotonic() < waiting:
                ready(address)
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            while "ending" not in (line := process.stderr.readline()):
                assert line
            other.rollback()
        assert end(process)[0] == 0
        assert "[error]" not in process.stderr.read()


def test_a_port_in_use_is_one_sentence(office: Office) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        office.environment["APPWATCH_WEB_PORT"] = str(port)
        result = office.call("run")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"appwatch: The port {port} of 127.0.0.1 is in use; end")
    assert result.stderr.count("\n") == 1


def test_a_host_that_is_not_ours_is_one_sentence(office: Office) -> None:
    office.environment["APPWATCH_WEB_HOST"] = "127.0.0.256"
    result = office.call("run")
    assert result.exit_code == 2
    assert "is no address of this machine" in result.stderr


def test_run_needs_every_channel(office: Office) -> None:
    del office.environment["NEWSROOM_URL"]
    result = office.call("run")
    assert result.exit_code == 2
    assert "the variable NEWSROOM_URL is not set" in result.stderr


def test_run_refuses_a_proxy_of_no_use_without_showing_it(office: Office) -> None:
    office.write(WATCHLIST + 'proxies: {cn: "${CN_PROXY}"}\n')
    office.environment["CN_PROXY"] = "me:hunter2@127.0.0.1:9"
    result = office.call("run")
    assert (result.exit_code, "hunter2" in result.output) == (2, False)
    assert "the proxy of cn cannot be used: what CN_PROXY holds is none" in result.stderr


def test_logs_in_json_are_json_and_hold_no_address(office: Office, newsroom: Receiver) -> None:
    with running(office, APPWATCH_LOG_FORMAT="json") as (process, _address):
        assert newsroom.wait_for(1, DEADLINE)
        assert end(process, signal.SIGINT)[0] == 0
        assert process.stderr is not None
        lines = process.stderr.read().splitlines()
    actions = {json.loads(line)["action"] for line in lines}
    assert {"watching", "listening", "state_moved", "delivery_attempted", "ended"} <= actions
    assert not any(newsroom.apprise_url in line for line in lines)


def test_two_processes_share_one_database(office: Office, world: World, newsroom: Receiver) -> None:
    with running(office) as (first, one), running(office) as (second, other):
        assert newsroom.wait_for(1, DEADLINE)
        world.remove("app_store", "966129812", ["cn"])
        assert newsroom.wait_for(2, DEADLINE)
        assert (ready(one)[0], ready(other)[0]) == (200, 200)
        assert (end(first)[0], end(second)[0]) == (0, 0)
        assert first.stderr is not None
        assert second.stderr is not None
        assert "locked" not in first.stderr.read() + second.stderr.read()
    assert len(office.call("changes").stdout.splitlines()) == 1
    assert len(newsroom.messages) == 2


def latest_look(office: Office) -> str:
    """Return when anything was last looked at."""
    rows = map(json.loads, office.call("status").stdout.splitlines())
    return max(str(row["last_looked_at"]) for row in rows)


def see_gone(office: Office, world: World) -> None:
    """Have something disappear that the archive is to be asked about."""
    office.call("check")
    world.remove("app_store", "966129812", ["cn"])
    office.call("check")
    office.call("check")


def test_an_archive_that_hangs_delays_no_look_and_no_alert(
    office: Office, world: World, newsroom: Receiver
) -> None:
    see_gone(office, world)
    with archiving() as archive:
        archive.hanging.clear()
        with running(office, APPWATCH_WAYBACK_URL=archive.url) as (process, address):
            assert newsroom.wait_for(2, DEADLINE)
            deadline = time.monotonic() + DEADLINE
            while not archive.asked:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            looked = latest_look(office)
            while latest_look(office) <= looked:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert ready(address)[0] == 200
            code, seconds = end(process)
            assert (code, seconds < 10) == (0, True)
    assert archive.asked


def test_a_tick_under_way_is_not_broken_off_by_the_end(office: Office, world: World) -> None:
    see_gone(office, world)
    log = office.folder / "log"
    with archiving() as archive:
        archive.hanging.clear()
        with running(office, APPWATCH_WAYBACK_URL=archive.url, log=log) as (process, _):
            assert eventually(lambda: archive.asked)
            process.send_signal(signal.SIGTERM)
            assert eventually(lambda: "action=ending" in log.read_text())
            archive.hanging.set()
            assert process.wait(DEADLINE) == 0
        # What it was asked once is noted, so that nobody asks it again.
        assert len(archive.asked) == log.read_text().count("asked for a capture")
    assert "[error]" not in log.read_text()


def test_run_ends_within_10_s_whatever_tick_hangs_in_a_thread(office: Office) -> None:
    variables = office.folder / ".env"
    with ExitStack() as held, running(office) as (process, _):

        def is_read() -> bool:
            with suppress(OSError):
                held.callback(os.close, os.open(variables, os.O_WRONLY | os.O_NONBLOCK))
                return True
            return False

        os.mkfifo(variables)  # whoever reads it waits for ever
        assert eventually(is_read)
        code, seconds = end(process)
        assert (code, seconds < 10) == (0, True)
        assert process.stderr is not None
        told = process.stderr.read()
    assert "action=ended" in told
    assert "[error]" not in told
