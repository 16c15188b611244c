"""Puts what is to be told into the outbox, in the transaction of the change itself."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, text, update

from appwatch.db import reminders
from appwatch.db.ids import make_id
from appwatch.db.outbox import Letter, Subject, join, post, queues_of, tell_change
from appwatch.db.rows import topic_of
from appwatch.db.tables import apps, incidents, periods, targets
from appwatch.domain.routing import INCIDENT_WINDOW, Route, concerns, is_urgent, wants
from appwatch.domain.state import DEPARTURES

# In the words of the index on them: SQLite does not see that `reported = 0` is the same.
_UNREPORTED = text("targets.watched AND NOT targets.reported")
# Whether the state is still that of the first look that could tell.
_FIRST = targets.c.id.in_(
    select(periods.c.target_id).where(
        periods.c.ended_at.is_(None), periods.c.started_earliest_at.is_(None), ~periods.c.retracted
    )
)


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
    change: Mapping[str, Any],
    routes: Sequence[Route],
    now: datetime,
    heard: Collection[str] = (),
) -> None:
    """Queue the change for every channel that wants to hear of it, or heard it suspected."""
    topic = topic_of(change)
    for route in routes:
        if wants(route, topic) or route.channel in heard:
            _tell(connection, route, change, now)


def _tell(connection: Connection, route: Route, change: Mapping[str, Any], now: datetime) -> None:
    """Queue the change for one channel, and note when it is to be reminded."""
    incident = change["incident_id"]
    urgent = is_urgent(route, topic_of(change))
    letter = Letter(route.channel, Subject.CHANGES, now, now, urgent, incident)
    delivery = join(connection, route, letter, queues_of(change["target_id"], incident))
    tell_change(connection, delivery, change["id"], change["target_id"], incident)
    if change["kind"] in DEPARTURES:
        reminders.plan(connection, route, change["id"], change["confirmed_at"], now)


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
    fresh = _fresh(connection)
    connection.execute(update(targets).where(_UNREPORTED).values(reported=True))
    for route in routes:
        found = [row for row in fresh if route.kinds and concerns(route, topic_of(row))]
        if found:
            letter = Letter(route.channel, Subject.FIRST_REPORT, now, now, content=_baseline(found))
            post(connection, letter)
    return True


def _fresh(connection: Connection) -> Sequence[Row[Any]]:
    """Return the targets that no first report told of yet."""
    columns = (targets.c.app_id, targets.c.store, targets.c.storefront, targets.c.state)
    query: Select[Any] = (
        select(*columns, apps.c.name, apps.c.tags, _FIRST.label("is_first"))
        .join(apps, apps.c.id == targets.c.app_id)
        .where(targets.c.watched, ~targets.c.reported)
        .order_by(targets.c.app_id, targets.c.store, targets.c.storefront)
    )
    return connection.execute(query).all()


def _baseline(fresh: Sequence[Row[Any]]) -> dict[str, Any]:
    """Return what a first report tells: how many targets are in which state, and the absent.

    What changed since its first look is told by its change.
    """
    absent = [
        [row.app_id, row.name, row.store, row.storefront, row.state]
        for row in fresh
        if row.is_first and row.state not in ("available", "unknown")
    ]
    return {"states": dict(Counter(row.state for row in fresh)), "absent": absent}
