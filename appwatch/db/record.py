"""Records what dialogues found: looks, states, changes and their deliveries at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Update, bindparam, case, select, update

from appwatch.db import holds, lists
from appwatch.db.holds import Hold
from appwatch.db.ledger import Ledger
from appwatch.db.standing import COLUMNS
from appwatch.db.sweeping import Recorded, Seen, Sweep, Terms
from appwatch.db.tables import Moment, sweeps, targets
from appwatch.domain.state import SETTLED
from appwatch.domain.timing import next_round

_PLAIN = {state.value: outcome for state, outcome in SETTLED.items()}
# Targets that nothing speaks against, and whose last look was conclusive.
_STEADY = (targets.c.tallies.is_(None), targets.c.lapse_id.is_(None))

# What one dialogue found, and the rows of the exchanges that are kept of it, by position.
Found = tuple[Sequence[Seen], Mapping[int, int]]


def record(
    connection: Connection, sweep: Sweep, found: Sequence[Found], terms: Terms, now: datetime
) -> list[Recorded]:
    """Record what dialogues found, all of it or nothing; one write transaction's work.

    States are read here, inside the transaction: what another process recorded meanwhile
    counts.
    """
    seen = [one for dialogue, _ in found for one in dialogue]
    held = _repeat(connection, seen, next_round(now, terms.every, str(sweep.place)))
    recorded = [Recorded(due, saw, due.state) for due, saw, _ in seen if due.id in held]
    for dialogue, kept in found if len(recorded) < len(seen) else ():
        moved = [one for one in dialogue if one.due.id not in held]
        if moved:
            recorded += _advance(connection, sweep, moved, kept, terms, now)
    _count(connection, sweep, seen)
    return recorded


def _repeat(connection: Connection, seen: Sequence[Seen], due_at: datetime) -> set[int]:
    """Note that states hold, without a new row or a byte more; return the targets that do so."""
    groups: dict[tuple[str, datetime, bytes], list[int]] = {}
    for due, saw, answer in seen:
        if _PLAIN.get(due.state) is saw.outcome and not due.unsettled:
            groups.setdefault((due.state, saw.seen_at, answer), []).append(due.id)
    if not groups:
        return set()
    rows = [_repetition(key, ids, due_at) for key, ids in groups.items()]
    updated = connection.execute(_hold(connection.dialect.name), rows).rowcount
    held = {target_id for ids in groups.values() for target_id in ids}
    return held if updated == len(held) else _steady(connection, groups)


def _repetition(
    key: tuple[str, datetime, bytes], ids: Sequence[int], due_at: datetime
) -> dict[str, Any]:
    state, at, answer = key
    return {
        "of_state": state,
        "at": at,
        "answer": answer,
        "due_at": due_at,
        "ids": msgspec.json.encode(ids).decode(),
    }


@cache
def _hold(dialect: str) -> Update:
    """Return the statement that notes one more look at targets whose state holds."""
    at, last = bindparam("at", type_=Moment), targets.c.last_looked_at
    latest = case((last > at, last), else_=at)  # times never run backwards
    return (
        update(targets)
        .where(
            targets.c.id.in_(lists.numbers(dialect, "ids")),
            targets.c.state == bindparam("of_state"),
            *_STEADY,
        )
        .values(
            looks=targets.c.looks + 1,
            last_looked_at=latest,
            last_conclusive_at=latest,
            last_settled_at=latest,
            next_look_at=bindparam("due_at", type_=Moment),
            last_answer=bindparam("answer"),
        )
    )


def _steady(
    connection: Connection, groups: Mapping[tuple[str, datetime, bytes], Sequence[int]]
) -> set[int]:
    """Return those whose state another process, or an open lapse, did not put in question.

    What the statement above writes does not change whether it applies.
    """
    held: set[int] = set()
    for (state, _, _), ids in groups.items():
        query = select(targets.c.id).where(targets.c.state == state, *_STEADY)
        wanted = lists.numbers(connection.dialect.name, "ids")
        bound = {"ids": msgspec.json.encode(ids).decode()}
        held.update(connection.execute(query.where(targets.c.id.in_(wanted)), bound).scalars())
    return held


def _count(connection: Connection, sweep: Sweep, seen: Sequence[Seen]) -> None:
    """Write the sweep's counters."""
    sweep.done += len(seen)
    for one in seen:
        reason = one.observation.reason
        if reason is not None:
            sweep.inconclusive[reason.value] = sweep.inconclusive.get(reason.value, 0) + 1
    connection.execute(
        update(sweeps)
        .where(sweeps.c.id == sweep.id)
        .values(
            done=sweep.done,
            late=sweep.late,
            missed_rounds=sweep.missed_rounds,
            inconclusive=dict(sweep.inconclusive),
        )
    )


def _advance(
    connection: Connection,
    sweep: Sweep,
    moved: Sequence[Seen],
    kept: Mapping[int, int],
    terms: Terms,
    now: datetime,
) -> list[Recorded]:
    """Move the states that something speaks against, and write all that follows."""
    query = select(*COLUMNS).where(targets.c.id.in_([one.due.id for one in moved]))
    rows = {row.id: row for row in connection.execute(query)}
    found = _holds(connection, sweep, moved, terms, now)
    ledger = Ledger(connection, sweep, terms, now, found)
    recorded = [ledger.enter(rows[s.due.id], s, kept) for s in moved if s.due.id in rows]
    ledger.flush()
    if found:
        holds.settle(connection, sweep.place, now)
    return recorded


def _holds(
    connection: Connection, sweep: Sweep, moved: Sequence[Seen], terms: Terms, now: datetime
) -> list[Hold]:
    """Return the holds over this storefront, one opened now if too much is newly missing."""
    leaving = [
        one.due.id
        for one in moved
        if one.due.state in holds.LISTED
        and one.observation.conclusive
        and one.observation.outcome is not _PLAIN[one.due.state]
    ]
    if not leaving:
        return holds.open_over(connection, sweep.place)
    return holds.consider(connection, sweep.place, leaving, terms.hold, terms.every, now)
