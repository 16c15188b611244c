"""Sends one message to one channel through Apprise; every fact about Apprise 2.2 is in here.

It is imported when first needed: that takes a second and 50 MB.
"""

import logging
import re
import time
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, replace
from threading import Event, Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from appwatch.alerts.answers import answers, listening
from appwatch.alerts.fitting import Room, fitted, stretch
from appwatch.alerts.letter import Message
from appwatch.alerts.outcomes import Notes, Sent, read
from appwatch.alerts.schemes import SCHEMES
from appwatch.db.outbox import Result
from appwatch.errors import AppwatchError, ChannelError, Defect, defects

if TYPE_CHECKING:
    from apprise import Apprise, AppriseAsset, NotifyBase

LONGEST_SECONDS: Final = 100.0  # for a message that a service takes in many parts
_TICK: Final = 0.1
_READ_SECONDS: Final = "20"  # Apprise waits 4 s for an answer: many repeats with slow services

# Of a longer message ntfy makes a file, or refuses it; Apprise counts characters. With some
# room for what keeps a name from calling people.
_BYTES: Final = MappingProxyType({"ntfy": 4000, "ntfys": 4000})

# What an address may not decide: its own retries (the outbox does that), whether a failure
# counts (with "optional" it would be reported as success), where redirects lead, who is told
# first (a tag may carry a priority).
_OURS: Final = ("retry", "wait", "optional", "redirect", "tag")
_SECOND: Final = re.compile(r"[\s,;]+[A-Za-z0-9]{1,20}://")
_SCHEME: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9+.-]{0,20})://")


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds one message may take, and how many are left once we are to stop."""

    seconds: float = 30.0
    stopping: float = 5.0


_PATIENCE: Final = Patience()


class Sender(Protocol):
    """Whatever carries a message to an address."""

    def __call__(self, url: str, message: Message, stop: Event) -> Sent:
        """Send it; what the service makes of it is in the answer."""
        ...


def problem_of(name: str, url: str) -> str | None:
    """Return why the channel cannot be used, in one sentence without its address, or None."""
    found = _unusable(url.strip())
    return f"The channel {name!r} cannot be used: {found}." if found else None


def send(url: str, message: Message, stop: Event, patience: Patience = _PATIENCE) -> Sent:
    """Send the message to the address, and wait no longer than our patience lasts.

    A service that has not answered by then may still take the message: that is ambiguous.
    """
    try:
        service = _service(url.strip())
    except ChannelError as error:
        return Sent(Result.PERMANENT, f"The channel cannot be used: {error}.")
    room = _room(service, url)
    if room.scheme in _BYTES:
        taken = stretch(message.body, _BYTES[room.scheme])
        if taken < len(message.body):
            room = room._replace(text=min(room.text, taken))
            service.body_maxlen = room.text
    message = fitted(message, room)
    sending = _in_background(service, message)
    _wait(sending, _fitting(patience, service, message), stop)
    if not sending.done():
        words = "The service did not answer in time; it may have arrived."
        return Sent(Result.AMBIGUOUS, words, message=message)
    return replace(read(sending.result(), url), message=message)


def _unusable(url: str) -> str | None:
    """Return what is wrong with the address, or None."""
    scheme = _SCHEME.match(url)
    if not url:
        return "its variable is not set"
    if scheme is None:
        return "its address has no scheme; expected one such as mailtos://, tgram:// or jsons://"
    if scheme[1].lower() not in SCHEMES:
        return (
            f"its scheme {scheme[1].lower()!r} is none that alerts can use; expected one such as"
            " mailtos, tgram, slack, discord, ntfys or jsons"
        )
    try:
        _service(url)
    except ChannelError as error:
        return str(error)
    return None


def _service(url: str) -> "NotifyBase":
    """Return the service at this address, stripped of what an address may not decide.

    Raises ChannelError, without the address, where Apprise cannot read it.
    """
    apprise = _apprise()
    from apprise.plugins import url_to_dict

    if _SECOND.search(url):
        raise ChannelError("its address is more than one; expected one, and a channel for each")
    # Any: Apprise's own parts of an address; the function carries no types.
    parts: dict[str, Any] | None = url_to_dict(url)  # type: ignore[no-untyped-call]
    if not parts or parts.get("schema") not in SCHEMES:
        raise ChannelError("its address cannot be read; expected the form that Apprise documents")
    service = apprise.instantiate(_tamed(parts), asset=_asset())
    if service is None:
        raise ChannelError(
            "its address lacks something or is not in the form that Apprise documents for"
            f" {parts['schema']}://"
        )
    if _recipients(service) > 1:
        raise ChannelError(
            "its address names several recipients; expected one, and a channel for each"
        )
    return service


def _recipients(service: "NotifyBase") -> int:
    """Return how many are told: of several, no service says which were."""
    named = getattr(service, "targets", None)
    copies = sum(len(getattr(service, name, ())) for name in ("cc", "bcc"))
    # Apprise counts requests: some of its services put several recipients into one.
    return max(len(service), len(named) if isinstance(named, list) else 0) + copies


def _room(service: "NotifyBase", url: str) -> Room:
    """Return what the service takes; an address may ask for plain text (`?format=text`)."""
    from apprise import NotifyFormat

    return Room(
        scheme=url.strip().partition("://")[0].lower(),
        text=service.body_maxlen,
        title=service.title_maxlen,
        html=service.resolve_format(NotifyFormat.HTML) == NotifyFormat.HTML,
    )


def _tamed(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of an address without our own matters, and with fitting defaults."""
    kept = {key: value for key, value in parts.items() if key not in _OURS}
    # A long message comes in parts: cut short, it would lose the ids in its last line.
    return {"overflow": "split", "rto": _READ_SECONDS, "cto": "10"} | kept


def _apprise() -> "type[Apprise]":
    """Import Apprise, and keep what it logs to ourselves: it names hosts and recipients."""
    heard = logging.getLogger("apprise")
    heard.propagate = False
    heard.setLevel(logging.DEBUG)  # only there does it say how a connection broke
    # At DEBUG this one writes the path of every request: for many services, the token.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    from apprise import Apprise

    return Apprise


def _asset() -> "AppriseAsset":
    """Return Apprise's settings: nothing decides anything but us.

    No time limit of its own: it would keep a thread that hangs in a pool shared by all
    channels, and the process from ending.
    """
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="appwatch",
        app_desc="appwatch",
        async_mode=False,
        http_redirects=False,
        allow_templates=False,
        secure_logging=True,
        interpret_emojis=False,
        interpret_escapes=False,
        service_timeout=0,
    )


def _fitting(patience: Patience, service: "NotifyBase", message: Message) -> Patience:
    """Return more patience where the service takes the message in many parts."""
    parts = len(message.body) // max(service.body_maxlen, 1)
    longer = patience.seconds + parts * (service.request_rate_per_sec + 2)
    return replace(patience, seconds=min(longer, max(LONGEST_SECONDS, patience.seconds)))


def _in_background(service: "NotifyBase", message: Message) -> "Future[Notes]":
    """Send in a thread that no one has to wait for, not even the end of the process."""
    future: Future[Notes] = Future()

    def work() -> None:
        try:
            with defects():
                future.set_result(_notify(service, message))
        except (AppwatchError, Defect) as error:
            future.set_exception(error)

    Thread(target=work, name="appwatch-alert", daemon=True).start()
    return future


def _wait(sending: "Future[Notes]", patience: Patience, stop: Event) -> None:
    """Return when it is done, or when the time is over."""
    ends_at = time.monotonic() + patience.seconds
    while not stop.is_set():
        left = ends_at - time.monotonic()
        if wait_for([sending], timeout=max(min(left, _TICK), 0)).done or left <= 0:
            return
    wait_for([sending], timeout=max(min(ends_at - time.monotonic(), patience.stopping), 0))


def _notify(service: "NotifyBase", message: Message) -> Notes:
    from apprise import Apprise, NotifyFormat

    parts: list[object] = []
    # Apprise tells every service which parts it took; not every service writes that down.
    service.mark_delivered = lambda part, *_, **__: parts.append(part)  # type: ignore[method-assign]
    teller = Apprise(service, asset=service.asset)
    with listening() as heard:
        # HTML is ours alone, every text in it escaped; the mail carries the plain text beside it.
        outcome = teller.notify(
            body=message.html or message.body,
            title=message.title,
            body_format=NotifyFormat.HTML if message.html else NotifyFormat.TEXT,
            log_level=logging.DEBUG,
        )
    entries = tuple((entry.level, entry.message) for entry in outcome.logs())
    return Notes(bool(outcome), entries, answers(heard), bool(parts))
