"""appwatch's defaults: the dialogues of its stores in few words, judged by its own domain."""

from datetime import datetime, timedelta

from appwatch.domain.confirmation import Policy as Terms
from appwatch.domain.model import Observation, Outcome, Reason
from appwatch.domain.state import Standing, Suspected, Transition, advance, kind_of
from appwatch.domain.timing import next_look
from benchmarks.verdicts.answers import Kind
from benchmarks.verdicts.policies import resting
from benchmarks.verdicts.policies.base import Claim, Policy, Run
from benchmarks.verdicts.trace import APP_STORE, GOOGLE_PLAY, Target, moment, since_begin

TRIES = 3  # when the network or the server fails
LOOKUP, PRODUCT, PLATFORM, DETAILS = "lookup", "product_page", "platform", "details_page"
TERMS = {APP_STORE: Terms(second=(PRODUCT, PLATFORM)), GOOGLE_PLAY: Terms()}
READ: dict[Kind, tuple[Outcome, Reason | None]] = {
    Kind.LISTED: (Outcome.AVAILABLE, None),
    Kind.ABSENT: (Outcome.NOT_FOUND, None),
    Kind.NOT_INSTALLABLE: (Outcome.NOT_INSTALLABLE, None),
    Kind.EMPTY: (Outcome.INCONCLUSIVE, Reason.CONTROL_FAILED),
    Kind.NO_NETWORK: (Outcome.INCONCLUSIVE, Reason.NETWORK),
    Kind.FORBIDDEN: (Outcome.INCONCLUSIVE, Reason.RATE_LIMITED),
    Kind.TEXT_404: (Outcome.INCONCLUSIVE, Reason.BAD_ANSWER),
    Kind.HTML: (Outcome.INCONCLUSIVE, Reason.BAD_ANSWER),
    Kind.TOO_MANY: (Outcome.INCONCLUSIVE, Reason.RATE_LIMITED),
    Kind.CAPTCHA: (Outcome.INCONCLUSIVE, Reason.BLOCKED),
    Kind.CONSENT: (Outcome.INCONCLUSIVE, Reason.CONSENT),
    Kind.ROBOT_404: (Outcome.INCONCLUSIVE, Reason.BLOCKED),
    Kind.WRONG_COUNTRY: (Outcome.INCONCLUSIVE, Reason.WRONG_STOREFRONT),
    Kind.LAYOUT: (Outcome.INCONCLUSIVE, Reason.LAYOUT_UNKNOWN),
    Kind.DOWN: (Outcome.INCONCLUSIVE, Reason.SERVER_ERROR),
}


class _Watch:
    """One target: each look is a dialogue, and what it saw advances the domain's standing."""

    def __init__(self, run: Run, target: Target) -> None:
        self._run = run
        self._target = target
        self._every = timedelta(seconds=run.answers.trace.rates.every)
        self._gap = run.schedule.gap(target.store)
        self._seen: Observation = self._observation(run.answers.truth(target, 0.0), 0.0)
        self._standing = advance(Standing(), self._seen, TERMS[target.store]).standing
        self.due: float | None = None

    @property
    def at_rest(self) -> bool:
        """Whether the last look saw the state hold, and nothing speaks against it."""
        return self._seen.conclusive and not self._standing.tallies

    def look(self, at: float, *, alone: bool) -> None:
        """Look once, and let the domain say what follows."""
        terms = TERMS[self._target.store]
        self._seen = self._dialogue(at, alone=alone)
        held = self._run.held.get(self._target.place)
        step = advance(self._standing, self._seen, terms, held=held is not None and held.covers(at))
        self._standing = step.standing
        for event in step.events:
            if isinstance(event, Transition):
                self._claim(event)
            elif isinstance(event, Suspected):
                self._run.suspicions.append((self._target, at))
        self.due = self._next_look(self._seen.seen_at, terms)

    def _next_look(self, now: datetime, terms: Terms) -> float | None:
        """Return when it looks again, or None for the next round."""
        standing, place = self._standing, self._target.place
        waiting = [(t, terms.needs(kind_of(standing, t.outcome))) for t in standing.tallies]
        return since_begin(next_look(now, self._every, place, waiting)) if waiting else None

    def _claim(self, change: Transition) -> None:
        before = since_begin(change.before_at) if change.before_at else 0.0
        gone = self._standing.settled is not Outcome.AVAILABLE
        at = since_begin(change.confirmed_at)
        self._run.claims.append(Claim(self._target, gone, before, at))

    def _dialogue(self, at: float, *, alone: bool) -> Observation:
        """Return what one look sees; a host that rests is not asked."""
        if self._run.rests[self._target.store].covers(at):
            return self._observation(Kind.TOO_MANY, at)
        self._run.spend(self._target.store, int(alone))
        first = self._run.first_answer(self._target, at, int(alone))
        moves = self._standing.settled is not READ[first][0]
        if not moves or first not in (Kind.ABSENT, Kind.NOT_INSTALLABLE):
            return self._observation(first, at)
        if self._target.store == APP_STORE:
            return self._ask_lookup_again(at + self._gap)
        return self._ask_page_again(first, at + self._gap)

    def _ask_lookup_again(self, at: float) -> Observation:
        """Ask once more under a new key beside a control; a miss is put to a second surface."""
        self._run.spend(APP_STORE, 1)
        again = self._run.first_answer(self._target, at, 2)
        if again is not Kind.ABSENT or self._agreed:
            return self._observation(again, at)
        for surface in (PRODUCT, PLATFORM):
            shown = self._ask_second(surface, at)
            if shown is Kind.ABSENT:
                return self._observation(again, at, (LOOKUP, surface))
            if shown is Kind.LISTED:
                return self._inconclusive(Reason.SURFACES_DISAGREE, at)
        return self._observation(again, at)

    @property
    def _agreed(self) -> bool:
        """Whether a second surface has agreed since the absence was first seen."""
        second = TERMS[self._target.store].second
        return any(s in second for tally in self._standing.tallies for s in tally.surfaces)

    def _ask_second(self, surface: str, at: float) -> Kind:
        ask = self._run.answers.product_page if surface == PRODUCT else self._run.answers.platform
        shown = ask(self._target, at)
        self._run.spend(APP_STORE, TRIES if shown in (Kind.DOWN, Kind.NO_NETWORK) else 1)
        return shown

    def _ask_page_again(self, first: Kind, at: float) -> Observation:
        """Ask up to two controls, then the page once more from a fresh connection.

        A control's own page in a layout that cannot be read vouches for the store's 404, not
        for what a page says of its offer.
        """
        vouched = False
        for number in range(2):
            self._run.spend(GOOGLE_PLAY, 1)
            shown = self._run.answers.control(self._target.storefront, at, number)
            vouched = shown is Kind.LISTED or (first is Kind.ABSENT and shown is Kind.LAYOUT)
            at += self._gap
            if vouched:
                break
        self._run.spend(GOOGLE_PLAY, 1)
        again = self._run.first_answer(self._target, at, 1)
        absent = again in (Kind.ABSENT, Kind.NOT_INSTALLABLE)
        if absent and self._standing.settled is not READ[again][0] and not vouched:
            return self._inconclusive(Reason.CONTROL_FAILED, at)
        return self._observation(again, at)

    def _observation(
        self, kind: Kind, at: float, surfaces: tuple[str, ...] | None = None
    ) -> Observation:
        outcome, reason = READ[kind]
        main = LOOKUP if self._target.store == APP_STORE else DETAILS
        return Observation(
            str(self._target.app),
            self._target.storefront,
            outcome,
            kind.value,
            moment(at),
            reason,
            surfaces=surfaces or (main,),
        )

    def _inconclusive(self, reason: Reason, at: float) -> Observation:
        storefront, app = self._target.storefront, str(self._target.app)
        return Observation(app, storefront, Outcome.INCONCLUSIVE, reason.value, moment(at), reason)


APPWATCH = Policy(
    "appwatch",
    frozenset({Kind.LISTED, Kind.ABSENT, Kind.NOT_INSTALLABLE}),
    _Watch,
    fresh=True,
    tries=TRIES,
    rests=resting.rests,
    beside=resting.beside,
    holds=True,
)
