"""Writes changes into a database as looks do, and notes when each was committed."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from appwatch.db import telling
from appwatch.db.engine import Database
from appwatch.db.ids import make_id
from appwatch.db.tables import apps, changes, targets
from appwatch.domain.routing import Route

TOGETHER = 10  # changes of one transaction, as a batch of looks may find them


def change(database: Database, routes: Sequence[Route], first: int, count: int) -> dict[str, float]:
    """Commit so many changes, each of an app of its own; return when each was, by its id."""
    committed: dict[str, float] = {}
    for start in range(first, first + count, TOGETHER):
        with database.write() as connection:
            numbers = range(start, min(start + TOGETHER, first + count))
            made = [_change(connection, routes, number) for number in numbers]
        committed |= dict.fromkeys(made, time.time())
    return committed


def _change(connection: Connection, routes: Sequence[Route], number: int) -> str:
    now, app = datetime.now(UTC), f"app-{number}"
    place = {"store": "app_store", "listing": str(number), "storefront": "cn"}
    blank = {"tags": [], "reason": "", "source": ""}
    connection.execute(insert(apps).values(id=app, name=f"App {number}", **blank))
    target = insert(targets).values(app_id=app, **place, state="gone", next_look_at=now)
    values: dict[str, Any] = {
        "id": make_id("c", now),
        "target_id": connection.execute(target.returning(targets.c.id)).scalar_one(),
        "incident_id": telling.incident_for(connection, telling.Whose(app), now),
        "app_id": app,
        "name": f"App {number}",
        "tags": [],
        **place,
        "kind": "disappeared",
        "from_state": "available",
        "to_state": "gone",
        "before_at": now - timedelta(minutes=45),
        "after_at": now - timedelta(minutes=30),
        "confirmed_at": now,
        "looks": 3,
        "rules": [],
        "surfaces": [],
        "rules_version": 1,
    }
    connection.execute(insert(changes).values(values))
    telling.tell(connection, values, routes, now)
    return str(values["id"])
