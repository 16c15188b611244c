"""Notices beside the changes: suspected, cleared, disputed, retracted; and whom they are told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from appwatch.db.ids import make_id
from appwatch.db.tables import changes, deliveries, delivery_changes, delivery_notices, notices

SUSPECTED, CLEARED, DISPUTED, RETRACTED = "suspected", "cleared", "disputed", "retracted"
NOTICES = "notices"  # the subject of their deliveries


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


def tell(connection: Connection, notice: Notice, channels: Sequence[str], now: datetime) -> None:
    """Queue the notice for these channels, together with what waits of the same app and kind."""
    key = f"{notice.kind} {notice.app_id}"
    for channel in channels:
        delivery = _waiting(connection, channel, key)
        if delivery is None:
            values = {
                "channel": channel,
                "subject": NOTICES,
                "group_key": key,
                "content": {},
                "status": "queued",
                "created_at": now,
                "not_before": now,
            }
            query = insert(deliveries).values(values).returning(deliveries.c.id)
            delivery = int(connection.execute(query).scalar_one())
        link = {"delivery_id": delivery, "notice_id": notice.id}
        connection.execute(insert(delivery_notices).values(link))


def _waiting(connection: Connection, channel: str, key: str) -> int | None:
    """Return a message of the same kind and app that nobody has begun to send."""
    untouched = (
        deliveries.c.channel == channel,
        deliveries.c.group_key == key,
        deliveries.c.status == "queued",
        deliveries.c.attempts == 0,
    )
    found = connection.execute(select(deliveries.c.id).where(*untouched).limit(1)).scalar()
    if found is None:
        return None
    # A sender claims by the same row: whoever is second sees what the first one did.
    held = update(deliveries).where(deliveries.c.id == found, *untouched).values(status="queued")
    return int(found) if connection.execute(held).rowcount == 1 else None


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


def told_of_change(connection: Connection, change_id: str) -> list[str]:
    """Return the channels that were told of a change, or are about to be."""
    query = (
        select(deliveries.c.channel)
        .join(delivery_changes, delivery_changes.c.delivery_id == deliveries.c.id)
        .where(delivery_changes.c.change_id == change_id)
        .distinct()
    )
    return sorted(connection.execute(query).scalars())


def of_delivery(connection: Connection, delivery_id: int) -> list[Notice]:
    """Return the notices that a delivery carries, in order of time."""
    query = (
        select(notices)
        .join(delivery_notices, delivery_notices.c.notice_id == notices.c.id)
        .where(delivery_notices.c.delivery_id == delivery_id)
        .order_by(notices.c.at, notices.c.id)
    )
    return [
        Notice(r.id, r.kind, r.at, r.app_id, r.content, r.target_id, r.change_id)
        for r in connection.execute(query)
    ]
