"""Channels over real Apprise and real HTTP on loopback: what is sent, and what failures mean."""

import logging
import socket
from collections.abc import Iterator
from io import StringIO
from threading import Event, Timer
from time import monotonic

import pytest

from appwatch.alerts.channels import Patience, _service, problem_of, send
from appwatch.alerts.letter import Message
from appwatch.alerts.outcomes import Sent
from appwatch.alerts.schemes import SCHEMES
from appwatch.db.outbox import Result
from appwatch.simulator.receiver import Failure, Receiver, receive

# Apprise imports it where Python still has it; once, when it is first needed.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
MESSAGE = Message("Jike 即刻 disappeared", "<b>One</b> *line* :smile: \\n\n\nappwatch: c-1")
GO = Event()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as open_receiver:
        yield open_receiver


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Return all that reaches the root logger, where a process's log begins."""
    written = StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def sent(receiver: Receiver, options: str = "", seconds: float = 10) -> Sent:
    return send(receiver.apprise_url + options, MESSAGE, GO, Patience(seconds))


def test_a_message_arrives_to_the_letter(receiver: Receiver) -> None:
    found = sent(receiver)
    assert found == Sent(Result.SENT, "The service took it.")
    assert found.message == MESSAGE
    [message] = receiver.messages
    assert (message.title, message.body) == (MESSAGE.title, MESSAGE.body)


@pytest.mark.parametrize(
    ("failure", "result"),
    [
        (Failure.SERVER_ERROR, Result.FAILED),
        (Failure.RATE_LIMITED, Result.FAILED),
        (Failure.REFUSED, Result.PERMANENT),
        (Failure.CLOSED, Result.AMBIGUOUS),
        (Failure.CLOSED_AFTER, Result.AMBIGUOUS),
    ],
)
def test_each_failure_says_whether_trying_again_helps(
    receiver: Receiver, failure: Failure, result: Result
) -> None:
    receiver.fail(failure)
    found = sent(receiver)
    assert found.result is result
    assert "127.0.0.1" not in found.words
    assert receiver.attempts == 1


def test_the_status_of_the_service_is_in_its_words(receiver: Receiver) -> None:
    receiver.fail(Failure.SERVER_ERROR)
    assert sent(receiver).words.endswith("error=500.")


def test_a_service_that_hangs_is_ambiguous_and_left_after_its_time(receiver: Receiver) -> None:
    receiver.fail(Failure.HANG)
    began = monotonic()
    found = sent(receiver, seconds=0.3)
    assert found.result is Result.AMBIGUOUS
    assert monotonic() - began < 3


def test_a_service_that_reads_slowly_is_ambiguous(receiver: Receiver) -> None:
    receiver.fail(Failure.HANG)
    found = sent(receiver, "?rto=0.3")
    assert found.result is Result.AMBIGUOUS
    assert found.words.endswith("(the connection broke; it may have arrived)")


def test_whoever_is_told_to_stop_waits_little_longer(receiver: Receiver) -> None:
    receiver.fail(Failure.HANG)
    stop = Event()
    Timer(0.2, stop.set).start()
    began = monotonic()
    patience = Patience(60, stopping=0.1)
    assert send(receiver.apprise_url, MESSAGE, stop, patience).result is Result.AMBIGUOUS
    assert monotonic() - began < 5


def test_a_port_that_refuses_surely_took_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        found = send(f"json://127.0.0.1:{taken.getsockname()[1]}/", MESSAGE, GO)
    assert found.result is Result.FAILED
    assert found.words.endswith("(the connection was refused)")


def test_a_message_of_many_parts_keeps_its_last_line_and_is_ambiguous_in_part(
    receiver: Receiver,
) -> None:
    receiver.fail(Failure.SERVER_ERROR, times=1)
    long = Message("title", "x" * 40_000 + "\n\nappwatch: c-1")
    assert send(receiver.apprise_url, long, GO).result is Result.AMBIGUOUS
    [part] = receiver.messages
    assert part.body.splitlines()[-1] == "appwatch: c-1"


def test_a_part_that_arrived_is_known_of_a_service_that_writes_nothing_down(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.custom_json import NotifyJSON

    monkeypatch.setattr(NotifyJSON, "logger", logging.getLogger("unheard"))
    receiver.fail(Failure.SERVER_ERROR, times=1)
    long = Message("title", "x" * 40_000 + "\n\nappwatch: c-1")
    assert send(receiver.apprise_url, long, GO).result is Result.AMBIGUOUS


def test_mail_that_could_not_be_handed_over_was_surely_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        url = f"mailto://me:hunter2secret@127.0.0.1:{port}/?from=me@a.example&to=you@b.example"
        found = send(url, MESSAGE, GO)
    assert found.result is Result.FAILED
    assert "refused" in found.words
    assert not [word for word in ("hunter2", "example", "127.0.0.1") if word in found.words]


def test_an_address_cannot_turn_a_failure_into_a_success_or_try_by_itself(
    receiver: Receiver,
) -> None:
    receiver.fail(Failure.SERVER_ERROR)
    found = sent(receiver, "?optional=yes&retry=5&wait=0&redirect=yes&tag=1:red")
    assert found.result is Result.FAILED
    assert receiver.attempts == 1


def test_no_option_of_an_address_reaches_the_service() -> None:
    service = _service("json://127.0.0.1/?optional=yes&retry=5&redirect=yes&emojis=yes&tag=1:red")
    assert (service.optional, service.retry, service.redirects) == (False, 0, False)
    assert not service.interpret_emojis
    assert not service.tags


SECRETS = ("hunter2secret", "bot-token-0815", "s3cr3t/with space", "deadbeefcafe")
SEVERAL = "its address names several recipients; expected one, and a channel for each"


def secret_url(port: int) -> str:
    path = "hooks/bot-token-0815/s3cr3t%2Fwith%20space"
    return f"json://reporter:hunter2secret@127.0.0.1:{port}/{path}?+X-Key=deadbeefcafe"


@pytest.mark.parametrize("failure", list(Failure))
def test_no_secret_is_in_words_or_logs(receiver: Receiver, failure: Failure, log: StringIO) -> None:
    receiver.fail(failure)
    port = int(receiver.url.rpartition(":")[2])
    found = send(secret_url(port), MESSAGE, GO, Patience(0.5))
    everything = found.words + log.getvalue()
    assert receiver.attempts == 1
    assert not [secret for secret in (*SECRETS, "127.0.0.1") if secret in everything]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "its variable is not set"),
        ("hunter2secret", "its address has no scheme"),
        ("file:///hunter2secret", "its scheme 'file' is none that alerts can use"),
        ("syslog://hunter2secret", "its scheme 'syslog' is none"),
        ("dbus://hunter2secret", "its scheme 'dbus' is none"),
        ("https://hunter2secret.example/", "its scheme 'https' is none"),
        ("json://a/hunter2secret, json://b", "its address is more than one"),
        ("tgram://hunter2secret", "its address cannot be read"),
        ("slack://hunter2secret", "its address lacks something"),
        ("json://:hunter2secret@/", "its address"),
        ("mailtos://me:hunter2secret@a.example?to=b@c.example,d@e.example", SEVERAL),
        ("mailtos://me:hunter2secret@a.example?cc=b@c.example", SEVERAL),
        ("sendgrid://hunter2secret:me@a.example/b@c.example?bcc=d@e.example", SEVERAL),
        ("ntfys://hunter2secret@a.example/one/two", SEVERAL),
        ("46elks://user:hunter2secret@/+15555555555/+15555555556", SEVERAL),
        ("humhub://hunter2secret@a.example/1/2", SEVERAL),
        ("mailgun://me@a.example/hunter2secret/b@c.example/d@e.example?batch=yes", SEVERAL),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_showing_it(
    url: str, words: str, log: StringIO
) -> None:
    problem = problem_of("newsroom", url)
    assert problem is not None
    assert problem.startswith("The channel 'newsroom' cannot be used: its ")
    assert words in problem
    assert "hunter2secret" not in problem + log.getvalue()


def test_an_address_that_can_be_used_is_no_problem() -> None:
    assert problem_of("newsroom", "  mailtos://me:secret@example.org  ") is None
    assert problem_of("newsroom", "mailtos://me:secret@a.example?to=b@c.d&reply=e@f.g") is None
    assert problem_of("newsroom", "tgram://123456789:AAabcdefghijklmnopqrstuvwxyz/12345/") is None
    assert problem_of("newsroom", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ") is None


def test_what_cannot_be_used_is_not_sent() -> None:
    assert send("nowhere", MESSAGE, GO).result is Result.PERMANENT


def test_every_scheme_is_one_that_apprise_knows_and_can_use() -> None:
    from apprise.manager_plugins import NotificationManager

    known = NotificationManager()  # type: ignore[no-untyped-call]
    assert sorted(scheme for scheme in SCHEMES if scheme not in known) == []
    assert sorted(scheme for scheme in SCHEMES if not known[scheme].enabled) == []
