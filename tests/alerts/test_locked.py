"""Delivering while somebody else keeps the database locked: nothing twice, nobody waits long."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread, Timer

import pytest

from appwatch.alerts import outbox
from appwatch.alerts.letter import Message
from appwatch.alerts.outbox import Delivered, Outbox, deliver
from appwatch.alerts.outcomes import Sent
from appwatch.db import migrate
from appwatch.db.engine import Database
from appwatch.db.outbox import Result
from appwatch.domain.routing import Route
from appwatch.errors import DatabaseError
from tests.alerts.rows import NEWSROOM, START, WORDING, queue

DESK = Route("desk", group_for=timedelta(0))
SOON = timedelta(seconds=1)


class Locked:
    """A database that another process locks when told to, for longer than anyone waits for it."""

    def __init__(self, file: Path) -> None:
        self.database = Database(f"sqlite:///{file}", busy_seconds=0.05)
        migrate.upgrade(self.database)
        self._other = sqlite3.connect(file, check_same_thread=False, isolation_level=None)

    def lock(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    def free(self) -> None:
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        self._other.close()
        self.database.close()


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Locked]:
    made = Locked(tmp_path / "appwatch.db")
    yield made
    made.close()


class Desk:
    """Channels that note what they were sent."""

    def __init__(self, locked: Locked) -> None:
        self.locked = locked
        self.at = START
        self.told: list[str] = []
        self.stop = Event()
        self.ending = Event()  # of what hangs
        self.heard = Event()

    def send(self, url: str, message: Message, stop: Event) -> Sent:
        assert url
        assert stop is self.stop
        self.told.append(message.body.split()[-1])
        return Sent(Result.SENT, "The service took it.")

    def box(self, urls: dict[str, str]) -> Outbox:
        return Outbox(
            self.locked.database,
            urls,
            WORDING,
            lambda: self.at,
            "a",
            self.send,
            [NEWSROOM, DESK],
        )

    def deliver(self, *channels: str) -> Delivered:
        urls = {name: f"json://127.0.0.1/{name}" for name in channels}
        return deliver(self.box(urls), self.stop)


class LockedAfterSending(Desk):
    def send(self, url: str, message: Message, stop: Event) -> Sent:
        self.locked.lock()
        Timer(0.5, self.locked.free).start()
        return super().send(url, message, stop)


class HangingWhileLocked(Desk):
    def send(self, url: str, message: Message, stop: Event) -> Sent:
        if url.endswith("newsroom"):
            self.heard.set()
            return super().send(url, message, stop)
        self.locked.lock()
        # Longer than a round takes to see what waits by now.
        Timer(3 * outbox.LOOK_AGAIN, self.locked.free).start()
        self.at += SOON  # now the newsroom's message is due, and cannot be claimed
        self.ending.wait(30)
        return Sent(Result.FAILED, "It hung.")


def test_what_was_sent_is_noted_once_the_database_is_free(locked: Locked) -> None:
    desk = LockedAfterSending(locked)
    queue(locked.database)
    assert desk.deliver("newsroom") == Delivered(sent=1)
    assert desk.deliver("newsroom") == Delivered()
    assert desk.told == ["c-1"]


def test_what_could_not_be_claimed_is_told_while_another_channel_hangs(locked: Locked) -> None:
    desk = HangingWhileLocked(locked)
    queue(locked.database, number=1, routes=[DESK])
    queue(locked.database, number=2, app="castro", at=START + SOON)
    round_ = Thread(target=desk.deliver, args=("desk", "newsroom"))
    round_.start()
    arrived = desk.heard.wait(20)
    desk.ending.set()
    round_.join(20)
    assert arrived
    assert desk.told == ["c-2"]


def test_a_database_that_stays_locked_is_told_and_loses_nothing(locked: Locked) -> None:
    desk = Desk(locked)
    queue(locked.database)
    locked.lock()
    with pytest.raises(DatabaseError, match="another process has kept it locked"):
        desk.deliver("newsroom")
    locked.free()
    assert desk.deliver("newsroom") == Delivered(sent=1)


def test_a_round_that_is_over_claims_nothing_more(locked: Locked) -> None:
    desk, over = Desk(locked), Event()
    queue(locked.database)
    over.set()
    box = desk.box({"newsroom": "json://127.0.0.1/newsroom"})
    assert outbox.deliver(box, over=over) == Delivered(waiting=1)
    assert desk.told == []
