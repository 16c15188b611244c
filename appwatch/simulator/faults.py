"""What can go wrong with an answer, and which fault strikes a given request."""

import threading
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from appwatch.simulator.world import APP_STORE, GOOGLE_PLAY


class Surface(StrEnum):
    """The endpoints that the simulator plays."""

    LOOKUP = "lookup"
    PLATFORM = "platform"
    PRODUCT_PAGE = "product_page"
    SEARCH = "search"
    DETAILS_PAGE = "details_page"  # Google Play
    SEARCH_PAGE = "search_page"  # Google Play

    @property
    def store(self) -> str:
        """Whose endpoint it is."""
        own = (Surface.DETAILS_PAGE, Surface.SEARCH_PAGE)
        return GOOGLE_PLAY if self in own else APP_STORE


class FaultKind(StrEnum):
    """Everything that a request can meet instead of the plain truth."""

    # What the connection does
    TRUNCATED_BODY = "truncated_body"  # content-length announces twice what comes
    CLOSED_EARLY = "closed_early"  # closed before the first byte of the answer
    SLOW_HEADERS = "slow_headers"  # one byte per `pause`
    SLOW_BODY = "slow_body"  # one byte per `pause`
    HANG = "hang"  # no byte at all
    GZIP_BOMB = "gzip_bomb"  # some kB that decode to `size` bytes
    OVERSIZE_BODY = "oversize_body"  # `size` bytes, not announced
    # Where it sends
    REDIRECT_AWAY = "redirect_away"  # to `instead`, another host
    REDIRECT_LOOP = "redirect_loop"  # to itself
    CAPTCHA_REDIRECT = "captcha_redirect"  # to google's /sorry/index
    CONSENT_REDIRECT = "consent_redirect"  # to consent.google.com
    # What status it has, and what body with it
    FORBIDDEN_EMPTY = "forbidden_empty"  # 403 and nothing, as lookup limits its rate
    FORBIDDEN = "forbidden"  # 403 with a page
    TEXT_404 = "text_404"  # 404 text/plain, as lookup sometimes answers for live apps
    RATE_LIMITED = "rate_limited"  # 429, with Retry-After if `retry_after` is set
    UNAVAILABLE_EMPTY = "unavailable_empty"  # 503 and nothing
    UNAVAILABLE_HTML = "unavailable_html"  # 503 with a page
    SERVER_ERROR = "server_error"  # 500
    ROBOT_404 = "robot_404"  # a front end's 404, not the store's
    CAPTCHA = "captcha"  # the captcha form itself, with `status`
    CONSENT_FORM = "consent_form"  # 200 with the consent form
    JAVASCRIPT_STUB = "javascript_stub"  # 200 with a demand to enable JavaScript
    HTML_FOR_JSON = "html_for_json"  # 200 with some page
    EMPTY_BODY = "empty_body"  # 200 and nothing
    ERROR_ENVELOPE = "error_envelope"  # 200 with lookup's errorMessage
    HOME_PAGE = "home_page"  # 200 with the store's home page
    # What the answer says
    FALSE_ABSENCE = "false_absence"  # the store's own "no such listing", though it is listed
    FALSE_PRESENCE = "false_presence"  # still listed, though it is gone
    ECHO = "echo"  # whatever is asked for is listed, even what never was
    STALE = "stale"  # what was answered first to the same query, for `hours`
    WRONG_APP = "wrong_app"  # about another app
    WRONG_STOREFRONT = "wrong_storefront"  # about the storefront named by `instead`
    LAYOUT_UNKNOWN = "layout_unknown"  # the data cannot be found where it was
    SLOT_ABSENT = "slot_absent"  # Play: the availability slot is not there
    EMPTY_ENTERPRISE = "empty_enterprise"  # platform lookup: the enterprise catalogue is empty


# Faults that only one endpoint can have; elsewhere they strike nothing.
_ONLY: Mapping[FaultKind, Surface] = MappingProxyType(
    {
        FaultKind.HOME_PAGE: Surface.DETAILS_PAGE,
        FaultKind.SLOT_ABSENT: Surface.DETAILS_PAGE,
        FaultKind.EMPTY_ENTERPRISE: Surface.PLATFORM,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault and its limits; what is not limited strikes everything.

    `share` of the requests that fit are struck, at most `times` of them, from `since` until
    before `until` (moments of the world's clock). With `fresh_key_helps`, false and stale
    answers come from a cache: a `_` not seen before gets past it (else the key is ignored).
    """

    kind: FaultKind
    store: str | None = None
    surface: Surface | None = None
    storefronts: frozenset[str] | None = None
    listings: frozenset[str] | None = None
    share: float = 1.0
    times: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    fresh_key_helps: bool = False
    hours: float = 24
    retry_after: str = ""
    status: int = 429
    pause: float = 0.2
    size: int = 64 << 20
    instead: str = ""

    def fits(self, asked: "Asked", moment: datetime) -> bool:
        """Whether the fault may strike such a request at that moment."""
        return (
            _ONLY.get(self.kind, asked.surface) is asked.surface
            and self.store in (None, asked.surface.store)
            and self.surface in (None, asked.surface)
            and (self.storefronts is None or asked.storefront in self.storefronts)
            and (self.listings is None or not self.listings.isdisjoint(asked.listings))
            and (self.since is None or self.since <= moment)
            and (self.until is None or moment < self.until)
        )

    def hits(self, listing: str) -> bool:
        """Whether the fault means this listing of a batch."""
        return self.listings is None or listing in self.listings

    @property
    def lasting(self) -> timedelta:
        """How long a stale answer is kept."""
        return timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request wants to know. `key` is its cache key (`_`), empty if it has none."""

    surface: Surface
    storefront: str
    listings: tuple[str, ...]
    key: str = ""


class Faults:
    """The faults that are switched on, in order: the first that strikes counts.

    The choice of a share depends on `seed` and on the order of requests alone.
    """

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._faults = list(faults)
        self._fitted: Counter[Fault] = Counter()
        self._struck: Counter[Fault] = Counter()
        self._keys: set[tuple[str, str]] = set()

    def add(self, *faults: Fault) -> None:
        """Switch these on, with their counts at nothing."""
        with self._lock:
            self._faults.extend(faults)
            for fault in faults:
                self._fitted[fault] = self._struck[fault] = 0

    def remove(self, fault: Fault) -> None:
        """Switch this one off, if it is on."""
        with self._lock:
            self._faults = [known for known in self._faults if known != fault]

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._faults = []

    def strike(self, asked: Asked, moment: datetime) -> Fault | None:
        """Return the fault that strikes this request, and count it."""
        with self._lock:
            fresh = self._is_fresh(asked)
            fitting = (fault for fault in self._faults if fault.fits(asked, moment))
            for fault in fitting:
                if not (fault.fresh_key_helps and fresh) and self._chosen(fault):
                    self._struck[fault] += 1
                    return fault
        return None

    def struck(self, fault: Fault) -> int:
        """Return how often the fault has struck."""
        return self._struck[fault]

    def _is_fresh(self, asked: Asked) -> bool:
        mark = (asked.storefront, asked.key)
        if not asked.key or mark in self._keys:
            return False
        self._keys.add(mark)
        return True

    def _chosen(self, fault: Fault) -> bool:
        if fault.times is not None and self._struck[fault] >= fault.times:
            return False
        self._fitted[fault] += 1
        draw = zlib.crc32(f"{self._seed}:{fault.kind}:{self._fitted[fault]}".encode())
        return draw < fault.share * 2**32
