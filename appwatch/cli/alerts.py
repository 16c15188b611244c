"""appwatch alerts list|test|deliveries."""

from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, read_since, require_known, since_option
from appwatch.cli.output import show

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.exports import Row
    from appwatch.watchlist import Channel
    from appwatch.wiring import Services

STATUSES = ("queued", "sending", "sent", "failed")


@click.group()
def alerts() -> None:
    """Show and try the channels, and what was sent to them."""


@alerts.command("list", epilog="Example: appwatch alerts list")
@listing_format
@click.pass_obj
def list_channels(entry: Entry, form: str | None) -> int:
    """Show the channels of the watchlist; exit code 1 if one cannot be used.

    Of an address only its scheme is shown.
    """
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        rows = [_row(services, channel) for channel in services.watchlist().channels]
    show(LISTINGS["channels"], rows, form)
    return 1 if any(row["problem"] for row in rows) else 0


@alerts.command(epilog="Example: appwatch alerts test newsroom")
@click.argument("channel", required=False)
@click.pass_obj
def test(entry: Entry, channel: str | None) -> int:
    """Send a test message to CHANNEL, or to every channel; exit code 1 if one fails."""
    from appwatch.alerts.outbox import send_test

    with entry.services() as services:
        watchlist = services.usable_watchlist()
        entry.mind_secrets(services, watchlist)
        names = [one.name for one in watchlist.channels]
        require_known("channel", channel, names)
        box = services.outbox(watchlist)
        results = {name: send_test(box, name) for name in ([channel] if channel else names)}
    for name, sent in results.items():
        click.echo(f"{name}: {sent.result.value}: {sent.words}")
    if not results:
        saying.note("The watchlist names no channel; add one under alerts:.")
    return 0 if results and all(sent.result == "sent" for sent in results.values()) else 1


@alerts.command(epilog="Example: appwatch alerts deliveries --status failed")
@since_option()
@click.option("--channel", metavar="NAME", help="Only to this channel.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those that stand so.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True)
@listing_format
@click.pass_obj
def deliveries(
    entry: Entry,
    since: str | None,
    channel: str | None,
    status: str | None,
    limit: int,
    form: str | None,
) -> int:
    """Show messages that were sent or wait, the newest first."""
    from appwatch.db.deliveries import listing as read
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        start = read_since(since, services.now())
        require_database(services)
        with services.database.read() as connection:
            found = read(connection, channel=channel, status=status, since=start, limit=limit)
    listing = LISTINGS["deliveries"]
    show(listing, (listing.row(one) for one in found), form)
    return 0


def _row(services: "Services", channel: "Channel") -> "Row":
    """Return a channel as it is shown: never its address."""
    from appwatch.alerts.channels import problem_of

    address = services.secret(channel.reference)
    scheme = address.partition("://")[0] if "://" in address else None
    digest = f"{channel.digest.at:%H:%M} {channel.digest.zone}" if channel.digest else None
    return {
        "channel": channel.name,
        "variable": channel.reference,
        "scheme": scheme,
        "problem": problem_of(channel.name, address),
        "on": channel.on,
        "apps": channel.apps,
        "tags": channel.tags,
        "stores": channel.stores,
        "storefronts": channel.storefronts,
        "digest": digest,
    }
