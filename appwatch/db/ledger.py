"""Writes what moving targets leave behind: states, periods, lapses, observations, changes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from appwatch.db import telling
from appwatch.db.due import Due
from appwatch.db.ids import make_id
from appwatch.db.standing import standing_of, values_of
from appwatch.db.tables import (
    apps,
    changes,
    lapses,
    observation_exchanges,
    observations,
    periods,
    targets,
)
from appwatch.domain.confirmation import Policy
from appwatch.domain.model import Observation, Place, State
from appwatch.domain.routing import Route
from appwatch.domain.state import Event, Standing, Step, Transition, advance, kind_of
from appwatch.domain.timing import next_look, rounds_missed
from appwatch.domain.verdict import RULES_VERSION


@dataclass(frozen=True, slots=True)
class Terms:
    """What looks are judged and told by: the watchlist's part in it."""

    every: timedelta
    policy: Policy
    routes: Sequence[Route] = ()


@dataclass(slots=True)
class Sweep:
    """A sweep under way; its counters are written with every batch."""

    id: int
    place: Place
    done: int = 0
    late: int = 0
    missed_rounds: int = 0
    inconclusive: dict[str, int] = field(default_factory=dict)


class Seen(NamedTuple):
    """One target's part of what a dialogue found; `answer` is its answer's SHA-256."""

    due: Due
    observation: Observation
    answer: bytes


class Recorded(NamedTuple):
    """What a look made of a target."""

    due: Due
    observation: Observation
    state: str
    events: tuple[Event, ...] = ()


class Ledger:
    """Gathers the rows of many moving targets, to write them in few statements."""

    def __init__(self, connection: Connection, sweep: Sweep, terms: Terms, now: datetime) -> None:
        self._connection = connection
        self._sweep = sweep
        self._terms = terms
        self._now = now
        self._targets: list[dict[str, Any]] = []
        self._closed: list[dict[str, Any]] = []
        self._opened: list[dict[str, Any]] = []

    def enter(self, row: Any, seen: Seen, kept: Mapping[int, int]) -> Recorded:  # noqa: ANN401 - a Row
        """Advance one target and gather what is to be written."""
        standing = standing_of(row)
        step = advance(standing, seen.observation, self._terms.policy)
        looks = row.looks + 1
        self._note_target(row, seen, step, looks)
        if standing.state is not State.UNKNOWN and _matters(standing, step, seen.observation):
            self._observe(seen, kept)
        for event in step.events:
            if isinstance(event, Transition):
                self._move(row, event, looks)
        return Recorded(seen.due, seen.observation, step.standing.shown, step.events)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._targets:
            columns = [key for key in self._targets[0] if key != "of"]
            query = update(targets).where(targets.c.id == bindparam("of"))
            self._connection.execute(
                query.values({c: bindparam(c) for c in columns}), self._targets
            )
        if self._closed:
            self._connection.execute(_CLOSE, self._closed)
        if self._opened:
            self._connection.execute(insert(periods), self._opened)

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
                "last_answer": seen.answer,
            }
        )

    def _next_look(self, standing: Standing) -> datetime:
        needs = self._terms.policy.needs
        waiting = [(t, needs(kind_of(standing, t.outcome))) for t in standing.tallies]
        return next_look(self._now, self._terms.every, str(self._sweep.place), waiting)

    def _lapse(self, row: Any, seen: Observation, at: datetime) -> int | None:  # noqa: ANN401
        """Open, lengthen or end the target's spell of inconclusive looks."""
        mine = lapses.c.id == row.lapse_id
        if seen.reason is None:
            if row.lapse_id is not None:
                self._connection.execute(update(lapses).where(mine).values(ended_at=at))
            return None
        if row.lapse_id is None:
            values = {
                "target_id": row.id,
                "started_at": at,
                "last_at": at,
                "looks": 1,
                "reasons": {seen.reason.value: 1},
            }
            query = insert(lapses).values(values).returning(lapses.c.id)
            return int(self._connection.execute(query).scalar_one())
        reasons = dict(self._connection.execute(select(lapses.c.reasons).where(mine)).scalar_one())
        reasons[seen.reason.value] = reasons.get(seen.reason.value, 0) + 1
        longer = {"last_at": at, "looks": lapses.c.looks + 1, "reasons": reasons}
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
            "facts": asdict(saw.facts),
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

    def _move(self, row: Any, moved: Transition, looks: int) -> None:  # noqa: ANN401 - a Row
        """Write a confirmed transition: the periods it parts, and the change if it is one."""
        change = self._change(row, moved) if moved.kind is not None else None
        before = looks - moved.looks
        inconclusive = row.inconclusive_looks
        if moved.from_state is not State.UNKNOWN:
            self._closed.append(
                {
                    "of": row.id,
                    "ended_earliest_at": moved.before_at,
                    "ended_at": moved.after_at,
                    "looks_now": before,
                    "inconclusive_now": inconclusive,
                    "end_change": change,
                }
            )
        self._opened.append(
            {
                "target_id": row.id,
                "state": moved.to_state.value,
                "started_earliest_at": moved.before_at,
                "started_at": moved.after_at,
                "looks_before": before,
                "inconclusive_before": inconclusive,
                "start_change": change,
            }
        )

    def _change(self, row: Any, moved: Transition) -> str:  # noqa: ANN401 - a Row
        """Write the change and put it into the outbox; return its id."""
        app = self._connection.execute(
            select(apps.c.name, apps.c.tags).where(apps.c.id == row.app_id)
        ).one()
        change = {
            "id": make_id("c", self._now),
            "target_id": row.id,
            "incident_id": telling.incident_for(self._connection, row.app_id, moved.confirmed_at),
            "app_id": row.app_id,
            "name": app.name,
            "tags": app.tags,
            "store": self._sweep.place.store,
            "listing": row.listing,
            "storefront": self._sweep.place.storefront,
            "kind": moved.kind.value if moved.kind else "",
            "from_state": moved.from_state.value,
            "to_state": moved.to_state.value,
            "before_at": moved.before_at,
            "after_at": moved.after_at,
            "confirmed_at": moved.confirmed_at,
            "looks": moved.looks,
            "rules": list(moved.rules),
            "surfaces": list(moved.surfaces),
            "rules_version": RULES_VERSION,
            "missed_rounds": self._missed(moved),
        }
        self._connection.execute(insert(changes).values(change))
        telling.tell(self._connection, change, self._terms.routes, self._now)
        return str(change["id"])

    def _missed(self, moved: Transition) -> int:
        """Return how many rounds without a conclusive look lie before the change was seen."""
        if moved.before_at is None:
            return 0
        return max(rounds_missed(moved.before_at, moved.after_at, self._terms.every) - 1, 0)


_CLOSE = (
    update(periods)
    .where(periods.c.target_id == bindparam("of"), periods.c.ended_at.is_(None))
    .values(
        ended_earliest_at=bindparam("ended_earliest_at"),
        ended_at=bindparam("ended_at"),
        looks=bindparam("looks_now") - periods.c.looks_before,
        inconclusive_looks=bindparam("inconclusive_now") - periods.c.inconclusive_before,
        end_change=bindparam("end_change"),
    )
)


def _matters(standing: Standing, step: Step, seen: Observation) -> bool:
    """Whether the look is more than a repetition or a gap: it moved, or was about to move."""
    moves = seen.conclusive and seen.outcome is not standing.settled
    return moves or bool(standing.tallies) or bool(step.events)
