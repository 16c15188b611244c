"""Servers on loopback that say exactly the bytes a test wants, and remember who asked."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace

from appwatch.stores.base import Request

Talk = Callable[[asyncio.StreamWriter, int], Awaitable[None]]


@dataclass(slots=True)
class Server:
    """What a server saw: the head of every request, and how many connections came."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def host(self) -> str:
        """Host and port, as requests name them."""
        return self.url.removeprefix("http://")

    def request(self, path: str = "/", **more: object) -> Request:
        """Return a request to this server; fields may be replaced by name."""
        plain = Request(f"{self.url}{path}", "lookup", "cn", frozenset({self.host}), per_minute=0)
        return replace(plain, **more)  # type: ignore[arg-type]  # the test knows the fields


def reply(status: int = 200, body: bytes = b"", *headers: str) -> bytes:
    """Return a whole answer, its length announced."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + body


def zipped(body: bytes) -> bytes:
    """Return a whole answer whose body is compressed."""
    return reply(200, gzip.compress(body, mtime=0), "Content-Encoding: gzip")


def says(*answers: bytes) -> Talk:
    """Return a talk that gives these answers in turn, the last one for ever."""

    async def talk(writer: asyncio.StreamWriter, number: int) -> None:
        writer.write(answers[min(number, len(answers) - 1)])
        await writer.drain()

    return talk


def says_and_leaves(*answers: bytes) -> Talk:
    """Return a talk that closes the connection after each of these answers."""

    async def talk(writer: asyncio.StreamWriter, number: int) -> None:
        await says(*answers)(writer, number)
        writer.close()

    return talk


def drips(head: bytes, drop: bytes, pause: float = 0.02) -> Talk:
    """Return a talk that never ends: a drop every few moments, or with no pause at all."""

    async def talk(writer: asyncio.StreamWriter, _number: int) -> None:
        writer.write(head)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(pause)

    return talk


async def hangs(_writer: asyncio.StreamWriter, _number: int) -> None:
    """Talk without ever saying a word."""
    await asyncio.Event().wait()


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[Server]:
    """Serve on a free port of this machine until the block ends."""
    server, tasks = Server(), set[asyncio.Task[None]]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: the one that asyncio makes logs its own cancellation.
        task = asyncio.create_task(converse(server, talk, reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=1024)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


async def converse(
    server: Server, talk: Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer requests on one connection until either side has had enough."""
    server.connections += 1
    try:
        while not writer.is_closing():
            head = await reader.readuntil(b"\r\n\r\n")
            server.heads.append(head.decode("latin-1"))
            await talk(writer, len(server.heads) - 1)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # the client left
    finally:
        writer.transport.abort()


@contextmanager
def deaf() -> Iterator[Server]:
    """Listen with a full backlog, so that nobody's connection is ever taken."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        try:
            yield Server(f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            for one in waiting:
                one.close()


def closed() -> Server:
    """Return an address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return Server(f"http://127.0.0.1:{taken.getsockname()[1]}")
