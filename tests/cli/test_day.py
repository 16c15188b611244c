"""A day of work, a second for each quarter of an hour, with all that goes wrong in one.

`DAY_ROUNDS=96 python -m pytest -n0 tests/cli/test_day.py` plays all of it; else it is a morning.
"""

import json
import os
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import count
from pathlib import Path

import pytest

from appwatch.simulator import (
    Failure,
    Fault,
    FaultKind,
    Faults,
    Receiver,
    SimulatedApp,
    World,
    receive,
)
from tests.cli.conftest import Clock, Office
from tests.cli.processes import WallClock, eventually, hurried, ready, running
from tests.cli.test_following import GARBAGE
from tests.cli.workers import worker

ROUNDS = int(os.environ.get("DAY_ROUNDS", "16"))
LISTINGS = [str(1_000_000_001 + number) for number in range(12)]
WATCHLIST = """
every: 15m
confirm: {disappeared: {looks: 2, over: 0s}, returned: {looks: 1, over: 0s}}
storefronts: {app_store: [us, cn]}
alerts:
  - {name: newsroom, to: "${NEWSROOM_URL}", group_for: 0s, pace: 1000/1m}
  - {name: desk, to: "${DESK_URL}", group_for: 0s, pace: 1000/1m}
  - {name: hanging, to: "${HANGING_URL}", group_for: 0s}
  - {name: failing, to: "${FAILING_URL}", group_for: 0s}
apps:
""" + "".join(f"  - {{id: app-{n}, name: App {n}, app_store: {n}}}\n" for n in LISTINGS)
# None of those after which a host is left alone for minutes.
OUTAGES = (
    FaultKind.SERVER_ERROR,
    FaultKind.FALSE_ABSENCE,
    FaultKind.HTML_FOR_JSON,
    FaultKind.TRUNCATED_BODY,
    FaultKind.WRONG_STOREFRONT,
    FaultKind.EMPTY_BODY,
)
MOST_MB = 32  # that a process may grow by, and files
MOST_FILES = 12


@pytest.fixture
def clock() -> Clock:
    return WallClock()


@pytest.fixture
def receivers(office: Office, newsroom: Receiver) -> Iterator[list[Receiver]]:
    """Return the channels that live; two more are dead."""
    with receive() as desk, receive() as hanging, receive() as failing:
        hanging.fail(Failure.HANG)
        failing.fail(Failure.SERVER_ERROR)
        named = {"DESK": desk, "HANGING": hanging, "FAILING": failing}
        office.environment |= {f"{name}_URL": one.apprise_url for name, one in named.items()}
        yield [newsroom, desk]


class Day:
    """What happens in the world, and what appwatch made of it."""

    def __init__(self, office: Office, world: World, faults: Faults) -> None:
        self.office = office
        self.world = world
        self.faults = faults
        self.moves: list[tuple[str, str, str]] = []
        self._chance = random.Random(1)  # noqa: S311 - a day that can be played again
        self._gone: set[tuple[str, str]] = set()

    def changes(self) -> list[dict[str, str]]:
        rows = self.office.call("changes", "--format", "jsonl").stdout.splitlines()
        return [json.loads(row) for row in rows]

    def is_kept(self) -> bool:
        """Whether what happened so far is what is known, and nothing else is."""
        known = [(row["listing"], row["storefront"], row["kind"]) for row in self.changes()]
        return sorted(known) == sorted(self.moves)

    def is_told(self, receivers: list[Receiver]) -> bool:
        ids = {row["id"] for row in self.changes()}
        heard = [{told for m in one.messages for told in ids_of(m.body)} for one in receivers]
        return self.is_kept() and all(ids <= one for one in heard)

    def change(self) -> None:
        """Take an app out of a storefront, or put it back."""
        listing, storefront = self._chance.choice(LISTINGS), self._chance.choice(["us", "cn"])
        where = (listing, storefront)
        back = where in self._gone
        move = self.world.restore if back else self.world.remove
        move("app_store", listing, [storefront])
        self._gone ^= {where}
        self.moves.append((*where, "returned" if back else "disappeared"))

    def trouble(self, number: int) -> None:
        """Let something go wrong for a round: the store, or the watchlist."""
        self.faults.add(Fault(OUTAGES[number % len(OUTAGES)], store="app_store"))
        garbage = list(GARBAGE.values())[number % len(GARBAGE)]
        (self.office.folder / "watchlist.yaml").write_bytes(garbage)

    def calm(self) -> None:
        self.faults.clear()
        self.office.write(hurried(WATCHLIST))


def ids_of(body: str) -> list[str]:
    return [word for word in body.splitlines()[-1].split() if word.startswith("c-")]


def weight(pid: int) -> tuple[float, int]:
    """Return the MB and the open files of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_a_day_of_trouble_ends_with_every_change_told_and_none_invented(
    office: Office, world: World, faults: Faults, receivers: list[Receiver]
) -> None:
    for listing in LISTINGS:
        world.add(SimulatedApp(f"App {listing}", app_store=listing))
    day, command = Day(office, world, faults), worker("never", office.folder / "rests")
    logs = (office.folder / f"log-{number}" for number in count())

    def begin(watchlist: str | None = None) -> AbstractContextManager[tuple[object, str]]:
        return running(office, watchlist, command=command, log=next(logs))

    with running(office, WATCHLIST, command=command, log=next(logs)) as (steady, address):
        with ExitStack() as second:
            second.enter_context(begin())
            assert receivers[0].wait_for(1, 20)
            assert receivers[1].wait_for(1, 20)
            for number in range(max(ROUNDS // 4, 2)):
                day.change()
                if number == 1:
                    before = weight(steady.pid)
                day.trouble(number)
                assert eventually(lambda: ready(address)[1]["watchlist_problem"])
                second.close()  # kill -9
                second.enter_context(begin())
                day.calm()
                assert eventually(day.is_kept), number
        assert eventually(lambda: day.is_told(receivers))
        assert eventually(lambda: ready(address)[1]["watchlist_problem"] is None)
        assert {"hanging", "failing"} >= set(ready(address)[1]["channels_failing"])  # type: ignore[call-overload]
        after = weight(steady.pid)
    assert after[0] - before[0] < MOST_MB
    assert after[1] - before[1] < MOST_FILES
    rows = [json.loads(row) for row in office.call("status").stdout.splitlines()]
    gone = {(row["app"], row["storefront"]) for row in rows if row["state"] == "gone"}
    assert gone == {(f"app-{listing}", storefront) for listing, storefront in day._gone}
