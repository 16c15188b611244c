"""The dialogue with the App Store: look up in batches, ask again before believing an absence."""

import re
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import parse_qs, urlsplit

from appwatch.domain.model import Observation, Outcome
from appwatch.domain.verdict import Rule
from appwatch.stores.app_store import links, requests, rules, search, storefronts
from appwatch.stores.app_store.answers import extract, read
from appwatch.stores.app_store.observing import Reading, observe, pass_over, weigh
from appwatch.stores.app_store.platform_lookup import PLATFORM
from appwatch.stores.app_store.product_page import PRODUCT_PAGE
from appwatch.stores.app_store.second_rules import SECOND_RULES
from appwatch.stores.app_store.second_surfaces import Surfaces, second_opinion
from appwatch.stores.base import (
    Answer,
    Asked,
    Batch,
    Dialogue,
    Findings,
    Link,
    Request,
    Search,
)

CONTROLS_BESIDE = 3  # controls in one request; any of them vouches
ALONE = 5  # misses that are asked again one by one; more are asked again together
# With a control these are the 50 results that the API gives unless told otherwise, so that an
# answer cut short by a limit that was not heeded leaves out nothing here.
TOGETHER = 49
SURFACES = Surfaces("https://apps.apple.com", "https://uclient-api.itunes.apple.com")
_PAGE_ID = re.compile(r"/id([0-9]+)(?=/|$)")
OPINIONS = 20  # absences of one look that a second surface is asked about; the others wait


@dataclass(frozen=True, slots=True)
class AppStore:
    """Apple's App Store, asked through its lookup API at `lookup_url`, doubted by `second`."""

    lookup_url: str
    per_minute: float = 20.0
    second: Surfaces = SURFACES
    name: str = "app_store"
    title: str = "App Store"
    batch_size: int = requests.LIMIT - CONTROLS_BESIDE
    controls_apart: bool = False
    rules: Sequence[Rule] = (*rules.RULES, *SECOND_RULES)
    second_surfaces: Sequence[str] = (PRODUCT_PAGE, PLATFORM)
    # Apple's own Pages, TestFlight and Numbers.
    default_controls: Sequence[str] = ("361309726", "899247664", "361304891")

    def nonsense(self, key: str) -> str:
        """Return a track id beyond all that there are, made of a hexadecimal key.

        Apple has numbered its listings one after the other, and is at about seven thousand million.
        """
        return f"99{int(key, 16) % 10**10:010}"

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
        return f"https://apps.apple.com/{storefront}/app/id{listing}"

    def read_link(self, text: str) -> Link | None:
        """Return the track id in a link to a product page, or in a plain id."""
        return links.read_link(text)

    def find(self, name: str, storefront: str, key: str) -> Search:
        """Search a storefront in one request."""
        answer = yield search.search(self.lookup_url, name, storefront, key, self.per_minute)
        return search.read(answer, storefront)

    def extract(self, body: bytes, listings: Collection[str]) -> Mapping[str, bytes]:
        """Return each listing's own result, byte for byte."""
        return extract(body, listings)

    def is_single(self, url: str, listing: str, controls: Collection[str]) -> bool:
        """Whether a lookup or a page is about this track id alone, controls aside."""
        parts = urlsplit(url)
        asked = {one for ids in parse_qs(parts.query).get("id", ()) for one in ids.split(",")}
        asked |= set(_PAGE_ID.findall(parts.path))
        return asked <= {listing, *controls}

    def look(self, batch: Batch) -> Dialogue:
        """Look the batch up in one request; ask again in the same pass what would move a state.

        Of what is still missing then, and was not doubted before, a second surface is asked.
        """
        controls = tuple(batch.controls)[:CONTROLS_BESIDE]
        first = yield from self._first(batch, controls)
        readings = {reading.exchange: reading for reading in first.values()}
        seen = {c: any(one.saw((c,)) for one in readings.values()) for c in controls}
        vouching = [control for control in controls if seen[control]][:1]
        missed, start = _missed(batch, first, controls), 1 + max(readings, default=0)
        latest = yield from self._ask_again(missed, vouching, batch, start)
        observed = {
            one: observe(first[one], latest.get(one), one, controls, batch.storefront)
            for one in (asked.listing for asked in batch.asked)
        }
        asked_so_far = max([start, *(1 + one.exchange for one in latest.values())])
        observed |= yield from self._doubt(batch, observed, asked_so_far)
        return Findings(
            [observed[asked.listing] for asked in batch.asked],
            seen,
            frozenset(c for c in controls if not seen[c] and _leaves_out(readings.values(), c)),
        )

    def _first(
        self, batch: Batch, controls: Sequence[str]
    ) -> Generator[Request, Answer, dict[str, Reading]]:
        """Look the batch up in one request, and in parts if the answer is to another question.

        So one id that is answered with another blinds no more than its own part.
        """
        ids = list(dict.fromkeys([*(asked.listing for asked in batch.asked), *controls]))
        whole = _reading((yield self._lookup(ids, batch, 0)), ids, batch.storefront, 0)
        if not whole.is_strange or not batch.asked:
            return dict.fromkeys(ids, whole)
        return (yield from self._ask_again(batch.asked, _drawn(controls, batch.key)[:1], batch, 1))

    def _doubt(
        self, batch: Batch, observed: Mapping[str, Observation], exchange: int
    ) -> Generator[Request, Answer, dict[str, Observation]]:
        """Ask a second surface of the absences that still need one, as many as is polite.

        Which ones is drawn anew every round, so that each gets its turn.
        """
        absent = Outcome.NOT_FOUND
        doubted = [
            asked.listing
            for asked in batch.asked
            if asked.doubted and observed[asked.listing].outcome is absent
        ]
        weighed: dict[str, Observation] = {}
        for listing in _drawn(doubted, batch.key)[:OPINIONS]:
            key = f"{batch.key}.{exchange}"
            opinion = yield from second_opinion(self.second, listing, batch.storefront, key)
            weighed[listing] = weigh(observed[listing], opinion, exchange)
            exchange += opinion.exchanges
        left = [one for one in doubted if one not in weighed]
        return weighed | {one: pass_over(observed[one], weighed.values()) for one in left}

    def _ask_again(
        self, missed: Sequence[Asked], beside: Sequence[str], batch: Batch, start: int
    ) -> Generator[Request, Answer, dict[str, Reading]]:
        """Ask these once more, beside a control and under new keys, numbered from `start`."""
        size = 1 if len(missed) <= ALONE else TOGETHER
        groups = [missed[at : at + size] for at in range(0, len(missed), size)]
        latest: dict[str, Reading] = {}
        for number, group in enumerate(groups, start):
            ids = list(dict.fromkeys([*(asked.listing for asked in group), *beside]))
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


def _drawn(listings: Iterable[str], key: str) -> list[str]:
    """Return these in an order that another key changes."""
    return sorted(listings, key=lambda one: blake2b(f"{key} {one}".encode()).digest())


def _leaves_out(readings: Iterable[Reading], listing: str) -> bool:
    """Whether one of these answers leaves out this listing, which was asked."""
    return any(reading.says(listing, Outcome.NOT_FOUND) for reading in readings)


def _missed(batch: Batch, first: Mapping[str, Reading], controls: Sequence[str]) -> list[Asked]:
    """Return what an answer with a control leaves out although its state says that it is there."""
    absent = Outcome.NOT_FOUND
    return [
        asked
        for asked in batch.asked
        if first[asked.listing].verdicts[asked.listing].outcome is absent
        and asked.moved_by(absent)
        and first[asked.listing].saw(controls)
    ]
