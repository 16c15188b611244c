"""How far a change reaches: one storefront, a group, or everywhere that was looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appwatch.domain.model import SUSPECTED, State

ABSENT = frozenset({State.GONE.value, State.NEVER_SEEN.value, SUSPECTED})
LISTED = frozenset(
    {State.AVAILABLE.value, State.NOT_INSTALLABLE.value, State.PREREGISTRATION.value}
)
NAMED = 5  # storefronts that a sentence names before it only counts


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of the same listing in another storefront, and since which look."""

    storefront: str
    state: str
    looked_at: datetime | None = None


def scope_sentence(here: str, elsewhere: Sequence[Sight]) -> str:
    """Return how far a disappearance from `here` reaches, as far as was looked.

    Storefronts in which nothing was seen conclusively count for neither side.
    """
    gone = sorted({here, *(s.storefront for s in elsewhere if s.state == State.GONE.value)})
    suspected = sorted(s.storefront for s in elsewhere if s.state == SUSPECTED)
    listed = sorted(s.storefront for s in elsewhere if s.state in LISTED)
    sentence = f"Gone from {_named(gone)}"
    if suspected:
        sentence += f"; missed but not confirmed in {_named(suspected)}"
    if listed:
        return f"{sentence}; still listed in {_named(listed)}."
    looked = len(gone) + len(suspected)
    if looked == 1:
        return f"{sentence}, the only storefront that was looked at."
    return f"{sentence}: everywhere that was looked ({looked} storefronts)."


def _named(storefronts: Sequence[str]) -> str:
    if len(storefronts) <= NAMED:
        return ", ".join(storefronts)
    return f"{len(storefronts)} storefronts ({', '.join(storefronts[:NAMED])} and others)"
