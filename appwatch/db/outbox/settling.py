"""Notes how an attempt ended: in the log, in the delivery, in what is known of its channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, literal, select, update

from appwatch.db import channels
from appwatch.db.outbox.standing import Claimed, Result, Status, channel_of
from appwatch.db.tables import Moment, attempts, deliveries
from appwatch.domain.routing import tried_again_at

LOST_WORDS: Final = "The process that was sending it ended before it noted how that went."


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: the service's words, without any address, and what was sent.

    `retry_after` is how long the service asked to be left alone.
    """

    result: Result
    words: str
    title: str | None = None
    body: str | None = None
    retry_after: timedelta | None = None


def settle(
    connection: Connection,
    claimed: Claimed,
    owner: str,
    attempt: Attempt,
    now: datetime,
) -> Status | None:
    """Note how the attempt ended; return the delivery's status, None if the lease was lost.

    The attempt is logged either way, and so is how its channel fares. Whoever took the lease
    over settles the delivery.
    """
    _log(connection, claimed.id, attempt, now)
    channel = channel_of(connection, claimed.id)  # it may have been renamed meanwhile
    if attempt.result is Result.SENT:
        channels.note_sent(connection, channel, now)
    else:
        channels.note_failed(connection, channel, now, attempt.retry_after)
    values = _settled(attempt, claimed.attempts, now)
    mine = (
        deliveries.c.id == claimed.id,
        deliveries.c.status == Status.SENDING.value,
        deliveries.c.lease_owner == owner,
        deliveries.c.attempts == claimed.attempts,
    )
    done = connection.execute(update(deliveries).where(*mine).values(values))
    return Status(values["status"]) if done.rowcount == 1 else None


def _log(connection: Connection, delivery_id: int, attempt: Attempt, now: datetime) -> None:
    """Add the attempt to the log; its text only where it is not the one before it.

    Where no text could be made an empty one is noted: it is not as before.
    """
    mine = (attempts.c.delivery_id == delivery_id, attempts.c.body.is_not(None))
    noted = select(attempts.c.title, attempts.c.body).where(*mine)
    before = connection.execute(noted.order_by(attempts.c.id.desc()).limit(1)).first()
    text = (None, "") if attempt.body is None else (attempt.title, attempt.body)
    title, body = (None, None) if before is not None and text == tuple(before) else text
    connection.execute(
        insert(attempts).values(
            delivery_id=delivery_id,
            at=now,
            result=attempt.result.value,
            words=attempt.words,
            title=title,
            body=body,
        )
    )


def _settled(attempt: Attempt, number: int, now: datetime) -> dict[str, Any]:
    """Return the columns of a delivery after this attempt."""
    values: dict[str, Any] = {
        "lease_owner": None,
        "lease_until": None,
        "first_tried_at": func.coalesce(deliveries.c.first_tried_at, literal(now, Moment)),
    }
    if attempt.body is not None:
        values |= {"title": attempt.title, "body": attempt.body}
    if attempt.result is Result.AMBIGUOUS:
        values["possible_repeat"] = True
    if attempt.result is Result.SENT:
        return values | {"status": Status.SENT.value, "settled_at": now}
    again_at = tried_again_at(now, number, attempt.retry_after)
    return values | {"status": Status.QUEUED.value, "not_before": again_at}
