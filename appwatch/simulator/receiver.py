"""A place on loopback that alerts can be sent to, and that can be told to fail."""

import json
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from appwatch.simulator.bodies import piece
from appwatch.simulator.loopback import Loopback
from appwatch.simulator.wire import Delivery, Reply, Request, reply


class Failure(StrEnum):
    """How the receiver can fail."""

    SERVER_ERROR = "server_error"  # 500
    RATE_LIMITED = "rate_limited"  # 429, with Retry-After if one is given
    REFUSED = "refused"  # 403: trying again does not help
    HANG = "hang"  # no answer
    CLOSED = "closed"  # the connection ends without an answer
    CLOSED_AFTER = "closed_after"  # likewise, but the message was taken
    CUT = "cut"  # taken, and the connection ends in mid-answer
    DRIP = "drip"  # taken, and the answer comes a byte at a time


_ANSWER = (piece(b"x" * 1000),)
_TAKEN = (Failure.CLOSED_AFTER, Failure.CUT, Failure.DRIP)


@dataclass(frozen=True, slots=True)
class Message:
    """One alert as it came; `fields` is all of it."""

    title: str
    body: str
    kind: str
    path: str
    fields: dict[str, Any]  # Any: what the sender put into its JSON


@dataclass(frozen=True, slots=True)
class _Plan:
    failure: Failure
    times: int | None
    retry_after: str


class Receiver(Loopback):
    """Takes POSTed JSON with the keys version, title, message and type, inside `with`."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(self._answer, port)
        self._changed = threading.Condition()
        self._messages: list[Message] = []
        self._attempts = 0
        self._plan: _Plan | None = None

    @property
    def apprise_url(self) -> str:
        """The address of a channel that posts here."""
        return f"json://127.0.0.1:{self.port}/alerts"

    @property
    def messages(self) -> list[Message]:
        """The alerts that were taken, in order."""
        with self._changed:
            return list(self._messages)

    @property
    def attempts(self) -> int:
        """How many times anything was sent, taken or not."""
        with self._changed:
            return self._attempts

    def fail(self, failure: Failure, times: int | None = None, retry_after: str = "") -> None:
        """Fail so from now on, or the next `times` times."""
        with self._changed:
            self._plan = _Plan(failure, times, retry_after)

    def recover(self) -> None:
        """Take everything again."""
        with self._changed:
            self._plan = None

    def wait_for(self, count: int, seconds: float) -> bool:
        """Wait until that many messages were taken; return whether they were, in time."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._messages) >= count, seconds)

    def _answer(self, request: Request) -> Reply:
        message = _message(request)
        if message is None:
            return reply(400, "A JSON object is expected, by POST.", "text/plain")
        with self._changed:
            self._attempts += 1
            plan = self._next_failure()
            if plan is None or plan.failure in _TAKEN:
                self._messages.append(message)
            self._changed.notify_all()
        return _failed(plan) if plan else reply(200, "{}", "application/json")

    def _next_failure(self) -> _Plan | None:
        plan = self._plan
        if plan is None or plan.times is None:
            return plan
        left = plan.times - 1
        self._plan = replace(plan, times=left) if left > 0 else None
        return plan if left >= 0 else None


def receive(port: int = 0) -> Receiver:
    """Return a receiver to be used in `with`; port 0 takes a free one."""
    return Receiver(port)


def _message(request: Request) -> Message | None:
    try:
        fields = json.loads(request.body) if request.method == "POST" else None
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    title, body, kind = (str(fields.get(key, "")) for key in ("title", "message", "type"))
    return Message(title, body, kind, request.path, fields)


def _failed(plan: _Plan) -> Reply:
    match plan.failure:
        case Failure.HANG:
            return Reply(200, delivery=Delivery.HANG)
        case Failure.CLOSED | Failure.CLOSED_AFTER:
            return Reply(200, delivery=Delivery.CLOSED)
        case Failure.CUT:
            return Reply(200, pieces=_ANSWER, delivery=Delivery.SHORT)
        case Failure.DRIP:
            return Reply(200, pieces=_ANSWER, delivery=Delivery.SLOW_BODY)
        case Failure.RATE_LIMITED:
            wait = (("retry-after", plan.retry_after),) if plan.retry_after else ()
            return reply(429, "", "", *wait)
        case Failure.REFUSED:
            return reply(403)
        case _:
            return reply(500)
