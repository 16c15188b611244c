"""The dialogue with the App Store: look up in batches, ask again before believing an absence."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appwatch.domain.model import Observation, Outcome, Verdict
from appwatch.domain.verdict import Rule
from appwatch.stores.app_store import requests, rules, storefronts
from appwatch.stores.app_store.answers import extract, read
from appwatch.stores.base import Answer, Asked, Batch, Dialogue, Findings, Request

CONTROLS_BESIDE = 3  # controls in one request; any of them vouches
ALONE = 5  # misses that are asked again one by one; more are asked again together
# With a control these are the 50 results that the API gives unless told otherwise, so that an
# answer cut short by a limit that was not heeded leaves out nothing here.
TOGETHER = 49


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


@dataclass(frozen=True, slots=True)
class AppStore:
    """Apple's App Store, asked through its lookup API at `lookup_url`."""

    lookup_url: str
    per_minute: float = 20.0
    name: str = "app_store"
    title: str = "App Store"
    batch_size: int = requests.LIMIT - CONTROLS_BESIDE
    rules: Sequence[Rule] = rules.RULES
    # Apple's own Pages, TestFlight and Numbers.
    default_controls: Sequence[str] = ("361309726", "899247664", "361304891")

    def refuse_listing(self, listing: str) -> str | None:
        """Return why this cannot be a track id and what was expected, or None."""
        return requests.refuse_listing(listing)

    def refuse_storefront(self, storefront: str) -> str | None:
        """Return why this is none of the 175 storefronts and what was expected, or None."""
        return storefronts.refuse_storefront(storefront)

    def every_storefront(self) -> Sequence[str]:
        """Return the 175 storefronts."""
        return storefronts.STOREFRONTS

    def page_url(self, listing: str, storefront: str) -> str:
        """Return the public address of the listing, for people."""
        return requests.page_url(listing, storefront)

    def extract(self, body: bytes, listing: str) -> bytes:
        """Return the listing's own result, byte for byte."""
        return extract(body, listing)

    def look(self, batch: Batch) -> Dialogue:
        """Look the batch up in one request; ask again in the same pass what would move a state."""
        controls = tuple(batch.controls)[:CONTROLS_BESIDE]
        ids = list(dict.fromkeys([*(asked.listing for asked in batch.asked), *controls]))
        first = _reading((yield self._lookup(ids, batch, 0)), ids, batch.storefront, 0)
        vouching = first.saw(controls)
        latest = {asked.listing: first for asked in batch.asked}
        if vouching is not None:
            latest |= yield from self._ask_again(_missed(batch, first), vouching, batch)
        observations = [
            _observation(a, first, latest[a.listing], controls, batch) for a in batch.asked
        ]
        return Findings(observations, {c: first.saw((c,)) is not None for c in controls})

    def _ask_again(
        self, missed: Sequence[Asked], control: str, batch: Batch
    ) -> Generator[Request, Answer, dict[str, Reading]]:
        """Ask the misses once more, beside one control and under new keys."""
        size = 1 if len(missed) <= ALONE else TOGETHER
        groups = [missed[start : start + size] for start in range(0, len(missed), size)]
        latest: dict[str, Reading] = {}
        for number, group in enumerate(groups, start=1):
            ids = [*(asked.listing for asked in group), control]
            reading = _reading(
                (yield self._lookup(ids, batch, number)), ids, batch.storefront, number
            )
            latest |= {asked.listing: reading for asked in group}
        return latest

    def _lookup(self, ids: Sequence[str], batch: Batch, number: int) -> Request:
        key = f"{batch.key}.{number}" if number else batch.key
        return requests.lookup(self.lookup_url, ids, batch.storefront, key, self.per_minute)


def _reading(answer: Answer, ids: Sequence[str], storefront: str, exchange: int) -> Reading:
    return Reading(read(answer, ids, storefront), answer.finished_at, exchange)


def _missed(batch: Batch, first: Reading) -> list[Asked]:
    """Return what the answer leaves out although its state says that it is there."""
    absent = Outcome.NOT_FOUND
    return [
        asked
        for asked in batch.asked
        if first.verdicts[asked.listing].outcome is absent and asked.moved_by(absent)
    ]


def _observation(
    asked: Asked, first: Reading, latest: Reading, controls: Sequence[str], batch: Batch
) -> Observation:
    verdict = latest.verdicts[asked.listing]
    if verdict.outcome is Outcome.NOT_FOUND:
        beside = [c for c in controls if c in latest.verdicts and c != asked.listing]
        if latest.saw(beside) is None:
            verdict = rules.CONTROL_FAILED.says("no control was seen beside it")
    exchanges = (latest.exchange,) if latest is first else (latest.exchange, first.exchange)
    return Observation(
        asked.listing,
        batch.storefront,
        verdict.outcome,
        verdict.rule,
        latest.seen_at,
        verdict.reason,
        verdict.detail,
        (requests.LOOKUP,),
        verdict.facts,
        exchanges,
    )
