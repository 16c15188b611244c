"""Everything that proves one change, as values: what the rows say."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from appwatch.domain.verdict import Rule

At = TypeVar("At", datetime, str)  # a time as rows have it, or as a bundle writes it


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of what proves a change; read from a bundle, it is refused if it knows it not."""


class ProvenChange(Part, Generic[At], frozen=True):
    """A change as its own row has it.

    `waived` says that no second surface took part: it stayed silent. `retracted_at` is when the
    change was found to have been wrong, or None.
    """

    id: str
    kind: str
    app: str
    name: str
    store: str
    listing: str
    storefront: str
    from_state: str
    to_state: str
    before_at: At
    after_at: At
    confirmed_at: At
    looks: int
    rules: Sequence[str]
    surfaces: Sequence[str]
    rules_version: int
    missed_rounds: int
    scope: str | None
    incident: str
    waived: bool
    retracted_at: At | None
    retracted_why: str | None


class PeriodProof(Part, Generic[At], frozen=True):
    """A period that the change ended or began; an open end is None."""

    state: str
    started_earliest_at: At | None
    started_at: At
    ended_earliest_at: At | None
    ended_at: At | None
    looks: int | None
    inconclusive_looks: int | None


class SweepProof(Part, Generic[At], frozen=True):
    """The round of looks that the last look in the old state belongs to.

    `answer` is the SHA-256 of the answer which that look rests on, where it is known.
    """

    vantage: str
    started_at: At
    finished_at: At | None
    answer: str | None


class GoodListingProof(Part, Generic[At], frozen=True):
    """The listing as it was last kept before the change.

    `body` is the SHA-256 of its own part of the answer, `answer` that of the whole answer.
    """

    seen_at: At
    facts: Mapping[str, str]
    body: str
    answer: str


class LookProof(Part, Generic[At], frozen=True):
    """One look on the way to the change.

    `role` is `after` (the first to see the new state), `confirms` or `between` (it saw
    something else). `exchanges` are ids; the first is the one that the verdict rests on.
    """

    role: str
    seen_at: At
    outcome: str
    reason: str | None
    rule: str
    rules_version: int
    surfaces: Sequence[str]
    detail: str
    facts: Mapping[str, str]
    exchanges: Sequence[int]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `body` is the SHA-256 of the body as received."""

    surface: str
    url: str
    final_url: str
    request_headers: Mapping[str, str]
    status: int
    headers: Sequence[tuple[str, str]]
    fault: str | None
    detail: str
    started_at: datetime
    finished_at: datetime
    body: str
    size: int


@dataclass(frozen=True, slots=True)
class ExchangeProof(Exchange):
    """An exchange that is kept: its number, and where it was asked from."""

    id: int
    storefront: str
    vantage: str


class CaptureProof(Part, Generic[At], frozen=True):
    """A page that the Wayback Machine was to capture.

    `page` is `error_page` (what the storefront shows that the app left) or `listing` (the app
    where it was still listed then), `status` is `waiting`, `captured` or `failed`, `words` what
    the archive said last.
    """

    page: str
    storefront: str
    url: str
    status: str
    capture_url: str | None
    asked_at: At | None
    settled_at: At | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything that is kept of one change; looks and exchanges are in the order of time."""

    change: ProvenChange[datetime]
    ended: PeriodProof[datetime] | None
    began: PeriodProof[datetime] | None
    before: SweepProof[datetime] | None
    last_good: GoodListingProof[datetime] | None
    looks: Sequence[LookProof[datetime]]
    exchanges: Sequence[ExchangeProof]
    captures: Sequence[CaptureProof[datetime]] = ()


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a bundle needs to know of the store.

    `is_single(url, listing)` tells whether a request shows nothing of the watchlist but this
    listing and controls. `extract(body, listings)` returns the listings' own parts of a body
    without its content coding; those that have none are left out. `place_name` turns a
    storefront's code into words for people.
    """

    title: str
    rules: Sequence[Rule]
    is_single: Callable[[str, str], bool]
    extract: Callable[[bytes, Collection[str]], Mapping[str, bytes]]
    page_url: Callable[[str, str], str]
    place_name: Callable[[str], str] = str
