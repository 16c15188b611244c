"""What a policy is: how it asks, what it notices, and what it claims of each target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from benchmarks.verdicts.answers import Answers, Kind
from benchmarks.verdicts.schedule import Schedule
from benchmarks.verdicts.spans import Spans
from benchmarks.verdicts.trace import APP_STORE, Target, Trace


class Claim(NamedTuple):
    """What a policy tells a person: gone, or back.

    `before` is its last look that saw otherwise, `at` the moment it tells.
    """

    target: Target
    gone: bool
    before: float
    at: float


@dataclass(slots=True)
class Run:
    """One policy on one trace: the stores as it asks them, and what comes of it."""

    answers: Answers
    schedule: Schedule
    claims: list[Claim] = field(default_factory=list)
    suspicions: list[tuple[Target, float]] = field(default_factory=list)
    extra: dict[str, int] = field(default_factory=dict)  # requests beside the rounds, by store
    rests: Mapping[str, Spans] = field(default_factory=dict)  # by store: its host is not asked
    held: Mapping[str, Spans] = field(default_factory=dict)  # by storefront: nothing is confirmed

    def first_answer(self, target: Target, at: float, number: int = 0) -> Kind:
        """Return what the store's main surface answers."""
        if target.store == APP_STORE:
            return self.answers.lookup(target, at, number)
        return self.answers.page(target, at, number)

    def spend(self, store: str, requests: int) -> None:
        """Count requests beside the rounds."""
        self.extra[store] = self.extra.get(store, 0) + requests


class Watch(Protocol):
    """One policy's watch over one target."""

    @property
    def at_rest(self) -> bool:
        """Whether more looks with the answer of the last one would change nothing."""
        ...

    @property
    def due(self) -> float | None:
        """When it wants to look before the next round, or None."""
        ...

    def look(self, at: float, *, alone: bool) -> None:
        """Look once; `alone` where the look is not part of a round."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """A way to watch. `notices`: the answers that can move what it holds true of a target.

    `rests` returns when the hosts are not asked; `beside` the requests that a run spends or
    saves beside its looks; both by store. `holds`: many suspicions at once hold all of them.
    """

    name: str
    notices: frozenset[Kind]
    watch: Callable[[Run, Target], Watch]
    fresh: bool = False
    tries: int = 1
    rests: Callable[[Trace, Schedule], Mapping[str, Spans]] = lambda _trace, _schedule: {}
    beside: Callable[[Run], Mapping[str, int]] = lambda _run: {}
    holds: bool = False
