"""What goes when to whom: pure rules over routes, topics and moments.

A rule only ever picks, delays or sums up: whatever a channel wants to hear reaches it in some
message, unless a silence found that it does not hold any more.
"""

from appwatch.domain.routing.limits import Turn, turn
from appwatch.domain.routing.moments import INCIDENT_WINDOW, due_before, next_digest, when
from appwatch.domain.routing.patience import (
    BACKOFF,
    LATE_AFTER,
    LATE_ATTEMPTS,
    LONGEST_ASKED,
    has_failed_for_days,
    rests_until,
    tried_again_at,
)
from appwatch.domain.routing.reminding import next_reminder
from appwatch.domain.routing.route import (
    DEFAULT_KINDS,
    GROUP_FOR,
    PACE,
    Quiet,
    Rate,
    Route,
    Topic,
    concerns,
    is_urgent,
    operators,
    wants,
)
from appwatch.domain.routing.silences import Silenced, SilenceScope, silenced_by, still_holds

__all__ = [
    "BACKOFF",
    "DEFAULT_KINDS",
    "GROUP_FOR",
    "INCIDENT_WINDOW",
    "LATE_AFTER",
    "LATE_ATTEMPTS",
    "LONGEST_ASKED",
    "PACE",
    "Quiet",
    "Rate",
    "Route",
    "SilenceScope",
    "Silenced",
    "Topic",
    "Turn",
    "concerns",
    "due_before",
    "has_failed_for_days",
    "is_urgent",
    "next_digest",
    "next_reminder",
    "operators",
    "rests_until",
    "silenced_by",
    "still_holds",
    "tried_again_at",
    "turn",
    "wants",
    "when",
]
