"""Notices in the outbox: what they say is sent, and never before what it answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import insert, select

from appwatch.alerts.letter import Message
from appwatch.alerts.outbox import Delivered, Outbox, deliver
from appwatch.alerts.outcomes import Sent
from appwatch.db import channels, deliveries, notices, outbox, retracting, tables
from appwatch.db.engine import Database
from appwatch.db.outbox import Attempt, Claimed, Result
from tests.alerts.rows import NEWSROOM, START, WORDING, noticed, queue

SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=5)


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = Database(migrated_url)
    yield opened
    opened.close()


def tell(database: Database, kind: str, at: datetime, target: int | None, app: str = "jike") -> str:
    """Write a notice about a target and queue it for the newsroom; return its id."""
    content = noticed(kind).content
    with database.write() as connection:
        notice = notices.write(
            connection, notices.Notice.new(kind, at, app, content, about=(target, None))
        )
        notices.tell(connection, notice, [NEWSROOM], at)
    return notice.id


def sent(database: Database, at: datetime) -> list[Message]:
    """Deliver what waits; return what a channel took."""
    taken: list[Message] = []

    def take(url: str, message: Message, stop: Event) -> Sent:
        assert url
        assert not stop.is_set()
        taken.append(message)
        return Sent(Result.SENT, "The service took it.")

    urls = {"newsroom": "json://127.0.0.1:9"}
    done = deliver(Outbox(database, urls, WORDING, lambda: at, "a", take))
    assert done == Delivered(sent=len(taken))
    return taken


def claim(database: Database, at: datetime) -> Claimed | None:
    with database.write() as connection:
        return outbox.claim(connection, NEWSROOM, "a", at, LEASE)


def refuse(
    database: Database,
    claimed: Claimed | None,
    at: datetime = START,
    result: Result = Result.FAILED,
) -> None:
    """Settle the delivery as one that the service did not take."""
    assert claimed is not None
    with database.write() as connection:
        outbox.settle(connection, claimed, "a", Attempt(result, "error=500."), at)
        # The channel itself works: what waits is this message alone.
        channels.note_sent(connection, "newsroom", at)


def targets(database: Database) -> list[int]:
    """Return the ids of the targets, oldest first."""
    with database.read() as connection:
        return list(connection.execute(select(tables.targets.c.id).order_by("id")).scalars())


def waits(database: Database, at: datetime) -> bool:
    """Whether nothing may be told now, and the outbox knows it."""
    with database.read() as connection:
        idle = not outbox.is_ready(connection, NEWSROOM, at)
    return idle and claim(database, at) is None


def test_a_notice_is_sent_and_its_ids_are_listed(database: Database) -> None:
    queue(database, routes=[])
    first = tell(database, "suspected", START, targets(database)[0])
    second = tell(database, "suspected", START + SECOND, targets(database)[0])
    [message] = sent(database, START + SECOND)
    assert message.title == "Not confirmed: Jike 即刻 was missed in the App Store in China (cn)"
    assert message.body.splitlines()[-1] == f"appwatch: {first} {second}"
    with database.read() as connection:
        [row] = deliveries.listing(connection)
    assert (row.subject, row.notices, row.changes) == ("notices", (first, second), ())


def test_what_clears_a_suspicion_never_overtakes_it(database: Database) -> None:
    queue(database, routes=[])
    tell(database, "suspected", START, targets(database)[0])
    refuse(database, claim(database, START))
    tell(database, "cleared", START + SECOND, targets(database)[0])
    assert waits(database, START + SECOND)
    titles = [message.title for message in sent(database, START + LEASE)]
    assert [title.split(" in ")[0] for title in titles] == [
        "Not confirmed: Jike 即刻 was missed",
        "Cleared: Jike 即刻 was seen as before",
    ]


def test_a_confirmed_change_never_overtakes_its_suspicion(database: Database) -> None:
    queue(database, routes=[])
    tell(database, "suspected", START, targets(database)[0])
    refuse(database, claim(database, START))
    with database.write() as connection:
        link = {"delivery_id": 99, "change_id": "c-1"}
        times = {"created_at": START + SECOND, "not_before": START}
        values = {"id": 99, "channel": "newsroom", "subject": "changes", "content": {}}
        connection.execute(insert(tables.deliveries).values(**values, **times, status="queued"))
        connection.execute(insert(tables.delivery_changes).values(link))
        queue_of = {"delivery_id": 99, "queue": f"t{targets(database)[0]}"}
        connection.execute(insert(tables.delivery_queues).values(queue_of))
    assert waits(database, START + SECOND)


def test_a_retraction_never_overtakes_the_alert_that_it_takes_back(database: Database) -> None:
    change = queue(database)
    refuse(database, claim(database, START), result=Result.AMBIGUOUS)
    with database.write() as connection:
        period = {"target_id": 1, "started_at": START, "looks_before": 0, "inconclusive_before": 0}
        query = insert(tables.periods)
        connection.execute(query.values(**period, state="available", end_change="c-1"))
        connection.execute(query.values(**period, state="gone", start_change="c-1"))
        retracting.retract(connection, change.id, "Ada", "A test", START + SECOND)
    assert waits(database, START + SECOND)
    alert, retraction = sent(database, START + LEASE)
    assert alert.title.startswith("Retracted as wrong: Jike 即刻 disappeared from")
    assert retraction.title.startswith("An earlier alert was wrong: “Jike 即刻 disappeared")
    assert retraction.body.splitlines()[-1].endswith(" c-1")


def test_a_notice_waits_for_nothing_about_other_targets(database: Database) -> None:
    queue(database, routes=[])
    queue(database, number=2, app="castro", routes=[])
    first, second = targets(database)
    tell(database, "suspected", START, first)
    refuse(database, claim(database, START))
    tell(database, "suspected", START + SECOND, second, "castro")
    assert claim(database, START + SECOND) is not None


def test_a_message_that_tells_twice_of_a_target_does_not_wait_for_itself(
    database: Database,
) -> None:
    queue(database, routes=[])
    tell(database, "suspected", START, targets(database)[0])
    tell(database, "suspected", START + SECOND, targets(database)[0])
    assert not waits(database, START + SECOND)


def test_a_notice_without_a_target_waits_for_no_other(database: Database) -> None:
    queue(database, routes=[])
    tell(database, "hold", START, None)
    refuse(database, claim(database, START))
    tell(database, "newer", START + SECOND, None)
    assert not waits(database, START + SECOND)


def test_a_change_is_read_with_its_hold_its_context_and_its_doubts(database: Database) -> None:
    change = queue(database)
    context: dict[str, Any] = {"updated": "2020-05-01", "rates": {"days": 90}}
    hold = {"id": "h-1", "store": "app_store", "opened_at": START, "missing": 5, "available": 9}
    more: dict[str, Any] = {"waived": True, "context": context, "retracted_at": START + SECOND}
    with database.write() as connection:
        connection.execute(insert(tables.holds).values(**hold, released_at=START + SECOND))
        connection.execute(tables.incidents.update().values(hold_id="h-1"))
        connection.execute(tables.changes.update().values(**more))
    claimed = claim(database, START)
    assert claimed is not None
    with database.read() as connection:
        [read] = deliveries.changes_of(connection, claimed.id)
    assert read == replace(change, **more, hold="h-1", hold_released_at=START + SECOND)
