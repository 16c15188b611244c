"""Listens to what services answer over HTTP: Apprise keeps neither status nor headers.

Its services send through requests; each message is sent in a thread of its own, so that what
a thread hears are the answers to its message.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # slow to import, and only needed once something is sent
    from requests import PreparedRequest, Response
    from requests.adapters import HTTPAdapter

_LONGEST: Final = 2**16  # bytes of an answer that are read: cut here, a token may be cut too
_heard = threading.local()


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer: its status, how long it asks to be left alone, and its text."""

    status: int
    retry_after: timedelta | None
    text: str


@contextmanager
def listening() -> Iterator["list[Response]"]:
    """Give a list that takes the responses of this thread's requests."""
    _listen()
    responses: list[Response] = []
    _heard.responses = responses
    try:
        yield responses
    finally:
        del _heard.responses


def answers(responses: "list[Response]", now: datetime | None = None) -> tuple[Answer, ...]:
    """Return what those responses say."""
    return tuple(
        Answer(
            response.status_code,
            wait_of(response.headers.get("Retry-After", ""), now or datetime.now(UTC)),
            _text(response),
        )
        for response in responses
    )


def wait_of(header: str, now: datetime) -> timedelta | None:
    """Return the time that a Retry-After asks for, in seconds or as a date; None without one."""
    if header.strip().isdecimal():
        return timedelta(seconds=min(int(header.strip()[:9]), 10**8))
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta(0))


def _text(response: "Response") -> str:
    try:
        return bytes(response.content)[:_LONGEST].decode("utf-8", "replace")
    except (OSError, RuntimeError):  # an answer that broke off
        return ""


@cache
def _listen() -> None:
    """Let requests hand each response to the thread that listens; once, when first needed."""
    from requests.adapters import HTTPAdapter

    build = HTTPAdapter.build_response

    def build_response(
        self: "HTTPAdapter",
        req: "PreparedRequest",
        resp: Any,  # noqa: ANN401 - as requests has it
    ) -> "Response":
        response = build(self, req, resp)
        responses = getattr(_heard, "responses", None)
        if responses is not None:
            responses.append(response)
        return response

    HTTPAdapter.build_response = build_response  # type: ignore[method-assign]
