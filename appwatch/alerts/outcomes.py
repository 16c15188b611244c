"""Reads what Apprise noted of one attempt: how it ended, and what may be told of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from appwatch.alerts.letter import Message
from appwatch.alerts.redaction import redact
from appwatch.db.outbox import Result

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")  # how its services word an HTTP status
_ADDRESS_IS_WRONG: Final = frozenset({"401", "403", "404", "410"})
# What requests and smtplib say when nothing was sent, and our words for it; a connection that
# breaks in any other way may have carried the message.
_NOT_SENT: Final = (
    (re.compile("Connection refused"), "the connection was refused"),
    (re.compile("NameResolution|Name or service|getaddrinfo|No address assoc"), "no such host"),
    (re.compile("ConnectTimeout|connect timeout"), "no connection in time"),
    (re.compile("CERTIFICATE_VERIFY|WRONG_VERSION|HANDSHAKE"), "TLS failed"),
    (re.compile("ProxyError"), "the proxy failed"),
    (re.compile("NewConnectionError|No route to|unreachable"), "no connection"),
    (re.compile("Authentication|authentication"), "the login was refused"),
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
    message: Message | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Notes:
    """What Apprise noted of one attempt: (level, message), in order."""

    taken: bool
    entries: tuple[tuple[str, str], ...]

    def of(self, *levels: str) -> list[str]:
        """Return the messages of these levels, each once."""
        return list(dict.fromkeys(text for level, text in self.entries if level in levels))


def read(notes: Notes, url: str) -> Sent:
    """Return how the attempt ended, by what Apprise noted of it."""
    if notes.taken:
        return Sent(Result.SENT, "The service took it.")
    said = notes.of("WARNING", "ERROR", "CRITICAL")
    causes = [_cause(text) for text in notes.of("DEBUG") if text.startswith(_BROKEN)]
    words = redact(" ".join(said), url) or "The service did not take it, and did not say why."
    if causes:
        words += f" ({causes[0]})"
    return Sent(_result(notes, said, causes), words)


def _result(notes: Notes, said: Iterable[str], causes: Sequence[str]) -> Result:
    # A service that takes a message in parts, or for several people, notes each as "Sent ...".
    part_sent = any(text.startswith("Sent ") for text in notes.of("INFO"))
    if part_sent or _MAYBE_SENT in causes:
        return Result.AMBIGUOUS
    codes = set(_STATUS.findall(" ".join(said)))
    wrong = bool(codes) and codes <= _ADDRESS_IS_WRONG and not causes
    return Result.PERMANENT if wrong else Result.FAILED


def _cause(broken: str) -> str:
    """Return why a connection broke, in words of ours alone: Apprise's name the address."""
    return next((words for found, words in _NOT_SENT if found.search(broken)), _MAYBE_SENT)
