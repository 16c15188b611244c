"""kill -9 at every step from a look to a settled delivery, beside a second worker."""

import json
import signal
import subprocess
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
# How often the channel hears what somebody died over, and which of these may be a repeat; of all
# else it hears once, without a mark.
HEARD = {
    "after the claim": [[True]],
    "after the send": [[False, True]],
    "before it is settled": [[False, True]],
}
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

    def watches(self) -> bool:
        return any("first report" in one.body for one in self.newsroom.messages)

    def marks(self, since: int = 0) -> dict[str, list[bool]]:
        """Return of each id that was told since that many messages: were these marked?"""
        marks: dict[str, list[bool]] = {}
        for one in self.newsroom.messages[since:]:
            for told in one.body.splitlines()[-1].split()[1:]:
                marks.setdefault(told, []).append("may be a repeat" in one.body)
        return marks

    def all_told(self) -> bool:
        rows = self.office.call("alerts", "deliveries", "--format", "jsonl").stdout.splitlines()
        settled = all(json.loads(row)["status"] == "sent" for row in rows)
        return self.has_kept_all() and settled and self.changes() <= self.marks().keys()

    def change_until_killed(self, doomed: "subprocess.Popen[str]", step: str) -> bool:
        """Change something; again if the other worker was at it already and came to the step."""
        passed = self.has_kept_all if "look" in step else self.all_told

        def over() -> bool:
            return doomed.poll() is not None or passed()

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
    with running(office, AT_ONCE, command=worker("never", rests, lease=300)):
        assert eventually(desk.watches)
        for step in STEPS:
            heard = len(newsroom.messages)
            rests.touch()
            with running(office, None, command=worker(step, rests, lease=1)) as (doomed, _):
                assert desk.change_until_killed(doomed, step), step
            rests.unlink()
            assert eventually(desk.all_told), step
            odd = {told: marks for told, marks in desk.marks(heard).items() if marks != [False]}
            assert list(odd.values()) == HEARD.get(step, []), step
            assert odd.keys() <= desk.changes(), step
    repeated = [told for told, marks in desk.marks().items() for _ in marks[1:]]
    assert len(repeated) == len([step for step, [marks] in HEARD.items() if marks[1:]])
