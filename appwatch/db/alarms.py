"""The operators' alarms: each is told once, by one process, and so is its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from appwatch.db import operators
from appwatch.db.ids import make_id
from appwatch.db.operators import Event
from appwatch.db.tables import alarms, sweeps
from appwatch.domain.alarms import LOCAL, ROUNDS, AlarmKind, Fact, Patience, Step, step
from appwatch.domain.routing import Route

ALARM, ALARM_OVER = "alarm", "alarm_over"  # the events that operators are told of
LEFT: Final = timedelta(days=1)  # a vantage that has not looked for so long is gone


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that was told: `content` is JSON, as it was then; `ended_at` None while it stands.

    `since` is when its trouble began; it ended when the trouble was gone.
    """

    id: str
    kind: AlarmKind
    content: Mapping[str, Any]
    since: datetime
    opened_at: datetime
    ended_at: datetime | None


def keep(
    connection: Connection,
    facts: Sequence[Fact],
    vantage: str,
    patience: Patience,
    routes: Sequence[Route],
    now: datetime,
) -> list[tuple[Step, Alarm]]:
    """Bring the alarms in line with the trouble there is; tell, and return, what opened or ended.

    `facts` are all that is known at this vantage; what another one alone knows stays as it is,
    as long as it looks.
    """
    found = {fact.key: fact for fact in facts}
    left_by = now - max(LEFT, ROUNDS * patience.every)
    known = {row.key for row in _judged(connection, vantage, left_by)}
    for new in found.keys() - known:
        _meet(connection, found[new], vantage, now)
    told: list[tuple[Step, Alarm]] = []
    for row in _judged(connection, vantage, left_by):
        fact = found.get(row.key)
        times = (row.met_at, row.opened_at, row.quiet_since)
        taken = step(AlarmKind(row.kind), times, now, patience, stands=fact is not None)
        if taken is None or not _take(connection, row, taken, fact, now):
            continue
        if taken in (Step.OPENED, Step.ENDED):
            alarm = _alarm(connection.execute(select(alarms).where(alarms.c.id == row.id)).one())
            _tell(connection, taken, alarm, routes, now)
            told.append((taken, alarm))
    return told


def any_under_way(connection: Connection) -> bool:
    """Whether there is an alarm that is not over, told or not yet."""
    query = select(alarms.c.id).where(alarms.c.ended_at.is_(None)).limit(1)
    return connection.execute(query).first() is not None


def standing(connection: Connection) -> list[Alarm]:
    """Return the alarms that were told and are not over, the oldest first."""
    return listed(connection, ended=False)[::-1]


def listed(connection: Connection, *, ended: bool = True) -> list[Alarm]:
    """Return the alarms that were ever told, the newest first; without `ended`, what stands."""
    query = select(alarms).where(alarms.c.opened_at.is_not(None))
    if not ended:
        query = query.where(alarms.c.ended_at.is_(None))
    order = (alarms.c.opened_at.desc(), alarms.c.id.desc())
    return [_alarm(row) for row in connection.execute(query.order_by(*order))]


def _judged(connection: Connection, vantage: str, left_by: datetime) -> list[Row[Any]]:
    """Return what is not over, told or not yet, and can be judged from here.

    So can what only a vantage knew that neither met trouble nor looked at a store since then.
    """
    looks = exists().where(sweeps.c.vantage == alarms.c.vantage, sweeps.c.started_at >= left_by)
    here = or_(alarms.c.vantage.is_(None), alarms.c.vantage == vantage)
    gone = and_(alarms.c.met_at < left_by, ~looks)
    query = select(alarms).where(alarms.c.ended_at.is_(None), or_(here, gone))
    return list(connection.execute(query.order_by(alarms.c.met_at, alarms.c.id)))


def _meet(connection: Connection, fact: Fact, vantage: str, now: datetime) -> None:
    """Note trouble that is new, unless another process has meanwhile."""
    values = {
        "id": make_id("a", now),
        "key": fact.key,
        "kind": fact.kind.value,
        "vantage": vantage if fact.kind in LOCAL else None,
        "content": dict(fact.content),
        "met_at": now,
        "since": fact.since or now,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(alarms).values(values).on_conflict_do_nothing())


def _take(
    connection: Connection, row: Row[Any], taken: Step, fact: Fact | None, now: datetime
) -> bool:
    """Write a step; return whether it was ours: another process may have taken it."""
    mine = alarms.c.id == row.id
    if taken is Step.FORGOTTEN:
        untold = (mine, alarms.c.opened_at.is_(None))
        return connection.execute(delete(alarms).where(*untold)).rowcount == 1
    content = dict(fact.content) if fact else row.content
    befores: dict[Step, ColumnElement[bool]] = {
        Step.OPENED: alarms.c.opened_at.is_(None),
        Step.QUIET: alarms.c.quiet_since.is_(None),
        Step.BACK: alarms.c.quiet_since.is_not(None),
        Step.ENDED: alarms.c.quiet_since.is_not(None),
    }
    values: dict[Step, dict[str, Any]] = {
        Step.OPENED: {"opened_at": now, "content": content},
        Step.QUIET: {"quiet_since": now},
        Step.BACK: {"quiet_since": None},
        Step.ENDED: {"ended_at": row.quiet_since},
    }
    where = (mine, alarms.c.ended_at.is_(None), befores[taken])
    return connection.execute(update(alarms).where(*where).values(values[taken])).rowcount == 1


def _tell(
    connection: Connection, taken: Step, alarm: Alarm, routes: Sequence[Route], now: datetime
) -> None:
    ended = alarm.ended_at.isoformat() if alarm.ended_at else None
    content = {
        **alarm.content,
        "kind": alarm.kind.value,
        "since": alarm.since.isoformat(),
        "ended_at": ended,
    }
    if taken is Step.OPENED:
        operators.tell(connection, Event(ALARM, content, alarm.id), routes, now)
    else:
        operators.tell_end(connection, Event(ALARM_OVER, content, alarm.id), routes, now)


def _alarm(row: Row[Any]) -> Alarm:
    return Alarm(row.id, AlarmKind(row.kind), row.content, row.since, row.opened_at, row.ended_at)
