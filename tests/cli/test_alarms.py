"""The operators' own alarms, as the real process tells them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from appwatch.db import alarms as kept
from appwatch.domain.alarms import AlarmKind, Fact, Patience
from appwatch.simulator import Fault, FaultKind, Faults, Receiver, Surface, receive
from appwatch.simulator.loopback import Loopback
from appwatch.simulator.wire import Delivery, Reply, Request
from tests.cli.conftest import WATCHLIST, Clock, Office
from tests.cli.processes import end, eventually, ready, running

OUTAGE = Fault(FaultKind.FALSE_ABSENCE, surface=Surface.LOOKUP, storefronts=frozenset({"cn"}))
TOLD = "appwatch: the controls of the App Store in China (cn) are not seen"
OPERATORS = '  - {name: ops, to: "${OPS_URL}", operator: true, on: [retracted], pace: 1000/1s}\n'


@pytest.fixture
def clock() -> Clock:
    class Real(Clock):
        def __call__(self) -> datetime:
            return datetime.now(UTC)

    return Real()


@pytest.fixture
def operators(office: Office) -> Iterator[Receiver]:
    with receive() as receiver:
        office.environment["OPS_URL"] = receiver.apprise_url
        yield receiver


def alarms(office: Office, *options: str) -> list[dict[str, str]]:
    rows = office.call("alerts", "alarms", "--format", "jsonl", *options).stdout
    return [json.loads(row) for row in rows.splitlines()]


def stands(address: str) -> bool:
    return "controls" in str(ready(address)[1]["alarms"])


def about_controls(receiver: Receiver) -> list[str]:
    return [m.title for m in receiver.messages if "controls" in m.title]


def test_controls_that_vanish_are_told_once_to_the_operators_and_so_is_their_return(
    office: Office, faults: Faults, newsroom: Receiver, operators: Receiver
) -> None:
    with running(office, WATCHLIST + OPERATORS) as (process, address):
        assert newsroom.wait_for(1, 20)  # the first report
        faults.add(OUTAGE)
        assert eventually(lambda: about_controls(operators))
        assert stands(address)
        assert end(process)[0] == 0
    assert [row["kind"] for row in alarms(office) if row["kind"] == "sick"] == ["sick"]
    with running(office, None) as (process, address):  # a restart tells nothing again
        faults.remove(OUTAGE)
        assert eventually(lambda: len(about_controls(operators)) == 2)
        assert not stands(address)
        assert end(process)[0] == 0
    assert about_controls(operators) == [TOLD, TOLD.replace("appwatch:", "appwatch: over:")]
    assert about_controls(newsroom) == []
    assert len(newsroom.messages) == 1
    [row] = [row for row in alarms(office, "--all") if row["kind"] == "sick"]
    assert row["ended_at"]


def test_rounds_are_told_to_a_watcher_elsewhere_who_holds_nothing_up(
    office: Office, newsroom: Receiver
) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(request.path)
        return Reply(200, delivery=Delivery.HANG if len(asked) > 1 else Delivery.WHOLE)

    with Loopback(answer) as watcher:
        office.environment["APPWATCH_PING_URL"] = f"{watcher.url}/secret-uuid"
        with running(office) as (process, _):
            assert newsroom.wait_for(1, 20)
            assert eventually(lambda: len(asked) == 2)
            code, seconds = end(process)  # while the watcher keeps it waiting
            assert process.stderr is not None
            log = process.stderr.read()
    assert asked == ["/secret-uuid/start", "/secret-uuid"]
    assert (code, seconds < 10) == (0, True)
    assert "secret-uuid" not in log
    assert "Traceback" not in log


def test_status_says_what_stands_and_the_command_lists_it(office: Office) -> None:
    office.call("check")
    assert office.call("alerts", "alarms").exit_code == 0
    fact = Fact(AlarmKind.LATE, "", {"seconds": 3600})
    patience = Patience(timedelta(0), timedelta(0), timedelta(0))
    with office.services() as services, services.database.write() as connection:
        kept.keep(connection, [fact], "local", patience, [], services.now())
    listed = office.call("alerts", "alarms", "--format", "csv")
    assert listed.exit_code == 1
    for text in (listed.stdout, office.call("status").stderr):
        assert "Looks do not keep up, since " in text
