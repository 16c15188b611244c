"""kill -9 at every step from a look to a settled delivery, beside a second worker."""

import json
import signal
import subprocess
from collections import Counter
from itertools import cycle

import pytest

from appwatch.simulator import Receiver, World
from tests.cli.conftest import WATCHLIST, Clock, Office
from tests.cli.processes import WallClock, eventually, running
from tests.cli.workers import worker

STEPS = (
    "before the look is kept",
    "after the look is kept",
    "within the claim",
    "after the claim",
    "after the send",
    "before it is settled",
    "after it is settled",
)
MAY_REPEAT = ("after the send", "before it is settled")
AT_ONCE = WATCHLIST.replace(
    'to: "${NEWSROOM_URL}"', 'to: "${NEWSROOM_URL}", group_for: 0s, pace: 1000/1m'
).replace("over: 0s}", "over: 0s}, returned: {looks: 1, over: 0s}")


@pytest.fixture
def clock() -> Clock:
    return WallClock()


class Desk:
    """Two workers on one database, and a world in which one thing after another changes."""

    def __init__(self, office: Office, world: World, newsroom: Receiver) -> None:
        self.office = office
        self.newsroom = newsroom
        self.moved = 0
        self._moves = cycle([world.remove, world.restore])

    def changes(self) -> set[str]:
        rows = self.office.call("changes").stdout.splitlines()
        return {json.loads(row)["id"] for row in rows}

    def has_kept_all(self) -> bool:
        return len(self.changes()) == self.moved

    def told(self) -> list[str]:
        bodies = [one.body for one in self.newsroom.messages]
        return [told for body in bodies for told in body.splitlines()[-1].split()[1:]]

    def all_told(self) -> bool:
        rows = self.office.call("alerts", "deliveries", "--format", "jsonl").stdout.splitlines()
        settled = all(json.loads(row)["status"] == "sent" for row in rows)
        return settled and self.changes() <= set(self.told())

    def change_until_killed(self, doomed: "subprocess.Popen[str]") -> bool:
        """Change something; again if the other worker was at it already and came to the step."""

        def over() -> bool:
            return doomed.poll() is not None or (self.has_kept_all() and self.all_told())

        for _ in range(5):
            self.moved += 1
            next(self._moves)("app_store", "966129812", ["cn"])
            if not eventually(over) or doomed.poll() is not None:
                break
        return doomed.poll() == -signal.SIGKILL


def test_whoever_is_killed_wherever_each_change_is_told_and_repeats_say_so(
    office: Office, world: World, newsroom: Receiver, database_url: str
) -> None:
    office.environment["APPWATCH_DATABASE_URL"] = database_url
    desk, rests = Desk(office, world, newsroom), office.folder / "rests"
    with running(office, AT_ONCE, command=worker("never", rests)):
        assert newsroom.wait_for(1, 20)
        for step in STEPS:
            with running(office, None, command=worker(step, rests)) as (doomed, _):
                rests.touch()
                assert desk.change_until_killed(doomed), step
            rests.unlink()
            # What is not kept yet would be undone by the next move.
            assert eventually(desk.has_kept_all), step
        assert eventually(desk.all_told)
    plain = [one.body for one in newsroom.messages if "may be a repeat" not in one.body]
    assert max(Counter(body.splitlines()[-1] for body in plain).values()) == 1
    # By message, not by change: what waits together is told by one.
    lines = Counter(one.body.splitlines()[-1] for one in newsroom.messages)
    repeated = [line for line, times in lines.items() if times > 1]
    assert 0 < len(repeated) <= len(MAY_REPEAT)
