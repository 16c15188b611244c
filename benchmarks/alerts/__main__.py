"""Tells changes to channels on loopback: what arrives, how soon, and what arrives twice.

First without kills, beside a dead channel and without one: how soon. Then with the dead one and two
processes, one of which is killed over and over: what arrives, and how often.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from appwatch.db import migrate
from appwatch.db.engine import Database
from benchmarks.alerts.changing import change
from benchmarks.alerts.newsroom import Channel
from benchmarks.alerts.worker import route
from benchmarks.figures import Figure, progress, report

SLOW = 0.05  # seconds until the slow channel answers
LEASE, LEASE_KILLED = 300.0, 3.0  # the product's; and one that need not be waited for for minutes
LIVE = ("first", "second", "third", "slow")
PATIENCE = 120.0  # seconds without any arrival, after which something is missed
# A dead channel has a thread of its own, and shares nothing with the others but the database.
MOST_DELAYED = 1.5


@dataclass
class Story:
    """What was committed when, and the channels that heard of it."""

    channels: list[Channel]
    committed: dict[str, float] = field(default_factory=dict)

    @property
    def live(self) -> list[Channel]:
        """The channels that take something."""
        return [one for one in self.channels if one.delay is not None]

    def missed(self) -> int:
        """Return how often a live channel has not heard of a change."""
        return sum(len(self.committed.keys() - one.first().keys()) for one in self.live)

    def waits(self) -> list[float]:
        """Return the seconds from commit to arrival at the channels that are quick."""
        quick = [one.first() for one in self.live if not one.delay]
        return [at - self.committed[told] for first in quick for told, at in first.items()]

    def repeats(self) -> tuple[int, int]:
        """Return how many arrivals were another one of the same change, and how many unmarked."""
        again = unmarked = 0
        for one in self.live:
            again += len(one.arrivals) - len(one.first())
            plain = Counter(told.change for told in list(one.arrivals) if not told.marked)
            unmarked += plain.total() - len(plain)
        return again, unmarked


@contextmanager
def telling(dead: bool) -> Iterator[tuple[Story, str, Path]]:  # noqa: FBT001 - the one choice
    """Give channels and an empty database, and its address."""
    channels = [Channel(name, SLOW if name == "slow" else 0.0) for name in LIVE]
    channels += [Channel("dead", None)] if dead else []
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/appwatch.db"
        database = Database(url)
        migrate.upgrade(database)
        database.close()
        try:
            yield Story(channels), url, Path(name)
        finally:
            for one in channels:
                one.close()


def worker(story: Story, url: str, owner: str, lease: float) -> "subprocess.Popen[str]":
    """Begin a process that delivers."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.alerts.worker"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    urls = {one.name: one.url for one in story.channels}
    given = {"database": url, "owner": owner, "lease": lease, "urls": urls}
    assert process.stdin is not None  # noqa: S101 - it is piped
    json.dump(given, process.stdin)
    process.stdin.close()
    return process


def commit(story: Story, url: str, count: int, per_second: float) -> Iterator[int]:
    """Commit so many changes at this pace, a tenth of a second's at a time; yield how many are."""
    routes = [route(one.name) for one in story.channels]
    database = Database(url, busy_seconds=PATIENCE)
    began, done = time.monotonic(), 0
    while done < count:
        due = min(int((time.monotonic() - began) * per_second) + 1, count)
        if due > done:
            story.committed |= change(database, routes, done, due - done)
            done = due
        yield done
        time.sleep(0.1)
    database.close()


def arrive(story: Story) -> None:
    """Wait until every live channel heard of everything, or nothing arrives any more."""
    heard, since = -1, time.monotonic()
    while story.missed() and time.monotonic() - since < PATIENCE:
        now = sum(len(one.arrivals) for one in story.live)
        if now != heard:
            heard, since = now, time.monotonic()
        time.sleep(0.2)


def warm_up(story: Story, url: str, number: int) -> None:
    """Tell one change more, which is not measured: the process has loaded everything then."""
    database = Database(url)
    story.committed |= change(database, [route(one.name) for one in story.channels], number, 1)
    database.close()
    arrive(story)
    story.committed.clear()
    for one in story.channels:
        one.arrivals.clear()


def undisturbed(count: int, per_second: float, *, dead: bool) -> Story:
    """Tell changes by one process that nobody kills."""
    with telling(dead) as (story, url, _):
        process = worker(story, url, "one", LEASE)
        try:
            warm_up(story, url, count)
            for _ in commit(story, url, count, per_second):
                pass
            arrive(story)
        finally:
            process.kill()
            process.wait()
    return story


def disturbed(count: int, per_second: float, kills: int) -> Story:
    """Tell changes by two processes, one of which is killed so many times, and begun anew."""
    chance = random.Random(kills)  # noqa: S311 - when to kill is no secret
    moments = sorted(chance.sample(range(1, count + 1), min(kills, count)))
    with telling(dead=True) as (story, url, _):
        workers = [worker(story, url, f"worker-{number}", LEASE_KILLED) for number in range(2)]
        try:
            for done in commit(story, url, count, per_second):
                while moments and moments[0] <= done:
                    moments.pop(0)
                    killed = workers.pop(0)
                    killed.kill()
                    killed.wait()
                    workers.append(
                        worker(story, url, f"worker-{done}-{len(moments)}", LEASE_KILLED)
                    )
                    time.sleep(chance.uniform(0.5, 1.5))
            arrive(story)
        finally:
            for process in workers:
                process.kill()
                process.wait()
    return story


def figures(plain: Story, beside: Story, killed: Story, kills: int) -> list[Figure]:
    """Return what was measured."""
    alone, with_dead = plain.waits(), beside.waits()
    again, unmarked = killed.repeats()
    arrivals = sum(len(one.arrivals) for one in killed.live)
    # A kill catches at most one message of each live channel between its send and its settling.
    most = kills * len(killed.live) / arrivals
    late = [quantiles(waits, n=100)[98] for waits in (alone, with_dead)]
    missed = plain.missed() + beside.missed()
    return [
        Figure("missed by a live channel, without kills", missed, "changes", 0),
        Figure(f"missed by a live channel, {kills} kills", killed.missed(), "changes", 0),
        Figure("repeats, of all arrivals", again / arrivals, "share", most),
        Figure("repeats that do not say that they may be", unmarked, "messages", 0),
        Figure("commit to arrival, beside a dead channel, median", median(with_dead), "s"),
        Figure("commit to arrival, beside it, 99th percentile", late[1], "s"),
        Figure("median, to that without", median(with_dead) / median(alone), "ratio", MOST_DELAYED),
        Figure("99th percentile, to that without", late[1] / late[0], "ratio", MOST_DELAYED),
    ]


def main(arguments: Sequence[str]) -> int:
    """Tell the changes three times; return 1 if something was missed or a bound not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000, help="of each part (default 10000)")
    parser.add_argument("--per-second", type=float, default=10.0, help="commits (default 10)")
    parser.add_argument("--kills", type=int, default=20, help="of a delivering process (20)")
    chosen = parser.parse_args(arguments)
    progress(f"{chosen.changes} changes without a dead channel")
    plain = undisturbed(chosen.changes, chosen.per_second, dead=False)
    progress("the same beside a dead channel")
    beside = undisturbed(chosen.changes, chosen.per_second, dead=True)
    progress(f"the same with {chosen.kills} kills")
    killed = disturbed(chosen.changes, chosen.per_second, chosen.kills)
    return report(figures(plain, beside, killed, chosen.kills))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
