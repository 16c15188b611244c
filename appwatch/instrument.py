"""Looks at the instrument itself: controls in every sweep, and now and then a made-up app."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import token_hex

import structlog

from appwatch.db.instrument import Concluded, Doubts
from appwatch.db.sweeping import Sweep
from appwatch.domain.instrument import NONSENSE_FOUND, by_health, finds_nonsense
from appwatch.domain.model import Outcome, Place, Verdict
from appwatch.domain.timing import asks_nonsense
from appwatch.errors import Defect, defects
from appwatch.fetching import Fetcher
from appwatch.stores.base import Asked, Batch, Findings, Store

_log = structlog.get_logger()


@dataclass(slots=True)
class Instrument:
    """What is known of the instrument in one sweep: its controls, and what became of them.

    `controls` are asked in this order; `lost` were gone from this storefront before.
    """

    store: Store
    place: Place
    controls: Sequence[str]
    lost: frozenset[str] = frozenset()
    tries_nonsense: bool = False
    seen: set[str] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)

    @property
    def vouched(self) -> bool:
        """Whether a control was seen in this sweep."""
        return bool(self.seen)

    def take(self, findings: Findings) -> None:
        """Note what became of the controls that a dialogue asked.

        One that the store says is not there counts as left out only if another was seen.
        """
        seen = {control for control, is_seen in findings.controls.items() if is_seen}
        self.seen |= seen
        self.missed |= findings.controls.keys() - seen
        if seen:
            self.left_out |= findings.absent

    async def try_nonsense(self, fetcher: Fetcher) -> Verdict | None:
        """Ask for an app that cannot exist, if it is time; return what follows if it is found."""
        if not self.tries_nonsense:
            return None
        listing = self.store.nonsense(token_hex(6))
        findings = await self._look(fetcher, [Asked(listing, Outcome.NOT_FOUND)])
        found = [one for one in findings.observations if finds_nonsense(one)]
        return NONSENSE_FOUND.says(f"{listing}: {found[0].rule}") if found else None

    async def look_at_controls(self, fetcher: Fetcher) -> None:
        """Look at the controls, unless a look of this sweep has done so."""
        if not self.seen and not self.missed:
            await self._look(fetcher, [])

    async def _look(self, fetcher: Fetcher, asked: Sequence[Asked]) -> Findings:
        batch = Batch(self.place.storefront, asked, self.controls, token_hex(6))
        try:
            with defects():
                findings = (await fetcher.carry(self.store.look(batch))).findings
        except Defect:
            _log.exception("look failed", action="look_failed", place=str(self.place))
            return Findings([])
        self.take(findings)
        return findings


def prepare(
    store: Store, under_way: Sweep, controls: Sequence[str], doubts: Doubts, *, arrives: bool
) -> Instrument:
    """Return the instrument for a sweep. Controls that are lost there are asked last.

    Where an app that cannot exist was found, it is tried again until it is not; and so it is
    where an arrival is unconfirmed (`arrives`): a store that lists whatever it is asked for
    would confirm it. Whenever it is tried the controls stand in their own order, so that one
    that is back is seen.
    """
    place = under_way.place
    tries = doubts.nonsense or arrives or asks_nonsense(str(place), under_way.id)
    ordered = list(controls) if tries else by_health(controls, doubts.lost)
    return Instrument(store, place, ordered, doubts.lost, tries)


def tell_log(found: Concluded) -> None:
    """Log what a sweep found new of the instrument: each fault and each lost control once."""
    for fault in found.opened:
        _log.warning(fault.says, action="instrument_fault", id=fault.id)
    for fault in found.ended:
        _log.info(f"Over: {fault.says}", action="instrument_fault_over", id=fault.id)
    for control in found.lost:
        said = f"{control.says} Replace it under controls: in the watchlist."
        _log.warning(said, action="control_lost", place=str(control.place))
