"""Messages of the first schema outlive its upgrade: given up ones wait again, in their order."""

from datetime import UTC, datetime, timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, insert, select

from appwatch.db import migrate, outbox, tables
from appwatch.db.engine import Database
from appwatch.domain.routing import Route

START = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = {"name": "Jike", "store": "app_store", "listing": "1", "storefront": "cn"}
LISTS: dict[str, list[str]] = {"tags": [], "rules": [], "surfaces": []}
TIMES = dict.fromkeys(("before_at", "after_at", "confirmed_at"), START)


def at_first(url: str) -> Database:
    """Return the database with the schema that was released first."""
    database, config = Database(url), Config()
    config.set_main_option("script_location", str(migrate.scripts()))
    config.attributes["database"] = database
    command.upgrade(config, "0001")
    return database


def write(connection: Connection) -> None:
    """Write a target with two changes, the message of the first of which was given up."""
    blank = {"tags": [], "reason": "", "source": ""}
    connection.execute(insert(tables.apps).values(id="jike", name="Jike", **blank))
    place = {"store": "app_store", "storefront": "cn", "listing": "1"}
    target = {"id": 1, "app_id": "jike", **place, "state": "gone", "next_look_at": START}
    connection.execute(insert(tables.targets).values(target))
    incident = "i-1"
    opened = {"app_id": "jike", "opened_at": START, "last_change_at": START}
    connection.execute(insert(tables.incidents).values(id=incident, **opened))
    for number, status in ((1, "failed"), (2, "queued")):
        moved = {"kind": "disappeared", "from_state": "available", "to_state": "gone", "looks": 3}
        known = {"target_id": 1, "incident_id": incident, "app_id": "jike", "rules_version": 1}
        change = {"id": f"c-{number}", **known, **moved, **TEXTS, **LISTS, **TIMES}
        connection.execute(insert(tables.changes).values(change))
        at = START + timedelta(hours=number)
        message = {"id": number, "channel": "newsroom", "subject": "changes", "content": {}}
        times = {"created_at": at, "not_before": at, "attempts": 2 - number}
        connection.execute(insert(tables.deliveries).values(**message, **times, status=status))
        link = {"delivery_id": number, "change_id": f"c-{number}"}
        connection.execute(insert(tables.delivery_changes).values(link))
    log = {"delivery_id": 1, "at": START, "result": "failed", "words": "error=500."}
    connection.execute(insert(tables.attempts).values(log))


def test_what_was_given_up_waits_again_before_what_came_after_it(database_url: str) -> None:
    database = at_first(database_url)
    with database.write() as connection:
        write(connection)
    assert migrate.upgrade(database)
    route, lease = Route("newsroom"), timedelta(minutes=5)
    with database.write() as connection:
        claimed = outbox.claim(connection, route, "a", START + timedelta(days=1), lease)
        assert claimed is not None
        assert claimed.id == 1
        assert outbox.claim(connection, route, "b", START + timedelta(days=1), lease) is None
        for table in (tables.deliveries, tables.attempts, tables.changes):
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            assert count == (1 if table is tables.attempts else 2)
        first = select(tables.deliveries.c.first_tried_at).where(tables.deliveries.c.id == 1)
        assert connection.execute(first).scalar_one() == START
    database.close()
