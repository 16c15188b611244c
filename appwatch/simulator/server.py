"""The simulated stores on a port of 127.0.0.1, with a record of what they were asked."""

import threading
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from appwatch.simulator.endpoints import Appearance, Endpoints
from appwatch.simulator.faults import Faults
from appwatch.simulator.loopback import Loopback
from appwatch.simulator.recorded import NOTHING_RECORDED, Recordings
from appwatch.simulator.wire import Delivery, Reply, Request
from appwatch.simulator.world import World


class SeenRequest(NamedTuple):
    """One request as it was answered; `status` is 0 where no head was sent."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    status: int


class Simulator(Loopback):
    """Serves a world on loopback inside `with`. `keep` is how many requests it remembers."""

    def __init__(
        self,
        world: World,
        faults: Faults | None = None,
        *,
        appearance: Appearance | None = None,
        recordings: Recordings = NOTHING_RECORDED,
        port: int = 0,
        keep: int = 100_000,
    ) -> None:
        super().__init__(self._answer, port)
        self.world = world
        self.faults = faults or Faults()
        self._endpoints = Endpoints(world, self.faults, appearance, recordings)
        self._seen: deque[SeenRequest] = deque(maxlen=keep)
        self._lock = threading.Lock()

    @property
    def requests(self) -> list[SeenRequest]:
        """What was asked so far, in order."""
        with self._lock:
            return list(self._seen)

    def forget(self) -> None:
        """Empty the record of requests."""
        with self._lock:
            self._seen.clear()

    def environment(self) -> dict[str, str]:
        """Return the settings that point appwatch here, unpaced."""
        return {
            "APPWATCH_APPLE_LOOKUP_URL": self.url,
            "APPWATCH_APPLE_PLATFORM_URL": self.url,
            "APPWATCH_APPLE_WEB_URL": self.url,
            "APPWATCH_GOOGLE_PLAY_URL": self.url,
            "APPWATCH_APPLE_PER_MINUTE": "0",
            "APPWATCH_GOOGLE_PLAY_PER_MINUTE": "0",
        }

    def _answer(self, request: Request) -> Reply:
        answer = self._endpoints.answer(request)
        silent = answer.delivery in (Delivery.CLOSED, Delivery.HANG)
        status = 0 if silent else answer.status
        seen = SeenRequest(request.method, request.path, request.query, request.headers, status)
        with self._lock:
            self._seen.append(seen)
        return answer


def serve(
    world: World,
    faults: Faults | None = None,
    *,
    appearance: Appearance | None = None,
    recordings: Recordings = NOTHING_RECORDED,
    port: int = 0,
) -> Simulator:
    """Return the simulator of a world, to be used in `with`; port 0 takes a free one."""
    return Simulator(world, faults, appearance=appearance, recordings=recordings, port=port)
