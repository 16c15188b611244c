"""Makes observations of readings: what the lookup says, and what a second surface adds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appwatch.domain.model import Observation, Outcome, Reason, Verdict
from appwatch.stores.app_store import requests, rules
from appwatch.stores.app_store.second_rules import SURFACES_DISAGREE
from appwatch.stores.app_store.second_surfaces import Opinion

_SURFACES = (requests.LOOKUP,)


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of the dialogue, read: a verdict per id, and where its exchange stands."""

    verdicts: Mapping[str, Verdict]
    seen_at: datetime
    exchange: int

    def saw(self, controls: Sequence[str]) -> str | None:
        """Return the first of these controls that the answer lists."""
        return next((c for c in controls if self.says(c, Outcome.AVAILABLE)), None)

    def says(self, listing: str, outcome: Outcome) -> bool:
        """Whether this listing was asked, and the answer says this of it."""
        verdict = self.verdicts.get(listing)
        return verdict is not None and verdict.outcome is outcome

    @property
    def is_strange(self) -> bool:
        """Whether the answer is to another question: that is then the verdict on every id."""
        one = next(iter(self.verdicts.values()), None)
        return one is not None and one.rule == rules.OTHER_APP.id


def observe(
    first: Reading, again: Reading | None, listing: str, controls: Sequence[str], storefront: str
) -> Observation:
    """Return what the lookup says of one listing: the fresh answer wins, a control vouches."""
    latest = again or first
    verdict = latest.verdicts[listing]
    if verdict.outcome is Outcome.NOT_FOUND:
        beside = [c for c in controls if c != listing]
        if latest.saw(beside) is None:
            verdict = rules.CONTROL_FAILED.says("no control was seen beside it")
    outcome, rule, reason, detail, facts = verdict
    exchanges = (first.exchange,) if again is None else (again.exchange, first.exchange)
    at = latest.seen_at
    return Observation(
        listing, storefront, outcome, rule, at, reason, detail, _SURFACES, facts, exchanges
    )


def weigh(absence: Observation, opinion: Opinion, exchange: int) -> Observation:
    """Return the absence with a second surface's opinion, whose exchanges begin at `exchange`.

    Agreement adds the surface; silence adds nothing but its reason; a contradiction makes the
    look inconclusive: it never counts towards "gone".
    """
    asked = tuple(range(exchange, exchange + opinion.exchanges))
    told = f"{opinion.surface}: {opinion.rule}"
    weighed = absence._replace(exchanges=(*absence.exchanges, *asked), detail=told)
    if opinion.says is Outcome.NOT_FOUND:
        return weighed._replace(surfaces=(*absence.surfaces, opinion.surface))
    if opinion.says is Outcome.INCONCLUSIVE:
        return weighed
    verdict = SURFACES_DISAGREE.says(told)
    return weighed._replace(outcome=verdict.outcome, rule=verdict.rule, reason=verdict.reason)


def pass_over(absence: Observation, weighed: Iterable[Observation]) -> Observation:
    """Return an absence about which no second surface was asked, beside those that were weighed.

    If one of them is contradicted, the lookup that shows them all is believed in none.
    """
    if all(one.reason is not Reason.SURFACES_DISAGREE for one in weighed):
        return absence._replace(unasked=True)
    outcome, rule, reason, detail, _ = SURFACES_DISAGREE.says(
        "not asked; others of this look are contradicted"
    )
    # The answers that the verdict rests on are about other apps.
    return absence._replace(outcome=outcome, rule=rule, reason=reason, detail=detail, exchanges=())
