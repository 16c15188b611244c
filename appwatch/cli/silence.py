"""appwatch silence list|add|end."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from appwatch.cli.authors import by_option
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, place_filters, read_length, require_known
from appwatch.cli.output import show

if TYPE_CHECKING:
    from appwatch.db.silences import Silence
    from appwatch.domain.routing import SilenceScope
    from appwatch.wiring import Services

_LONGEST = timedelta(days=366)


@click.group()
def silence() -> None:
    """Keep alerts about something back for a while, and show or end what is kept back.

    What happens inside a silence is recorded as ever. When it ends, a change is told only if
    it still holds: if the state is then another than before. What takes back an earlier
    message (cleared, retracted) is told all the same.
    """


@silence.command("list", epilog="Example: appwatch silence list --all")
@click.option("--all", "ended", is_flag=True, help="Also those that have ended.")
@listing_format
@click.pass_obj
def list_silences(entry: Entry, /, *, ended: bool, form: str | None) -> int:
    """Show the silences that hold, the newest first."""
    from appwatch.db import silences
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        require_database(services)
        with services.database.read() as connection:
            found = silences.listed(connection, services.now(), ended=ended)
    listing = LISTINGS["silences"]
    show(listing, (listing.row(one) for one in found), form)
    return 0


@silence.command(epilog="Example: appwatch silence add --app jike --until 2h --reason 'Moving it'")
@click.option("--until", metavar="TIME", required=True, help="For so long, 2h or 7d; or a moment.")
@click.option("--reason", metavar="TEXT", required=True, help="Why nothing is to be told.")
@click.option("--tag", metavar="TAG", help="Only apps with this tag.")
@place_filters
@by_option
@click.pass_obj
def add(
    entry: Entry,
    /,
    *,
    until: str,
    reason: str,
    by: str,
    **named: str | None,
) -> int:
    """Tell nothing about what is named here, from now on until then.

    What is named is to fit all of it: --app jike --storefront cn is Jike in China.
    """
    from appwatch.db import silences
    from appwatch.domain.routing import SilenceScope

    with entry.services() as services:
        require_database(services)
        scope = SilenceScope(**named)
        _check(services, scope)
        now = services.now()
        ends_at = _end(until, now)
        with services.database.write() as connection:
            made = silences.add(connection, scope, (by, reason), ends_at, now)
    click.echo(f"{made.id}: {_named(made)} is silent until {_moment(ends_at)}.")
    return 0


@silence.command(epilog="Example: appwatch silence end s-01kb2x9hq4m7p3ad")
@click.argument("silence_id", metavar="ID")
@by_option
@click.pass_obj
def end(entry: Entry, silence_id: str, by: str) -> int:
    """End a silence now: what still holds of it is told by `appwatch run`."""
    from appwatch.db import silences

    with entry.services() as services:
        require_database(services)
        with services.database.write() as connection:
            ended = silences.end(connection, silence_id, by, services.now())
    click.echo(f"{ended.id}: ended by {by}; what still holds of {_named(ended)} is told.")
    return 0


def _check(services: "Services", scope: "SilenceScope") -> None:
    """Raise UsageError for what is not watched: a silence of nothing would hide no alert."""
    from appwatch.cli.filters import check_filters
    from appwatch.db import queries

    chosen = queries.Chosen(app=scope.app, store=scope.store, storefront=scope.storefront)
    check_filters(services.database, chosen)
    if scope.tag is not None:
        tags = {one for watched in services.watchlist().apps for one in watched.tags}
        require_known("tag", scope.tag, sorted(tags))


def _end(until: str, now: datetime) -> datetime:
    """Return the moment that --until means. Raises UsageError."""
    from appwatch.errors import UsageError

    ends_at = read_length("--until", until, now)
    if ends_at > now + _LONGEST:
        raise UsageError(f"--until {until!r} is too far; expected {_LONGEST.days}d at most.")
    return ends_at


def _named(one: "Silence") -> str:
    parts = (one.app, one.tag and f"the tag {one.tag}", one.store, one.storefront)
    return ", ".join(part for part in parts if part)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
