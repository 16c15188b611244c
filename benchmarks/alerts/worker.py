"""A process that delivers until it is killed; its arguments come as JSON on stdin."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from appwatch.alerts import outbox
from appwatch.alerts.outbox import Outbox
from appwatch.alerts.wording import Wording
from appwatch.db.engine import Database
from appwatch.domain.routing import Rate, Route

WIDE = Rate(1_000_000, timedelta(seconds=1))
TICK = 2.0  # seconds between rounds of delivering, as in `appwatch run`


def route(channel: str) -> Route:
    """Return the route of a channel that hears of every change at once, however many they are."""
    return Route(channel, group_for=timedelta(0), pace=WIDE)


def main(given: dict[str, Any]) -> None:
    """Deliver for ever."""
    outbox.LEASE = timedelta(seconds=given["lease"])  # type: ignore[misc]
    wording = Wording(
        lambda *where: "https://example.org/" + "/".join(where), {"app_store": "App Store"}
    )
    box = Outbox(
        Database(given["database"]),
        given["urls"],
        wording,
        lambda: datetime.now(UTC),
        given["owner"],
        routes=[route(channel) for channel in given["urls"]],
    )
    while True:
        outbox.deliver(box)
        time.sleep(TICK)


if __name__ == "__main__":
    main(json.load(sys.stdin))
