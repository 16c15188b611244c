"""Writes what moving targets leave behind: states, lapses, observations, and their moves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from appwatch.db import due, holds
from appwatch.db.holds import Hold
from appwatch.db.moving import Moves
from appwatch.db.standing import standing_of, values_of
from appwatch.db.sweeping import Recorded, Seen, Sweep, Terms
from appwatch.db.tables import lapses, observation_exchanges, observations, targets
from appwatch.domain.model import Observation, Reason, State
from appwatch.domain.state import Standing, Step, Suspected, advance, kind_of
from appwatch.domain.timing import next_look
from appwatch.domain.verdict import RULES_VERSION


class Ledger:
    """Gathers the rows of many moving targets, to write them in few statements."""

    def __init__(
        self,
        connection: Connection,
        sweep: Sweep,
        terms: Terms,
        now: datetime,
        found: Sequence[Hold] = (),
    ) -> None:
        self._connection = connection
        self._sweep = sweep
        self._every = terms.every
        self._policy = replace(terms.policy, second=terms.second.get(sweep.place.store, ()))
        self._held = holds.withheld_by(found, sweep.started_at, now) is not None
        self._now = now
        self._targets: list[dict[str, Any]] = []
        self._suspected: set[str] = set()
        self._moves = Moves(connection, sweep, terms, now, found)

    def enter(self, row: Any, seen: Seen, kept: Mapping[int, int]) -> Recorded:  # noqa: ANN401 - a Row
        """Advance one target and gather what is to be written."""
        standing = standing_of(row)
        beat, held = self._sweep.beat, self._held
        step = advance(standing, seen.observation, self._policy, held=held, beat=beat)
        looks = row.looks + 1
        self._note_target(row, seen, step, looks)
        if standing.state is not State.UNKNOWN and _matters(standing, step, seen.observation):
            self._observe(seen, kept)
        for event in step.events:
            self._moves.take(row, event, looks)
            if isinstance(event, Suspected):  # the app's other storefronts may be due now
                self._suspected.add(row.app_id)
        return Recorded(seen.due, seen.observation, step.standing.shown, step.events)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._targets:
            columns = [key for key in self._targets[0] if key != "of"]
            query = update(targets).where(targets.c.id == bindparam("of"))
            self._connection.execute(
                query.values({c: bindparam(c) for c in columns}), self._targets
            )
            first = min(row["next_look_at"] for row in self._targets)
            due.wake(self._connection, self._sweep.place, first)
        self._moves.flush()
        if self._suspected:
            due.note_next_looks(self._connection, due.places_of(self._connection, self._suspected))

    def _note_target(self, row: Any, seen: Seen, step: Step, looks: int) -> None:  # noqa: ANN401
        conclusive = seen.observation.conclusive
        at = step.standing.last_looked_at or self._now
        self._targets.append(
            {
                "of": row.id,
                **values_of(step.standing),
                "looks": looks,
                "inconclusive_looks": row.inconclusive_looks + (not conclusive),
                "first_looked_at": row.first_looked_at or at,
                "next_look_at": self._next_look(step.standing),
                "lapse_id": self._lapse(row, seen.observation, at),
                "last_answer": seen.answer if conclusive else row.last_answer,
            }
        )

    def _next_look(self, standing: Standing) -> datetime:
        needs = self._policy.needs
        waiting = [(t, needs(kind_of(standing, t.outcome))) for t in standing.tallies]
        return next_look(self._now, self._every, str(self._sweep.place), waiting)

    def _lapse(self, row: Any, seen: Observation, at: datetime) -> int | None:  # noqa: ANN401
        """Open, lengthen or end the target's spell of inconclusive looks."""
        mine = lapses.c.id == row.lapse_id
        if seen.reason is None:
            if row.lapse_id is not None:
                self._connection.execute(update(lapses).where(mine).values(ended_at=at))
            return None
        last = {
            "last_at": at,
            "reason": seen.reason.value,
            "rule": seen.rule,
            "vantage": self._sweep.vantage,
        }
        if row.lapse_id is None:
            values = {
                "target_id": row.id,
                "started_at": at,
                "looks": 1,
                "reasons": {seen.reason.value: 1},
                **last,
            }
            query = insert(lapses).values(values).returning(lapses.c.id)
            return int(self._connection.execute(query).scalar_one())
        reasons = dict(self._connection.execute(select(lapses.c.reasons).where(mine)).scalar_one())
        reasons[seen.reason.value] = reasons.get(seen.reason.value, 0) + 1
        longer = {**last, "looks": lapses.c.looks + 1, "reasons": reasons}
        self._connection.execute(update(lapses).where(mine).values(longer))
        return int(row.lapse_id)

    def _observe(self, seen: Seen, kept: Mapping[int, int]) -> None:
        """Keep what was seen, with the exchanges that show it."""
        saw = seen.observation
        values = {
            "target_id": seen.due.id,
            "sweep_id": self._sweep.id,
            "seen_at": saw.seen_at,
            "outcome": saw.outcome.value,
            "reason": saw.reason.value if saw.reason else None,
            "rule": saw.rule,
            "rules_version": RULES_VERSION,
            "surfaces": list(saw.surfaces),
            "detail": saw.detail,
            "facts": saw.facts._asdict(),
        }
        query = insert(observations).values(values).returning(observations.c.id)
        of = int(self._connection.execute(query).scalar_one())
        links = [
            {"observation_id": of, "position": n, "exchange_id": kept[exchange]}
            for n, exchange in enumerate(saw.exchanges)
            if exchange in kept
        ]
        if links:
            self._connection.execute(insert(observation_exchanges), links)


def _matters(standing: Standing, step: Step, seen: Observation) -> bool:
    """Whether the look is more than a repetition or a gap: it moved, or was about to move."""
    disagrees = seen.reason is Reason.SURFACES_DISAGREE
    moves = seen.conclusive and seen.outcome is not standing.settled
    return moves or disagrees or bool(standing.tallies) or bool(step.events)
