"""kill -9 at every step of a delivery, beside a second worker: told at least once, and marked."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from appwatch.alerts.outbox import LEASE, Outbox, deliver
from appwatch.db.engine import Database
from appwatch.simulator.receiver import Receiver, receive
from tests.alerts.rows import START, WORDING, queue

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
DOOMED = """
import os, signal, sys
from appwatch.alerts import channels
from appwatch.alerts.outbox import Outbox, deliver
from appwatch.db import outbox
from appwatch.db.engine import Database
from tests.alerts.rows import START, WORDING

migrated_url, url, step = sys.argv[1:]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def send(*message):
    if step == "after the claim":
        die()
    sent = channels.send(*message)
    if step == "after the send":
        die()
    return sent

def claim(*given):
    claimed = take(*given)
    die()

take = outbox.claim
if step == "within the claim":
    outbox.claim = claim
database = Database(migrated_url)
deliver(Outbox(database, {"newsroom": url}, WORDING, lambda: START, "doomed", send))
"""


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = Database(migrated_url)
    yield opened
    opened.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as open_receiver:
        yield open_receiver


def _same(now: datetime) -> datetime:
    return now


@pytest.mark.parametrize(
    ("step", "sent", "marked"),
    [("within the claim", 1, False), ("after the claim", 1, True), ("after the send", 2, True)],
)
def test_a_killed_worker_loses_nothing_and_what_may_be_a_repeat_says_so(
    database: Database, migrated_url: str, receiver: Receiver, step: str, sent: int, marked: bool
) -> None:
    queue(database)
    command = [sys.executable, "-W", "ignore", "-c", DOOMED]
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run(
        [*command, migrated_url, receiver.apprise_url, step], cwd=root, timeout=60, check=False
    )
    assert killed.returncode == -9
    urls = {"newsroom": receiver.apprise_url}
    for now in (START, START + LEASE):
        deliver(Outbox(database, urls, WORDING, partial(_same, now), "second"))
    assert [one.body.splitlines()[-1] for one in receiver.messages] == ["appwatch: c-1"] * sent
    assert ("may be a repeat" in receiver.messages[-1].body) == marked
