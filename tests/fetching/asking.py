"""A fetcher that asks a server on loopback, under a clock in the hand of the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from appwatch.fetching import Fetcher, Fetching, NoRests
from appwatch.stores.base import Answer
from tests.fetching import servers
from tests.fetching.servers import Server, reply, serving

START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
OK = reply(200, b"{}")
MINUTE = timedelta(minutes=1)


class Clock:
    """A clock in the hand of the test."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment


@asynccontextmanager
async def world(
    talk: servers.Talk, rests: NoRests | None = None, clock: Clock | None = None, **more: object
) -> AsyncIterator[tuple[Fetcher, Server]]:
    """Give a fetcher and a server; fields of Fetching may be given by name."""
    fields: dict[str, object] = {"timeout": 20, "backoff": 0.001} | more
    fetching = Fetching(**fields)  # type: ignore[arg-type]
    async with serving(talk) as server, Fetcher(fetching, clock or Clock(), rests) as fetcher:
        yield fetcher, server


def ask(talk: servers.Talk, path: str = "/", **more: object) -> tuple[Answer, Server]:
    """Return the answer to one request, and what the server saw."""

    async def main() -> tuple[Answer, Server]:
        async with world(talk, **more) as (fetcher, server):  # type: ignore[arg-type]
            return await fetcher.ask(server.request(path)), server

    return asyncio.run(main())
