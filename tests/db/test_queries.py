from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from appwatch.db import migrate, queries, rounds
from appwatch.db.engine import Database
from appwatch.db.queries import Chosen
from appwatch.db.tables import apps, changes, incidents, periods, places, sweeps, targets

NOW = datetime(2026, 7, 6, 12, tzinfo=UTC)
EVERY = timedelta(minutes=15)
HOUR = timedelta(hours=1)
NEVER: dict[str, Any] = {"rules": [], "surfaces": [], "rules_version": 1, "listing": "1"}


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    database = Database(database_url)
    migrate.upgrade(database)
    with database.write() as connection:
        for n, app in enumerate(("castro", "jike")):
            told = {"name": app.title(), "tags": ["social"] * n, "reason": "", "source": ""}
            connection.execute(insert(apps).values(id=app, **told))
        for storefront in ("cn", "us"):
            connection.execute(insert(places).values(store="app_store", storefront=storefront))
        yield connection
    database.close()


def add_target(connection: Connection, app: str, storefront: str = "cn", **more: Any) -> int:  # noqa: ANN401
    values = {
        "app_id": app,
        "store": "app_store",
        "listing": app,
        "storefront": storefront,
        "state": "available",
        "next_look_at": NOW,
        "looks": 10,
        "inconclusive_looks": 4,
        **more,
    }
    found = connection.execute(insert(targets).values(values).returning(targets.c.id))
    return int(found.scalar_one())


def add_sweep(connection: Connection, at: datetime, **more: Any) -> None:  # noqa: ANN401
    values = {"store": "app_store", "storefront": "cn", "vantage": "local", "inconclusive": {}}
    connection.execute(insert(sweeps).values(**values | {"started_at": at} | more))


def add_change(connection: Connection, change: str, app: str, at: datetime, kind: str) -> None:
    target = add_target(connection, app, "us" if app == "jike" else "cn")
    opened = {"id": f"i-{change}", "app_id": app, "opened_at": at, "last_change_at": at}
    connection.execute(insert(incidents).values(opened))
    told = {"name": app, "tags": ["social"] if app == "jike" else [], "store": "app_store"}
    moved = {"from_state": "available", "to_state": "gone", "kind": kind, "looks": 3}
    times = {"before_at": at - HOUR, "after_at": at, "confirmed_at": at}
    ids = {"id": change, "target_id": target, "incident_id": f"i-{change}", "app_id": app}
    place = {"storefront": "us" if app == "jike" else "cn"}
    connection.execute(insert(changes).values(ids | told | moved | times | place | NEVER))


def test_statuses_stand_app_by_app(connection: Connection) -> None:
    add_target(connection, "jike", "us")
    add_target(connection, "castro", "us")
    add_target(connection, "castro", "cn")
    found = queries.statuses(connection, Chosen())
    assert [(one.app, one.storefront) for one in found] == [
        ("castro", "cn"),
        ("castro", "us"),
        ("jike", "us"),
    ]


def test_statuses_can_be_chosen(connection: Connection) -> None:
    add_target(connection, "jike", "us")
    add_target(connection, "castro", "us")
    for chosen in (Chosen(app="jike"), Chosen(tag="social")):
        assert [one.app for one in queries.statuses(connection, chosen)] == ["jike"]
    assert queries.statuses(connection, Chosen(storefront="cn")) == []
    assert queries.statuses(connection, Chosen(store="google_play")) == []


def test_what_was_removed_has_no_status_and_what_is_paused_is_not_watched(
    connection: Connection,
) -> None:
    add_target(connection, "jike", watched=False)
    add_target(connection, "castro", watched=False)
    connection.execute(update(targets).where(targets.c.app_id == "jike").values(paused_at=NOW))
    (found,) = queries.statuses(connection, Chosen())
    assert (found.app, found.state, found.next_look_at) == ("jike", "not_watched", None)


def test_apps_without_targets_are_unresolved_or_paused(connection: Connection) -> None:
    assert queries.apps_without_targets(connection) == (["castro", "jike"], [])
    add_target(connection, "castro")
    connection.execute(update(apps).where(apps.c.id == "jike").values(paused=True))
    assert queries.apps_without_targets(connection) == ([], ["jike"])


def test_changes_come_newest_first(connection: Connection) -> None:
    add_change(connection, "c-1", "jike", NOW - HOUR, "disappeared")
    add_change(connection, "c-2", "castro", NOW, "disappeared")
    assert [one.id for one in queries.changes_listed(connection, Chosen())] == ["c-2", "c-1"]


@pytest.mark.parametrize(
    "chosen",
    [
        Chosen(app="jike"),
        Chosen(tag="social"),
        Chosen(storefront="us"),
        Chosen(kind="returned"),
        Chosen(since=NOW),
        Chosen(app="jike", store="app_store", kind="returned"),
    ],
)
def test_changes_can_be_chosen(connection: Connection, chosen: Chosen) -> None:
    add_change(connection, "c-1", "jike", NOW, "returned")
    add_change(connection, "c-2", "castro", NOW - HOUR, "disappeared")
    assert [one.id for one in queries.changes_listed(connection, chosen)] == ["c-1"]


def test_the_looks_of_an_open_period_are_those_since_it_began(connection: Connection) -> None:
    target = add_target(connection, "jike")
    first = {"target_id": target, "started_at": NOW - HOUR, "state": "available"}
    closed = {"looks_before": 0, "inconclusive_before": 0, "looks": 7, "inconclusive_looks": 3}
    ended = {"ended_earliest_at": NOW - HOUR, "ended_at": NOW, "end_change": "c-1"}
    connection.execute(insert(periods).values(first | closed | ended))
    second = {"target_id": target, "started_at": NOW, "state": "gone"}
    opened = {"looks_before": 7, "inconclusive_before": 3}
    connection.execute(insert(periods).values(second | opened))
    found = list(queries.timeline(connection, Chosen()))
    assert [(one.state, one.looks, one.inconclusive_looks) for one in found] == [
        ("available", 7, 3),
        ("gone", 3, 1),
    ]
    later = queries.timeline(connection, Chosen(since=NOW + HOUR))
    assert [one.state for one in later] == ["gone"]


def test_coverage_adds_up_sweeps_and_reasons(connection: Connection) -> None:
    add_sweep(connection, NOW, planned=10, done=10, inconclusive={"timeout": 2, "network": 1})
    add_sweep(connection, NOW, planned=10, done=5, late=1, inconclusive={"timeout": 1})
    add_sweep(connection, NOW - HOUR, planned=99, done=99)
    (found,) = queries.coverage(connection, NOW, NOW)
    assert (found.planned, found.done, found.conclusive, found.late) == (20, 15, 11, 1)
    assert found.inconclusive == {"network": 1, "timeout": 3}
    assert found.share == 0.55


def test_missed_rounds_lower_the_share(connection: Connection) -> None:
    add_sweep(connection, NOW, planned=10, done=10, missed_rounds=3)
    (found,) = queries.coverage(connection, NOW, NOW)
    assert (found.missed_rounds, found.share) == (3, 0.25)


def test_a_running_gap_counts_as_missed(connection: Connection) -> None:
    add_target(connection, "jike")
    later = NOW + HOUR
    (found,) = queries.coverage(connection, NOW - HOUR, later, EVERY)
    assert (found.planned, found.missed_rounds, found.share) == (0, 4, 0.0)
    (unknown,) = queries.coverage(connection, NOW - HOUR, later)
    assert (unknown.missed_rounds, unknown.share) == (0, None)


def test_the_oldest_due_look_is_of_what_is_watched(connection: Connection) -> None:
    assert queries.readiness(connection) == (None, {})
    assert rounds.due_since(connection) is None
    add_target(connection, "jike", next_look_at=NOW - HOUR)
    add_target(connection, "castro", next_look_at=NOW - 2 * HOUR, watched=False)
    connection.execute(update(places).values(next_look_at=NOW - HOUR))
    assert rounds.due_since(connection) == NOW - HOUR


def test_readiness_names_a_store_whose_looks_prove_nothing(connection: Connection) -> None:
    add_target(connection, "jike", first_looked_at=NOW - HOUR, last_looked_at=NOW)
    assert queries.readiness(connection).silent == {"app_store": (None, NOW - HOUR)}
    connection.execute(update(targets).values(last_conclusive_at=NOW))
    assert queries.readiness(connection).silent == {}


def test_known_names_what_a_filter_may_name(connection: Connection) -> None:
    found = queries.known(connection)
    assert (found.apps, found.tags) == (["castro", "jike"], ["social"])
    assert (found.stores, found.storefronts) == (["app_store"], ["cn", "us"])
