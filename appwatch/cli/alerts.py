"""appwatch alerts list|test|retry|alarms|deliveries|show."""

from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, require_known
from appwatch.cli.output import show
from appwatch.cli.sent import deliveries, show_message

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.db.channels import ChannelState
    from appwatch.exports import Row
    from appwatch.watchlist import Channel
    from appwatch.wiring import Services


@click.group()
def alerts() -> None:
    """Show and try the channels, and what was sent to them."""


alerts.add_command(deliveries)
alerts.add_command(show_message)


@alerts.command("list", epilog="Example: appwatch alerts list")
@listing_format
@click.pass_obj
def list_channels(entry: Entry, form: str | None) -> int:
    """Show the channels of the watchlist; exit code 1 if one cannot be used or is off.

    Of an address only its scheme is shown.
    """
    from appwatch.exports import LISTINGS
    from appwatch.watchlist import nobody_is_told

    with entry.services() as services:
        fares = _states(services)
        watchlist = services.watchlist()
        rows = [_row(services, one, fares.get(one.name)) for one in watchlist.channels]
    if hint := nobody_is_told(watchlist):
        saying.note(hint)
    show(LISTINGS["channels"], rows, form)
    return 1 if any(row["problem"] or row["off_at"] for row in rows) else 0


@alerts.command(epilog="Example: appwatch alerts test newsroom")
@click.argument("channel", required=False)
@click.pass_obj
def test(entry: Entry, channel: str | None) -> int:
    """Send a test message to CHANNEL, or to every channel; exit code 1 if one fails.

    A channel that was switched off is switched on again when its test arrives, and what
    waited for it is sent.
    """
    from appwatch.alerts.outbox import send_test
    from appwatch.watchlist import nobody_is_told

    with entry.services() as services:
        watchlist = services.usable_watchlist()
        services.upgrade()
        entry.mind_secrets(services, watchlist)
        names = [one.name for one in watchlist.channels]
        require_known("channel", channel, names)
        box = services.outbox(watchlist)
        results = {name: send_test(box, name) for name in ([channel] if channel else names)}
    for name, sent in results.items():
        click.echo(f"{name}: {sent.result.value}: {sent.words}")
    if hint := nobody_is_told(watchlist):
        saying.note(hint)
    return 0 if results and all(sent.result == "sent" for sent in results.values()) else 1


@alerts.command(epilog="Example: appwatch alerts retry 17")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.IntRange(1, 2**53))
@click.pass_obj
def retry(entry: Entry, ids: tuple[int, ...]) -> int:
    """Try messages again at once: these, or all that failed and wait.

    What else failed on their channels is tried with them, for it may stand ahead of them. A
    channel that was refused is switched on for it, and one that rests after failures rests no
    longer. `appwatch run` sends them, or `appwatch check --send`. Exit code 1 if an address
    cannot be used: its channel stays off.
    """
    from appwatch.db import channels, operators, outbox
    from appwatch.db.channels import Cause
    from appwatch.wiring import routes

    with entry.services() as services:
        require_database(services)
        told, now = routes(services.watchlist()), services.now()
        with services.database.write() as connection:
            done = outbox.retry(connection, ids, now)
            off = [one for one in channels.states(connection).values() if one.off_at]
            off = [one for one in off if one.name in done.channels or not ids]
            refused = [one.name for one in off if one.off_cause != Cause.UNUSABLE]
            for name in refused:
                operators.switch_on(connection, name, told, now)
    word = "message is" if done.deliveries == 1 else "messages are"
    click.echo(f"{done.deliveries} {word} tried again, by `appwatch run` or `check --send`.")
    for name in refused:
        click.echo(f"{name}: switched on again.")
    unusable = [one for one in off if one.name not in refused]
    for one in unusable:
        saying.note(channels.off_sentence(one))
    return 1 if unusable else 0


@alerts.command(epilog="Example: appwatch alerts alarms --all")
@click.option("--all", "ended", is_flag=True, help="Also those that are over.")
@listing_format
@click.pass_obj
def alarms(entry: Entry, /, *, ended: bool, form: str | None) -> int:
    """Show the trouble of appwatch's own that operators were told of, the newest first.

    Exit code 1 while any of it stands, or a channel is off.
    """
    from dataclasses import asdict

    from appwatch.alerts.alarms import alarm_sentence
    from appwatch.db import alarms as rows
    from appwatch.db import channels
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        require_database(services)
        with services.database.read() as connection:
            found = rows.listed(connection, ended=ended)
            fares = channels.states(connection)
        listing, wording = LISTINGS["alarms"], services.wording()
    told = ({**asdict(one), "says": alarm_sentence(one, wording)} for one in found)
    show(listing, ({name: row[name] for name in listing.names} for row in told), form)
    off = [state for state in fares.values() if state.off_at]
    for state in off:
        saying.note(channels.off_sentence(state))
    return 0 if all(one.ended_at for one in found) and not off else 1


def _row(services: "Services", channel: "Channel", state: "ChannelState | None") -> "Row":
    """Return a channel as it is shown: never its address."""
    from appwatch.alerts.channels import problem_of
    from appwatch.alerts.schemes import SCHEMES

    address = services.secret(channel.reference)
    scheme = address.partition("://")[0].lower()
    digest = f"{channel.digest.at:%H:%M} {channel.digest.zone}" if channel.digest else None
    return {
        "channel": channel.name,
        "variable": channel.reference,
        "scheme": scheme if scheme in SCHEMES else None,
        "problem": problem_of(channel.name, address),
        "on": channel.on,
        "apps": channel.apps,
        "tags": channel.tags,
        "stores": channel.stores,
        "storefronts": channel.storefronts,
        "digest": digest,
        "quiet": _hours(channel),
        "operator": channel.operator,
        "off_at": state.off_at if state else None,
        "off_words": state.off_words if state else None,
        "failing_since": state.failing_since if state else None,
        "last_sent_at": state.last_sent_at if state else None,
        "language": channel.language,
    }


def _hours(channel: "Channel") -> str | None:
    if channel.quiet is None:
        return None
    begins, ends, zone = channel.quiet
    return f"{begins:%H:%M}-{ends:%H:%M} {zone}"


def _states(services: "Services") -> "dict[str, ChannelState]":
    """Return how the channels fare; without a database, nothing was ever sent."""
    from appwatch.db import channels
    from appwatch.db.migrate import require
    from appwatch.errors import DatabaseError

    try:
        require(services.database)
    except DatabaseError:
        return {}
    with services.database.read() as connection:
        return channels.states(connection)
