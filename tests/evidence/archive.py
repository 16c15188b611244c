"""Save Page Now on loopback: says what a test tells it to, and notes what it was asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

PENDING = {"status": "pending", "job_id": "spn2-1"}


class Archive(ThreadingHTTPServer):
    """Answers `saves` and `statuses` in turn, the last of each for good; with `status` if set."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.daemon_threads = True
        self.status = 200
        self.saves: list[Any] = [{"job_id": "spn2-1"}]
        self.statuses: list[Any] = [PENDING]
        self.asked: list[dict[str, list[str]]] = []
        self.keys: list[str | None] = []
        self.hanging = Event()
        self.hanging.set()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def succeed(self, page: str, moment: str = "20260706120900") -> None:
        """Have captured the page."""
        done = {"status": "success", "timestamp": moment, "original_url": page, "resources": []}
        self.statuses = [done]


class _Handler(BaseHTTPRequestHandler):
    server: Archive

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(parse_qs(form))
        self._answer(self.server.saves)

    def do_GET(self) -> None:
        self._answer(self.server.statuses)

    def _answer(self, answers: list[Any]) -> None:
        self.server.keys.append(self.headers["Authorization"])
        self.server.hanging.wait()
        told = answers.pop(0) if len(answers) > 1 else answers[0]
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def archiving() -> Iterator[Archive]:
    """Give an archive that answers."""
    with Archive() as archive:
        Thread(target=archive.serve_forever, daemon=True).start()
        yield archive
        archive.hanging.set()
        archive.shutdown()
