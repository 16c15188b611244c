"""Metrics: read from a real database, parsed as Prometheus parses them."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from appwatch.db import channels, watching
from appwatch.db.engine import Database
from appwatch.db.tables import targets
from appwatch.db.watchlist_problems import Kind, note
from tests.alerts.rows import NEWSROOM, queue
from tests.web.asking import NOW, ask, watch

Samples = dict[tuple[str, tuple[str, ...]], float]


def read(database: Database) -> Samples:
    answer = ask("/metrics", database, NOW + timedelta(minutes=1))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (
            one.name.removeprefix("appwatch_"),
            tuple(one.labels[name] for name in sorted(one.labels)),
        ): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def test_metrics_tell_how_things_stand_and_name_no_app(database: Database) -> None:
    watch(database, NOW)
    queue(database, routes=[NEWSROOM], at=NOW)
    found = read(database)
    assert found["ready", ()] == found["database_up", ()] == 1
    assert found["oldest_due_look_seconds", ()] == 60
    assert found["oldest_delivery_seconds", ()] == 60
    assert found["targets", ("unknown", "app_store")] == 1
    assert found["changes_total", ("disappeared", "app_store")] == 1
    assert found["deliveries_waiting", ("newsroom",)] == 1
    assert found["looks_total", ("app_store",)] == 0
    assert "jike" not in ask("/metrics", database).text


def test_a_store_that_is_not_watched_any_more_has_no_last_look(database: Database) -> None:
    watch(database, NOW)
    proved = "last_conclusive_look_timestamp_seconds", ("app_store",)
    with database.write() as connection:
        connection.execute(update(targets).values(last_conclusive_at=NOW))
    assert read(database)[proved] == NOW.timestamp()
    with database.write() as connection:
        watching.sync(connection, [], "nothing", "text", NOW)
    assert proved not in read(database)


def test_a_watchlist_that_is_refused_is_a_metric(database: Database) -> None:
    watch(database, NOW)
    assert read(database)["watchlist_refused", ("rejected",)] == 0
    with database.write() as connection:
        note(connection, Kind.REJECTED, "digest", "watchlist.yaml:1:1: it is empty", NOW)
    found = read(database)
    assert found["watchlist_refused", ("rejected",)] == 1
    assert found["watchlist_refused", ("waiting",)] == 0


def test_channels_that_are_off_or_failing_are_metrics(database: Database) -> None:
    with database.write() as connection:
        channels.switch_off(connection, "newsroom", channels.Cause.REFUSED, "error=404.", NOW)
        channels.note_failed(connection, "desk", NOW)
    found = read(database)
    assert found["channel_off", ("newsroom",)] == 1
    assert found["channel_failing", ("desk",)] == 1
    assert ("channel_off", ("desk",)) not in found
    assert found["ready", ()] == 0


def test_a_database_that_cannot_be_read_is_a_metric(tmp_path: Path) -> None:
    found = read(Database(f"sqlite:///{tmp_path / 'no' / 'appwatch.db'}"))
    assert found["database_up", ()] == found["ready", ()] == 0
    assert not any(name == "targets" for name, _ in found)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_metrics_are_only_read(database: Database, method: str) -> None:
    assert ask("/metrics", database, method=method).status_code == 405
