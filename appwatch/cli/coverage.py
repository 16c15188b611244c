"""appwatch coverage."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, read_since, since_option, until_option
from appwatch.cli.output import show
from appwatch.errors import UsageError

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.wiring import Services


@click.command(epilog="Example: appwatch coverage --since 30d --format csv")
@since_option(default="7d")
@until_option
@listing_format
@click.pass_obj
def coverage(entry: Entry, since: str, until: str | None, form: str | None) -> int:
    """Show which looks were made, storefront by storefront, and which proved nothing.

    Not looked at is not the same as not changed: a share under 100 % says how much is not known.
    Trouble that struck many apps at once is named, with its beginning and its end.
    """
    from appwatch.db import instrument, queries
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        now = services.now()
        start, end = _between(since, until, now)
        require_database(services)
        every = _every(services)
        with services.database.read() as connection:
            found = queries.coverage(connection, start, end, every)
            faults = [f for f in instrument.listed(connection, start) if f.opened_at <= end]
    for fault in reversed(faults):
        saying.note(fault.lasted)
    listing = LISTINGS["coverage"]
    show(listing, (listing.row(one) for one in found), form)
    return 0


def _between(since: str, until: str | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the two moments that are meant. Raises UsageError, as when they are the wrong way."""
    start, end = read_since(since, now) or now, read_since(until, now, "--until") or now
    if end < start:
        raise UsageError(f"--until {until!r} is before --since {since!r}; give them in order.")
    return start, end


def _every(services: "Services") -> timedelta | None:
    """Return how often each target is to be looked at, None while the watchlist is unreadable."""
    from appwatch.errors import WatchlistError

    try:
        return services.watchlist().every
    except WatchlistError:
        return None
