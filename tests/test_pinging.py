"""The watcher elsewhere hears of every round, and can do nothing to appwatch."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from appwatch.db import alarms, channels, tables
from appwatch.db.channels import Cause
from appwatch.domain.alarms import AlarmKind, Fact, Patience
from appwatch.pinging import Ping, Pinger
from appwatch.simulator import Fault, FaultKind
from appwatch.simulator.loopback import Loopback
from appwatch.simulator.wire import Delivery, Reply, Request
from tests.monitor import Monitor, monitoring

EVERY = timedelta(minutes=15)


@dataclass
class Watcher:
    """Somebody who is pinged; `reply` is what they answer."""

    reply: Reply = field(default_factory=lambda: Reply(200))
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, request: Request) -> Reply:
        self.asked.append(f"{request.method} {request.path}")
        return self.reply


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watcher = Watcher()
    with Loopback(watcher.answer) as loopback:
        watcher.url = f"{loopback.url}/ping/secret-uuid"
        yield watcher


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    with monitoring(tmp_path, database_url) as monitor:
        yield monitor


@pytest.fixture
def pinger(monitor: Monitor, watcher: Watcher) -> Pinger:
    return Pinger(watcher.url, monitor.services.database, monitor.now, lambda: EVERY, 0.3)


def tick(pinger: Pinger) -> Ping | None:
    return asyncio.run(pinger.tick())


def whole_round(monitor: Monitor, pinger: Pinger) -> list[Ping | None]:
    """Let a round pass: it is told that it begins, and what it came to."""
    begins = tick(pinger)
    monitor.check()
    settle(monitor)
    return [begins, tick(pinger)]


def settle(monitor: Monitor) -> None:
    """Note that no storefront is due before the next round, as a sweep of `run` does at its end."""
    with monitor.services.database.write() as connection:
        at = monitor.now() + EVERY
        connection.execute(update(tables.places).values(next_look_at=at))


def test_a_round_is_told_when_it_begins_and_when_it_is_complete(
    monitor: Monitor, pinger: Pinger, watcher: Watcher
) -> None:
    assert tick(pinger) is Ping.START
    assert tick(pinger) is None  # not yet complete
    monitor.check()
    settle(monitor)
    assert tick(pinger) is Ping.SUCCESS
    assert tick(pinger) is None
    assert watcher.asked == ["POST /ping/secret-uuid/start", "POST /ping/secret-uuid"]
    monitor.wait(16)
    assert whole_round(monitor, pinger) == [Ping.START, Ping.SUCCESS]


def test_a_round_that_proves_nothing_fails(
    monitor: Monitor, pinger: Pinger, watcher: Watcher
) -> None:
    monitor.faults.add(Fault(FaultKind.SERVER_ERROR))
    assert whole_round(monitor, pinger) == [Ping.START, Ping.FAIL]
    assert watcher.asked[-1] == "POST /ping/secret-uuid/fail"


@pytest.mark.parametrize(
    ("kind", "ping"), [(AlarmKind.DISK, Ping.FAIL), (AlarmKind.HOLD, Ping.SUCCESS)]
)
def test_a_round_fails_while_an_alarm_says_that_nothing_can_be_relied_on(
    monitor: Monitor, pinger: Pinger, kind: AlarmKind, ping: Ping
) -> None:
    patience = Patience(timedelta(0), timedelta(0), EVERY)
    with monitor.services.database.write() as connection:
        alarms.keep(connection, [Fact(kind, "local")], "local", patience, [], monitor.now())
    with monitor.services.database.write() as connection:
        alarms.keep(connection, [Fact(kind, "local")], "local", patience, [], monitor.now())
    assert whole_round(monitor, pinger)[1] is ping


def test_a_round_fails_when_no_channel_is_left_to_tell_anybody(
    monitor: Monitor, pinger: Pinger
) -> None:
    with monitor.services.database.write() as connection:
        channels.switch_off(connection, "newsroom", Cause.REFUSED, "404.", monitor.now())
    assert whole_round(monitor, pinger)[1] is Ping.FAIL


@pytest.mark.parametrize("bad", [Reply(500), Reply(200, delivery=Delivery.HANG)], ids=str)
def test_a_watcher_in_trouble_stops_nothing_and_is_logged_once(
    monitor: Monitor,
    pinger: Pinger,
    watcher: Watcher,
    bad: Reply,
    capsys: pytest.CaptureFixture[str],
) -> None:
    watcher.reply = bad
    assert whole_round(monitor, pinger) == [Ping.START, Ping.SUCCESS]
    watcher.reply = Reply(200)
    monitor.wait(16)
    assert whole_round(monitor, pinger) == [Ping.START, Ping.SUCCESS]
    assert len(watcher.asked) == 4
    log = capsys.readouterr().out
    assert log.count("ping_unanswered") == log.count("ping_answered") == 1
    assert "secret-uuid" not in log


def test_a_watcher_that_is_not_there_stops_nothing(
    monitor: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = Pinger("http://127.0.0.1:1/abc", monitor.services.database, monitor.now, lambda: EVERY)
    assert whole_round(monitor, gone) == [Ping.START, Ping.SUCCESS]
    assert "nobody takes the pings" in capsys.readouterr().out


def test_a_clock_that_is_set_back_begins_a_round_anew(monitor: Monitor, pinger: Pinger) -> None:
    assert tick(pinger) is Ping.START
    monitor.wait(-60)
    assert tick(pinger) is None
    with monitor.services.database.write() as connection:
        connection.execute(update(tables.places).values(next_look_at=monitor.now()))
    assert tick(pinger) is Ping.START
