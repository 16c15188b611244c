"""Makes observations of readings: what the lookup says, and what a second surface adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from appwatch.domain.model import Observation, Outcome, Verdict
from appwatch.stores.app_store import requests, rules
from appwatch.stores.app_store.second_rules import SURFACES_DISAGREE
from appwatch.stores.app_store.second_surfaces import Opinion
from appwatch.stores.base import Asked


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of the dialogue, read: a verdict per id, and where its exchange stands."""

    verdicts: Mapping[str, Verdict]
    seen_at: datetime
    exchange: int

    def saw(self, controls: Sequence[str]) -> str | None:
        """Return the first of these controls that the answer lists."""
        found = Outcome.AVAILABLE
        return next((c for c in controls if self.verdicts[c].outcome is found), None)


def observe(
    first: Reading, latest: Reading, asked: Asked, controls: Sequence[str], storefront: str
) -> Observation:
    """Return what the lookup says of one listing: the fresh answer wins, a control vouches."""
    verdict = latest.verdicts[asked.listing]
    if verdict.outcome is Outcome.NOT_FOUND:
        beside = [c for c in controls if c in latest.verdicts and c != asked.listing]
        if latest.saw(beside) is None:
            verdict = rules.CONTROL_FAILED.says("no control was seen beside it")
    exchanges = (latest.exchange,) if latest is first else (latest.exchange, first.exchange)
    return Observation(
        asked.listing,
        storefront,
        verdict.outcome,
        verdict.rule,
        latest.seen_at,
        verdict.reason,
        verdict.detail,
        (requests.LOOKUP,),
        verdict.facts,
        exchanges,
    )


def weigh(absence: Observation, opinion: Opinion, exchange: int) -> Observation:
    """Return the absence with a second surface's opinion, whose exchanges begin at `exchange`.

    Agreement adds the surface; silence adds nothing but its reason; a contradiction makes the
    look inconclusive: it never counts towards "gone".
    """
    asked = tuple(range(exchange, exchange + opinion.exchanges))
    told = f"{opinion.surface}: {opinion.rule}"
    weighed = replace(absence, exchanges=(*absence.exchanges, *asked), detail=told)
    if opinion.says is Outcome.NOT_FOUND:
        return replace(weighed, surfaces=(*absence.surfaces, opinion.surface))
    if opinion.says is Outcome.INCONCLUSIVE:
        return weighed
    verdict = SURFACES_DISAGREE.says(told)
    return replace(weighed, outcome=verdict.outcome, rule=verdict.rule, reason=verdict.reason)
