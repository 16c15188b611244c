"""appwatch watchlist: what it says, how it changes, what became of it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from appwatch.cli.entry import Entry
from appwatch.cli.options import listing_format
from appwatch.cli.output import show as show_listing
from appwatch.cli.watchlist.adding import add
from appwatch.cli.watchlist.finding import find
from appwatch.cli.watchlist.linting import lint
from appwatch.cli.watchlist.lists import export, import_
from appwatch.cli.watchlist.removing import remove
from appwatch.cli.watchlist.versions import accept, history

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.exports import Row
    from appwatch.watchlist import Watchlist


@click.group()
def watchlist() -> None:
    """Check, show and edit the watchlist."""


for command in (accept, add, export, find, history, import_, lint, remove):
    watchlist.add_command(command)


@watchlist.command(epilog="Example: appwatch watchlist validate")
@click.pass_obj
def validate(entry: Entry) -> int:
    """Say everything that is wrong with the watchlist, and what a round of it takes."""
    from appwatch.cli.sending import refuse_addresses
    from appwatch.doctor import load_of
    from appwatch.watchlist import nobody_is_told

    with entry.services() as services:
        read = services.usable_watchlist()
        refuse_addresses(services, read)
        sentences = [*load_of(read, services.stores).sentences(), *_unresolved(read)]
        if hint := nobody_is_told(read):
            sentences.append(hint)
        click.echo(f"{read.files[0]}: no problems. {' '.join(sentences)}")
    return 0


@watchlist.command(epilog="Example: appwatch watchlist show --format json")
@listing_format
@click.pass_obj
def show(entry: Entry, form: str | None) -> int:
    """Show the apps of the watchlist with all their storefronts, groups resolved."""
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        rows = list(_rows(services.watchlist()))
    show_listing(LISTINGS["watchlist"], rows, form)
    return 0


@watchlist.command(epilog="Example: appwatch watchlist schema > watchlist.schema.json")
@click.pass_obj
def schema(entry: Entry) -> int:
    """Print the watchlist's JSON Schema, for editors that help while writing.

    With this first line in watchlist.yaml most editors find it:
    # yaml-language-server: $schema=watchlist.schema.json
    """
    from appwatch.watchlist import json_schema

    with entry.services() as services:
        click.echo(json.dumps(json_schema(services.stores), indent=2, ensure_ascii=False))
    return 0


def _unresolved(read: "Watchlist") -> list[str]:
    ids = [app.id for app in read.apps if not app.listings]
    return [f"Unresolved, no listing to look at: {', '.join(ids)}."] if ids else []


def _rows(read: "Watchlist") -> "Iterator[Row]":
    for app in read.apps:
        told: Row = {"app": app.id, "name": app.name, "tags": app.tags, "paused": app.paused}
        if not app.listings:
            yield {**told, "store": None, "listing": None, "storefronts": ()}
        for store, listing in app.listings.items():
            places = app.storefronts[store]
            yield {**told, "store": store, "listing": listing, "storefronts": places}
