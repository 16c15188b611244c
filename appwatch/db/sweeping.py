"""The values of a sweep: by which terms it judges, what it saw, what that made of targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from appwatch.db.due import Due
from appwatch.db.holds import Hold
from appwatch.domain.clocks import Beat
from appwatch.domain.confirmation import Policy
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import Observation, Place
from appwatch.domain.routing import Route
from appwatch.domain.state import Event


@dataclass(frozen=True, slots=True)
class Terms:
    """What looks are judged and told by: the watchlist's part in it."""

    every: timedelta
    policy: Policy
    routes: Sequence[Route] = ()
    hold: HoldRule = field(default_factory=HoldRule)
    # By store: the surfaces of which one must agree to a disappearance.
    second: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # By store: its name for people.
    titles: Mapping[str, str] = field(default_factory=dict)
    # By name: storefronts that the watchlist has put together.
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Whether the changes of one developer make one incident, not those of one app.
    by_developer: bool = False


@dataclass(slots=True)
class Sweep:
    """A sweep under way; its counters are written with every batch, at this machine's beat."""

    id: int
    place: Place
    started_at: datetime
    done: int = 0
    late: int = 0
    missed_rounds: int = 0
    beat: Beat | None = None
    vantage: str = ""
    inconclusive: dict[str, int] = field(default_factory=dict)
    opened: list[Hold] = field(default_factory=list)  # holds that this sweep opened


class Seen(msgspec.Struct, frozen=True, gc=False):
    """One target's part of what a dialogue found; `answer` is its answer's SHA-256."""

    due: Due
    observation: Observation
    answer: bytes


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """What a look made of a target."""

    due: Due
    observation: Observation
    state: str
    events: tuple[Event, ...] = ()
