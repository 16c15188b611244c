"""Asks the stores about listings beside the watched ones: where they are, and which bear a name.

Nothing is recorded: what is told here moves no state and proves nothing later.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from appwatch.domain.model import NO_FACTS, Facts, Observation, Outcome, Reason
from appwatch.fetching import Fetcher
from appwatch.stores.base import Asked, Batch, Candidate, Found, Store
from appwatch.watchlist import plain_name

AT_ONCE = 8
_MOST_LIKELY = 3


@dataclass(slots=True)
class Whereabouts:
    """Where a listing is available, where not, and where nothing conclusive was said and why.

    `facts` are what it says of itself in the first storefront that has it. `known`: one lists it,
    if only where it cannot be installed.
    """

    available: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    unclear: dict[str, Reason] = field(default_factory=dict)
    facts: Facts = NO_FACTS
    known: bool = False

    @property
    def unseen(self) -> bool:
        """Whether some storefront answered, and none that did lists it."""
        return bool(self.absent) and not self.known

    @property
    def asked(self) -> int:
        """In how many storefronts it was asked for."""
        return len(self.available) + len(self.absent) + len(self.unclear)

    def add(self, saw: Observation) -> None:
        """Take what was seen in one storefront."""
        self.known |= saw.reason is None and saw.outcome is not Outcome.NOT_FOUND
        if saw.reason is not None:
            self.unclear[saw.storefront] = saw.reason
        elif saw.outcome is Outcome.AVAILABLE:
            self.available.append(saw.storefront)
        else:
            self.absent.append(saw.storefront)
        if not self.facts.name:
            self.facts = saw.facts


async def whereabouts(
    fetcher: Fetcher,
    store: Store,
    listing: str,
    storefronts: Sequence[str],
    controls: Sequence[str],
    advance: Callable[[int], None],
) -> Whereabouts:
    """Ask for the listing in each of these storefronts, at the pace; `advance` counts them.

    An absence is asked once: it is told, not recorded.
    """
    free = asyncio.Semaphore(AT_ONCE)

    async def one(storefront: str) -> Observation:
        asked = [Asked(listing, Outcome.NOT_FOUND)]
        batch = Batch(storefront, asked, controls or store.default_controls, secrets.token_hex(6))
        async with free:
            carried = await fetcher.carry(store.look(batch))
        advance(1)
        return carried.findings.observations[0]

    found = Whereabouts()
    for saw in await asyncio.gather(*(one(storefront) for storefront in storefronts)):
        found.add(saw)
    return found


async def search(fetcher: Fetcher, store: Store, name: str, storefront: str) -> Found:
    """Search a storefront for apps of this name."""
    dialogue = store.find(name, storefront, secrets.token_hex(6))
    return await fetcher.converse(dialogue, lambda _answer: None)


def likely(candidates: Iterable[Candidate], facts: Facts) -> list[Candidate]:
    """Return those that bear the same name or come from the same developer, the likeliest first.

    A proposal, for a person to judge: other apps bear the same name.
    """
    rated = [(_likeness(one, facts), one) for one in candidates]
    alike = sorted((pair for pair in rated if pair[0]), key=lambda pair: -pair[0])
    return [one for _, one in alike[:_MOST_LIKELY]]


def _likeness(one: Candidate, facts: Facts) -> int:
    name, developer = plain_name(facts.name), plain_name(facts.developer)
    same_name = bool(name) and plain_name(one.name) == name
    same_developer = bool(developer) and plain_name(one.developer) == developer
    return 2 * same_name + same_developer
