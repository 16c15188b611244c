"""Mail over real SMTP on loopback: plain text and HTML beside each other, and neither steered."""

from asyncio.base_events import Server
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from html.parser import HTMLParser
from threading import Event

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from appwatch.alerts.channels import send
from appwatch.alerts.first_report import first_report_message
from appwatch.alerts.letter import Message as Alert
from appwatch.alerts.messages import changes_message
from appwatch.alerts.notices import notices_message
from appwatch.db.outbox import Result
from appwatch.watchlist import LANGUAGES
from tests.alerts.rows import CHANGE, WORDING, noticed

# Apprise imports it where Python still has it; once, when it is first needed.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
BASED = replace(WORDING, base_url="https://watch.example")
HOSTILE = (
    "<script>alert(1)</script><img src=https://evil.example/x.png onerror=alert(1)>",
    'Jike\r\nBcc: all@evil.example\n\n"><a href="javascript:x">now</a>',
    "\u202egnp.exe\u2066 \u0000\x1b[31m",
    "👩\u200d💻" * 40,
    "x" * 5000,
    "@everyone @here <!channel> <@U123>",
    "**bold** [Apple](https://evil.example) `code` # one",
    "{app} {where} %s ${HOME} {{ 7*7 }}",
)


class Mailbox:
    """Keeps what the server took."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"


class Loopback(Controller):
    """A server on any free port: the library tries the port that it was asked for."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        [listening] = self.server.sockets
        self.port = listening.getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture
def server() -> Iterator[tuple[Mailbox, str]]:
    """Yield a mailbox and the address of a channel that mails to it."""
    mailbox = Mailbox()
    controller = Loopback(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    address = f"mailto://127.0.0.1:{controller.port}/?from=watch@a.example&to=desk@b.example"
    yield mailbox, address
    controller.stop()


def mailed(server: tuple[Mailbox, str], alert: Alert, options: str = "") -> EmailMessage:
    mailbox, url = server
    assert send(url + options, alert, Event()).result is Result.SENT
    return mailbox.letters[-1]


def text_of(part: Message | None) -> str:
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


class Reader(HTMLParser):
    """Reads what a mail program would: elements, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def alerts(language: str) -> list[Alert]:
    scoped = replace(CHANGE, context={"reach": {"gone": ["cn"], "listed": ["hk", "us"]}})
    others = [replace(scoped, id=f"c-{n}", storefront=code) for n, code in enumerate(("hk", "us"))]
    absent = [["jike", "Jike", "app_store", "cn", "never_seen"]]
    report = {"states": {"never_seen": 1, "unknown": 2}, "absent": absent}
    return [
        changes_message([scoped], BASED, language=language, possible_repeat=True),
        changes_message([scoped, *others], BASED, language=language),
        notices_message([noticed("suspected", looks=1)], BASED, language=language),
        first_report_message(report, BASED, language=language),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_carries_the_plain_text_to_the_letter_and_html_beside_it(
    server: tuple[Mailbox, str], language: str
) -> None:
    for alert in alerts(language):
        letter = mailed(server, alert)
        assert letter["subject"] == alert.title
        assert letter.get_content_type() == "multipart/alternative"
        plain, html = letter.iter_parts()
        assert text_of(plain) == alert.body
        assert text_of(html) == alert.html
        assert f'<html lang="{language}">' in alert.html


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_steers_no_part_of_a_mail(server: tuple[Mailbox, str], name: str) -> None:
    context = {"scope": name, "updated": name, "neighbours": [{"name": name}]}
    letter = mailed(server, changes_message([replace(CHANGE, name=name, context=context)], BASED))
    plain, html = letter.iter_parts()
    read = Reader(text_of(html))
    assert "bcc" not in letter
    assert read.tags <= {"html", "head", "meta", "title", "body", "div", "b", "a", "ul", "li"}
    assert read.names <= {"lang", "charset", "name", "content", "style", "href"}
    assert read.links == [
        "https://app-store.example/cn/966129812",
        "https://watch.example/incidents/i-1",
    ]
    assert text_of(plain).splitlines()[-1] == "appwatch: c-1"
    assert len(letter["subject"]) < 200
    assert not set("\u202e\u2066\x00\x1b\r") & set(read.text + text_of(plain))


def test_a_mail_fetches_nothing_and_leads_only_to_the_store_and_the_dashboard() -> None:
    for language in LANGUAGES:
        for alert in alerts(language):
            links = Reader(alert.html).links
            assert links or "first report" in alert.body
            assert all(
                link.startswith(("https://app-store.example/", "https://watch.example/"))
                for link in links
            )
            assert not [
                word
                for word in ("url(", "@import", "<img", "<link", "<script")
                if word in alert.html
            ]


def test_whoever_asks_for_plain_text_gets_only_that(server: tuple[Mailbox, str]) -> None:
    alert = changes_message([CHANGE], BASED)
    letter = mailed(server, alert, "&format=text")
    assert (letter.get_content_type(), text_of(letter)) == ("text/plain", alert.body)


def test_a_mail_too_long_for_html_is_sent_as_text_and_loses_no_id(
    server: tuple[Mailbox, str],
) -> None:
    changes = [
        replace(CHANGE, id=f"c-{n:016}", app=f"app-{n}", name=f"App {n}") for n in range(120)
    ]
    alert = changes_message(changes, BASED)
    assert len(alert.html) > 32_768
    mailbox, url = server
    assert send(url, alert, Event()).result is Result.SENT
    told = "\n".join(text_of(letter) for letter in mailbox.letters)
    assert {letter.get_content_type() for letter in mailbox.letters} == {"text/plain"}
    assert [change.id for change in changes if change.id not in told] == []
