"""appwatch alerts deliveries|show: what was sent, how that went, and the text of it."""

from typing import TYPE_CHECKING, Any

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, read_since, since_option
from appwatch.cli.output import show

if TYPE_CHECKING:
    from appwatch.db.deliveries import PastAttempt

STATUSES = ("queued", "sending", "sent", "gathered", "withdrawn")


@click.command(epilog="Example: appwatch alerts deliveries --attempts --channel newsroom")
@since_option()
@click.option("--channel", metavar="NAME", help="Only to this channel.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those that stand so.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True)
@click.option("--attempts", is_flag=True, help="A row for each attempt, with the service's words.")
@listing_format
@click.pass_obj
def deliveries(
    entry: Entry,
    /,
    *,
    since: str | None,
    attempts: bool,
    form: str | None,
    **wanted: Any,  # noqa: ANN401 - channel, status and limit
) -> int:
    """Show messages that were sent or wait, the newest first.

    With --attempts, every attempt to send them, the oldest first: the log of it only grows. Its
    text is in the other formats than the table.
    """
    from appwatch.db.deliveries import attempts_of
    from appwatch.db.deliveries import listing as read
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        start = read_since(since, services.now())
        require_database(services)
        with services.database.read() as connection:
            found = read(connection, since=start, **wanted)
            log = attempts_of(connection, [one.id for one in found]) if attempts else []
    listing = LISTINGS["attempts" if attempts else "deliveries"]
    show(listing, (listing.row(one) for one in (log if attempts else found)), form)
    return 0


@click.command("show", epilog="Example: appwatch alerts show c-01kb2x9hq4m7p3ad > alert.txt")
@click.argument("told", metavar="ID")
@click.pass_obj
def show_message(entry: Entry, told: str) -> int:
    """Show a message exactly as it was last sent: its title, an empty line, its text.

    ID is the number of a message, or the id of a change or notice: then the newest message
    that was sent of it. What another message tells by now is shown as it was sent. Every
    attempt is named beside it. Exit code 1 if nothing was sent yet.
    """
    from appwatch.db import deliveries as rows

    with entry.services() as services:
        require_database(services)
        with services.database.read() as connection:
            found = rows.require(connection, told)
            log = rows.attempts_of(connection, [found.id])
            while found.gathered_into is not None and not _sent(log):
                saying.note(f"Message {found.id} is told in message {found.gathered_into}.")
                found = rows.require(connection, str(found.gathered_into))
                log = rows.attempts_of(connection, [found.id])
    saying.note(f"Message {found.id} to {found.channel}, {found.subject}: {found.status}.")
    for one in log:
        saying.note(f"{one.at:%Y-%m-%d %H:%M:%S} UTC, {one.result}: {one.words}")
    if found.gathered_into is not None:
        saying.note(f"Message {found.gathered_into} tells it, too.")
    sent = _sent(log)
    if not sent:
        saying.note("Nothing was sent yet.")
        return 1
    click.echo(f"{sent[-1].title}\n\n{sent[-1].body}")
    return 0


def _sent(log: "list[PastAttempt]") -> "list[PastAttempt]":
    """Return the attempts that sent a text."""
    return [one for one in log if one.body is not None]
