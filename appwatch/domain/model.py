"""The values that everything else speaks of: outcomes, reasons, states, observations, changes."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What one look saw."""

    AVAILABLE = "available"  # listed there, and offered
    NOT_FOUND = "not_found"  # the store says, with authority, that there is no such listing there
    NOT_INSTALLABLE = "not_installable"  # listed there, cannot be installed there
    PREREGISTRATION = "preregistration"  # announced there, not yet to be installed
    INCONCLUSIVE = "inconclusive"  # the look proves nothing; it carries a reason


class Reason(StrEnum):
    """Why a look was inconclusive, in order of precedence: the first that fits."""

    BAD_REQUEST = "bad_request"  # we asked for something that does not exist
    NETWORK = "network"  # DNS, TCP, TLS, closed early, shorter than announced
    TIMEOUT = "timeout"  # the whole request's deadline passed
    TOO_LARGE = "too_large"  # byte or decompression cap
    RATE_LIMITED = "rate_limited"  # the host asks us to slow down, or rests after it did
    SERVER_ERROR = "server_error"  # 5xx
    CONSENT = "consent"  # a consent wall
    BLOCKED = "blocked"  # captcha, robot check, a 404 that is not the store's own page
    BAD_ANSWER = "bad_answer"  # not the type or shape of this endpoint
    WRONG_APP = "wrong_app"  # a listing, about another app
    WRONG_STOREFRONT = "wrong_storefront"  # a listing, for another country
    LAYOUT_UNKNOWN = "layout_unknown"  # a store page whose data cannot be found
    CONTROL_FAILED = "control_failed"  # conclusive, but the control beside it was not seen
    SURFACES_DISAGREE = "surfaces_disagree"  # two surfaces of one store contradict each other
    INTERNAL_ERROR = "internal_error"  # anything of ours


class State(StrEnum):
    """What is held true of a target."""

    UNKNOWN = "unknown"  # never seen conclusively
    AVAILABLE = "available"
    NEVER_SEEN = "never_seen"  # absent ever since watching began
    NOT_INSTALLABLE = "not_installable"
    PREREGISTRATION = "preregistration"
    GONE = "gone"  # was listed there, and is confirmed absent


class ChangeKind(StrEnum):
    """The confirmed transitions between states."""

    DISAPPEARED = "disappeared"  # listed -> gone
    RESTRICTED = "restricted"  # available -> listed, not installable
    RETURNED = "returned"  # was available before, and is again
    APPEARED = "appeared"  # available for the first time since watching began
    LISTED = "listed"  # absent -> listed, not installable


SUSPECTED = "suspected"  # shown in place of a state while a departure from it is unconfirmed


class Place(NamedTuple):
    """A storefront of a store."""

    store: str
    storefront: str

    def __str__(self) -> str:
        """Return it as messages and logs write it: app_store/cn."""
        return f"{self.store}/{self.storefront}"


class Facts(NamedTuple):
    """What a listing says of itself, as far as the surface tells; empty when not told."""

    name: str = ""
    developer: str = ""
    version: str = ""
    price: str = ""
    updated: str = ""
    url: str = ""


NO_FACTS = Facts()


class Observation(NamedTuple):
    """What one look saw of one listing in one storefront.

    `exchanges` are positions in the list of exchanges that the look made (the dialogue's
    own order); the first of them is the one that the verdict rests on. `unasked` says that a
    second surface was due to be asked about the absence, and was asked about others instead.
    """

    listing: str
    storefront: str
    outcome: Outcome
    rule: str
    seen_at: datetime
    reason: Reason | None = None
    detail: str = ""
    surfaces: tuple[str, ...] = ()
    facts: Facts = NO_FACTS
    exchanges: tuple[int, ...] = ()
    unasked: bool = False

    @property
    def conclusive(self) -> bool:
        """Whether the look proves anything."""
        return self.outcome is not Outcome.INCONCLUSIVE


class Verdict(NamedTuple):
    """What an answer says of one listing, before the look around it is judged."""

    outcome: Outcome
    rule: str
    reason: Reason | None = None
    detail: str = ""
    facts: Facts = NO_FACTS
