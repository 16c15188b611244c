"""Records what dialogues found: looks, states, changes and their deliveries at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Update, and_, bindparam, case, select, update

from appwatch.db import holds, lists
from appwatch.db.due import wake
from appwatch.db.holds import Hold
from appwatch.db.ledger import Ledger
from appwatch.db.standing import COLUMNS
from appwatch.db.sweeping import Recorded, Seen, Sweep, Terms
from appwatch.db.tables import Moment, sweeps, targets
from appwatch.domain.model import Outcome
from appwatch.domain.state import SETTLED
from appwatch.domain.timing import next_round

_PLAIN = {state.value: outcome for state, outcome in SETTLED.items()}
# Targets that nothing speaks against, and whose last look was conclusive. A look may end after
# its target was taken out of the watchlist: it counts for nothing then.
_STEADY = (targets.c.watched, targets.c.tallies.is_(None), targets.c.lapse_id.is_(None))

# What one dialogue found, and the rows of the exchanges that are kept of it, by position.
Found = tuple[Sequence[Seen], Mapping[int, int]]
# Looks that saw the same state at one moment in one answer, by all three.
Repeats = dict[tuple[str, datetime, bytes], list[Seen]]


def record(
    connection: Connection, sweep: Sweep, found: Sequence[Found], terms: Terms, now: datetime
) -> list[Recorded]:
    """Record what dialogues found, all of it or nothing; one write transaction's work.

    States are read here, inside the transaction: what another process recorded meanwhile
    counts.
    """
    due_at = next_round(now, terms.every, str(sweep.place))
    held = _repeat(connection, sweep, _repeated(found), due_at, now)
    recorded = [Recorded(one.due, one.observation, one.due.state) for one in held]
    moved: list[Seen] = []
    if len(held) < sum(len(dialogue) for dialogue, _ in found):
        done = {one.due.id for one in held}
        for dialogue, kept in found:
            left = [one for one in dialogue if one.due.id not in done]
            recorded += _advance(connection, sweep, left, kept, terms, now) if left else []
            moved += left
    _count(connection, sweep, len(held), moved)
    return recorded


def _repeated(found: Sequence[Found]) -> Repeats:
    """Return the looks that saw what their target's state says, those of one moment together."""
    repeats: Repeats = {}
    for dialogue, _ in found:
        for one in dialogue:
            due, saw = one.due, one.observation
            if due.tallies is None and _PLAIN.get(due.state) is saw.outcome:
                repeats.setdefault((due.state, saw.seen_at, one.answer), []).append(one)
    return repeats


def _repeat(
    connection: Connection, sweep: Sweep, repeats: Repeats, due_at: datetime, now: datetime
) -> list[Seen]:
    """Note that states hold, without a new row or a byte more; return the looks that say so."""
    if not repeats:
        return []
    rows = [_repetition(key, seen, due_at) | {"now": now} for key, seen in repeats.items()]
    updated = connection.execute(_hold(connection.dialect.name), rows).rowcount
    wake(connection, sweep.place, due_at)
    held = [one for seen in repeats.values() for one in seen]
    if updated == len(held):
        return held
    steady = _steady(connection, rows)
    return [one for one in held if one.due.id in steady]


def _repetition(
    key: tuple[str, datetime, bytes], seen: Sequence[Seen], due_at: datetime
) -> dict[str, Any]:
    state, at, answer = key
    return {
        "of_state": state,
        "at": at,
        "answer": answer,
        "due_at": due_at,
        "ids": msgspec.json.encode([one.due.id for one in seen]).decode(),
    }


@cache
def _hold(dialect: str) -> Update:
    """Return the statement that notes one more look at targets whose state holds."""
    at, last = bindparam("at", type_=Moment), targets.c.last_looked_at
    # Times never run backwards, but for one that a clock wrote which was ahead.
    later = and_(last > at, last <= bindparam("now", type_=Moment))
    latest = case((later, last), else_=at)
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


def _steady(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return those whose state another process, or an open lapse, did not put in question.

    What the statement above writes does not change whether it applies.
    """
    held: set[int] = set()
    wanted = lists.numbers(connection.dialect.name, "ids")
    query = select(targets.c.id).where(targets.c.id.in_(wanted), *_STEADY)
    for row in rows:
        mine = query.where(targets.c.state == row["of_state"])
        held.update(connection.execute(mine, {"ids": row["ids"]}).scalars())
    return held


def _count(connection: Connection, sweep: Sweep, held: int, moved: Sequence[Seen]) -> None:
    """Write the sweep's counters: so many looks that repeated, and all others."""
    sweep.done += held + len(moved)
    for one in moved:
        reason = one.observation.reason
        if reason is not None:
            sweep.inconclusive[reason.value] = sweep.inconclusive.get(reason.value, 0) + 1
    counters = {
        "of": sweep.id,
        "done": sweep.done,
        "late": sweep.late,
        "missed_rounds": sweep.missed_rounds,
        "inconclusive": sweep.inconclusive,
    }
    connection.execute(_COUNT, counters)


_COUNT = (
    update(sweeps)
    .where(sweeps.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("done", "late", "missed_rounds", "inconclusive")})
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
    of = targets.c.id.in_([one.due.id for one in moved])
    query = select(*COLUMNS).where(of, targets.c.watched)
    rows = {row.id: row for row in connection.execute(query)}
    found = _holds(connection, sweep, moved, terms, now)
    ledger = Ledger(connection, sweep, terms, now, found)
    recorded = []
    for one in [one for one in moved if one.due.id in rows]:
        row = rows[one.due.id]
        if _is_outdated(row, one, now):
            recorded.append(Recorded(one.due, one.observation, row.state))
        else:
            recorded.append(ledger.enter(row, one, kept))
    ledger.flush()
    if found:
        holds.settle(connection, sweep.place, terms.every, now)
    return recorded


def _is_outdated(row: Any, seen: Seen, now: datetime) -> bool:  # noqa: ANN401 - a Row
    """Whether what another wrote during the look leaves nothing of it: it stays due.

    What a look asks twice, and keeps, follows from the state that it began with: in another it
    proves nothing. One that was made before the state was last seen to hold says nothing
    against it, unless the clock was set back since.
    """
    settled_at, saw = row.last_settled_at, seen.observation
    if row.state != seen.due.state:
        return True
    against = saw.conclusive and saw.outcome is not _PLAIN.get(row.state)
    return against and settled_at is not None and saw.seen_at < settled_at <= now


def _holds(
    connection: Connection, sweep: Sweep, moved: Sequence[Seen], terms: Terms, now: datetime
) -> list[Hold]:
    """Return the holds over this storefront, one opened now if too much is newly missing."""
    leaving = [
        one.due.id
        for one in moved
        if one.due.state in holds.LISTED
        and one.observation.conclusive
        and one.observation.outcome not in (Outcome.AVAILABLE, _PLAIN[one.due.state])
    ]
    if not leaving:
        return holds.open_over(connection, sweep.place)
    before = {hold.id for hold in holds.open_over(connection, sweep.place)}
    found = holds.consider(connection, sweep.place, leaving, terms.hold, terms.every, now)
    sweep.opened += [hold for hold in found if hold.id not in before]
    return found
