"""appwatch watchlist find."""

import asyncio
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.endings import DONE, NOTHING_REACHED, PROBLEM
from appwatch.cli.entry import Entry
from appwatch.cli.options import listing_format, require_known
from appwatch.cli.output import show as show_listing
from appwatch.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appwatch.exports import Row
    from appwatch.stores.base import Found
    from appwatch.watchlist import Watchlist
    from appwatch.wiring import Services

_FIRST = "us"  # searched where the watchlist names no storefront that the store has


@click.command(epilog="Example: appwatch watchlist find jike --storefront cn")
@click.argument("name")
@click.option("--store", metavar="STORE", help="Only this store: app_store or google_play.")
@click.option("--storefront", metavar="CC", help="Search here; else where the watchlist begins.")
@listing_format
@click.pass_obj
def find(
    entry: Entry, name: str, store: str | None, storefront: str | None, form: str | None
) -> int:
    """Search the stores for apps of this name, to choose from.

    One request to each store. Exit code 1: a store gave no answer to trust; 3: none did.
    """
    from appwatch.exports import LISTINGS

    if not name.split():
        raise UsageError("The name is empty; expected one, such as: find jike")
    with entry.services() as services:
        require_known("store", store, list(services.stores))
        read = services.watchlist()
        places = _places(services, read, store, storefront)
        found = asyncio.run(_search(services, read, " ".join(name.split()), places))
        rows = list(_rows(services, read, found, places))
        for one, answer in found.items():
            if answer.reason is not None:
                told = f"{services.stores[one].title} gave no answer to trust"
                saying.note(f"{told}: {answer.reason.value}. {answer.detail}".strip())
    show_listing(LISTINGS["candidates"], rows, form)
    failed = [answer.reason is not None for answer in found.values()]
    return (NOTHING_REACHED if all(failed) else PROBLEM) if any(failed) else DONE


def first_storefront(read: "Watchlist", store: str) -> str:
    """Return the storefront of a store in which to search when none was named."""
    own = (code for app in read.apps for code in app.storefronts.get(store, ()))
    return next(iter(read.storefronts.get(store, ())), None) or next(own, _FIRST)


def _places(
    services: "Services", read: "Watchlist", store: str | None, storefront: str | None
) -> dict[str, str]:
    """Return the storefront to search in each store. Raises UsageError if none has it."""
    stores = [store] if store else list(services.stores)
    if storefront is None:
        return {one: first_storefront(read, one) for one in stores}
    refusals = {one: services.stores[one].refuse_storefront(storefront) for one in stores}
    refused = {one: why for one, why in refusals.items() if why is not None}
    if len(refused) == len(stores):
        raise UsageError(f"{next(iter(refused.values()))}.")
    for one, why in refused.items():
        saying.note(f"{services.stores[one].title} is left out: {why}.")
    return {one: storefront for one in stores if one not in refused}


async def _search(
    services: "Services", read: "Watchlist", name: str, places: "Mapping[str, str]"
) -> "dict[str, Found]":
    from appwatch.asking import search

    async with services.fetcher(read) as fetcher:
        asked = [search(fetcher, services.stores[one], name, cc) for one, cc in places.items()]
        return dict(zip(places, await asyncio.gather(*asked), strict=True))


def _rows(
    services: "Services",
    read: "Watchlist",
    found: "Mapping[str, Found]",
    places: "Mapping[str, str]",
) -> "Sequence[Row]":
    known = {pair: app.id for app in read.apps for pair in app.listings.items()}
    return [
        {
            "store": store,
            "listing": one.listing,
            "name": one.name,
            "developer": one.developer,
            "storefront": places[store],
            "app": known.get((store, one.listing)),
            "url": services.stores[store].page_url(one.listing, places[store]),
        }
        for store, answer in found.items()
        for one in answer.candidates
    ]
