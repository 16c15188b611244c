"""Adds up the sweeps of long ago, so that coverage stays exact and rows stay few."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    delete,
    exists,
    insert,
    select,
    type_coerce,
    union_all,
    update,
)

from appwatch.db import lists
from appwatch.db.engine import Database
from appwatch.db.tables import changes, from_ms, observations, sweep_days, sweeps, targets
from appwatch.domain.model import Place

KEPT_WHOLE = timedelta(days=90)  # after which the sweeps of a day are added up
DAY = timedelta(days=1)
_DAY_MS = DAY // timedelta(milliseconds=1)
_COUNTERS = ("planned", "done", "late", "missed_rounds")

# When something was seen that a change rests on, or will: the sweep of that moment proves it.
_Moments = Mapping[Place, Sequence[datetime]]


def add_up(database: Database, now: datetime) -> int:
    """Add up the sweeps of each whole day (UTC) that is 90 days old; return how many.

    A sweep that proves a change, or will prove the next one, is left as it is. Each day is one
    transaction. Raises DatabaseError.
    """
    until = from_ms(int((now - KEPT_WHOLE).timestamp() * 1000) // _DAY_MS * _DAY_MS)
    day = type_coerce(sweeps.c.started_at, BigInteger) // _DAY_MS
    with database.read() as connection:
        old = select(day.label("day")).where(sweeps.c.started_at < until).distinct()
        days = [from_ms(n * _DAY_MS) for n in sorted(connection.execute(old).scalars())]
        moments = _moments(connection, until) if days else {}
    added = 0
    for begin in days:
        with database.write() as connection:
            added += _add_up_day(connection, begin, moments)
    return added


def _moments(connection: Connection, until: datetime) -> _Moments:
    """Return the moments before then at which something was last seen to hold."""
    settled = select(targets.c.store, targets.c.storefront, targets.c.last_settled_at.label("at"))
    before = select(changes.c.store, changes.c.storefront, changes.c.before_at)
    both = union_all(
        settled.where(targets.c.last_settled_at < until + DAY),
        before.where(changes.c.before_at < until + DAY),
    ).subquery()
    found: dict[Place, list[datetime]] = {}
    for store, storefront, at in connection.execute(select(both).distinct()):
        found.setdefault(Place(store, storefront), []).append(at)
    return found


def _add_up_day(connection: Connection, begin: datetime, moments: _Moments) -> int:
    observed = exists().where(observations.c.sweep_id == sweeps.c.id)
    query = select(sweeps).where(
        sweeps.c.started_at >= begin, sweeps.c.started_at < begin + DAY, ~observed
    )
    by_place: dict[Place, list[Row[Any]]] = {}
    for row in connection.execute(query):
        place = Place(row.store, row.storefront)
        if not any(_spans(row, at) for at in moments.get(place, ())):
            by_place.setdefault(place, []).append(row)
    for place, rows in by_place.items():
        _add(connection, place, begin, rows)
    ids = [row.id for rows in by_place.values() for row in rows]
    gone = delete(sweeps).where(sweeps.c.id.in_(lists.numbers(connection.dialect.name, "ids")))
    connection.execute(gone, {"ids": msgspec.json.encode(ids).decode()})
    return len(ids)


def _spans(sweep: Row[Any], at: datetime) -> bool:
    """Whether a sweep was under way then; one that never ended was so for a day at most."""
    ended_at: datetime = sweep.finished_at or sweep.started_at + DAY
    return bool(sweep.started_at <= at <= ended_at)


def _add(connection: Connection, place: Place, day: datetime, rows: Sequence[Row[Any]]) -> None:
    """Add these sweeps to the storefront's day."""
    key = {**place._asdict(), "day": day}
    mine = [sweep_days.c[name] == value for name, value in key.items()]
    known = connection.execute(select(sweep_days).where(*mine)).first()
    sums = {name: sum(getattr(row, name) for row in rows) for name in _COUNTERS}
    sums |= {"sweeps": len(rows), "left_out": sum(r.planned * r.missed_rounds for r in rows)}
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update(row.inconclusive)
    if known is None:
        connection.execute(insert(sweep_days).values(**key, **sums, inconclusive=dict(reasons)))
        return
    reasons.update(known.inconclusive)
    more = {name: getattr(known, name) + count for name, count in sums.items()}
    connection.execute(update(sweep_days).where(*mine).values(**more, inconclusive=dict(reasons)))
