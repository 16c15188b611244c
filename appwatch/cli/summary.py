"""What a check says of its looks: a row for each, and a few sentences for all."""

import re
from collections import Counter
from collections.abc import Sequence

from appwatch.db.sweeping import Recorded
from appwatch.domain.model import Observation, Place, Reason
from appwatch.domain.state import Transition
from appwatch.exports import Row

TOLD = 10  # changes told one by one
_OURS = (Reason.NETWORK, Reason.TIMEOUT)
# What a failed connection's own words mean, in words for people.
_CAUSES = (
    (re.compile(r"name|resolution|getaddrinfo|nodename", re.IGNORECASE), "DNS"),
    (re.compile(r"refused|all connection attempts failed", re.IGNORECASE), "a refused connection"),
    (re.compile(r"unreachable|no route", re.IGNORECASE), "an unreachable network"),
    (re.compile(r"ssl|tls|certificate", re.IGNORECASE), "TLS"),
    (re.compile(r"proxy", re.IGNORECASE), "the proxy"),
)


def look_row(place: Place, look: Recorded) -> Row:
    """Return the public row of one look."""
    seen = look.observation
    return {
        "app": look.due.app_id,
        "store": place.store,
        "listing": look.due.listing,
        "storefront": place.storefront,
        "outcome": seen.outcome.value,
        "reason": seen.reason.value if seen.reason else None,
        "rule": seen.rule,
        "checked_at": seen.seen_at,
        "state": look.state,
    }


def summary(looks: Sequence[tuple[Place, Recorded]]) -> list[str]:
    """Return how many looks were conclusive, what they changed, and whose trouble there was."""
    seen = [look.observation for _, look in looks]
    sentences = [_counted(seen), *_changes(looks)]
    trouble = own_trouble(seen)
    return [*sentences, trouble] if trouble else sentences


def _counted(seen: Sequence[Observation]) -> str:
    reasons = Counter(one.reason.value for one in seen if one.reason)
    told = f"{_looks(len(seen))}, {len(seen) - reasons.total()} conclusive"
    if not reasons:
        return f"{told}."
    parts = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    return f"{told}, {reasons.total()} inconclusive ({parts})."


def _changes(looks: Sequence[tuple[Place, Recorded]]) -> list[str]:
    found = [
        f"{look.due.app_id} {event.kind.value}: {place}, {look.due.listing}."
        for place, look in looks
        for event in look.events
        if isinstance(event, Transition) and event.kind is not None
    ]
    more = [f"and {len(found) - TOLD} more changes; see: appwatch changes"]
    return found[:TOLD] + (more if len(found) > TOLD else [])


def own_trouble(seen: Sequence[Observation]) -> str | None:
    """Return a sentence when most failures are of the network here, not of a store."""
    failed = [one for one in seen if one.reason]
    ours = [one for one in failed if one.reason in _OURS]
    if not ours or len(ours) * 2 <= len(failed):
        return None
    cause = Counter(_cause(one) for one in ours).most_common(1)[0][0]
    return (
        f"trouble of our own (network): {len(ours)} of {_looks(len(seen))} failed by {cause}; "
        "see: appwatch doctor"
    )


def _cause(seen: Observation) -> str:
    if seen.reason is Reason.TIMEOUT:
        return "time running out"
    found = (cause for pattern, cause in _CAUSES if pattern.search(seen.detail))
    return next(found, "a broken connection")


def _looks(count: int) -> str:
    return "1 look" if count == 1 else f"{count} looks"
