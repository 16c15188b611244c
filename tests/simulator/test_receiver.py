"""The receiver of alerts, and how it fails."""

from collections.abc import Iterator

import httpx
import pytest

from appwatch.simulator import Failure, Receiver, receive

ALERT = {"version": "1.0", "title": "Gone", "message": "from cn\nappwatch: 1", "type": "warning"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as receiver:
        yield receiver


def send(receiver: Receiver) -> int:
    return httpx.post(f"{receiver.url}/alerts", json=ALERT, timeout=0.3).status_code


def test_it_keeps_what_was_sent(receiver: Receiver) -> None:
    assert send(receiver) == 200
    [message] = receiver.messages
    assert (message.title, message.body, message.kind) == ("Gone", ALERT["message"], "warning")
    assert message.fields == ALERT


def test_it_says_where_a_channel_posts(receiver: Receiver) -> None:
    assert receiver.apprise_url == receiver.url.replace("http", "json") + "/alerts"


def test_it_fails_as_often_as_told(receiver: Receiver) -> None:
    receiver.fail(Failure.SERVER_ERROR, times=2)
    assert [send(receiver) for _ in range(3)] == [500, 500, 200]
    assert (receiver.attempts, len(receiver.messages)) == (3, 1)


def test_it_fails_until_it_recovers(receiver: Receiver) -> None:
    receiver.fail(Failure.REFUSED)
    assert [send(receiver) for _ in range(3)] == [403, 403, 403]
    receiver.recover()
    assert send(receiver) == 200


def test_it_can_say_when_to_come_back(receiver: Receiver) -> None:
    receiver.fail(Failure.RATE_LIMITED, retry_after="7")
    answer = httpx.post(f"{receiver.url}/alerts", json=ALERT)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize(
    ("failure", "taken"),
    [(Failure.HANG, 0), (Failure.CLOSED, 0), (Failure.CLOSED_AFTER, 1)],
)
def test_it_can_leave_the_sender_without_an_answer(
    receiver: Receiver, failure: Failure, taken: int
) -> None:
    receiver.fail(failure)
    with pytest.raises(httpx.TransportError):
        send(receiver)
    assert len(receiver.messages) == taken


@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_what_is_no_alert_is_refused(receiver: Receiver, content: bytes) -> None:
    assert httpx.post(receiver.url, content=content).status_code == 400
    assert receiver.messages == []


def test_one_can_wait_for_messages(receiver: Receiver) -> None:
    send(receiver)
    assert receiver.wait_for(1, seconds=5)
    assert not receiver.wait_for(2, seconds=0.01)
