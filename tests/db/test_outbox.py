"""The outbox on both databases: who may claim what, and what becomes of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select, text

from appwatch.db import channels, deliveries, notices, outbox
from appwatch.db.engine import Database
from appwatch.db.outbox import (
    Attempt,
    Claimed,
    Letter,
    Result,
    Retried,
    Status,
    Subject,
    post,
    stand,
)
from appwatch.db.tables import attempts
from appwatch.db.tables import deliveries as rows
from appwatch.domain.routing import BACKOFF, Rate, Route
from appwatch.errors import UsageError
from tests.alerts.rows import NEWSROOM, START, noticed, open_database, queue

LEASE = timedelta(minutes=5)
TOOK = Attempt(Result.SENT, "The service took it.", "title", "body")
REFUSED = Attempt(Result.FAILED, "error=500.", "title", "body")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def claim(database: Database, owner: str = "a", now: datetime = START) -> Claimed | None:
    with database.write() as connection:
        return outbox.claim(connection, NEWSROOM, owner, now, LEASE)


def settle(
    database: Database, claimed: Claimed | None, attempt: Attempt, now: datetime = START
) -> Status | None:
    assert claimed is not None
    with database.write() as connection:
        return outbox.settle(connection, claimed, "a", attempt, now)


def shown(database: Database) -> list[deliveries.DeliveryRow]:
    with database.read() as connection:
        return deliveries.listing(connection)


def waiting(database: Database, now: datetime) -> list[str]:
    """Return the channels for which something can be claimed."""
    with database.read() as connection:
        found = outbox.channels_waiting(connection)
        ready = [outbox.is_ready(connection, Route(one), now) for one in found]
    return [one for one, is_ready in zip(found, ready, strict=True) if is_ready]


def test_a_delivery_is_claimed_once_and_settled_by_who_claimed_it(database: Database) -> None:
    queue(database)
    claimed = claim(database)
    assert claim(database, "b") is None
    assert settle(database, claimed, TOOK) is Status.SENT
    [row] = shown(database)
    assert (row.status, row.settled_at, row.attempts) == ("sent", START, 1)
    assert (row.changes, row.last_words) == (("c-1",), "The service took it.")
    assert waiting(database, START + timedelta(days=9)) == []


def test_the_text_as_last_sent_is_kept(database: Database) -> None:
    queue(database)
    settle(database, claim(database), TOOK)
    with database.read() as connection:
        row = connection.execute(rows.select()).one()
    assert (row.title, row.body, row.lease_owner) == ("title", "body", None)


def test_two_owners_at_the_same_moment_never_hold_the_same_delivery(database: Database) -> None:
    for number in range(8):
        queue(database, number=number, app=f"app-{number}")
    together, held = Barrier(4), list[int]()

    def work(owner: str) -> None:
        together.wait(10)
        while claimed := claim(database, owner):
            held.append(claimed.id)

    threads = [Thread(target=work, args=(owner,)) for owner in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(held) == sorted(row.id for row in shown(database))


TWICE = Rate(2, timedelta(hours=1))


@pytest.mark.parametrize("route", [replace(NEWSROOM, pace=TWICE), replace(NEWSROOM, at_most=TWICE)])
def test_what_another_process_sends_counts_towards_a_rate(database: Database, route: Route) -> None:
    for number in range(3):
        queue(database, number=number, app=f"app-{number}")
    held = []
    for owner in "abc":
        with database.write() as connection:
            held.append(outbox.claim(connection, route, owner, START, LEASE))
    assert [one is not None for one in held] == [True, True, False]
    with database.write() as connection:
        assert outbox.claim(connection, route, "c", START + LEASE, LEASE) is not None


def test_a_lease_that_ran_out_is_taken_over_as_a_possible_repeat(database: Database) -> None:
    queue(database)
    lost = claim(database)
    assert claim(database, "b", START + LEASE - timedelta(seconds=1)) is None
    again = claim(database, "b", START + LEASE)
    assert again is not None
    assert again.possible_repeat
    assert again.attempts == 2
    assert settle(database, lost, TOOK, START + LEASE) is None
    [row] = shown(database)
    assert (row.status, row.settled_at) == ("sending", None)
    with database.read() as connection:
        log = deliveries.attempts_of(connection, [row.id])
    assert [one.result for one in log] == ["ambiguous", "sent"]


def test_a_lease_made_under_a_clock_that_was_ahead_has_ended(database: Database) -> None:
    queue(database)
    assert claim(database, now=START + timedelta(days=400)) is not None
    assert waiting(database, START) == ["newsroom"]
    again = claim(database, "b")
    assert again is not None
    assert again.possible_repeat


def test_what_was_queued_under_a_clock_that_was_ahead_is_sent_now(database: Database) -> None:
    queue(database, at=START + timedelta(days=400))
    assert waiting(database, START) == ["newsroom"]
    assert settle(database, claim(database), REFUSED) is Status.QUEUED
    assert waiting(database, START) == []  # tried again in 30 s, like any other


def test_an_owner_that_lost_its_lease_to_itself_settles_nothing(database: Database) -> None:
    queue(database)
    lost = claim(database)
    claim(database, now=START + LEASE)
    assert settle(database, lost, TOOK, START + LEASE) is None


def test_a_failure_is_tried_again_later_and_later(database: Database) -> None:
    queue(database)
    now, waits = START, []
    for _ in range(8):
        assert settle(database, claim(database, now=now), REFUSED, now) is Status.QUEUED
        before = now
        while not waiting(database, now):
            now += timedelta(seconds=30)
        waits.append(now - before)
    assert waits == [*BACKOFF, BACKOFF[-1]]


def test_what_may_have_arrived_is_marked_before_it_is_sent_again(database: Database) -> None:
    queue(database)
    settle(database, claim(database), Attempt(Result.AMBIGUOUS, "no answer"))
    again = claim(database, now=START + BACKOFF[0])
    assert again is not None
    assert again.possible_repeat


def test_the_parts_of_one_incident_are_told_in_their_order(database: Database) -> None:
    queue(database, number=1)
    settle(database, claim(database), REFUSED)
    queue(database, number=2, at=START + timedelta(seconds=1))
    soon = START + timedelta(seconds=2)
    with database.write() as connection:
        channels.note_sent(connection, "newsroom", START)  # the channel itself works
    assert waiting(database, soon) == []  # the first part is tried again in 30 s
    queue(database, number=3, app="castro", at=soon)
    other = claim(database, now=soon)
    assert other is not None
    with database.read() as connection:
        assert [change.id for change in deliveries.changes_of(connection, other.id)] == ["c-3"]


def test_deliveries_are_found_by_status_whatever_their_ids(database: Database) -> None:
    with database.write() as connection:
        for number in (9, 3):
            values = {"id": number, "channel": "newsroom", "subject": "first_report"}
            times = {"created_at": START - timedelta(seconds=number), "not_before": START}
            connection.execute(insert(rows).values(**values, **times, content={}, status="queued"))
    first, second = claim(database), claim(database)
    assert first is not None
    assert second is not None
    assert [first.id, second.id] == [9, 3]


def test_a_digest_waits_for_its_hour(database: Database) -> None:
    queue(database)
    with database.write() as connection:
        connection.execute(rows.update().values(not_before=START + timedelta(hours=1)))
    assert claim(database) is None
    with database.read() as connection:
        assert deliveries.oldest_waiting(connection) == START + timedelta(hours=1)


def test_the_oldest_waiting_delivery_is_known_by_its_first_attempt(database: Database) -> None:
    with database.read() as connection:
        assert deliveries.oldest_waiting(connection) is None
    queue(database)
    settle(database, claim(database), REFUSED)
    settle(database, claim(database, now=START + LEASE), REFUSED, START + LEASE)
    with database.read() as connection:
        assert deliveries.oldest_waiting(connection) == START
        assert deliveries.count_waiting(connection) == 1


def test_a_change_is_read_back_as_it_was_written(database: Database) -> None:
    change = queue(database)
    claimed = claim(database)
    assert claimed is not None
    with database.read() as connection:
        assert deliveries.changes_of(connection, claimed.id) == [change]


def test_each_channel_has_deliveries_of_its_own(database: Database) -> None:
    queue(database, routes=[NEWSROOM, Route("desk")])
    settle(database, claim(database), REFUSED)
    assert waiting(database, START) == ["desk"]
    with database.read() as connection:
        assert len(deliveries.listing(connection, channel="desk")) == 1
        assert deliveries.listing(connection, status="sent") == []
        assert len(deliveries.listing(connection, since=START, limit=1)) == 1


def test_what_waits_is_found_by_the_index_made_for_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('plan') / 'appwatch.db'}")
    query = str(
        rows.select()
        .where(outbox.waiting(rows.c.status), rows.c.channel == "newsroom")
        .compile(
            database.engine, compile_kwargs={"render_postcompile": True, "literal_binds": True}
        )
    )
    with database.read() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    database.close()
    assert "ix_deliveries_waiting" in str(plan)


def test_retrying_one_message_tries_what_stands_ahead_of_it_too(database: Database) -> None:
    queue(database, number=1)
    settle(database, claim(database), REFUSED)
    queue(database, number=2, at=START + timedelta(seconds=1))
    now = START + timedelta(seconds=2)
    with database.write() as connection:
        assert outbox.retry(connection, [2], now) == Retried(2, ("newsroom",))
    for number in (1, 2):
        claimed = claim(database, now=now)
        assert claimed is not None
        assert claimed.id == number
        settle(database, claimed, TOOK, now)


def test_a_message_that_was_withdrawn_is_not_tried_again(database: Database) -> None:
    queue(database)
    with database.write() as connection:
        outbox.withdraw(connection, [1], START)
        with pytest.raises(UsageError, match="Message 1 was withdrawn"):
            outbox.retry(connection, [1], START)


def test_what_one_service_cannot_take_is_not_tried_with_every_message_that_it_takes(
    database: Database,
) -> None:
    def tell(now: datetime) -> None:
        while claimed := claim(database, now=now):
            settle(database, claimed, REFUSED if claimed.id < 3 else TOOK, now)

    for number in (1, 2):
        queue(database, number=number, app=f"app-{number}")
    for hour in range(24):
        tell(START + timedelta(hours=hour))
    tried = sum(row.attempts for row in shown(database))
    for number in range(3, 15):
        noon = START + timedelta(days=1, hours=number)
        queue(database, number=number, app=f"app-{number}", at=noon)
        for quarter in range(4):
            tell(noon + quarter * timedelta(minutes=15))
    *sent, second, first = shown(database)
    assert {row.status for row in sent} == {"sent"}
    assert first.attempts + second.attempts - tried < len(sent)


def test_each_attempt_is_shown_with_the_text_that_it_sent(database: Database) -> None:
    queue(database)
    lost, now = claim(database), START + LEASE
    marked = replace(REFUSED, body="marked")
    settle(database, claim(database, now=now), marked, now)
    assert settle(database, lost, TOOK, now) is None
    for attempt in (marked, Attempt(Result.FAILED, "It could not be made."), marked, marked):
        now += BACKOFF[-1]
        settle(database, claim(database, now=now), attempt, now)
    with database.read() as connection:
        log = deliveries.attempts_of(connection, [1])
        kept = connection.execute(select(attempts.c.body).order_by(attempts.c.id)).scalars()
        stored = list(kept)
    assert [one.body for one in log] == [None, "marked", "body", "marked", None, "marked", "marked"]
    assert stored == [None, "marked", "body", "marked", "", "marked", None]
    assert shown(database)[0].last_words == marked.words


def test_a_notice_is_queued_without_reading_what_was_sent_long_ago(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'appwatch.db'}")
    past = START - timedelta(days=1)
    old = dict.fromkeys(("created_at", "not_before", "settled_at"), past)
    what = {"channel": "newsroom", "subject": "notices", "status": "sent", "content": {}}
    steps: list[int] = []
    for sent in (0, 5000):
        with database.write() as connection:
            keys = [None, *(f"suspected app-{n % 50}" for n in range(sent))]
            connection.execute(insert(rows), [{**old, **what, "group_key": key} for key in keys])
            driver = connection.connection.dbapi_connection
            assert driver is not None
            taken: list[None] = []
            driver.set_progress_handler(lambda taken=taken: taken.append(None), 100)
            notice = notices.write(connection, noticed("suspected", sent))
            notices.tell(connection, notice, [NEWSROOM], START)
            driver.set_progress_handler(None, 0)
            steps.append(len(taken))
    database.close()
    assert steps[1] <= steps[0] + 5


def test_what_is_ahead_of_what_is_ahead_of_an_urgent_message_is_as_urgent(
    database: Database,
) -> None:
    letter = Letter("newsroom", Subject.NOTICES, START, START + timedelta(minutes=10))
    with database.write() as connection:
        for queues in (["b"], ["a", "b"], ["b"], ["a"]):
            if queues == ["a"]:
                letter = replace(letter, not_before=START, urgent=True)
            stand(connection, post(connection, letter), *queues)
    with database.read() as connection:
        found = connection.execute(select(rows.c.urgent, rows.c.not_before).order_by(rows.c.id))
        hastened = [row.urgent and row.not_before == START for row in found]
    assert hastened == [True, True, False, True]
