"""A server on 127.0.0.1 in a thread of its own, that stops at once whatever is still open."""

import asyncio
import threading
from typing import Self

from appwatch.simulator.wire import Handler, converse

_START_SECONDS = 10
_STREAM_LIMIT = 1 << 20


class Loopback:
    """Serves a handler on loopback inside `with`, and closes every connection at its end.

    `port` 0 takes a free one; `url` says which. A port that is taken raises OSError.
    """

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self._handler = handler
        self._wanted = port
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="appwatch-loopback", daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        """The address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return len(self._connections)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(_START_SECONDS)
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(_START_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(
            self._accept, "127.0.0.1", self._wanted, limit=_STREAM_LIMIT, backlog=1024
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        await self._drop_all()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: the one that asyncio makes logs its own cancellation.
        task = asyncio.create_task(converse(self._handler, reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _drop_all(self) -> None:
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # one turn of the loop, in which closed transports say so
