"""appwatch watchlist lint."""

from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.endings import DONE, PROBLEM
from appwatch.cli.entry import Entry
from appwatch.cli.options import listing_format
from appwatch.cli.output import show as show_listing
from appwatch.errors import WatchlistError

if TYPE_CHECKING:
    from appwatch.db.seen import Seen
    from appwatch.exports import Row
    from appwatch.watchlist.linting import Remark
    from appwatch.wiring import Services


@click.command(epilog="Example: appwatch watchlist lint")
@listing_format
@click.pass_obj
def lint(entry: Entry, form: str | None) -> int:
    """Look for what is allowed and yet probably not meant; exit code 1 if there is any.

    What stands twice, the same app under two names, storefronts where a store has nothing,
    apps that were never seen anywhere. The last two are read from the database.
    """
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        remarks = _remarks(services)
    listing = LISTINGS["lint"]
    rows: list[Row] = [listing.row(remark) for remark in remarks]
    show_listing(listing, rows, form)
    return PROBLEM if rows else DONE


def _remarks(services: "Services") -> "list[Remark]":
    from appwatch.watchlist.linting import invalid, remarks

    try:
        read = services.watchlist()
    except WatchlistError as error:
        return invalid(error.problems)
    titles = {name: store.title for name, store in services.stores.items()}
    return remarks(read, _seen(services), titles)


def _seen(services: "Services") -> "Seen":
    from appwatch.db import migrate, seen

    if migrate.current(services.database) != migrate.HEAD:
        saying.note("There is no database to read; what was seen is left out.")
        return seen.Seen()
    with services.database.read() as connection:
        return seen.seen(connection)
