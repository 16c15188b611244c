"""appwatch holds list|release|drop."""

import click

from appwatch.cli.authors import by_option
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format
from appwatch.cli.output import show


@click.group()
def holds() -> None:
    """Show what is held back because too much is missing at once, and release or drop it.

    When much of a storefront goes missing together, the store is doubted before the apps:
    nothing is told until a later sweep confirms it, or a person does.
    """


@holds.command("list", epilog="Example: appwatch holds list --all")
@click.option("--all", "ended", is_flag=True, help="Also those that have ended.")
@listing_format
@click.pass_obj
def list_holds(entry: Entry, /, *, ended: bool, form: str | None) -> int:
    """Show the open holds, the newest first."""
    from appwatch.db import holds as rows
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        require_database(services)
        with services.database.read() as connection:
            found = rows.listed(connection, ended=ended)
    listing = LISTINGS["holds"]
    show(listing, (listing.row(one) for one in found), form)
    return 0


@holds.command(epilog="Example: appwatch holds release h-01kb2x9hq4m7p3ad --by editor")
@click.argument("hold", metavar="ID")
@by_option
@click.pass_obj
def release(entry: Entry, hold: str, by: str) -> int:
    """Let what is held be confirmed as usual, from the next look on."""
    from appwatch.db import holds as rows

    with entry.services() as services:
        require_database(services)
        with services.database.write() as connection:
            held = rows.release(connection, hold, by, services.now())
    click.echo(f"{held.id}: released by {by}; what is still missing is confirmed as usual.")
    return 0


@holds.command(epilog="Example: appwatch holds drop h-01kb2x9hq4m7p3ad")
@click.argument("hold", metavar="ID")
@click.pass_obj
def drop(entry: Entry, hold: str) -> int:
    """Forget what is held: the apps count as listed until they are missed anew."""
    from appwatch.db import holds as rows

    with entry.services() as services:
        require_database(services)
        with services.database.write() as connection:
            dropped = rows.drop(connection, hold, services.now())
    targets = "1 target counts" if dropped == 1 else f"{dropped} targets count"
    click.echo(f"{hold}: dropped; {targets} as listed until missed anew.")
    return 0
