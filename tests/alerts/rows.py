"""Changes and deliveries for the tests of alerts: as values, and queued in a real database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from textwrap import fill
from typing import Any

from sqlalchemy import insert, select

from appwatch.alerts.messages import changes_message
from appwatch.alerts.wording import Wording
from appwatch.db import migrate, telling
from appwatch.db.deliveries import ChangeRow
from appwatch.db.engine import Database
from appwatch.db.notices import Notice
from appwatch.db.tables import apps, changes, targets
from appwatch.domain.routing import Route

START = datetime(2020, 6, 9, 14, 17, 8, tzinfo=UTC)
NEWSROOM = Route("newsroom", group_for=timedelta(0))
CHANGE = ChangeRow(
    id="c-1",
    incident="i-1",
    app="jike",
    name="Jike 即刻",
    store="app_store",
    listing="966129812",
    storefront="cn",
    kind="disappeared",
    from_state="available",
    to_state="gone",
    before_at=START - timedelta(minutes=14, seconds=57),
    after_at=START,
    confirmed_at=START + timedelta(minutes=30, seconds=22),
    looks=3,
    rules=("app_store.lookup.absent",),
    surfaces=("lookup", "product_page"),
)
RATES = {
    "days": 90,
    "watched": 120,
    "disappeared": 3,
    "returned": 2,
    "typical_absence_s": 23 * 3600,
}
TOUTIAO = {
    "name": "Toutiao",
    "kind": "disappeared",
    "storefront": "cn",
    "at": (START - timedelta(hours=2)).isoformat(),
}
CONTEXT: dict[str, Any] = {
    "rates": RATES,
    "neighbours": [TOUTIAO],
    "updated": "2020-05-01T08:00:00Z",
}


def page(store: str, listing: str, storefront: str) -> str:
    """Return a public address as short as possible."""
    return f"https://{store.replace('_', '-')}.example/{storefront}/{listing}"


WORDING = Wording(page, {"app_store": "App Store", "google_play": "Google Play"})


def wrapped(text: str) -> str:
    """Return the text with its long lines broken, so that a test can show it."""
    return "\n".join(fill(line, 90, subsequent_indent="    ") for line in text.splitlines())


def told(*changes: ChangeRow) -> str:
    """Return title and body as one text."""
    message = changes_message(changes, WORDING)
    return wrapped(f"{message.title}\n\n{message.body}")


def noticed(
    kind: str,
    number: int = 1,
    /,
    change_id: str | None = None,
    **content: Any,  # noqa: ANN401 - JSON
) -> Notice:
    """Return a notice about Jike in China; `content` adds to its names."""
    names = {name: getattr(CHANGE, name) for name in ("name", "store", "listing", "storefront")}
    return Notice(f"n-{number}", kind, START, "jike", names | content, None, change_id)


def open_database(url: str) -> Database:
    """Return the database at this address, at the newest schema."""
    database = Database(url)
    migrate.upgrade(database)
    return database


def queue(
    database: Database,
    *,
    number: int = 1,
    at: datetime = START,
    app: str = "jike",
    routes: Sequence[Route] = (NEWSROOM,),
) -> ChangeRow:
    """Write a change, as a look would, and queue it for these channels."""
    with database.write() as connection:
        if not connection.execute(select(apps.c.id).where(apps.c.id == app)).first():
            blank = {"tags": [], "reason": "", "source": ""}
            connection.execute(insert(apps).values(id=app, name=app.title(), **blank))
        target = connection.execute(
            insert(targets).values(
                app_id=app,
                store="app_store",
                listing=f"{app}-{number}",
                storefront="cn",
                state="gone",
                next_look_at=at,
            )
        ).inserted_primary_key
        incident = telling.incident_for(connection, telling.Whose(app), at)
        change = replace(
            CHANGE, id=f"c-{number}", incident=incident, app=app, listing=f"{app}-{number}"
        )
        values = {
            "id": change.id,
            "target_id": target[0] if target else 0,
            "incident_id": incident,
            "app_id": app,
            "name": change.name,
            "tags": [],
            "rules": list(change.rules),
            "surfaces": list(change.surfaces),
            "rules_version": 1,
        }
        same = (
            "store listing storefront kind from_state to_state"
            " before_at after_at confirmed_at looks missed_rounds scope"
        )
        values |= {name: getattr(change, name) for name in same.split()}
        connection.execute(insert(changes).values(values))
        telling.tell(connection, values, routes, at)
    return change
