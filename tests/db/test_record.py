"""Looks that repeat what is held: one statement for many, and only where it still holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from appwatch.db import due, holds, keeping, record, watching
from appwatch.db.due import Due
from appwatch.db.engine import Database
from appwatch.db.keeping import GoodListing
from appwatch.db.sweeping import Recorded, Seen, Sweep, Terms
from appwatch.db.tables import periods, targets
from appwatch.domain.confirmation import Policy
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import NO_FACTS, Observation, Outcome, Place

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
US = Place("app_store", "us")
TERMS = Terms(timedelta(minutes=15), Policy())


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    """Return a write transaction in which two targets were just seen available."""
    database = Database(migrated_url)
    with database.write() as connection:
        apps = [
            watching.WatchedApp(i, i, (), "", "", paused=False, targets=[(US, i)]) for i in "12"
        ]
        watching.sync(connection, apps, "digest", "", NOW)
        look(connection, NOW)
        yield connection
    database.close()


def due_now(connection: Connection) -> list[Due]:
    return due.due_targets(connection, US, NOW + timedelta(days=1))


def look(
    connection: Connection,
    at: datetime,
    asked: list[Due] | None = None,
    now: datetime | None = None,
    outcome: Outcome = Outcome.AVAILABLE,
) -> list[Recorded]:
    """Record that everything was seen available, each in an answer of its own."""
    sweep = Sweep(due.open_sweep(connection, US, "local", at, 2), US, at)
    seen = [
        Seen(target, Observation(target.listing, "us", outcome, "rule", at), b"%d" % n)
        for n, target in enumerate(asked or due_now(connection))
    ]
    return record.record(connection, sweep, [([one], {}) for one in seen], TERMS, now or at)


def rows(connection: Connection) -> list[tuple[int, datetime, bytes]]:
    query = select(targets.c.looks, targets.c.last_looked_at, targets.c.last_answer)
    return [tuple(row) for row in connection.execute(query.order_by(targets.c.id))]


def test_looks_of_several_answers_are_noted_with_the_answer_of_each(connection: Connection) -> None:
    later = NOW + timedelta(minutes=15)
    assert [one.state for one in look(connection, later)] == ["available"] * 2
    assert rows(connection) == [(2, later, b"0"), (2, later, b"1")]


def test_a_look_that_ends_after_a_later_one_does_not_turn_time_back(connection: Connection) -> None:
    look(connection, NOW - timedelta(minutes=5), now=NOW)
    assert [(looks, at) for looks, at, _ in rows(connection)] == [(2, NOW)] * 2


def test_a_state_that_holds_is_dated_anew_when_the_clock_was_set_back(
    connection: Connection,
) -> None:
    before = NOW - timedelta(hours=1)
    look(connection, before)
    settled = connection.execute(select(targets.c.last_settled_at)).scalars()
    assert set(settled) == {before}


def test_a_miss_from_before_the_app_was_last_seen_counts_for_nothing(
    connection: Connection,
) -> None:
    asked, missed = due_now(connection), Outcome.NOT_FOUND
    look(connection, NOW - timedelta(seconds=5), asked, NOW, missed)
    assert list(connection.execute(select(targets.c.tallies)).scalars()) == [None, None]
    look(connection, NOW - timedelta(seconds=5), asked, outcome=missed)  # a clock that was set back
    assert None not in connection.execute(select(targets.c.tallies)).scalars()


def test_a_look_at_a_state_that_moved_meanwhile_counts_for_nothing(
    connection: Connection,
) -> None:
    asked = due_now(connection)
    first = targets.c.id == asked[0].id
    connection.execute(update(targets).where(first).values(state="gone"))
    recorded = look(connection, NOW + timedelta(minutes=15), asked)
    assert {one.due.id: one.state for one in recorded} == {
        asked[0].id: "gone",
        asked[1].id: "available",
    }
    query = select(targets.c.tallies).order_by(targets.c.id)
    tallies = list(connection.execute(query).scalars())
    assert [tally is not None for tally in tallies] == [False, False]


def test_a_listing_is_known_to_be_kept_and_when(
    connection: Connection,
) -> None:
    one, other = (target.id for target in due_now(connection))
    assert keeping.kept_since(connection, [one, other], NOW - timedelta(days=1)) == set()
    keeping.keep_listings(connection, [GoodListing(one, NO_FACTS, 7, NOW, "", "")])
    assert keeping.kept_since(connection, [one, other], NOW - timedelta(days=1)) == {one}
    assert keeping.kept_since(connection, [one, other], NOW) == set()
    known = {target.id: target.facts_hash for target in due_now(connection)}
    assert known == {one: 7, other: None}


def test_a_look_at_what_left_the_watchlist_meanwhile_counts_for_nothing(
    connection: Connection,
) -> None:
    asked = due_now(connection)
    kept = watching.WatchedApp("2", "2", (), "", "", paused=False, targets=[(US, "2")])
    watching.sync(connection, [kept], "another", "", NOW + timedelta(minutes=5))
    archived = next(target.id for target in asked if target.listing == "1")
    open_periods = select(periods.c.state, periods.c.target_id).where(periods.c.ended_at.is_(None))
    recorded = look(connection, NOW + timedelta(minutes=15), asked)
    assert [one.due.listing for one in recorded] == ["2"]
    assert (watching.NOT_WATCHED, archived) in [tuple(r) for r in connection.execute(open_periods)]
    assert [looks for looks, _, _ in rows(connection)] == [1, 2]


@pytest.mark.parametrize(
    ("outcome", "missing"), [(Outcome.AVAILABLE, set()), (Outcome.NOT_FOUND, {2})]
)
def test_what_becomes_installable_beside_what_is_missing_is_not_missing(
    connection: Connection, outcome: Outcome, missing: set[int]
) -> None:
    first = targets.c.listing == "1"
    connection.execute(update(targets).where(first).values(state="not_installable"))
    at = NOW + timedelta(minutes=15)
    sweep = Sweep(due.open_sweep(connection, US, "local", at, 2), US, at)
    saw = {"1": outcome, "2": Outcome.NOT_FOUND}
    seen = [
        Seen(one, Observation(one.listing, "us", saw[one.listing], "rule", at), b"")
        for one in due_now(connection)
    ]
    terms = replace(TERMS, hold=HoldRule(0.3, 2))
    record.record(connection, sweep, [(seen, {})], terms, at)
    assert {hold.missing for hold in holds.listed(connection)} == missing
