"""Notices beside the changes: suspected, cleared, disputed, retracted; and whom they are told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from appwatch.db.ids import make_id
from appwatch.db.outbox import Letter, Status, Subject, join, queues_of, tell_notice
from appwatch.db.tables import (
    apps,
    changes,
    deliveries,
    delivery_changes,
    delivery_notices,
    notices,
)
from appwatch.domain.routing import Route, Topic, is_urgent

SUSPECTED, CLEARED, DISPUTED, RETRACTED = "suspected", "cleared", "disputed", "retracted"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told beside changes. `content` is JSON: names as they were, times in RFC 3339."""

    id: str
    kind: str
    at: datetime
    app_id: str
    content: Mapping[str, Any]
    target_id: int | None = None
    change_id: str | None = None

    @classmethod
    def new(
        cls,
        kind: str,
        now: datetime,
        app_id: str,
        content: Mapping[str, Any],
        *,
        about: tuple[int | None, str | None],
    ) -> "Notice":
        """Return a notice about a target, or about a change of it, with an id of its own."""
        return cls(make_id("n", now), kind, now, app_id, content, *about)


def write(connection: Connection, notice: Notice) -> Notice:
    """Keep a notice and return it."""
    values = {**asdict(notice), "content": dict(notice.content)}
    connection.execute(insert(notices).values(values))
    return notice


def tell(connection: Connection, notice: Notice, routes: Sequence[Route], now: datetime) -> None:
    """Queue the notice for these channels; those of one app and kind are told together."""
    key, topic = f"{notice.kind} {notice.app_id}", _topic(connection, notice)
    for route in routes:
        urgent = is_urgent(route, topic)
        letter = Letter(route.channel, Subject.NOTICES, now, now, urgent, group_key=key)
        delivery = join(connection, route, letter, queues_of(notice.target_id))
        tell_notice(connection, delivery, notice.id, notice.target_id)


def _topic(connection: Connection, notice: Notice) -> Topic:
    tags = connection.execute(select(apps.c.tags).where(apps.c.id == notice.app_id)).scalar()
    place = (notice.content.get("store", ""), notice.content.get("storefront", ""))
    return Topic(notice.kind, notice.app_id, tags or [], *place)


def heard_of_suspicion(connection: Connection, target_id: int) -> list[str]:
    """Return the channels whose last word on this target is that it is suspected to be gone."""
    latest = (
        select(notices.c.id, notices.c.kind, notices.c.at)
        .where(notices.c.target_id == target_id, notices.c.kind.in_((SUSPECTED, CLEARED)))
        .order_by(notices.c.at.desc(), notices.c.id.desc())
        .limit(1)
    )
    row = connection.execute(latest).first()
    if row is None or row.kind != SUSPECTED:
        return []
    came = (changes.c.target_id == target_id, changes.c.confirmed_at >= row.at)
    if connection.execute(select(changes.c.id).where(*came).limit(1)).first() is not None:
        return []  # what it came to was told
    query = (
        select(deliveries.c.channel)
        .join(delivery_notices, delivery_notices.c.delivery_id == deliveries.c.id)
        .where(delivery_notices.c.notice_id == row.id)
        .distinct()
    )
    return sorted(connection.execute(query).scalars())


def told_of_change(connection: Connection, change_id: str) -> tuple[list[str], list[str]]:
    """Return the channels that may have been told of a change, and those that surely were not yet.

    A message that waits for these tells the change as it is by then: retracted, where it was.
    """
    telling = select(delivery_changes.c.delivery_id).where(
        delivery_changes.c.change_id == change_id
    )
    mine = deliveries.c.id.in_(telling)
    # A sender claims by the same row: whoever is second sees what the first one did.
    untold = (deliveries.c.status == Status.QUEUED.value, ~deliveries.c.possible_repeat)
    held = update(deliveries).where(mine, *untold).values(status=Status.QUEUED.value)
    waiting = connection.execute(held.returning(deliveries.c.channel)).scalars().all()
    sent = deliveries.c.status.in_((Status.SENDING.value, Status.SENT.value))
    query = select(deliveries.c.channel).where(mine, sent | deliveries.c.possible_repeat).distinct()
    told = sorted(connection.execute(query).scalars())
    return told, sorted(set(waiting) - set(told))


def of_delivery(connection: Connection, delivery_id: int) -> list[Notice]:
    """Return the notices that a delivery carries, in order of time."""
    query = (
        select(notices)
        .join(delivery_notices, delivery_notices.c.notice_id == notices.c.id)
        .where(delivery_notices.c.delivery_id == delivery_id)
        .order_by(notices.c.at, notices.c.id)
    )
    return [notice_row(row) for row in connection.execute(query)]


def notice_row(row: Row[Any]) -> Notice:
    """Return a row of the notices as messages need it."""
    return Notice(row.id, row.kind, row.at, row.app_id, row.content, row.target_id, row.change_id)


def routes_of(routes: Sequence[Route], channels: Collection[str]) -> list[Route]:
    """Return the routes of these channels; one that the watchlist has no more has a plain one."""
    known = {route.channel: route for route in routes}
    return [known.get(channel, Route(channel)) for channel in channels]
