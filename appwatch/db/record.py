"""Records what one dialogue found: looks, states, changes and their deliveries at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, type_coerce, update
from sqlalchemy.types import BigInteger

from appwatch.db.ledger import Ledger, Recorded, Seen, Sweep, Terms
from appwatch.db.standing import COLUMNS
from appwatch.db.tables import from_ms, sweeps, targets, to_ms
from appwatch.domain.model import Place
from appwatch.domain.state import SETTLED
from appwatch.domain.timing import next_round

_PLAIN = {state.value: outcome for state, outcome in SETTLED.items()}


def record(
    connection: Connection,
    sweep: Sweep,
    seen: Sequence[Seen],
    kept: Mapping[int, int],
    terms: Terms,
    now: datetime,
) -> list[Recorded]:
    """Record what one dialogue found, all of it or nothing; one write transaction's work.

    `kept` maps positions of exchanges to their rows. States are read here, inside the
    transaction: what another process recorded meanwhile counts.
    """
    ids = [s.due.id for s in seen]
    plain, moved = _part(connection, seen, ids)
    if plain:
        _repeat(connection, plain, sweep.place, terms, now)
    recorded = [Recorded(s.due, s.observation, s.due.state) for s, _ in plain]
    if moved:
        recorded += _advance(connection, sweep, moved, kept, terms, now)
    _count(connection, sweep, seen)
    return recorded


def _part(
    connection: Connection, seen: Sequence[Seen], ids: Sequence[int]
) -> tuple[list[tuple[Seen, int]], list[Seen]]:
    """Part what merely repeats its state (with the time last looked at) from the rest."""
    query = select(
        targets.c.id,
        targets.c.state,
        targets.c.tallies.is_(None) & targets.c.lapse_id.is_(None),
        type_coerce(targets.c.last_looked_at, BigInteger),
    ).where(targets.c.id.in_(ids))
    rows = {row[0]: row for row in connection.execute(query)}
    plain: list[tuple[Seen, int]] = []
    moved: list[Seen] = []
    for one in seen:
        row = rows.get(one.due.id)
        if row is None:
            continue
        if row[2] and _PLAIN.get(row[1]) is one.observation.outcome:
            plain.append((one, row[3]))
        else:
            moved.append(one)
    return plain, moved


def _repeat(
    connection: Connection,
    plain: Sequence[tuple[Seen, int]],
    place: Place,
    terms: Terms,
    now: datetime,
) -> None:
    """Note that states hold: one statement, no new row, not a byte more."""
    due_at = next_round(now, terms.every, str(place))
    by_answer: dict[bytes, list[tuple[Seen, int]]] = {}
    for one, last in plain:
        by_answer.setdefault(one.answer, []).append((one, last))
    for answer, group in by_answer.items():
        latest = max(max(last, to_ms(one.observation.seen_at)) for one, last in group)
        at = from_ms(latest)
        connection.execute(
            update(targets)
            .where(targets.c.id.in_([one.due.id for one, _ in group]))
            .values(
                looks=targets.c.looks + 1,
                last_looked_at=at,
                last_conclusive_at=at,
                last_settled_at=at,
                next_look_at=due_at,
                last_answer=answer,
            )
        )


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
    ledger = Ledger(connection, sweep, terms, now)
    recorded = [ledger.enter(rows[one.due.id], one, kept) for one in moved]
    ledger.flush()
    return recorded
