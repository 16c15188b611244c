"""Whether looks and deliveries keep up, for those who watch the watcher."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appwatch.alerts.alarms import alarm_sentence
from appwatch.alerts.wording import Wording
from appwatch.db import alarms, channels, queries, rounds
from appwatch.db.deliveries import oldest_waiting
from appwatch.db.engine import Database
from appwatch.db.instrument import open_faults
from appwatch.db.watchlist_problems import Problem, open_problem
from appwatch.domain.moments import moment_text
from appwatch.domain.timing import BEHIND, is_behind
from appwatch.errors import DatabaseError


@dataclass(frozen=True, slots=True)
class Ready:
    """What /readyz tells; ages are in seconds, None where there is nothing to be late.

    `problems` are sentences; `ready` is false when there is one. `faults` are sentences too,
    on trouble at the stores that strikes many apps: looks go on, and prove nothing there.
    What is wrong with the watchlist in the folder stands in `watchlist_problem`: another one
    stays in force then.
    A channel fails while its latest attempt did. `alarms` are what operators were told of and
    what is not over, in sentences: most of it stands elsewhere here too.
    """

    ready: bool
    database: bool
    oldest_due_look_seconds: float | None
    oldest_delivery_seconds: float | None
    watchlist_seconds: float | None
    sweeps_under_way: int
    problems: list[str]
    faults: list[str] = field(default_factory=list)
    watchlist_problem: Mapping[str, str] | None = None
    channels_off: list[str] = field(default_factory=list)
    channels_failing: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Health:
    """Reads how things stand: `every` of the watchlist in force, `sweeps` under way here."""

    database: Database
    every: Callable[[], timedelta]
    now: Callable[[], datetime]
    sweeps: Callable[[], int]
    wording: Wording

    def read(self) -> Ready:
        """Return how things stand now. Never raises for a database that cannot be read."""
        try:
            with self.database.read() as connection:
                found = queries.readiness(connection)
                due_at = rounds.due_since(connection)
                delivery = oldest_waiting(connection)
                faults = [fault.since for fault in open_faults(connection)]
                refused = open_problem(connection)
                fares = channels.states(connection).values()
                standing = alarms.standing(connection)
        except DatabaseError as error:
            return Ready(False, False, None, None, None, self.sweeps(), [str(error)])  # noqa: FBT003
        now = self.now()
        off = [one for one in fares if one.off_at]
        problems = [*self._lateness(due_at, now), *self._silences(found.silent, now)]
        problems += [channels.off_sentence(one) for one in off]
        return Ready(
            ready=not problems,
            database=True,
            oldest_due_look_seconds=_age(due_at, now),
            oldest_delivery_seconds=_age(delivery, now),
            watchlist_seconds=_age(found.watchlist_at, now),
            sweeps_under_way=self.sweeps(),
            problems=problems,
            faults=faults,
            watchlist_problem=_told(refused) if refused else None,
            channels_off=[one.name for one in off],
            channels_failing=[one.name for one in fares if one.failing_since],
            alarms=[alarm_sentence(one, self.wording) for one in standing],
        )

    def _lateness(self, due_at: datetime | None, now: datetime) -> list[str]:
        if due_at is None or not is_behind(due_at, now, self.every()):
            return []
        since = (now - due_at).total_seconds()
        return [f"The oldest look is due since {since:.0f} s: more than {BEHIND} rounds."]

    def _silences(
        self, silent: Mapping[str, tuple[datetime | None, datetime]], now: datetime
    ) -> list[str]:
        """Say of which stores no look has proved anything for too long."""
        patience = BEHIND * self.every()
        return [
            f"No look at {store} has proved anything since {(proved or first):%Y-%m-%d %H:%M} UTC."
            for store, (proved, first) in silent.items()
            if now - (proved or first) > patience
        ]


def _age(moment: datetime | None, now: datetime) -> float | None:
    """Return how long ago that was, in seconds; 0 for what is still to come."""
    return None if moment is None else max((now - moment).total_seconds(), 0.0)


def _told(problem: Problem) -> dict[str, str]:
    return {
        "kind": problem.kind.value,
        "since": moment_text(problem.since),
        "text": problem.text,
    }
