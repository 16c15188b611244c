"""Health pages: how things stand, for those who watch the watcher."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appwatch.db import channels
from appwatch.db.engine import Database
from tests.web.asking import EVERY, NOW, ask, watch


def test_healthz_answers_while_the_process_lives(database: Database) -> None:
    answer = ask("/healthz", database)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_tells_how_things_stand(database: Database) -> None:
    watch(database, NOW)
    answer = ask("/readyz", database, NOW + timedelta(minutes=1))
    told: dict[str, Any] = {
        "ready": True,
        "database": True,
        "oldest_due_look_seconds": 60.0,
        "oldest_delivery_seconds": None,
        "watchlist_seconds": 60.0,
        "sweeps_under_way": 3,
        "problems": [],
        "faults": [],
        "watchlist_problem": None,
        "channels_off": [],
        "channels_failing": [],
        "alarms": [],
    }
    assert (answer.status_code, answer.json()) == (200, told)


def test_a_channel_that_is_off_is_not_ready(database: Database) -> None:
    watch(database, NOW)
    with database.write() as connection:
        cause = channels.Cause.REFUSED
        channels.switch_off(connection, "newsroom", cause, "error=404.", NOW)
        channels.note_failed(connection, "desk", NOW)
    answer = ask("/readyz", database)
    assert answer.status_code == 503
    assert answer.json()["channels_off"] == ["newsroom"]
    assert answer.json()["channels_failing"] == ["desk"]
    [problem] = answer.json()["problems"]
    assert problem.startswith("The channel newsroom is switched off since 2026-07-06 12:00 UTC: ")
    assert problem.endswith("error=404. Mend it, then run: appwatch alerts test newsroom")


def test_looks_later_than_two_rounds_are_not_ready(database: Database) -> None:
    watch(database, NOW)
    assert ask("/readyz", database, NOW + 2 * EVERY).status_code == 200
    late = ask("/readyz", database, NOW + 2 * EVERY + timedelta(seconds=1))
    assert late.status_code == 503
    assert late.json()["problems"] == ["The oldest look is due since 1801 s: more than 2 rounds."]


def test_what_is_due_in_the_future_is_not_late(database: Database) -> None:
    watch(database, NOW)
    answer = ask("/readyz", database, NOW - timedelta(hours=1))
    assert answer.json()["oldest_due_look_seconds"] == 0


def test_a_database_that_cannot_be_read_is_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'no' / 'appwatch.db'}")
    answer = ask("/readyz", database)
    assert (answer.status_code, answer.json()["database"]) == (503, False)
    assert "it cannot be opened" in answer.json()["problems"][0]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/"])
def test_there_are_no_pages_that_load_from_elsewhere(database: Database, path: str) -> None:
    assert ask(path, database).status_code == 404
