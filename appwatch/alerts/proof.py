"""What proves a change, in words: between which moments, by how many looks, past which doubts."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from appwatch.alerts.phrases import ends_of
from appwatch.alerts.wording import Wording, counted, joined, moment, place, plain, span
from appwatch.db.deliveries import ChangeRow

# Words of the stores that say too little to a reader.
_SURFACES: Final = MappingProxyType({"platform": "platform lookup", "details": "details page"})
_BY_CONTROL: Final = "a control was seen in a later sweep"
_BY_PERSON: Final = "a person released {them}"


def details(change: ChangeRow, wording: Wording) -> list[str]:
    """Return what proves one change, a line each."""
    ends = ends_of(change.kind, change.from_state, change.to_state)
    return [
        f"When: {between([change])}. It was {ends}.",
        f"Confirmed: {moment(change.confirmed_at)}, {confirmation(change)}.",
        *doubts(change, wording),
        *([held([change])] if change.hold else []),
    ]


def line(change: ChangeRow, wording: Wording, head: str = "") -> str:
    """Return what proves one change of several, in one paragraph that begins with its head."""
    told = [
        f"{head or place(change.storefront)}: {between([change])}.",
        f"Confirmed {moment(change.confirmed_at)}, {confirmation(change)}.",
        *doubts(change, wording),
        wording.page(change.store, change.listing, change.storefront),
    ]
    return "- " + " ".join(told)


def between(changes: Sequence[ChangeRow]) -> str:
    """Return the moments between which all of these changes lie, and how far they are apart."""
    first = min(change.before_at for change in changes)
    last = max(change.after_at for change in changes)
    return f"between {moment(first)} and {moment(last)} ({span(last - first)})"


def confirmation(change: ChangeRow) -> str:
    """Return by what a change was confirmed."""
    told = f"by {counted(change.looks, 'look')}"
    if change.looks > 1:
        told += f" over {span(change.confirmed_at - change.after_at)}"
    if change.surfaces:
        word = "surface" if len(change.surfaces) == 1 else "surfaces"
        told += f" ({word}: {joined([surface(one) for one in change.surfaces])})"
    if change.kind == "disappeared":
        # No look shows an absence unless a control was seen: without one it is inconclusive.
        told += ", with a control app seen beside it each time"
    return told


def doubts(change: ChangeRow, wording: Wording) -> list[str]:
    """Return what a reader must know of the confirmation: a waived surface, a gap."""
    told = []
    if change.waived:
        told.append(_waived(change, wording))
    if change.missed_rounds > 0:
        told.append(_gap(change))
    return told


def doubts_of_several(changes: Sequence[ChangeRow]) -> list[str]:
    """Return in how many storefronts of one app there is such a doubt."""
    waived = sum(change.waived for change in changes)
    gaps = sum(change.missed_rounds > 0 for change in changes)
    told = []
    if waived:
        told.append(f"In {waived} of them the second surface stayed silent and was waived.")
    if gaps:
        told.append(f"In {gaps} of them it was seen after a gap in which looks proved nothing.")
    return told


def held(changes: Sequence[ChangeRow]) -> str:
    """Return that these changes came out of a hold, and what ended it for them."""
    it, them = ("it was", "it") if len(changes) == 1 else ("they were", "them")
    by_person = [_released(change) for change in changes]
    ends = [] if all(by_person) else [_BY_CONTROL]
    ends += [_BY_PERSON.format(them=them)] if any(by_person) else []
    return f"So much was missing at once that {it} held until {' or '.join(ends)}."


def surface(word: str) -> str:
    """Return a surface in words: product page."""
    return _SURFACES.get(word) or plain(word).replace("_", " ")


def _released(change: ChangeRow) -> bool:
    """Whether a person had released the hold when the change was confirmed."""
    released_at = change.hold_released_at
    return released_at is not None and released_at <= change.confirmed_at


def _waived(change: ChangeRow, wording: Wording) -> str:
    second = ", ".join(surface(one) for one in wording.second.get(change.store, ()))
    named = f" ({second})" if second else ""
    looks = counted(change.looks, "look")
    over = span(change.confirmed_at - change.after_at)
    return f"The second surface{named} stayed silent; after {looks} over {over} it was waived."


def _gap(change: ChangeRow) -> str:
    rounds = counted(change.missed_rounds, "round")
    length = span(change.after_at - change.before_at)
    return f"Seen after a gap of {length}: {rounds} of looks in between proved nothing."
