"""A server of ready answers in a process of its own, so that its CPU is nobody else's."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from gzip import compress
from pathlib import Path

_FIRST_ID = re.compile(rb"[?&]id=([^,&\s]+)")
_END = b"\r\n\r\n"
_NO_ANSWER = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


@contextmanager
def serving(folder: Path, kind: str, bodies: Mapping[str, bytes]) -> Iterator[str]:
    """Serve each body, gzipped once, to requests whose `id` begins with its name.

    Yield the address. `kind` is the content type; `folder` keeps the answers meanwhile.
    """
    for name, body in bodies.items():
        (folder / name).write_bytes(_answer(kind, compress(body, 6)))
    command = [sys.executable, "-m", "benchmarks.answers", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield server.stdout.readline().strip() if server.stdout else ""
        finally:
            server.terminate()


def _answer(kind: str, coded: bytes) -> bytes:
    head = f"content-type: {kind}\r\ncontent-encoding: gzip\r\ncontent-length: {len(coded)}"
    return b"HTTP/1.1 200 OK\r\n" + head.encode() + _END + coded


class Answering(asyncio.Protocol):
    """One kept-alive connection: the answer to each request by the first id that it names."""

    def __init__(self, answers: Mapping[bytes, bytes]) -> None:
        self._answers = answers
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = transport if isinstance(transport, asyncio.Transport) else None

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._received += data
        while _END in self._received and self._transport is not None:
            head, _, self._received = self._received.partition(_END)
            named = _FIRST_ID.search(head)
            self._transport.write(self._answers.get(named[1] if named else b"", _NO_ANSWER))


async def serve(answers: Mapping[bytes, bytes]) -> None:
    """Serve on a free port, write the address to stdout, and end with SIGTERM."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    server = await loop.create_server(lambda: Answering(answers), "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await told.wait()
    server.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    asyncio.run(serve({file.name.encode(): file.read_bytes() for file in folder.iterdir()}))
