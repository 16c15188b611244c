"""appwatch watchlist add."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry
from appwatch.cli.watchlist.removing import chosen
from appwatch.cli.watchlist.saving import dry_run, save
from appwatch.errors import UsageError

if TYPE_CHECKING:
    from appwatch.cli.watchlist.asking import Asked
    from appwatch.stores.base import Link
    from appwatch.watchlist import Edit, Watchlist
    from appwatch.wiring import Services

    Links = Mapping[str, Link]

_AROUND = " \t\n\"'<>()[].,;"  # what is copied along with a link


@click.command(epilog="Example: appwatch watchlist add https://apps.apple.com/cn/app/id966129812")
@click.argument("references", metavar="LISTING...", nargs=-1, required=True)
@click.option("--name", help="The app's name; else what the store calls it.")
@click.option("--id", "app_id", metavar="ID", help="Its id; else made from the name.")
@click.option("--to", metavar="APP", help="Add the listing to this app of the watchlist.")
@click.option(
    "--storefronts",
    multiple=True,
    metavar="[STORE=]CC,CC",
    help="Where to look: codes, groups or all; once for each store, or for all. "
    "Else the watchlist's defaults.",
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be repeated.")
@click.option("--reason", help="Why it is watched.")
@click.option("--source", metavar="URL", help="The address of a page that tells more.")
@click.option("--no-ask", is_flag=True, help="Ask the stores nothing.")
@dry_run
@click.pass_obj
def add(
    entry: Entry,
    /,
    references: tuple[str, ...],
    to: str | None,
    storefronts: tuple[str, ...],
    *,
    no_ask: bool,
    dry_run: bool,
    **told: Any,  # noqa: ANN401 - the app's own keys, as click read them
) -> int:
    """Add an app by its listings: links to the stores, App Store ids or package names.

    Give one listing for each store. The stores are asked where the app is available now, what
    it is called, and for its listing in the other store, which is only proposed. The App Store
    is asked in all its storefronts, which takes 9 minutes at its pace, Google Play where the app
    would be watched; --no-ask does without. What no storefront that answers knows is refused.
    """
    with entry.services() as services:
        read = services.watchlist()
        links = _links(services, references)
        _refuse_known(read, links)
        places = _storefronts(services, links, storefronts)
        if to is not None:
            _refuse_told(told)
        asked = None
        if not no_ask:
            _edited(services, read, to, links, places, told)  # what is wrong is told before asking
            asked = _ask(services, read, links, places)
            read = services.watchlist()  # for minutes, in which somebody may have edited it
            _refuse_known(read, links)
        if to is None:
            told["name"] = _name(told, asked)
            if not told["name"]:
                saying.note("Without a name it is called by its listing: --name gives it one.")
        to, edit = _edited(services, read, to, links, places, told)
        save(edit, only_shown=dry_run)
    for sentence in asked.proposals if asked else ():
        saying.note(sentence.format(app=to))
    return 0


def _links(services: "Services", references: Sequence[str]) -> "Links":
    """Return what each reference means, by store. Raises UsageError."""
    links: dict[str, Link] = {}
    for text in references:
        means = ((name, s.read_link(text.strip(_AROUND))) for name, s in services.stores.items())
        store, link = next(((name, link) for name, link in means if link), ("", None))
        if link is None:
            raise UsageError(
                f"{text[:100]!r} is no listing; expected a link to an app's page, the number of "
                "an App Store app, or the package of a Google Play app. Open a shortened link in "
                "a browser, and give the address it leads to; search for a name with: "
                "appwatch watchlist find NAME"
            )
        if store in links:
            raise UsageError(
                f"Two listings of {services.stores[store].title} were given; an app has one in "
                "each store: add the other by itself."
            )
        links[store] = link
    return links


def _refuse_known(read: "Watchlist", links: "Links") -> None:
    for app in read.apps:
        for store, link in links.items():
            if app.listings.get(store) == link.listing:
                raise UsageError(f"{link.listing} is watched already, as {app.id} ({app.place}).")


def _refuse_told(told: Mapping[str, Any]) -> None:
    """Raise UsageError for what is told of an app that is there already."""
    options = [f"--{key.removeprefix('app_').removesuffix('s')}" for key in told if told[key]]
    if options:
        raise UsageError(f"{', '.join(options)} cannot stand beside --to; edit the app by hand.")


def _storefronts(
    services: "Services", links: "Links", written: Sequence[str]
) -> dict[str, list[str]]:
    """Return the storefronts written for each store. Raises UsageError."""
    found: dict[str, list[str]] = {}
    for text in written:
        named, _, codes = text.rpartition("=")
        if named and named not in services.stores:
            raise UsageError(
                f"There is no store {named!r}; expected {' or '.join(services.stores)} before ="
            )
        if named and named not in links:
            raise UsageError(f"No listing of {named} was given; its storefronts mean nothing here.")
        words = [word for word in re.split(r"[\s,]+", codes) if word]
        if not words:
            raise UsageError("--storefronts names none; expected codes, groups or all: us,cn")
        for store in [named] if named else links:
            found.setdefault(store, []).extend(words)
    return found


def _ask(
    services: "Services", read: "Watchlist", links: "Links", places: Mapping[str, Sequence[str]]
) -> "Asked":
    """Return what the stores say. Raises UsageError for a listing that none of them knows."""
    from appwatch.cli.watchlist.asking import ask

    asked = asyncio.run(ask(services, read, links, places))
    for sentence in asked.sentences:
        saying.note(sentence)
    if asked.unseen:
        raise UsageError(
            f"{' '.join(asked.unseen)} Nothing was written; to watch it all the same, run this"
            " again with --no-ask."
        )
    return asked


def _name(told: Mapping[str, Any], asked: "Asked | None") -> str:
    return str(told["name"] or (asked.facts.name if asked else ""))


def _edited(
    services: "Services",
    read: "Watchlist",
    to: str | None,
    links: "Links",
    places: Mapping[str, Sequence[str]],
    told: Mapping[str, Any],
) -> "tuple[str, Edit]":
    """Return the id of the app that gets the listings, and the edit; nothing is written.

    Raises WatchlistError if the watchlist would not be valid, and UsageError.
    """
    if to is None:
        return _added(services, read, links, places, told)
    return to, _attached(services, read, to, links, places)


def _added(
    services: "Services",
    read: "Watchlist",
    links: "Links",
    places: Mapping[str, Sequence[str]],
    told: Mapping[str, Any],
) -> "tuple[str, Edit]":
    """Return the app's id and the edit that adds it.

    Raises WatchlistError if the watchlist would not be valid.
    """
    from appwatch.watchlist import editing, judged, text_of

    name = " ".join(str(told["name"] or "").split())
    listings = {store: link.listing for store, link in links.items()}
    app = {
        "id": _id(read, told["app_id"], [name, *listings.values()]),
        "name": name,
        **listings,
        "storefronts": dict(places),
        "tags": list(told["tags"]),
        "reason": told["reason"],
        "source": told["source"],
    }
    app = {key: value for key, value in app.items() if value}
    file = read.files[0]
    edit, _ = judged(read, services.stores, file, editing.add(text_of(read, file), [app]))
    return str(app["id"]), edit


def _id(read: "Watchlist", given: str | None, texts: Sequence[str]) -> str:
    """Return the app's id. Raises UsageError if another app has it."""
    from appwatch.watchlist import made_id

    made = given or made_id(texts)
    if made in [app.id for app in read.apps]:
        raise UsageError(
            f"Another app has the id {made}; give this one its own with --id, or add the listing "
            f"to that app with --to {made}."
        )
    return made


def _attached(
    services: "Services",
    read: "Watchlist",
    to: str,
    links: "Links",
    places: Mapping[str, Sequence[str]],
) -> "Edit":
    """Return the edit that adds the listings to an app that is there."""
    from appwatch.watchlist import editing, judged, text_of

    app = chosen(read, to)
    name, line, column = app.place.rsplit(":", 2)
    file = read.files[0]
    taken = [store for store in links if store in app.listings]
    if taken or name != str(file):
        why = f"has a listing in {taken[0]} already" if taken else "stands in a CSV list"
        raise UsageError(f"{to} {why} ({app.place}); edit it by hand.")
    listings = {store: link.listing for store, link in links.items()}
    keys = {**listings, **({"storefronts": dict(places)} if places else {})}
    text = editing.attach(text_of(read, file), int(line), int(column), keys)
    edit, _ = judged(read, services.stores, file, text)
    return edit
