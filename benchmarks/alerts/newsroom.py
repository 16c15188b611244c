"""A channel on loopback that notes when each change arrived, at once, slowly, or not at all."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

REPEAT = "may be a repeat"


class Arrival(NamedTuple):
    """A change in a message that was taken. `at` is in seconds of the wall clock."""

    change: str
    at: float
    marked: bool


class Channel(ThreadingHTTPServer):
    """Takes what is posted, and answers `delay` seconds later; with None it does neither."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, name: str, delay: float | None = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name = name
        self.delay = delay
        self.arrivals: list[Arrival] = []
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def url(self) -> str:
        """The address that alerts are sent to."""
        return f"json://127.0.0.1:{self.server_port}/"

    def first(self) -> dict[str, float]:
        """Return when each change arrived first."""
        seen: dict[str, float] = {}
        for one in list(self.arrivals):
            seen.setdefault(one.change, one.at)
        return seen

    def close(self) -> None:
        """Take nothing more."""
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Channel

    def do_POST(self) -> None:
        at, channel = time.time(), self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"]
        if channel.delay is None:
            channel.closing.wait()
            return
        marked = REPEAT in body
        for change in body.splitlines()[-1].split()[1:]:
            channel.arrivals.append(Arrival(change, at, marked))
        time.sleep(channel.delay)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
