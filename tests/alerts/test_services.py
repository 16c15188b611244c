"""Real services on loopback: mail, a webhook, an ntfy-like one, and each way they can fail."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from threading import Event

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from appwatch.alerts.channels import Patience, send
from appwatch.alerts.letter import Message
from appwatch.alerts.outcomes import Sent
from appwatch.db.outbox import Result
from appwatch.simulator.receiver import Failure, Receiver, receive

pytestmark = pytest.mark.filterwarnings(
    "ignore:'imghdr' is deprecated:DeprecationWarning",
    "ignore:.*auth_require_tls:UserWarning",
    "ignore:.*without the corresponding TLS:UserWarning",
)
MESSAGE = Message("Jike 即刻 disappeared", "Gone from China (cn).\n\nappwatch: c-1")
SECRETS = ("hunter2secret", "a.example", "b.example", "127.0.0.1")


class Mail:
    """A mail server's mind: what it takes, and what it says instead."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.to_recipients = ""
        self.to_data = ""

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd names it
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.to_recipients:
            return self.to_recipients
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - likewise
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.to_data:
            return self.to_data
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 OK"


def login(
    _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def mail() -> Iterator[tuple[Mail, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mind = Mail()
    controller = Controller(
        mind, hostname="127.0.0.1", port=port, authenticator=login, auth_require_tls=False
    )
    controller.start()
    yield mind, port
    controller.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as open_receiver:
        yield open_receiver


def post(port: int, password: str) -> Sent:
    url = f"mailto://me:{password}@127.0.0.1:{port}/?from=me@a.example&to=you@b.example"
    return send(f"{url}&mode=insecure", MESSAGE, Event())


def test_mail_arrives_with_its_ids(mail: tuple[Mail, int]) -> None:
    mind, port = mail
    assert post(port, "right").result is Result.SENT
    [taken] = mind.taken
    arrived = message_from_bytes(taken, policy=default)
    assert arrived["Subject"] == MESSAGE.title
    text = arrived.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines()[-1] == "appwatch: c-1"


@pytest.mark.parametrize(
    ("to_recipients", "to_data", "result", "said"),
    [
        ("550 5.1.1 <you@b.example> no such user", "", Result.PERMANENT, "no such user"),
        ("451 4.7.1 try later", "", Result.FAILED, "451 4.7.1 try later"),
        ("", "554 5.7.1 looks like spam", Result.FAILED, "554 5.7.1 looks like spam"),
    ],
)
def test_what_a_mail_server_says_is_told_and_judged(
    mail: tuple[Mail, int], to_recipients: str, to_data: str, result: Result, said: str
) -> None:
    mind, port = mail
    mind.to_recipients, mind.to_data = to_recipients, to_data
    found = post(port, "right")
    assert found.result is result
    assert said in found.words
    assert not [secret for secret in SECRETS if secret in found.words]
    assert mind.taken == []


def test_a_wrong_password_for_mail_is_permanent(mail: tuple[Mail, int]) -> None:
    found = post(mail[1], "hunter2secret")
    assert found.result is Result.PERMANENT
    assert "535" in found.words
    assert not [secret for secret in SECRETS if secret in found.words]


@pytest.mark.parametrize("scheme", ["json", "ntfy"])
@pytest.mark.parametrize(
    ("failure", "result", "taken"),
    [
        (None, Result.SENT, 1),
        (Failure.SERVER_ERROR, Result.FAILED, 0),
        (Failure.RATE_LIMITED, Result.FAILED, 0),
        (Failure.REFUSED, Result.PERMANENT, 0),
        (Failure.HANG, Result.AMBIGUOUS, 0),
        (Failure.DRIP, Result.AMBIGUOUS, 1),
        (Failure.CLOSED, Result.AMBIGUOUS, 0),
        (Failure.CUT, Result.AMBIGUOUS, 1),
    ],
)
def test_each_way_to_fail_is_known_for_what_it_is(
    receiver: Receiver, scheme: str, failure: Failure | None, result: Result, taken: int
) -> None:
    if failure is not None:
        receiver.fail(failure, retry_after="120")
    port = receiver.url.rpartition(":")[2]
    found = send(f"{scheme}://127.0.0.1:{port}/alerts", MESSAGE, Event(), Patience(1, 0.1))
    assert found.result is result
    assert len(receiver.messages) == taken
    assert "127.0.0.1" not in found.words
    waits = found.retry_after.total_seconds() if found.retry_after else None
    assert waits == (120 if failure is Failure.RATE_LIMITED else None)


def test_tls_with_what_speaks_none_surely_took_nothing(mail: tuple[Mail, int]) -> None:
    found = send(f"jsons://127.0.0.1:{mail[1]}", MESSAGE, Event(), Patience(5, 0.1))
    assert found.result is Result.FAILED
    assert "TLS failed" in found.words


def test_a_host_that_is_none_surely_took_nothing() -> None:
    found = send("json://127.no.invalid", MESSAGE, Event(), Patience(5, 0.1))
    assert found.result is Result.FAILED
    assert "no such host" in found.words


@pytest.mark.parametrize("scheme", ["json", "ntfy"])
def test_no_part_takes_more_bytes_than_the_service_takes(receiver: Receiver, scheme: str) -> None:
    line = "App Store（中国，cn）中已找不到 Jike 即刻。\n"
    message = Message("Title", line * 100 + "appwatch: c-1 c-2")
    port = receiver.url.rpartition(":")[2]
    url = f"{scheme}://127.0.0.1:{port}/alerts"
    assert send(url, message, Event(), Patience(30, 1)).result is Result.SENT
    bodies = [one.body for one in receiver.messages]
    assert bodies[-1].endswith("appwatch: c-1 c-2")
    assert "".join("".join(bodies).split()) == "".join(message.body.split())
    assert scheme == "json" or max(len(body.encode()) for body in bodies) <= 4096
