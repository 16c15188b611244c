"""A host that cannot be reached is asked no more by whoever gives up."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from structlog.testing import capture_logs

from appwatch.domain.model import Reason
from appwatch.fetching import Fetcher, Fetching
from appwatch.stores.base import Answer, Request

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
GIVING_UP = Fetching(backoff=0.001, give_up=True)
PLAIN = Request("https://store.example/", "lookup", "cn", frozenset(), per_minute=0)
SELDOM = replace(PLAIN, surface="page", per_minute=0.01)  # a turn lasts more than an hour


class Line:
    """A line that is cut, or comes back before the request of that number."""

    def __init__(
        self, back: int = 1000, error: type[httpx.TransportError] = httpx.ConnectError
    ) -> None:
        self.tries = 0
        self._back = back
        self._error = error

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.tries += 1
        if self.tries >= self._back:
            return httpx.Response(200, stream=httpx.ByteStream(b"{}"))
        raise self._error("no route", request=request)


async def ask(line: Line, fetching: Fetching, *requests: Request) -> list[Answer]:
    """Return the answers to requests that are made one after another."""
    async with Fetcher(fetching, lambda: NOW, transport=httpx.MockTransport(line)) as fetcher:
        return [await fetcher.ask(request) for request in requests]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(httpx.ConnectError, Reason.NETWORK), (httpx.ConnectTimeout, Reason.TIMEOUT)],
)
def test_after_three_tries_in_a_row_the_answer_is_known(
    error: type[httpx.TransportError], reason: Reason
) -> None:
    line = Line(error=error)
    answers = asyncio.run(ask(line, GIVING_UP, *[PLAIN] * 9))
    assert [answer.fault for answer in answers] == [reason] * 9
    assert {answer.detail for answer in answers} == {"no route"}
    assert line.tries == 3


def test_that_no_way_is_found_is_logged_at_once_and_once_and_that_one_is_again() -> None:
    with capture_logs() as log:
        asyncio.run(ask(Line(back=6), replace(GIVING_UP, give_up=False), *[PLAIN] * 3))
    assert [(line["action"], line["host"]) for line in log if "action" in line] == [
        ("unreached", "store.example"),
        ("reached", "store.example"),
    ]


def test_whoever_does_not_give_up_tries_every_request_anew() -> None:
    line = Line()
    asyncio.run(ask(line, replace(GIVING_UP, give_up=False), *[PLAIN] * 3))
    assert line.tries == 9


def test_a_host_that_comes_through_in_between_is_not_given_up() -> None:
    answers = asyncio.run(ask(Line(back=3), GIVING_UP, PLAIN, PLAIN))
    assert [answer.status for answer in answers] == [200, 200]


def test_another_host_is_asked_all_the_same() -> None:
    line = Line(back=4)
    other = replace(PLAIN, url="https://other.example/")
    lost, found, still = asyncio.run(ask(line, GIVING_UP, PLAIN, other, PLAIN))
    assert (lost.fault, found.status, still.fault) == (Reason.NETWORK, 200, Reason.NETWORK)


def test_a_connection_that_breaks_later_says_nothing_of_reaching_the_host() -> None:
    line = Line(error=httpx.ReadError)
    asyncio.run(ask(line, GIVING_UP, PLAIN, PLAIN))
    assert line.tries == 6


def test_nobody_waits_for_the_turn_of_a_host_that_was_given_up() -> None:
    async def main() -> list[Answer]:
        transport = httpx.MockTransport(Line())
        async with Fetcher(GIVING_UP, lambda: NOW, transport=transport) as fetcher:
            wanted = [SELDOM, SELDOM, SELDOM, PLAIN]
            return await asyncio.wait_for(asyncio.gather(*map(fetcher.ask, wanted)), 60)

    assert {answer.fault for answer in asyncio.run(main())} == {Reason.NETWORK}
