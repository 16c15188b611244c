"""Reads what Apprise noted of one attempt: how it ended, and what may be told of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from appwatch.alerts.answers import Answer
from appwatch.alerts.letter import Message
from appwatch.alerts.redaction import redact
from appwatch.db.outbox import Result

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")  # how its services word an HTTP status
# With these, trying again cannot help: the address, the password or the recipient is wrong.
_ADDRESS_IS_WRONG: Final = frozenset({"401", "403", "404", "410"})
_RECIPIENT_IS_WRONG: Final = frozenset({"550", "551", "553"})
# What stands before a service answered so: whether that took the message is not known.
_NOBODY_KNOWS: Final = frozenset({"502", "504", "520", "524"})
_MAIL_SAID: Final = re.compile(r"\((\d{3}), b(['\"])(.*?)\2")  # as smtplib words an answer
_LOGIN_IS_WRONG: Final = "535"
# What requests and smtplib say when nothing was sent, and our words for it; a connection that
# breaks in any other way may have carried the message.
_NOT_SENT: Final = (
    (re.compile("Connection refused"), "the connection was refused"),
    (re.compile("NameResolution|Name or service|getaddrinfo|No address assoc"), "no such host"),
    (re.compile("ConnectTimeout|connect timeout"), "no connection in time"),
    (re.compile("CERTIFICATE_VERIFY|WRONG_VERSION|HANDSHAKE"), "TLS failed"),
    (re.compile("ProxyError"), "the proxy failed"),
    (re.compile("NewConnectionError|No route to|unreachable"), "no connection"),
    (re.compile("Authentication|authentication|AUTH extension"), "the login was refused"),
    (re.compile(r"\(\d{3}, b"), "the mail server refused it"),
)
_MAYBE_SENT: Final = "the connection broke; it may have arrived"
_BROKEN: Final = "Socket Exception"  # at the start of what a service logs of a broken connection


@dataclass(frozen=True, slots=True)
class Sent:
    """How an attempt ended, and what the service said, without any part of the address.

    `message` is what was sent, where that is known.
    """

    result: Result
    words: str
    retry_after: timedelta | None = None
    message: Message | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Notes:
    """What Apprise noted of one attempt, (level, message) in order; what services answered.

    `part_taken`: the service took a part of the message, whatever became of the rest.
    """

    taken: bool
    entries: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...] = ()
    part_taken: bool = False

    def of(self, *levels: str) -> list[str]:
        """Return the messages of these levels, each once."""
        return list(dict.fromkeys(text for level, text in self.entries if level in levels))


def read(notes: Notes, url: str) -> Sent:
    """Return how the attempt ended, by what Apprise noted of it and services answered."""
    if notes.taken:
        return Sent(Result.SENT, "The service took it.")
    broken = [text for text in notes.of("DEBUG") if text.startswith(_BROKEN)]
    causes = [_cause(text) for text in broken]
    words = redact(" ".join(notes.of("WARNING", "ERROR", "CRITICAL")), url)
    words = words or "The service did not take it, and did not say why."
    if causes:
        words += f" ({causes[0]})"
    said = redact(" ".join(_said(notes, broken)), url)
    if said:
        words += f' It said: "{said}"'
    waits = [one.retry_after for one in notes.answers if one.retry_after is not None]
    return Sent(_result(notes, broken, causes), words, max(waits, default=None))


def _said(notes: Notes, broken: Sequence[str]) -> list[str]:
    """Return the service's own words: the texts of its answers, or a mail server's."""
    mail = [f"{code} {text}" for line in broken for code, _, text in _MAIL_SAID.findall(line)]
    return list(dict.fromkeys([*(one.text for one in notes.answers if one.text), *mail]))


def _result(notes: Notes, broken: Sequence[str], causes: Sequence[str]) -> Result:
    codes = _codes(notes)
    unknown = _MAYBE_SENT in causes or codes & _NOBODY_KNOWS
    # Only an answer, a status or a broken connection can show that it was not sent.
    if notes.part_taken or unknown or not (notes.answers or broken or codes):
        return Result.AMBIGUOUS
    wrong = bool(codes) and codes <= _ADDRESS_IS_WRONG and not causes
    return Result.PERMANENT if wrong or _mail_is_wrong(broken) else Result.FAILED


def _codes(notes: Notes) -> set[str]:
    """Return the statuses of failure: as answered, else as Apprise words them."""
    answered = {str(one.status) for one in notes.answers if not 200 <= one.status < 300}
    return answered or set(_STATUS.findall(" ".join(notes.of("WARNING", "ERROR", "CRITICAL"))))


def _mail_is_wrong(broken: Sequence[str]) -> bool:
    """Whether a mail server refused every recipient for good, or the login."""
    codes = {code for line in broken for code, _, _ in _MAIL_SAID.findall(line)}
    # smtplib words the recipients that were refused as a dictionary, and nothing else so.
    refused = all(line.removeprefix(_BROKEN).startswith(": {") for line in broken)
    return bool(codes) and (
        codes == {_LOGIN_IS_WRONG} or (refused and codes <= _RECIPIENT_IS_WRONG)
    )


def _cause(broken: str) -> str:
    """Return why a connection broke, in words of ours alone: Apprise's name the address."""
    return next((words for found, words in _NOT_SENT if found.search(broken)), _MAYBE_SENT)
