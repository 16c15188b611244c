"""Delivering: real databases, real Apprise, a receiver on loopback that can fail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread

import pytest
from sqlalchemy import event

from appwatch.alerts import channels, outbox
from appwatch.alerts.channels import Patience, Sender
from appwatch.alerts.letter import Message
from appwatch.alerts.outbox import LEASE, Delivered, Outbox, deliver
from appwatch.alerts.outcomes import Sent
from appwatch.alerts.wording import Wording
from appwatch.db import deliveries, tables
from appwatch.db.deliveries import DeliveryRow
from appwatch.db.engine import Database
from appwatch.db.outbox import Result, Subject, claim
from appwatch.domain.routing import BACKOFF, Route
from appwatch.simulator.receiver import Failure, Receiver, receive
from tests.alerts.rows import NEWSROOM, START, WORDING, queue

# Apprise imports it where Python still has it; once, when it is first needed.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
DESK = Route("desk", group_for=timedelta(0))
IMPATIENT: Sender = partial(channels.send, patience=Patience(2.0, 0.1))


@dataclass
class Office:
    """An outbox under a clock that stands until moved."""

    database: Database
    urls: dict[str, str]
    at: datetime = START
    wording: Wording = WORDING
    send: Sender = IMPATIENT
    stop: Event = field(default_factory=Event)
    languages: dict[str, str] = field(default_factory=dict)
    routes: Sequence[Route] = ()

    def box(self, owner: str = "a") -> Outbox:
        now = lambda: self.at  # noqa: E731 - the clock
        return Outbox(
            self.database,
            self.urls,
            self.wording,
            now,
            owner,
            self.send,
            self.routes,
            self.languages,
        )

    def deliver(self, owner: str = "a") -> Delivered:
        return deliver(self.box(owner), self.stop)

    @property
    def rows(self) -> dict[str, DeliveryRow]:
        with self.database.read() as connection:
            return {row.channel: row for row in deliveries.listing(connection)}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as open_receiver:
        yield open_receiver


@pytest.fixture
def office(migrated_url: str, receiver: Receiver) -> Iterator[Office]:
    database = Database(migrated_url)
    yield Office(database, {"newsroom": receiver.apprise_url})
    database.close()


def test_what_waits_is_sent_once(office: Office, receiver: Receiver) -> None:
    queue(office.database)
    assert office.deliver() == Delivered(sent=1)
    assert office.deliver() == Delivered()
    [message] = receiver.messages
    assert message.title == "Jike 即刻 disappeared from the App Store in China (cn)"
    assert message.body.splitlines()[-1] == "appwatch: c-1"
    row = office.rows["newsroom"]
    assert (row.status, row.settled_at, row.changes) == ("sent", START, ("c-1",))


def test_a_channel_is_told_in_its_language(office: Office, receiver: Receiver) -> None:
    office.urls["desk"] = receiver.apprise_url
    office.languages["desk"] = "fr"
    queue(office.database, routes=[NEWSROOM, DESK])
    assert office.deliver() == Delivered(sent=2)
    assert sorted(message.title for message in receiver.messages) == [
        "Jike 即刻 a disparu de l’App Store (Chine, cn)",
        "Jike 即刻 disappeared from the App Store in China (cn)",
    ]


def test_a_channel_is_told_in_order(office: Office, receiver: Receiver) -> None:
    for number in range(5):
        later = START + timedelta(seconds=number)
        queue(office.database, number=number, app=f"app-{number}", at=later)
    office.at += timedelta(minutes=1)
    assert office.deliver() == Delivered(sent=5)
    ids = [message.body.split()[-1] for message in receiver.messages]
    assert ids == ["c-0", "c-1", "c-2", "c-3", "c-4"]


def test_a_failure_is_tried_again_when_its_time_has_come(
    office: Office, receiver: Receiver
) -> None:
    queue(office.database)
    receiver.fail(Failure.SERVER_ERROR, times=1)
    assert office.deliver() == Delivered(failed=1, waiting=1)
    assert office.rows["newsroom"].last_words.endswith("error=500.")  # type: ignore[union-attr]
    assert office.deliver() == Delivered(waiting=1)
    office.at += BACKOFF[0]
    assert office.deliver() == Delivered(sent=1)
    assert "may be a repeat" not in receiver.messages[0].body


def test_what_may_have_arrived_is_sent_again_with_the_same_ids(
    office: Office, receiver: Receiver
) -> None:
    queue(office.database)
    receiver.fail(Failure.CLOSED_AFTER, times=1)
    assert office.deliver() == Delivered(failed=1, waiting=1)
    office.at += BACKOFF[0]
    office.deliver()
    first, second = receiver.messages
    assert first.body.splitlines()[-1] == second.body.splitlines()[-1] == "appwatch: c-1"
    assert "may be a repeat" in second.body
    assert office.rows["newsroom"].possible_repeat


def test_a_crash_between_claim_and_settling_repeats_the_message(
    office: Office, receiver: Receiver
) -> None:
    queue(office.database)
    with office.database.write() as connection:
        assert claim(connection, NEWSROOM, "dead", START, LEASE)
    assert office.deliver() == Delivered(waiting=1)
    office.at += LEASE
    assert office.deliver() == Delivered(sent=1)
    [message] = receiver.messages
    assert "This message may be a repeat" in message.body
    assert message.body.splitlines()[-1] == "appwatch: c-1"


def test_a_service_that_refuses_for_good_is_asked_no_more_until_switched_on(
    office: Office, receiver: Receiver
) -> None:
    queue(office.database)
    receiver.fail(Failure.REFUSED, times=1)
    assert office.deliver() == Delivered(failed=1, waiting=1)
    office.at += timedelta(days=1)
    assert office.deliver() == Delivered(waiting=1)
    assert receiver.attempts == 1
    assert outbox.send_test(office.box(), "newsroom").result is Result.SENT
    assert office.deliver() == Delivered(sent=1)


@pytest.mark.parametrize(
    "failure", [Failure.HANG, Failure.DRIP, Failure.SERVER_ERROR, Failure.CLOSED]
)
def test_a_dead_channel_delays_no_other(
    office: Office, receiver: Receiver, failure: Failure
) -> None:
    with receive() as dead:
        dead.fail(failure)
        office.urls["desk"] = dead.apprise_url
        for number in range(3):
            queue(office.database, number=number, app=f"app-{number}", routes=[DESK, NEWSROOM])
        delivered = office.deliver()
    assert delivered == Delivered(sent=3, failed=1, waiting=3)
    assert len(receiver.messages) == 3
    assert dead.attempts == 1


def test_what_is_queued_while_another_channel_hangs_is_sent_at_once(
    office: Office, receiver: Receiver
) -> None:
    office.send = partial(channels.send, patience=Patience(30, 0.1))
    with receive() as dead:
        dead.fail(Failure.HANG)
        office.urls["desk"] = dead.apprise_url
        queue(office.database, number=1, routes=[DESK])
        round_ = Thread(target=office.deliver)
        round_.start()
        queue(office.database, number=2, app="castro", routes=[NEWSROOM])
        arrived = receiver.wait_for(1, 10)
        office.stop.set()
        round_.join(10)
    assert arrived
    assert not round_.is_alive()


def test_all_that_waits_is_read_far_less_often_than_messages_are_sent(office: Office) -> None:
    """What is due by time is found by reading all that waits, dead channels' thousands too."""
    turns: list[str] = []
    office.urls["desk"] = office.urls["newsroom"]

    def send(url: str, message: Message, stop: Event) -> Sent:
        number = len(turns)
        if number < 30 and not stop.is_set():  # each channel is empty: what is queued is a turn
            turns.append(f"{url}: {message.title}")
            route = (DESK, NEWSROOM)[number % 2]
            queue(office.database, number=number, app=f"app-{number}", routes=[route])
        return Sent(Result.SENT, "")

    read: list[str] = []
    event.listen(
        office.database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: read.append(statement),
    )
    office.send = send
    queue(office.database, number=99)
    assert office.deliver() == Delivered(sent=31)
    planned = [one for one in read if one.startswith("SELECT") and "FROM reminders" in one]
    assert 1 <= len(planned) < len(turns)


def test_deliveries_wait_for_a_channel_that_cannot_be_used(office: Office) -> None:
    office.urls = {"newsroom": "", "desk": "file:///etc/hunter2secret"}
    queue(office.database, routes=[NEWSROOM, DESK, Route("gone")])
    delivered = office.deliver()
    assert (delivered.sent, delivered.failed) == (0, 0)
    assert delivered.unusable["newsroom"].endswith("its variable is not set.")
    assert delivered.unusable["gone"] == "The channel 'gone' is not in the watchlist any more."
    assert "hunter2secret" not in str(delivered)
    assert {row.status for row in office.rows.values()} == {"queued"}


def test_two_processes_send_each_message_once(office: Office, receiver: Receiver) -> None:
    for number in range(6):
        queue(office.database, number=number, app=f"app-{number}")
    both = [Thread(target=office.deliver, args=(owner,)) for owner in "ab"]
    for process in both:
        process.start()
    for process in both:
        process.join(30)
    assert sorted(message.body.split()[-1] for message in receiver.messages) == [
        f"c-{number}" for number in range(6)
    ]


def test_once_told_to_stop_nothing_is_claimed(office: Office, receiver: Receiver) -> None:
    queue(office.database)
    office.stop.set()
    assert office.deliver() == Delivered(waiting=1)
    assert receiver.attempts == 0
    assert office.rows["newsroom"].status == "queued"


def test_told_to_stop_while_sending_the_rest_stays_queued(office: Office) -> None:
    def send(url: str, message: Message, stop: Event) -> Sent:
        stop.set()
        return IMPATIENT(url, message, stop)

    office.send = send
    queue(office.database, number=1)
    queue(office.database, number=2, app="castro")
    assert office.deliver() == Delivered(sent=1, waiting=1)


def test_an_error_of_our_own_loses_no_delivery_and_tells_no_secret(office: Office) -> None:
    def fail(url: str, message: Message, stop: Event) -> Sent:
        raise RuntimeError(url, message, stop)

    office.send = fail
    queue(office.database)
    assert office.deliver() == Delivered(failed=1, waiting=1)
    words = office.rows["newsroom"].last_words
    assert words is not None
    assert words.startswith("An error of appwatch itself: RuntimeError in fail, line ")


def test_what_broke_after_it_was_sent_comes_again_as_a_possible_repeat(
    office: Office, receiver: Receiver
) -> None:
    def fail(url: str, message: Message, stop: Event) -> Sent:
        sent = IMPATIENT(url, message, stop)
        raise RuntimeError(sent)

    office.send = fail
    queue(office.database)
    assert office.deliver() == Delivered(failed=1, waiting=1)
    office.send = IMPATIENT
    office.at += BACKOFF[0]
    office.deliver()
    first, second = receiver.messages
    assert first.body.splitlines()[-1] == second.body.splitlines()[-1]
    assert "may be a repeat" in second.body


def test_a_message_that_cannot_be_made_waits(office: Office, receiver: Receiver) -> None:
    office.wording = Wording(lambda *_: str(1 // 0), {})
    queue(office.database)
    assert office.deliver() == Delivered(failed=1, waiting=1)
    assert receiver.attempts == 0


def test_a_first_report_is_delivered(office: Office, receiver: Receiver) -> None:
    content = {"states": {"available": 1, "never_seen": 1}, "absent": []}
    with office.database.write() as connection:
        connection.execute(
            tables.deliveries.insert().values(
                channel="newsroom",
                subject=Subject.FIRST_REPORT.value,
                content=content,
                status="queued",
                created_at=START,
                not_before=START,
            )
        )
    assert office.deliver() == Delivered(sent=1)
    [message] = receiver.messages
    assert message.title == "appwatch: begins watching 2 targets; 1 was already absent"
    assert message.body.splitlines()[-1] == "appwatch: first report"


def test_a_channel_is_tried_past_the_outbox(office: Office, receiver: Receiver) -> None:
    box = Outbox(office.database, office.urls, WORDING, lambda: START, "a", IMPATIENT)
    assert outbox.send_test(box, "newsroom").result is Result.SENT
    assert receiver.messages[0].title == "appwatch: test of newsroom"
    missing = outbox.send_test(box, "desk")
    assert missing.words == "The channel 'desk' cannot be used: its variable is not set."
    assert office.rows == {}


def test_an_outbox_does_not_show_its_addresses(office: Office) -> None:
    box = Outbox(office.database, {"newsroom": "tgram://secret"}, WORDING, lambda: START, "a")
    assert "secret" not in repr(box)
