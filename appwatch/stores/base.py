"""What a store is: a dialogue without I/O, and the few facts that the rest needs of it."""

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

import msgspec

from appwatch.domain.model import Observation, Outcome, Reason
from appwatch.domain.verdict import Rule


@dataclass(frozen=True, slots=True)
class Request:
    """One GET that a dialogue wants carried.

    `hosts` are the hosts (with port, where one is given) that redirects may lead to;
    a redirect elsewhere is not followed but answered as it came.
    `fresh` asks for a connection of its own, past any kept-alive edge.
    `per_minute` is the pace of the surface at its host; 0 means unpaced.
    """

    url: str
    surface: str
    storefront: str
    hosts: frozenset[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    per_minute: float = 20.0

    @property
    def host(self) -> str:
        """The host (and port) asked: what pace and rests are kept for."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request, or why nothing did.

    `fault` is set when there is no complete answer (network, timeout, too_large,
    rate_limited while the host rests); `status` is 0 then unless headers had arrived.
    `body` is decoded, `raw` as received after transfer coding; `url` is the final one.
    """

    request: Request
    started_at: datetime
    finished_at: datetime
    status: int = 0
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    raw: bytes = b""
    fault: Reason | None = None
    detail: str = ""

    def header(self, name: str) -> str:
        """Return the first header of that name (any case), or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


class Asked(msgspec.Struct, frozen=True, gc=False):
    """One listing to look at, and the outcome that its state already accounts for.

    `settled` is the outcome that would move nothing (None before the first look).
    `doubted` says that an absence still needs a second surface that agrees.
    """

    listing: str
    settled: Outcome | None = None
    doubted: bool = False

    def moved_by(self, outcome: Outcome) -> bool:
        """Whether this outcome would move the target's state."""
        return outcome is not Outcome.INCONCLUSIVE and outcome is not self.settled


@dataclass(frozen=True, slots=True)
class Batch:
    """What one dialogue is to look at: listings of one storefront, and controls to ask beside.

    `key` is new for every round, so that no cache answers from an earlier one.
    `vouched` says that a control of this storefront was already seen in this sweep. With
    nothing asked, the look is at the controls alone.
    """

    storefront: str
    asked: Sequence[Asked]
    controls: Sequence[str]
    key: str
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What a dialogue returns: an observation per listing asked, and what became of the controls.

    `controls` maps each control asked to whether it was seen; `absent` are those of which the
    store itself said that there is no such listing.
    """

    observations: list[Observation]
    controls: Mapping[str, bool] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


Dialogue = Generator[Request, Answer, Findings]


class Link(NamedTuple):
    """What a person's words for a listing mean: the listing, and the storefront they name."""

    listing: str
    storefront: str | None = None


class Candidate(NamedTuple):
    """A listing that a search found, in the store's own words; nothing is held true by it."""

    listing: str
    name: str
    developer: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search returns, best first; `reason` says why it proves nothing, if so."""

    candidates: Sequence[Candidate] = ()
    reason: Reason | None = None
    detail: str = ""


Search = Generator[Request, Answer, Found]


class Store(Protocol):
    """One store. All about it lives in its folder; STORES is the only place that names it."""

    @property
    def name(self) -> str:
        """The store's word in the watchlist: app_store."""
        ...

    @property
    def title(self) -> str:
        """The store's name for people: App Store."""
        ...

    @property
    def batch_size(self) -> int:
        """How many listings one dialogue may look at in one request."""
        ...

    @property
    def controls_apart(self) -> bool:
        """Whether a look at a control takes a request of its own."""
        ...

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule that may decide a look at this store."""
        ...

    @property
    def second_surfaces(self) -> Sequence[str]:
        """The surfaces of which one must agree to a disappearance; empty where there is none."""
        ...

    @property
    def default_controls(self) -> Sequence[str]:
        """Listings that are surely there in every storefront."""
        ...

    def nonsense(self, key: str) -> str:
        """Return a listing that surely does not exist, made of a random hexadecimal key."""
        ...

    def refuse_listing(self, listing: str) -> str | None:
        """Return why this cannot be a listing of the store and what was expected, or None."""
        ...

    def refuse_storefront(self, storefront: str) -> str | None:
        """Return why this is no storefront of the store and what was expected, or None."""
        ...

    def every_storefront(self) -> Sequence[str] | None:
        """Return what "all" stands for, or None where the store has no such list."""
        ...

    def page_url(self, listing: str, storefront: str) -> str:
        """Return the public address of the listing, for people."""
        ...

    def read_link(self, text: str) -> Link | None:
        """Return what a link to a listing, or the listing itself, means; None for all else."""
        ...

    def find(self, name: str, storefront: str, key: str) -> Search:
        """Search a storefront for apps of this name: yield requests, be sent answers."""
        ...

    def look(self, batch: Batch) -> Dialogue:
        """Look at every listing of the batch: yield requests, be sent answers, return findings."""
        ...

    def extract(self, body: bytes, listings: Collection[str]) -> Mapping[str, bytes]:
        """Return each listing's own part of an answer; those that it does not list are left out."""
        ...

    def is_single(self, url: str, listing: str, controls: Collection[str]) -> bool:
        """Whether an address that was asked names no listing but this one and these controls."""
        ...
