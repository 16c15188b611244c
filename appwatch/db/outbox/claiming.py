"""Claims: who may send what, in which order, and how much of it at a time."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from appwatch.db import channels
from appwatch.db.outbox.gathering import GATHERED, sum_up
from appwatch.db.outbox.settling import LOST_WORDS
from appwatch.db.outbox.standing import Claimed, Result, Status, older, waiting
from appwatch.db.tables import Moment, attempts, deliveries, delivery_queues
from appwatch.domain.routing import LONGEST_ASKED, Route, Turn, due_before, turn
from appwatch.domain.timing import SKEW

LONGEST_LEASE = timedelta(hours=1)  # one that lies further ahead: the clock was ahead
RACES = 5  # claims lost to others in a row, before the next round tries again
_MAY_HAVE_ARRIVED = (Result.SENT.value, Result.AMBIGUOUS.value)


def is_ready(connection: Connection, route: Route, now: datetime) -> bool:
    """Whether something can be claimed for the channel now."""
    if channels.is_closed(connection, route.channel, now):
        return False
    found = connection.execute(_FIRST, _by(route, now)).first()
    return found is not None and _turn(connection, route, now).until is None


def claim(
    connection: Connection, route: Route, owner: str, now: datetime, lease: timedelta
) -> Claimed | None:
    """Take the channel's oldest message that may go now, or None if there is none.

    What tells of one incident, or of one target, is told in its order: a channel's last word
    is never an older one. Where the channel's limit leaves room for one message only, all that
    waits becomes that one. A lease that ran out may have sent its message: the next one to
    hold the delivery marks it as a possible repeat.
    """
    if channels.is_closed(connection, route.channel, now):
        return None
    for _ in range(RACES):
        found = connection.execute(_FIRST, _by(route, now)).first()
        if found is None:
            return None
        its_turn = _turn(connection, route, now)
        if its_turn.until is not None:
            return None
        # What cannot be summed up has its turn: much else must not keep it waiting for ever.
        sums_up = its_turn.sum_up and found.subject in GATHERED
        chosen = _summed_up(connection, route, now) if sums_up else None
        if _take(connection, chosen or found, owner, now, now + lease):
            return _claimed(connection, (chosen or found).id)
    return None


def _turn(connection: Connection, route: Route, now: datetime) -> Turn:
    """Return whether the channel's pace and limit leave room for a message."""
    rates = [rate for rate in (route.pace, route.at_most) if rate is not None]
    since = now - max(rate.per for rate in rates)
    query = (
        select(attempts.c.at, attempts.c.result)
        .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
        .where(attempts.c.at > since, deliveries.c.channel == route.channel)
    )
    rows = connection.execute(query).all()
    under_way = [now] * connection.execute(_UNDER_WAY, _by(route, now)).scalar_one()
    tried = [*(row.at for row in rows), *under_way]
    told = [*(row.at for row in rows if row.result in _MAY_HAVE_ARRIVED), *under_way]
    return turn(route, tried, told, now)


def _by(route: Route, now: datetime) -> dict[str, Any]:
    """Return the parameters of the queries below: they are built once, for claims are many."""
    return {
        "channel": route.channel,
        "now": now,
        "due_before": due_before(route, now),
        "ahead": now + SKEW,
        "furthest": now + LONGEST_ASKED + SKEW,
        "furthest_lease": now + LONGEST_LEASE,
        "loud": route.quiet is None or not route.quiet.covers(now),
    }


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=Moment())


def _claimable() -> ColumnElement[bool]:
    """Return what may be claimed: due or abandoned, in its turn, and not hushed."""
    # What was queued, or tried, in the future was so under a clock that was ahead.
    fresh, late = deliveries.c.attempts == 0, deliveries.c.created_at < _moment("due_before")
    in_time = or_(
        deliveries.c.not_before <= _moment("now"),
        and_(fresh, or_(late, deliveries.c.created_at > _moment("ahead"))),
        and_(~fresh, deliveries.c.not_before > _moment("furthest")),
    )
    due = and_(deliveries.c.status == Status.QUEUED.value, in_time)
    abandoned = and_(deliveries.c.status == Status.SENDING.value, _abandoned())
    heard = or_(deliveries.c.urgent, bindparam("loud", type_=Boolean()))
    return and_(waiting(deliveries.c.status), or_(due, abandoned), ~_behind(), heard)


def _abandoned() -> ColumnElement[bool]:
    """Return whether the lease of what is being sent has ended."""
    until = deliveries.c.lease_until
    return or_(until <= _moment("now"), until > _moment("furthest_lease"))


def _behind() -> ColumnElement[bool]:
    """Return whether something older waits in one of the queues that a delivery stands in.

    One inside the other, so that no planner begins with all that waits.
    """
    mine, theirs = delivery_queues.alias("mine"), delivery_queues.alias("theirs")
    ahead = deliveries.alias("ahead")
    same_channel = ahead.c.channel == deliveries.c.channel
    before = (same_channel, waiting(ahead.c.status), older(ahead, deliveries))
    waits = (
        exists().where(ahead.c.id == theirs.c.delivery_id, *before).correlate(theirs, deliveries)
    )
    stands = exists().where(theirs.c.queue == mine.c.queue, waits).correlate(mine, deliveries)
    return exists().where(mine.c.delivery_id == deliveries.c.id, stands)


_MINE = deliveries.c.channel == bindparam("channel")
# What may be claimed, oldest first.
_CANDIDATES: Final[Select[Any]] = (
    select(deliveries.c.id, deliveries.c.status, deliveries.c.attempts, deliveries.c.subject)
    .where(_MINE, _claimable())
    .order_by(deliveries.c.created_at, deliveries.c.id)
)
_FIRST: Final = _CANDIDATES.limit(1)
_SEVERAL: Final = _CANDIDATES.where(
    deliveries.c.subject.in_(GATHERED), deliveries.c.status == Status.QUEUED.value
)
# How many of the channel's messages somebody sends now: another process may.
_UNDER_WAY: Final = select(func.count()).where(
    waiting(deliveries.c.status),
    _MINE,
    deliveries.c.status == Status.SENDING.value,
    ~_abandoned(),
)


def _summed_up(connection: Connection, route: Route, now: datetime) -> Row[Any] | None:
    """Make one message of all that may be claimed, if it is several; return it."""
    ids = [row.id for row in connection.execute(_SEVERAL, _by(route, now))]
    made = sum_up(connection, route.channel, ids, now) if len(ids) > 1 else None
    if made is None:
        return None
    columns: Select[Any] = select(deliveries.c.id, deliveries.c.status, deliveries.c.attempts)
    return connection.execute(columns.where(deliveries.c.id == made)).one()


def _take(
    connection: Connection, found: Row[Any], owner: str, now: datetime, until: datetime
) -> bool:
    """Claim a row that still is as it was found; return whether we were the one."""
    abandoned = found.status == Status.SENDING.value
    as_found = (
        deliveries.c.id == found.id,
        deliveries.c.status == found.status,
        deliveries.c.attempts == found.attempts,
    )
    values = {
        "status": Status.SENDING.value,
        "attempts": found.attempts + 1,
        "lease_owner": owner,
        "lease_until": until,
    }
    if abandoned:
        values["possible_repeat"] = True
    taken = connection.execute(update(deliveries).where(*as_found).values(values)).rowcount == 1
    if taken and abandoned:
        lost = {"delivery_id": found.id, "at": now, "result": Result.AMBIGUOUS.value}
        connection.execute(insert(attempts).values(**lost, words=LOST_WORDS))
    return taken


def _claimed(connection: Connection, delivery_id: int) -> Claimed:
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
    return Claimed(
        row.id,
        row.channel,
        row.subject,
        row.content,
        row.attempts,
        row.possible_repeat,
    )
