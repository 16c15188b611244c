"""What the stores say of an app that is to be added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appwatch.asking import Whereabouts, likely, search, whereabouts
from appwatch.cli.progress import Progress
from appwatch.cli.watchlist.finding import first_storefront
from appwatch.domain.model import NO_FACTS, Facts

if TYPE_CHECKING:
    from appwatch.fetching import Fetcher
    from appwatch.stores.base import Candidate, Link, Store
    from appwatch.watchlist import Watchlist
    from appwatch.wiring import Services

_MOST_NAMED = 12  # storefronts named one by one


@dataclass(slots=True)
class Asked:
    """What was found: sentences for a person, and what the listing says of itself.

    `unseen` has a sentence for each listing that no storefront knows.
    """

    sentences: list[str] = field(default_factory=list)
    facts: Facts = NO_FACTS
    unseen: list[str] = field(default_factory=list)
    proposals: list[str] = field(default_factory=list)  # with {app} for the app's id


async def ask(
    services: "Services",
    read: "Watchlist",
    links: "Mapping[str, Link]",
    places: Mapping[str, Sequence[str]],
) -> Asked:
    """Ask each store where the listing is available, and the others for the same app."""
    asked = Asked()
    where = {s: _asked_in(services, read, s, links[s], places.get(s, ())) for s in links}
    async with services.fetcher(read) as fetcher:
        with Progress(sum(map(len, where.values()))) as progress:
            for store, link in links.items():
                found = await whereabouts(
                    fetcher,
                    services.stores[store],
                    link.listing,
                    where[store],
                    read.controls.get(store, ()),
                    progress.advance,
                )
                asked.sentences += _sentences(services.stores[store], link, found)
                if found.unseen:
                    title = services.stores[store].title
                    asked.unseen.append(
                        f"No storefront of {title} that answered knows {link.listing}."
                    )
                asked.facts = asked.facts if asked.facts.name else found.facts
        if asked.facts.name:
            for name in [name for name in services.stores if name not in links]:
                asked.proposals += await _propose(services, read, fetcher, name, links, asked)
    return asked


def _asked_in(
    services: "Services", read: "Watchlist", store: str, link: "Link", written: Sequence[str]
) -> list[str]:
    """Return the storefronts to ask: all there are, or else those that would be watched."""
    known = services.stores[store].every_storefront()
    codes = [code for word in written for code in read.groups.get(word, (word,))]
    would_be = codes or read.storefronts.get(store, ()) or [first_storefront(read, store)]
    first = [link.storefront] if link.storefront else []
    chosen = known if known is not None else would_be
    refuse = services.stores[store].refuse_storefront
    return list(dict.fromkeys(code for code in [*first, *chosen] if refuse(code) is None))


def _sentences(store: "Store", link: "Link", found: Whereabouts) -> list[str]:
    answered = len(found.available) + len(found.absent)
    name = f" ({found.facts.name}, by {found.facts.developer})" if found.facts.name else ""
    there = f"in {len(found.available)} of {found.asked} storefronts"
    reasons = ", ".join(sorted({reason.value for reason in found.unclear.values()}))
    if not answered:
        unknown = f"{store.title}: where {link.listing} is available could not be found out"
        return [
            f"{unknown}: none of {found.asked} storefronts gave an answer to trust ({reasons})."
        ]
    told = [f"{store.title}: {link.listing}{name} is available {there}."]
    if store.every_storefront() is None:
        asked = [*found.available, *found.absent, *found.unclear]
        places = f" ({', '.join(sorted(asked))})" if len(asked) <= _MOST_NAMED else ""
        told.append(
            f"{store.title} publishes no list of storefronts, and each is a page: only those were "
            f"asked that would be watched{places}. --storefronts names others."
        )
    if found.absent and found.available and len(found.absent) <= _MOST_NAMED:
        told.append(f"Not available in: {', '.join(found.absent)}.")
    if found.unclear:
        told.append(
            f"{len(found.unclear)} of them gave no answer to trust ({reasons}); {answered} did."
        )
    return told


async def _propose(
    services: "Services",
    read: "Watchlist",
    fetcher: "Fetcher",
    name: str,
    links: "Mapping[str, Link]",
    asked: Asked,
) -> list[str]:
    """Return proposals of the same app's listing in a store; never more than proposals."""
    store = services.stores[name]
    named = [link.storefront for link in links.values() if link.storefront]
    sound = [code for code in named if store.refuse_storefront(code) is None]
    storefront = sound[0] if sound else first_storefront(read, name)
    found = await search(fetcher, store, asked.facts.name, storefront)
    if found.reason is not None:
        return [f"{store.title} gave no answer to trust to a search ({found.reason.value})."]
    watched = {app.listings[name]: app.id for app in read.apps if name in app.listings}
    return [
        f"Perhaps the same app in {store.title}: {one.listing} ({_told(one)}); "
        + _what_to_do(one.listing, watched.get(one.listing))
        for one in likely(found.candidates, asked.facts)
    ] or [f"{store.title} has nothing of this name or developer in {storefront}."]


def _what_to_do(listing: str, known: str | None) -> str:
    if known is not None:
        return f"it is watched already, as {known}."
    return f"if it is: appwatch watchlist add {listing} --to {{app}}"


def _told(one: "Candidate") -> str:
    """Return its name and developer, so that no brace in them is taken for a place to fill."""
    return f"{one.name}, by {one.developer}".replace("{", "{{").replace("}", "}}")
