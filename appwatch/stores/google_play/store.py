"""The dialogue with Google Play: one page per listing; ask again before believing an absence."""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import parse_qs, urlsplit

from appwatch.domain.model import Observation, Outcome, Reason, Verdict
from appwatch.domain.verdict import Rule
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
from appwatch.stores.google_play import links, requests, rules, search, storefronts
from appwatch.stores.google_play.answers import is_page_of, read

CONTROLS_AT_MOST = 2  # asked beside one absence; the second only if the first is not seen
ABSENCES = frozenset({Outcome.NOT_FOUND, Outcome.NOT_INSTALLABLE, Outcome.PREREGISTRATION})


@dataclass(frozen=True, slots=True)
class Sight:
    """One answer of the dialogue, read; `exchange` is its place in the dialogue."""

    verdict: Verdict
    seen_at: datetime
    exchange: int
    own_page: bool = False  # the store's page of this very listing, whether or not it can be read


@dataclass(slots=True)
class Course:
    """How far a dialogue has come: requests made, controls asked and what became of them."""

    requests: int = 0
    controls: dict[str, bool] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class GooglePlay:
    """Google Play, asked for its details pages at `base_url`.

    `cookie` is one constant consent cookie, `name=value`, sent when not empty.
    """

    base_url: str
    cookie: str = ""
    per_minute: float = 20.0
    name: str = "google_play"
    title: str = "Google Play"
    batch_size: int = 1
    controls_apart: bool = True
    rules: Sequence[Rule] = rules.RULES
    second_surfaces: Sequence[str] = ()
    default_controls: Sequence[str] = (
        "com.google.android.apps.maps",
        "com.google.android.youtube",
        "com.android.chrome",
        "com.google.android.gm",
    )

    def nonsense(self, key: str) -> str:
        """Return a package that Google Play does not take: none begins with com.example."""
        return f"com.example.none{key}"

    def refuse_listing(self, listing: str) -> str | None:
        """Return why this cannot be a package name and what was expected, or None."""
        return requests.refuse_listing(listing)

    def refuse_storefront(self, storefront: str) -> str | None:
        """Return why this cannot be asked of Google Play and what was expected, or None."""
        return storefronts.refuse_storefront(storefront)

    def every_storefront(self) -> Sequence[str] | None:
        """Return None: no list of the countries that Google Play serves is known."""
        return None

    def page_url(self, listing: str, storefront: str) -> str:
        """Return the public address of the listing, for people."""
        return requests.page_url(listing, storefront)

    def read_link(self, text: str) -> Link | None:
        """Return the package in a link to a details page, or a plain package name."""
        return links.read_link(text)

    def find(self, name: str, storefront: str, key: str) -> Search:  # noqa: ARG002 - no cache key
        """Search a storefront: one page."""
        answer = yield requests.search(
            self.base_url, name, storefront, self.cookie, self.per_minute
        )
        return search.read(answer, storefront)

    def extract(self, body: bytes, listings: Collection[str]) -> Mapping[str, bytes]:
        """Return the page as it is: it is about the one listing alone."""
        return dict.fromkeys(listings, body)

    def is_single(self, url: str, listing: str, controls: Collection[str]) -> bool:
        """Whether the page is that of this package, or of a control."""
        asked = parse_qs(urlsplit(url).query).get("id", ())
        return {listing, *controls}.issuperset(asked)

    def look(self, batch: Batch) -> Dialogue:
        """Look at each listing of the batch: one page, more where it shows an absence."""
        course = Course()
        observations = []
        for asked in batch.asked:
            observation = yield from self._observe(asked, batch, course)
            observations.append(observation)
        if not batch.asked:
            yield from self._control_sights(batch.controls, lambda one: one.own_page, batch, course)
        return Findings(observations, course.controls, frozenset(course.absent))

    def _observe(
        self, asked: Asked, batch: Batch, course: Course
    ) -> Generator[Request, Answer, Observation]:
        """Look at one listing; an absence is asked again if it would move the state."""
        first = yield from self._sight(asked.listing, batch, course)
        if not _needs_control(asked, first):
            return _observation(asked, batch, [first])
        if not asked.moved_by(first.verdict.outcome) and batch.vouched:
            return _observation(asked, batch, [first])
        others = [control for control in batch.controls if control != asked.listing]
        vouches = partial(_vouches, first)
        controls = yield from self._control_sights(others, vouches, batch, course)
        sights = [first, *controls]
        if asked.moved_by(first.verdict.outcome):
            second = yield from self._sight(asked.listing, batch, course, fresh=True)
            sights = [second, *sights]
        return _observation(asked, batch, sights, _control_failure(asked, sights[0], controls))

    def _control_sights(
        self,
        controls: Sequence[str],
        vouches: Callable[[Sight], bool],
        batch: Batch,
        course: Course,
    ) -> Generator[Request, Answer, list[Sight]]:
        """Ask one control, and another if the first does not vouch; return what was seen."""
        sights: list[Sight] = []
        for control in controls[:CONTROLS_AT_MOST]:
            sight = yield from self._sight(control, batch, course)
            sights.append(sight)
            course.controls[control] = sight.own_page
            if sight.verdict.outcome is Outcome.NOT_FOUND:
                course.absent.add(control)
            if vouches(sight):
                break
        return sights

    def _sight(
        self, listing: str, batch: Batch, course: Course, *, fresh: bool = False
    ) -> Generator[Request, Answer, Sight]:
        """Ask for one page and read it."""
        exchange = course.requests
        course.requests += 1
        answer = yield requests.details(
            self.base_url,
            listing,
            batch.storefront,
            cookie=self.cookie,
            fresh=fresh,
            per_minute=self.per_minute,
        )
        verdict = read(answer, listing, batch.storefront)
        unread = verdict.reason is Reason.LAYOUT_UNKNOWN and is_page_of(answer, listing)
        own_page = unread or verdict.outcome is Outcome.AVAILABLE
        return Sight(verdict, answer.finished_at, exchange, own_page)


def _needs_control(asked: Asked, sight: Sight) -> bool:
    """Whether the sight is an absence that a control must vouch for.

    A listing's own page that moves nothing proves itself: its data names package and country.
    """
    outcome = sight.verdict.outcome
    return outcome is Outcome.NOT_FOUND or (outcome in ABSENCES and asked.moved_by(outcome))


def _control_failure(asked: Asked, deciding: Sight, controls: Sequence[Sight]) -> Verdict | None:
    """Return the verdict where an absence stands and no control vouches for it."""
    if not _needs_control(asked, deciding) or any(_vouches(deciding, c) for c in controls):
        return None
    said = deciding.verdict.outcome.value
    beside = ", ".join(sight.verdict.rule for sight in controls) or "no control to ask"
    return rules.CONTROL_FAILED.says(f"{said}; beside it: {beside}")


def _vouches(deciding: Sight, control: Sight) -> bool:
    """Whether the control shows that the store serves listings as they are.

    For the store's Not Found page it is enough that the control has a page of its own there;
    what a page says of its offer is trusted only while the control's page can be read.
    """
    if deciding.verdict.outcome is Outcome.NOT_FOUND:
        return control.own_page
    return control.verdict.outcome is Outcome.AVAILABLE


def _observation(
    asked: Asked, batch: Batch, sights: Sequence[Sight], failure: Verdict | None = None
) -> Observation:
    """Return what was observed; the first sight is the one that decides."""
    deciding = sights[0]
    verdict = failure or deciding.verdict
    return Observation(
        listing=asked.listing,
        storefront=batch.storefront,
        outcome=verdict.outcome,
        rule=verdict.rule,
        seen_at=deciding.seen_at,
        reason=verdict.reason,
        detail=verdict.detail,
        surfaces=(requests.DETAILS,),
        facts=verdict.facts,
        exchanges=tuple(sight.exchange for sight in sights),
    )
