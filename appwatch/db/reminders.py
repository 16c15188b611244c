"""Reminders: what a channel was told is gone, and is still gone, is told again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from appwatch.db import outbox, silences
from appwatch.db.deliveries import overtaken
from appwatch.db.outbox import Letter, Status, Subject, post, tell_change, waiting
from appwatch.db.rows import topic_of
from appwatch.db.tables import changes, deliveries, delivery_changes, reminders, targets
from appwatch.domain.routing import Route, next_reminder, silenced_by, wants, when
from appwatch.domain.state import DEPARTURES

_AT_ONCE = 1000  # reminders of one round
_TOPIC = (
    changes.c.id,
    changes.c.kind,
    changes.c.app_id,
    changes.c.tags,
    changes.c.store,
    changes.c.storefront,
    changes.c.confirmed_at,
)


def plan(
    connection: Connection, route: Route, change_id: str, since: datetime, now: datetime
) -> None:
    """Note when a channel is to be reminded of a departure, if it wants to be."""
    due_at = next_reminder(route.remind, since, now)
    if due_at is not None:
        values = {"channel": route.channel, "change_id": change_id, "due_at": due_at}
        connection.execute(insert(reminders).values(values))


def catch_up(connection: Connection, routes: Sequence[Route], now: datetime) -> None:
    """Plan reminders of what channels were told is gone, and is, by the routes as they are now.

    What is due already stays due.
    """
    for route in (one for one in routes if one.remind):
        for row in connection.execute(_told_and_lasting(route.channel)).all():
            topic = topic_of(row)
            due_at = next_reminder(route.remind, row.confirmed_at, now)
            if row.due_at is None and wants(route, topic):
                plan(connection, route, row.id, row.confirmed_at, now)
            elif row.due_at is not None and now < row.due_at != due_at:
                mine = (reminders.c.channel == route.channel, reminders.c.change_id == row.id)
                connection.execute(update(reminders).where(*mine).values(due_at=due_at))


def carry_over(connection: Connection, kept: Sequence[Mapping[str, Any]]) -> None:
    """Let who was to be reminded of what was so before these changes be so of the last of them.

    They are of one target, in their order, and told to nobody, for in the end nothing was
    otherwise: it departed again.
    """
    if not kept or kept[-1]["kind"] not in DEPARTURES:
        return
    last = kept[-1]["id"]
    before = select(changes.c.id).where(
        changes.c.app_id == kept[0]["app_id"],  # there is an index on it
        changes.c.target_id == kept[0]["target_id"],
        changes.c.confirmed_at < kept[0]["confirmed_at"],
        changes.c.retracted_at.is_(None),
    )
    latest = before.order_by(changes.c.confirmed_at.desc()).limit(1).scalar_subquery()
    planned = select(reminders.c.channel).where(reminders.c.change_id == last)
    mine = (reminders.c.change_id == latest, reminders.c.channel.not_in(planned))
    connection.execute(update(reminders).where(*mine).values(change_id=last))


def are_due(connection: Connection, now: datetime) -> bool:
    """Whether a reminder's time has come, or one that waits is of something that is over."""
    return bool(connection.execute(_over().limit(1)).first() or _audible(connection, now))


def withdraw(connection: Connection, now: datetime) -> None:
    """Take back the reminders that wait of what is over; what else they told is due again."""
    over = connection.execute(_over()).all()
    outbox.withdraw(connection, [row.id for row in over], now)
    for row in over:
        told = select(delivery_changes.c.change_id).where(delivery_changes.c.delivery_id == row.id)
        again = update(reminders).where(
            reminders.c.channel == row.channel, reminders.c.change_id.in_(told)
        )
        connection.execute(again.values(due_at=now))


def queue_due(connection: Connection, routes: Sequence[Route], now: datetime) -> int:
    """Queue what is still gone and due, one message a channel; return how many messages.

    A reminder ends with what it is about: with the next change of its target, a retraction,
    or when nobody looks there any more; and when the channel does not want to hear of it.
    """
    wanted = {route.channel: route for route in routes}
    told: dict[str, list[Row[Any]]] = {}
    for row in _audible(connection, now):
        route = wanted.get(row.channel)
        topic = topic_of(row)
        wanting = route is not None and row.lasts and wants(route, topic)
        due_at = next_reminder(route.remind, row.confirmed_at, now) if route and wanting else None
        if due_at is None:
            connection.execute(delete(reminders).where(*_own(row)))
            continue
        connection.execute(update(reminders).where(*_own(row)).values(due_at=due_at))
        if not row.untold:
            told.setdefault(row.channel, []).append(row)
    for channel, rows in told.items():
        _queue(connection, wanted[channel], rows, now)
    return len(told)


def _audible(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Return what is due and in no silence; what is in one is due until it ends."""
    due = connection.execute(_due(now)).all()
    scopes = silences.active(connection, now) if due else []
    return [row for row in due if not silenced_by(scopes, topic_of(row))][:_AT_ONCE]


def _lasts() -> ColumnElement[bool]:
    """Return whether what a change tells is still so; of changes joined with their targets."""
    return and_(
        changes.c.retracted_at.is_(None),
        targets.c.watched,
        targets.c.state == changes.c.to_state,
        ~overtaken(),
    )


def _told_and_lasting(channel: str) -> Any:  # noqa: ANN401 - a Select of many columns
    """Return the query for the departures that last, that the channel was told or is to be."""
    told = exists().where(
        delivery_changes.c.change_id == changes.c.id,
        deliveries.c.id == delivery_changes.c.delivery_id,
        deliveries.c.channel == channel,
    )
    mine = and_(reminders.c.channel == channel, reminders.c.change_id == changes.c.id)
    return (
        select(*_TOPIC, reminders.c.due_at)
        .join(targets, targets.c.id == changes.c.target_id)
        .outerjoin(reminders, mine)
        .where(changes.c.kind.in_(DEPARTURES), _lasts(), told)
    )


def _over() -> Any:  # noqa: ANN401 - a Select of two columns
    """Return the query for the reminders that wait of something that is over."""
    return (
        select(deliveries.c.id, deliveries.c.channel)
        .join(delivery_changes, delivery_changes.c.delivery_id == deliveries.c.id)
        .join(changes, changes.c.id == delivery_changes.c.change_id)
        .join(targets, targets.c.id == changes.c.target_id)
        .where(
            waiting(deliveries.c.status),
            deliveries.c.status == Status.QUEUED.value,
            deliveries.c.subject == Subject.REMINDER.value,
            ~_lasts(),
        )
        .distinct()
    )


def _due(now: datetime) -> Any:  # noqa: ANN401 - a Select of many columns
    """Return the query for what is due: the change, whether it lasts and was told at all.

    What looks have seen otherwise, and have not confirmed, is due once that is settled.
    """
    untold = exists().where(
        delivery_changes.c.change_id == changes.c.id,
        deliveries.c.id == delivery_changes.c.delivery_id,
        deliveries.c.channel == reminders.c.channel,
        waiting(deliveries.c.status),
    )
    return (
        select(
            reminders.c.channel,
            *_TOPIC,
            changes.c.target_id,
            changes.c.incident_id,
            targets.c.last_settled_at,
            targets.c.next_look_at,
            targets.c.lapse_id,
            _lasts().label("lasts"),
            untold.label("untold"),
        )
        .join(changes, changes.c.id == reminders.c.change_id)
        .join(targets, targets.c.id == changes.c.target_id)
        .where(reminders.c.due_at <= now, or_(targets.c.tallies.is_(None), ~_lasts()))
        .order_by(reminders.c.due_at, changes.c.id)
    )


def _own(row: Row[Any]) -> tuple[Any, Any]:
    return reminders.c.channel == row.channel, reminders.c.change_id == row.id


def _seen_at(row: Row[Any]) -> datetime:
    """Return when a look last saw that it lasts."""
    seen_at: datetime = row.last_settled_at or row.confirmed_at
    return seen_at


def _is_unsure(row: Row[Any], now: datetime) -> bool:
    """Whether no look could tell since then: all were inconclusive, or two rounds left out."""
    left_out = now - row.next_look_at > row.next_look_at - _seen_at(row)
    return row.lapse_id is not None or bool(left_out)


def _queue(connection: Connection, route: Route, rows: Sequence[Row[Any]], now: datetime) -> None:
    content = {
        "as_of": min(_seen_at(row) for row in rows).isoformat(),
        "unsure": sum(_is_unsure(row, now) for row in rows),
    }
    letter = Letter(route.channel, Subject.REMINDER, now, when(route, now, None), content=content)
    delivery = post(connection, letter)
    for row in rows:
        tell_change(connection, delivery, row.id, row.target_id, row.incident_id)
