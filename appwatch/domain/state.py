"""The state of a target, and how one observation moves it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from appwatch.domain.clocks import SKEW, Beat, jump, since
from appwatch.domain.confirmation import DISPUTED_AFTER, Confirmation, Policy
from appwatch.domain.model import SUSPECTED, ChangeKind, Observation, Outcome, Reason, State

# Which kind of change leads from a state to an outcome; a pair that is missing here is
# either no move at all or a new period without a change.
KINDS: Final = MappingProxyType(
    {
        (State.AVAILABLE, Outcome.NOT_FOUND): ChangeKind.DISAPPEARED,
        (State.AVAILABLE, Outcome.NOT_INSTALLABLE): ChangeKind.RESTRICTED,
        (State.AVAILABLE, Outcome.PREREGISTRATION): ChangeKind.RESTRICTED,
        (State.NOT_INSTALLABLE, Outcome.NOT_FOUND): ChangeKind.DISAPPEARED,
        (State.PREREGISTRATION, Outcome.NOT_FOUND): ChangeKind.DISAPPEARED,
        (State.NEVER_SEEN, Outcome.AVAILABLE): ChangeKind.APPEARED,
        (State.NEVER_SEEN, Outcome.NOT_INSTALLABLE): ChangeKind.LISTED,
        (State.NEVER_SEEN, Outcome.PREREGISTRATION): ChangeKind.LISTED,
        (State.GONE, Outcome.AVAILABLE): ChangeKind.RETURNED,
        (State.GONE, Outcome.NOT_INSTALLABLE): ChangeKind.LISTED,
        (State.GONE, Outcome.PREREGISTRATION): ChangeKind.LISTED,
    }
)
DEPARTURES: Final = frozenset({ChangeKind.DISAPPEARED, ChangeKind.RESTRICTED})
SETTLED: Final = MappingProxyType(
    {
        State.AVAILABLE: Outcome.AVAILABLE,
        State.NEVER_SEEN: Outcome.NOT_FOUND,
        State.NOT_INSTALLABLE: Outcome.NOT_INSTALLABLE,
        State.PREREGISTRATION: Outcome.PREREGISTRATION,
        State.GONE: Outcome.NOT_FOUND,
    }
)


@dataclass(frozen=True, slots=True)
class Tally:
    """The looks that saw one outcome other than the state's, since it was last seen to hold.

    `beat` is that of the last look; `anew_at` the first look after the clock was set;
    `looked_before_at` the last conclusive look before the first, whatever it saw; `unasked` how
    many of the looks had no second surface's word because none was asked.
    """

    outcome: Outcome
    first_at: datetime
    last_at: datetime
    looks: int = 1
    rules: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    beat: Beat | None = None
    anew_at: datetime | None = None
    looked_before_at: datetime | None = None
    unasked: int = 0

    @property
    def counted_from(self) -> datetime:
        """The moment from which the time that the looks must span is counted."""
        return self.first_at if self.anew_at is None else self.anew_at


@dataclass(frozen=True, slots=True)
class Dispute:
    """Looks in which a second surface contradicted an absence, since the state last held."""

    first_at: datetime
    last_at: datetime
    looks: int = 1
    told: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held true of a target, and what speaks against it."""

    state: State = State.UNKNOWN
    since: datetime | None = None
    last_looked_at: datetime | None = None
    last_conclusive_at: datetime | None = None
    last_settled_at: datetime | None = None  # the last look that saw the state hold
    been_available: bool = False
    tallies: tuple[Tally, ...] = ()
    dispute: Dispute | None = None

    @property
    def settled(self) -> Outcome | None:
        """The outcome that would move nothing; None before the first conclusive look."""
        return SETTLED.get(self.state)

    @property
    def suspicion(self) -> Tally | None:
        """The tally of an unconfirmed departure, if there is one."""
        leaving = (t for t in self.tallies if kind_of(self, t.outcome) in DEPARTURES)
        return next(leaving, None)

    @property
    def shown(self) -> str:
        """The state as people see it: `suspected` while a departure is unconfirmed."""
        return SUSPECTED if self.suspicion else self.state.value


@dataclass(frozen=True, slots=True)
class Transition:
    """A confirmed move from one state to another.

    `kind` is None for a baseline (from `unknown`) and for a new period without a change.
    The new state began after `before_at` (None for a baseline) and no later than `after_at`.
    `looked_before_at` is the last conclusive look before `after_at`: one later than `before_at`
    saw it otherwise, and was taken back.
    """

    kind: ChangeKind | None
    from_state: State
    to_state: State
    before_at: datetime | None
    after_at: datetime
    confirmed_at: datetime
    looks: int
    rules: tuple[str, ...]
    surfaces: tuple[str, ...]
    waived: bool = False  # confirmed without the second surface, which stayed silent
    looked_before_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suspected:
    """A departure was seen for the first time, and is not confirmed."""

    outcome: Outcome
    before_at: datetime | None
    after_at: datetime


@dataclass(frozen=True, slots=True)
class Cleared:
    """A suspected departure was not confirmed: the state holds, and held all along."""

    first_missed_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Disputed:
    """A second surface has contradicted an absence for a day: a person should look."""

    first_at: datetime
    last_at: datetime
    looks: int


Event = Transition | Suspected | Cleared | Disputed


@dataclass(frozen=True, slots=True)
class Step:
    """What one observation made of a target."""

    standing: Standing
    events: tuple[Event, ...] = ()


def kind_of(standing: Standing, outcome: Outcome) -> ChangeKind | None:
    """Return the kind of change that this outcome would be, or None if it would be none."""
    back = standing.state in (State.NOT_INSTALLABLE, State.PREREGISTRATION)
    if back and outcome is Outcome.AVAILABLE:
        return ChangeKind.RETURNED if standing.been_available else ChangeKind.APPEARED
    return KINDS.get((standing.state, outcome))


def advance(
    standing: Standing,
    seen: Observation,
    policy: Policy,
    *,
    held: bool = False,
    beat: Beat | None = None,
) -> Step:
    """Return what the observation makes of the target.

    An inconclusive look moves nothing, counts towards nothing and resets nothing. Looks count
    in the order in which they are made, whatever a clock that was set says; periods never run
    backwards. While `held`, looks count, but a departure is not confirmed. Where the `beat` of a
    look shows that the clock was set since the one before, the time that the looks must span
    begins anew.
    """
    at = seen.seen_at
    looked = replace(standing, last_looked_at=at)
    if not seen.conclusive:
        return _disputed(looked, at) if _disagrees(seen) else Step(looked)
    looked = replace(looked, last_conclusive_at=at)
    if standing.state is State.UNKNOWN:
        return _baseline(looked, seen, at)
    if seen.outcome is standing.settled:
        return _held(looked, at)
    return _against(looked, seen, policy, _counted(standing, seen, beat), held=held)


def _disagrees(seen: Observation) -> bool:
    return seen.reason is Reason.SURFACES_DISAGREE


def _disputed(standing: Standing, at: datetime) -> Step:
    """Note that a second surface contradicts; tell it once, when that has lasted a day."""
    old = standing.dispute
    dispute = Dispute(at, at) if old is None else replace(old, last_at=at, looks=old.looks + 1)
    if dispute.told or dispute.last_at - dispute.first_at < DISPUTED_AFTER:
        return Step(replace(standing, dispute=dispute))
    told = replace(standing, dispute=replace(dispute, told=True))
    return Step(told, (Disputed(dispute.first_at, at, dispute.looks),))


def _state_after(standing: Standing, outcome: Outcome) -> State:
    if outcome is Outcome.NOT_FOUND:
        return State.NEVER_SEEN if standing.state is State.UNKNOWN else State.GONE
    return State(outcome.value)


def _enter(standing: Standing, transition: Transition) -> Step:
    """Return the step into the transition's new state."""
    entered = replace(
        standing,
        state=transition.to_state,
        since=transition.after_at,
        last_settled_at=transition.confirmed_at,
        been_available=standing.been_available or transition.to_state is State.AVAILABLE,
        tallies=(),
        dispute=None,
    )
    return Step(entered, (transition,))


def _baseline(standing: Standing, seen: Observation, at: datetime) -> Step:
    to_state = _state_after(standing, seen.outcome)
    transition = Transition(
        None, State.UNKNOWN, to_state, None, at, at, 1, (seen.rule,), seen.surfaces
    )
    return _enter(standing, transition)


def _held(standing: Standing, at: datetime) -> Step:
    suspicion = standing.suspicion
    events = (Cleared(suspicion.first_at, at),) if suspicion else ()
    held = replace(standing, last_settled_at=at, tallies=(), dispute=None)
    return Step(held, events)


def _against(
    standing: Standing, seen: Observation, policy: Policy, tally: Tally, *, held: bool
) -> Step:
    """Note a look that contradicts the state, counted; move when it is confirmed."""
    kind = kind_of(standing, seen.outcome)
    needed = policy.needs(kind)
    if _is_enough(standing, tally, needed) and not (held and kind in DEPARTURES):
        return _enter(standing, _confirmed(standing, tally, kind, needed))
    others = tuple(t for t in standing.tallies if t.outcome is not seen.outcome)
    waiting = replace(standing, tallies=(*others, tally))
    if standing.suspicion is None and waiting.suspicion is not None:
        return Step(waiting, (Suspected(seen.outcome, standing.last_settled_at, seen.seen_at),))
    return Step(waiting)


def _is_enough(standing: Standing, tally: Tally, needed: Confirmation) -> bool:
    contradicted_at = standing.dispute.last_at if standing.dispute else None
    return needed.holds(
        tally.looks,
        tally.counted_from,
        tally.last_at,
        tally.surfaces,
        contradicted_at,
        tally.unasked,
    )


def _ran_ahead(old: Tally, at: datetime, beat: Beat | None) -> bool:
    """Whether the clock was set back since the last look: its moments order nothing any more."""
    set_back = jump(at - old.last_at, since(beat, old.beat)) < timedelta(0)
    return at < old.last_at - (timedelta(0) if set_back else SKEW)


def _counted(standing: Standing, seen: Observation, beat: Beat | None) -> Tally:
    """Return the tally of this outcome with the look counted."""
    at = seen.seen_at
    old = next((t for t in standing.tallies if t.outcome is seen.outcome), None)
    if old is None or not old.looks or _ran_ahead(old, at, beat):
        before_at = standing.last_conclusive_at
        return Tally(
            seen.outcome,
            at,
            at,
            1,
            (seen.rule,),
            seen.surfaces,
            beat,
            looked_before_at=before_at,
            unasked=int(seen.unasked),
        )
    return replace(
        old,
        # Looks of two processes may end in another order than they began in.
        first_at=min(old.first_at, at),
        last_at=max(old.last_at, at),
        looks=old.looks + 1,
        rules=tuple(dict.fromkeys((*old.rules, seen.rule))),
        surfaces=tuple(dict.fromkeys((*old.surfaces, *seen.surfaces))),
        beat=beat,
        anew_at=at
        if jump(at - old.last_at, since(beat, old.beat))
        else old.anew_at and min(old.anew_at, at),
        unasked=old.unasked + seen.unasked,
    )


def _confirmed(
    standing: Standing, tally: Tally, kind: ChangeKind | None, needed: Confirmation
) -> Transition:
    # Both bounds hold under a clock that was ahead before: what was seen first was first.
    after_at = max(tally.first_at, standing.since or tally.first_at)
    settled_at, looked_at = standing.last_settled_at, tally.looked_before_at
    return Transition(
        kind,
        standing.state,
        _state_after(standing, tally.outcome),
        None if settled_at is None else min(settled_at, after_at),
        after_at,
        max(tally.last_at, after_at),
        tally.looks,
        tally.rules,
        tally.surfaces,
        bool(needed.second) and set(needed.second).isdisjoint(tally.surfaces),
        None if looked_at is None else min(looked_at, after_at),
    )
