"""Alarms in the database: told once with their end, whoever looks and however often it restarts."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from appwatch.db import alarms, channels, tables
from appwatch.db.channels import Cause
from appwatch.db.engine import Database
from appwatch.domain.alarms import AlarmKind, Fact, Patience
from appwatch.domain.routing import Route
from tests.alerts.rows import START, open_database

ROUTES = [Route("newsroom"), Route("ops", operator=True)]
PATIENCE = Patience.of(timedelta(minutes=15))
SICK = Fact(AlarmKind.SICK, "app_store/cn", {"store": "app_store", "storefronts": ["cn"]})
DISK = Fact(AlarmKind.DISK, "home", {"words": "0.1 GB free"})
HOLD = Fact(AlarmKind.HOLD, "app_store/cn", {"store": "app_store", "storefronts": ["cn"]})


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def keep(database: Database, minutes: float, *facts: Fact, vantage: str = "home") -> list[str]:
    """Look at the facts so many minutes after the start; return what is told by that."""
    now = START + timedelta(minutes=minutes)
    with database.write() as connection:
        told = alarms.keep(connection, facts, vantage, PATIENCE, ROUTES, now)
    return [f"{alarm.kind.value} {taken.value}" for taken, alarm in told]


def messages(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        rows = connection.execute(select(tables.deliveries).order_by(tables.deliveries.c.id))
        return [(row.channel, row.content["event"]) for row in rows]


def standing(database: Database) -> Sequence[str]:
    with database.read() as connection:
        return [alarm.kind.value for alarm in alarms.standing(connection)]


def test_an_alarm_and_its_end_are_told_once_to_the_operators_alone(database: Database) -> None:
    told = [keep(database, minute, SICK) for minute in range(10)]
    assert [one for one in told if one] == [["sick opened"]]
    assert standing(database) == ["sick"]
    told = [keep(database, minute) for minute in range(10, 40)]
    assert [one for one in told if one] == [["sick ended"]]
    assert standing(database) == []
    assert messages(database) == [("ops", "alarm"), ("ops", "alarm_over")]


def test_trouble_that_flaps_is_told_once(database: Database) -> None:
    keep(database, 0, SICK)
    told = [keep(database, 2 + minute, *[SICK] * (minute % 2 == 0)) for minute in range(30)]
    assert [one for one in told if one] == [["sick opened"]]


def test_trouble_that_flaps_too_fast_is_not_told(database: Database) -> None:
    for minute in range(30):
        assert keep(database, minute, *[SICK] * (minute % 2)) == []


def test_it_ended_when_the_trouble_was_gone_not_when_that_was_told(database: Database) -> None:
    keep(database, 0, HOLD)
    keep(database, 5)
    keep(database, 20)
    with database.read() as connection:
        [alarm] = alarms.listed(connection)
    assert alarm.since == START
    assert alarm.ended_at == START + timedelta(minutes=5)


def test_what_is_wrong_twice_is_two_alarms(database: Database) -> None:
    hong_kong = Fact(AlarmKind.HOLD, "app_store/hk", {"store": "app_store", "storefronts": ["hk"]})
    assert keep(database, 0, HOLD, hong_kong) == ["hold opened"] * 2
    assert keep(database, 1, HOLD) == []
    assert keep(database, 30, HOLD) == ["hold ended"]


def test_another_machine_does_not_end_what_it_cannot_know(database: Database) -> None:
    keep(database, 0, DISK)
    assert keep(database, 3, DISK) == ["disk opened"]
    for minute in range(4, 40):
        assert keep(database, minute, vantage="elsewhere") == []
    assert standing(database) == ["disk"]


def test_what_a_vantage_knew_that_is_gone_ends(database: Database) -> None:
    keep(database, 0, DISK)
    keep(database, 3, DISK)
    sweep = {"store": "app_store", "storefront": "cn", "vantage": "home", "planned": 1}
    sweep |= {"started_at": START + timedelta(hours=2), "inconclusive": {}}
    with database.write() as connection:
        connection.execute(insert(tables.sweeps).values(sweep))
    day = 24 * 60
    for minutes in (day + 60, day + 110):
        assert keep(database, minutes, vantage="elsewhere") == []
    keep(database, day + 121, vantage="elsewhere")
    assert keep(database, day + 131, vantage="elsewhere") == ["disk ended"]
    assert messages(database) == [("ops", "alarm"), ("ops", "alarm_over")]


def switch(database: Database, *off: str) -> None:
    """Switch these channels off, and the others on."""
    with database.write() as connection:
        for name in ("newsroom", "ops"):
            if name in off:
                channels.switch_off(connection, name, Cause.REFUSED, "404.", START)
            else:
                channels.switch_on(connection, name, START)


@pytest.mark.parametrize(
    ("off", "told"), [(["ops"], "newsroom"), (["newsroom"], "ops"), (["newsroom", "ops"], "ops")]
)
def test_the_end_is_told_to_those_to_whom_the_beginning_is(
    database: Database, off: list[str], told: str
) -> None:
    switch(database, *off)
    assert keep(database, 0, HOLD) == ["hold opened"]
    switch(database)
    keep(database, 5)
    assert keep(database, 20) == ["hold ended"]
    assert messages(database) == [(told, "alarm"), (told, "alarm_over")]


def test_two_processes_that_look_at_once_tell_once(database: Database) -> None:
    def look(minute: int) -> list[str]:
        return keep(database, minute, HOLD)

    with ThreadPoolExecutor(4) as threads:
        told = [one for found in threads.map(look, [0] * 8) for one in found]
    assert told == ["hold opened"]
    assert messages(database) == [("ops", "alarm")]


def test_the_end_is_never_told_before_the_beginning(database: Database) -> None:
    keep(database, 0, HOLD)
    keep(database, 5)
    keep(database, 20)
    with database.read() as connection:
        queues = connection.execute(select(tables.delivery_queues.c.queue)).scalars().all()
        [alarm] = alarms.listed(connection)
    assert queues == [alarm.id] * 2
