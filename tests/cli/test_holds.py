"""Holds by the command line: what is held back is seen, and a person may release or drop it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from appwatch.db import holds
from appwatch.db.tables import targets
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import Place
from appwatch.simulator import World
from tests.cli.conftest import Clock, Office

HERE = ("--store", "app_store", "--storefront", "cn")


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def held(office: Office, world: World, clock: Clock) -> Office:
    """Return an office in which Jike was just missed in China, and that is too much at once."""
    office.call("check", *HERE)
    clock.moment += timedelta(minutes=5)
    world.remove("app_store", "966129812", ["cn"])
    office.call("check", *HERE)
    with office.services() as services, services.database.write() as connection:
        missed = connection.execute(select(targets.c.id).where(targets.c.tallies.is_not(None)))
        holds.consider(
            connection,
            Place("app_store", "cn"),
            list(missed.scalars()),
            HoldRule(0.3, 1),
            timedelta(minutes=15),
            clock(),
        )
    return office


def hold_of(office: Office) -> str:
    """Return the id of the storefront's own hold."""
    rows = lines(office.call("holds", "list").stdout)
    return next(str(row["id"]) for row in rows if row["storefront"] == "cn")


def test_list_shows_what_is_open(held: Office) -> None:
    result = held.call("holds", "list")
    row = next(row for row in lines(result.stdout) if row["storefront"] == "cn")
    assert result.exit_code == 0
    assert (row["store"], row["missing"], row["available"]) == ("app_store", 1, 2)
    assert (row["released_at"], row["ended_at"]) == (None, None)


def test_a_release_is_recorded_with_its_author(held: Office) -> None:
    hold = hold_of(held)
    result = held.call("holds", "release", hold, "--by", "editor")
    assert (result.exit_code, result.stdout[: len(hold)]) == (0, hold)
    row = next(row for row in lines(held.call("holds", "list").stdout) if row["id"] == hold)
    assert row["released_by"] == "editor"
    assert row["released_at"] is not None


def test_what_is_dropped_counts_as_listed_until_missed_anew(held: Office) -> None:
    hold = hold_of(held)
    result = held.call("holds", "drop", hold)
    assert "1 target counts as listed until missed anew." in result.stdout
    (status,) = lines(held.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "available"
    assert hold not in {row["id"] for row in lines(held.call("holds", "list").stdout)}
    ended = lines(held.call("holds", "list", "--all").stdout)
    assert {row["id"]: row["ended_how"] for row in ended}[hold] == "dropped"


def test_a_second_release_changes_nothing_and_names_the_first(held: Office) -> None:
    hold = hold_of(held)
    held.call("holds", "release", hold, "--by", "editor")
    again = held.call("holds", "release", hold, "--by", "somebody")
    assert (again.exit_code, again.stdout) == (2, "")
    assert f"{hold} was released already, by editor on 2026-07-06 12:05 UTC." in again.stderr
    row = next(row for row in lines(held.call("holds", "list").stdout) if row["id"] == hold)
    assert row["released_by"] == "editor"


@pytest.mark.parametrize("command", ["release", "drop"])
def test_a_hold_that_is_none_is_told_with_those_that_are_open(held: Office, command: str) -> None:
    result = held.call("holds", command, "h-none")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no open hold 'h-none'; open ones: h-" in result.stderr


@pytest.mark.parametrize("arguments", [["list"], ["release", "h-1"], ["drop", "h-1"]])
def test_without_a_database_there_is_a_sentence(office: Office, arguments: list[str]) -> None:
    result = office.call("holds", *arguments)
    assert result.exit_code == 2
    assert "run `appwatch check` or `appwatch run` first" in result.stderr
