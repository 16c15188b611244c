"""The watcher elsewhere hears of every round, and can do nothing to appwatch."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from appwatch.db import alarms, channels, tables
from appwatch.db.channels import Cause
from appwatch.db.sweeping import Terms
from appwatch.domain.alarms import AlarmKind, Fact, Patience
from appwatch.domain.confirmation import Policy
from appwatch.domain.routing import Route
from appwatch.pinging import Ping, Pinger
from appwatch.simulator import Fault, FaultKind
from appwatch.simulator.loopback import Loopback
from appwatch.simulator.wire import Delivery, Reply, Request
from tests.monitor import WATCHLIST, Monitor, monitoring

EVERY = timedelta(minutes=15)
TERMS = Terms(EVERY, Policy(), [Route("newsroom")])


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
    return Pinger(watcher.url, monitor.services.database, monitor.now, lambda: TERMS, 0.3)


def tick(pinger: Pinger) -> Ping | None:
    return asyncio.run(pinger.tick())


def whole_round(monitor: Monitor, pinger: Pinger) -> list[Ping | None]:
    """Let a round pass: it is told that it begins, and what it came to."""
    begins = tick(pinger)
    monitor.check()
    settle(monitor)
    return [begins, tick(pinger)]


def settle(monitor: Monitor, after: timedelta = EVERY) -> None:
    """Note that no storefront is due before the next round, as a sweep of `run` does at its end."""
    with monitor.services.database.write() as connection:
        at = monitor.now() + after
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


def test_what_an_earlier_round_proved_is_not_of_this_one(monitor: Monitor, pinger: Pinger) -> None:
    assert whole_round(monitor, pinger) == [Ping.START, Ping.SUCCESS]
    monitor.wait(16)
    monitor.faults.add(Fault(FaultKind.SERVER_ERROR))
    assert whole_round(monitor, pinger) == [Ping.START, Ping.FAIL]


def test_a_round_that_is_seen_late_is_as_good_as_its_looks(
    monitor: Monitor, pinger: Pinger
) -> None:
    monitor.check()
    monitor.wait(0.05)  # only the controls are still asked
    assert tick(pinger) is Ping.START
    settle(monitor)
    assert tick(pinger) is Ping.SUCCESS


@pytest.mark.parametrize("well", [True, False])
def test_a_round_between_two_ticks_is_told(monitor: Monitor, pinger: Pinger, *, well: bool) -> None:
    whole_round(monitor, pinger)
    monitor.wait(15 - 1 / 30)
    assert tick(pinger) is None
    if not well:
        monitor.faults.add(Fault(FaultKind.SERVER_ERROR))
    monitor.wait(1 / 30)
    monitor.check()
    settle(monitor)
    monitor.wait(1 / 30)
    told = [tick(pinger) for _ in range(3)]
    assert told == [Ping.START, Ping.SUCCESS if well else Ping.FAIL, None]


def test_a_round_that_begins_as_early_as_it_may_is_told(monitor: Monitor, pinger: Pinger) -> None:
    whole_round(monitor, pinger)
    settle(monitor, 0.95 * EVERY)
    monitor.wait(15 * 0.95)
    assert whole_round(monitor, pinger) == [Ping.START, Ping.SUCCESS]


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


def test_a_channel_that_was_never_told_anything_can_be(monitor: Monitor, watcher: Watcher) -> None:
    terms = replace(TERMS, routes=[Route("newsroom"), Route("desk")])
    pinger = Pinger(watcher.url, monitor.services.database, monitor.now, lambda: terms)
    with monitor.services.database.write() as connection:
        channels.switch_off(connection, "newsroom", Cause.REFUSED, "404.", monitor.now())
    assert whole_round(monitor, pinger) == [Ping.START, Ping.SUCCESS]


def pause(monitor: Monitor, *, paused: bool) -> None:
    """Edit every app of the watchlist to be paused, or not."""
    text = WATCHLIST.replace("- {name: ", "- {paused: true, name: ", 3) if paused else WATCHLIST
    monitor.services.settings.watchlist.write_text(text)
    monitor.services.sync(monitor.services.watchlist())


def test_a_watchlist_in_which_every_app_is_paused_is_no_reason_to_worry(
    monitor: Monitor, pinger: Pinger
) -> None:
    pause(monitor, paused=True)
    assert [tick(pinger) for _ in range(3)] == [Ping.START, Ping.SUCCESS, None]
    monitor.wait(16)
    assert tick(pinger) is Ping.START


@pytest.mark.parametrize("paused", [True, False])
def test_an_edit_within_a_round_is_no_reason_to_worry(
    monitor: Monitor, pinger: Pinger, *, paused: bool
) -> None:
    pause(monitor, paused=not paused)
    assert tick(pinger) is Ping.START
    monitor.wait(0.05)
    pause(monitor, paused=paused)
    assert tick(pinger) is Ping.SUCCESS


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
    gone = Pinger("http://127.0.0.1:1/abc", monitor.services.database, monitor.now, lambda: TERMS)
    assert whole_round(monitor, gone) == [Ping.START, Ping.SUCCESS]
    assert "nobody takes the pings" in capsys.readouterr().out


def test_a_clock_that_is_set_back_begins_a_round_anew(monitor: Monitor, pinger: Pinger) -> None:
    assert tick(pinger) is Ping.START
    monitor.wait(-60)
    assert tick(pinger) is None
    with monitor.services.database.write() as connection:
        connection.execute(update(tables.places).values(next_look_at=monitor.now()))
    assert tick(pinger) is Ping.START
