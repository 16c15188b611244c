"""Puts what is to be told into the outbox, in the transaction of the change itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, text, update

from appwatch.db.ids import make_id
from appwatch.db.tables import apps, deliveries, delivery_changes, incidents, targets
from appwatch.domain.routing import INCIDENT_WINDOW, Route, Topic, wants, when

CHANGES = "changes"
FIRST_REPORT = "first_report"
QUEUED = "queued"
# In the words of the index on them: SQLite does not see that `reported = 0` is the same.
_UNREPORTED = text("targets.watched AND NOT targets.reported")


@dataclass(frozen=True, slots=True)
class Whose:
    """What a change belongs to: an app, or all that comes out of a hold, or a developer's apps."""

    app_id: str
    hold_id: str | None = None
    developer: str | None = None

    def matches(self) -> ColumnElement[bool]:
        """Return the condition for the incidents that it belongs to."""
        if self.hold_id is not None:
            return incidents.c.hold_id == self.hold_id
        alone = incidents.c.hold_id.is_(None)
        if self.developer is not None:
            return alone & (incidents.c.developer == self.developer)
        return alone & (incidents.c.app_id == self.app_id)


def incident_for(connection: Connection, whose: Whose, at: datetime) -> str:
    """Return the incident that a change belongs to, opening one if need be.

    The changes of one app within a day belong together, or those of one developer where the
    watchlist asks for that; so do all that come out of one hold.
    """
    query = (
        select(incidents.c.id)
        .where(whose.matches(), incidents.c.last_change_at >= at - INCIDENT_WINDOW)
        .order_by(incidents.c.last_change_at.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    if found is not None:
        moved = update(incidents).where(incidents.c.id == found)
        connection.execute(moved.values(last_change_at=at))
        return str(found)
    opened = make_id("i", at)
    values = {
        "id": opened,
        "app_id": whose.app_id,
        "hold_id": whose.hold_id,
        "developer": whose.developer,
        "opened_at": at,
        "last_change_at": at,
    }
    connection.execute(insert(incidents).values(values))
    return opened


def tell(
    connection: Connection,
    change: dict[str, Any],
    routes: Sequence[Route],
    now: datetime,
    heard: Collection[str] = (),
) -> None:
    """Queue the change for every channel that wants to hear of it, or heard it suspected."""
    topic = Topic(
        change["kind"],
        change["app_id"],
        change["tags"],
        change["store"],
        change["storefront"],
    )
    for route in routes:
        if wants(route, topic) or route.channel in heard:
            delivery = _delivery(connection, route, change["incident_id"], now)
            link = {"delivery_id": delivery, "change_id": change["id"]}
            connection.execute(insert(delivery_changes).values(link))


def _delivery(connection: Connection, route: Route, incident: str, now: datetime) -> int:
    """Return the message that is to carry the change: one still waiting, else a new one."""
    told_at = connection.execute(
        select(func.max(deliveries.c.created_at)).where(
            deliveries.c.incident_id == incident, deliveries.c.channel == route.channel
        )
    ).scalar()
    not_before = when(route, now, told_at)
    waiting = _waiting(connection, route, incident, not_before)
    if waiting is not None:
        return waiting
    values = {
        "channel": route.channel,
        "subject": CHANGES,
        "incident_id": incident,
        "content": {},
        "status": QUEUED,
        "created_at": now,
        "not_before": not_before,
    }
    query = insert(deliveries).values(values).returning(deliveries.c.id)
    return int(connection.execute(query).scalar_one())


def _waiting(
    connection: Connection, route: Route, incident: str, not_before: datetime
) -> int | None:
    """Return a message of this incident (or of this digest) that nobody has begun to send."""
    same = (
        deliveries.c.not_before == not_before
        if route.digest
        else deliveries.c.incident_id == incident
    )
    untouched = (
        deliveries.c.channel == route.channel,
        deliveries.c.subject == CHANGES,
        deliveries.c.status == QUEUED,
        deliveries.c.attempts == 0,
    )
    found = connection.execute(select(deliveries.c.id).where(same, *untouched).limit(1)).scalar()
    if found is None:
        return None
    # A sender claims by the same row: whoever is second sees what the first one did.
    held = update(deliveries).where(deliveries.c.id == found, *untouched).values(status=QUEUED)
    return int(found) if connection.execute(held).rowcount == 1 else None


def report_baseline(connection: Connection, routes: Sequence[Route], now: datetime) -> bool:
    """Queue the first report once every watched target was looked at; return whether it was."""
    query = select(targets.c.id).where(_UNREPORTED)
    if connection.execute(query.limit(1)).first() is None:
        return False
    live = targets.c.watched & ~apps.c.paused
    joined = targets.join(apps, apps.c.id == targets.c.app_id)
    unread = select(targets.c.id).select_from(joined)
    if connection.execute(unread.where(live, targets.c.first_looked_at.is_(None)).limit(1)).first():
        return False
    content = _baseline(connection)
    connection.execute(update(targets).where(_UNREPORTED).values(reported=True))
    for route in routes:
        values = {
            "channel": route.channel,
            "subject": FIRST_REPORT,
            "content": content,
            "status": QUEUED,
            "created_at": now,
            "not_before": now,
        }
        connection.execute(insert(deliveries).values(values))
    return True


def _baseline(connection: Connection) -> dict[str, Any]:
    """Return what a first report tells: how many targets are in which state, and the absent."""
    fresh = (targets.c.watched, ~targets.c.reported)
    counted = select(targets.c.state, func.count()).where(*fresh).group_by(targets.c.state)
    states = {state: int(count) for state, count in connection.execute(counted)}
    joined = targets.join(apps, apps.c.id == targets.c.app_id)
    absent = (
        select(
            targets.c.app_id, apps.c.name, targets.c.store, targets.c.storefront, targets.c.state
        )
        .select_from(joined)
        .where(*fresh, targets.c.state.not_in(("available", "unknown")))
        .order_by(targets.c.app_id, targets.c.store, targets.c.storefront)
    )
    rows = [list(row) for row in connection.execute(absent)]
    return {"states": states, "absent": rows}
