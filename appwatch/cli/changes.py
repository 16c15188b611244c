"""appwatch changes."""

from typing import TYPE_CHECKING

import click

from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, place_filters, read_since, since_option
from appwatch.cli.output import show
from appwatch.domain.model import ChangeKind

if TYPE_CHECKING:  # the database is slow to import, and --help needs none of it
    from appwatch.db.deliveries import ChangeRow

KINDS = tuple(kind.value for kind in ChangeKind)


@click.command(epilog="Example: appwatch changes --since 7d --kind disappeared")
@since_option()
@place_filters
@click.option("--tag", metavar="TAG", help="Only apps with this tag.")
@click.option("--kind", type=click.Choice(KINDS), help="Only changes of this kind.")
@listing_format
@click.pass_obj
def changes(entry: Entry, /, since: str | None, form: str | None, **filters: str | None) -> int:
    """Show what disappeared, returned or else changed, the newest first."""
    from appwatch.exports import LISTINGS

    found = read_changes(entry, since, filters)
    listing = LISTINGS["changes"]
    show(listing, (listing.row(one) for one in found), form)
    return 0


def read_changes(
    entry: Entry, since: str | None, filters: dict[str, str | None]
) -> "list[ChangeRow]":
    """Return the changes that the options choose, the newest first. Raises UsageError."""
    from appwatch.cli.filters import check_filters
    from appwatch.db import queries

    with entry.services() as services:
        chosen = queries.Chosen(**filters, since=read_since(since, services.now()))
        require_database(services)
        check_filters(services.database, chosen)
        with services.database.read() as connection:
            return queries.changes_listed(connection, chosen)
