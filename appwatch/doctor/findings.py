"""What an examination is given, and what it finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appwatch.alerts.wording import Wording
from appwatch.db.engine import Database
from appwatch.evidence import Evidence
from appwatch.fetching import Fetching
from appwatch.stores.base import Store
from appwatch.watchlist import Watchlist


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do where it is not in order.

    `reached`: whether a store gave an answer that can be read; None where none was asked.
    """

    check: str
    ok: bool
    says: str
    remedy: str | None = None
    reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. `read_watchlist` raises WatchlistError; `secret` names a variable.

    `last_good` is the watchlist in force as the database keeps it, `room_mb` what a disk must have.
    """

    database: Database
    evidence: Evidence
    stores: Mapping[str, Store]
    fetching: Fetching
    now: Callable[[], datetime]
    read_watchlist: Callable[[], Watchlist]
    last_good: Callable[[], Watchlist | None]
    room_mb: float
    secret: Callable[[str], str]
    # Returns why a channel's address cannot be used, without showing it, or None.
    refuse_address: Callable[[str, str], str | None]
    wording: Wording
    warnings: Sequence[str] = ()  # on the settings


def fine(check: str, says: str) -> Finding:
    """Return the finding that something is in order."""
    return Finding(check, ok=True, says=says)


def wrong(check: str, says: str, remedy: str) -> Finding:
    """Return the finding that something is not in order."""
    return Finding(check, ok=False, says=says, remedy=remedy)
