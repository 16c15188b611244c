"""appwatch incidents list|show|text|claim|retract."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from appwatch.cli.authors import by_option
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, read_since, since_option
from appwatch.cli.output import show as show_listing
from appwatch.watchlist import LANGUAGES

if TYPE_CHECKING:  # the database is slow to import, and --help needs none of it
    from appwatch.db.deliveries import ChangeRow
    from appwatch.db.incidents import Claim, Incident, IncidentChange
    from appwatch.db.retracting import Retraction
    from appwatch.domain.routing import Route
    from appwatch.wiring import Services


@click.group()
def incidents() -> None:
    """Show what belongs together, attach claims of others, retract what was wrong."""


@incidents.command("list", epilog="Example: appwatch incidents list --since 30d")
@since_option()
@listing_format
@click.pass_obj
def list_incidents(entry: Entry, since: str | None, form: str | None) -> int:
    """Show the incidents, the newest first."""
    from appwatch.db import incidents as rows
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        start = read_since(since, services.now())
        require_database(services)
        with services.database.read() as connection:
            found = rows.listed(connection, start)
    listing = LISTINGS["incidents"]
    show_listing(listing, (listing.row(one) for one in found), form)
    return 0


@incidents.command(epilog="Example: appwatch incidents show i-01kb2x9hq4m7p3ad")
@click.argument("incident", metavar="ID")
@click.pass_obj
def show(entry: Entry, incident: str) -> int:
    """Print one incident: what was observed, and apart from it what others claim."""
    from appwatch.db import incidents as rows

    with entry.services() as services:
        require_database(services)
        with services.database.read() as connection:
            found = rows.require(connection, incident)
            changes = rows.changes_of(connection, incident)
            claims = rows.claims_of(connection, incident)
    around = _around([one.change for one in changes])
    for line in (*_head(found), *_observed(changes), *around, *_claimed(claims)):
        click.echo(line)
    return 0


@incidents.command(epilog="Example: appwatch incidents text i-01kb2x9hq4m7p3ad --language fr")
@click.argument("incident", metavar="ID")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="The language of the text.",
)
@click.pass_obj
def text(entry: Entry, incident: str, language: str) -> int:
    """Print one incident as a text to paste: what was observed, and apart from it the claims."""
    from appwatch.alerts.story import incident_text
    from appwatch.db import incidents as rows

    with entry.services() as services:
        require_database(services)
        with services.database.read() as connection:
            rows.require(connection, incident)
            changes = rows.changes_of(connection, incident)
            claims = rows.claims_of(connection, incident)
        click.echo(incident_text(changes, claims, services.wording(), language=language))
    return 0


@incidents.command(
    epilog='Example: appwatch incidents claim i-01kb2x9hq4m7p3ad "The regulator says that it '
    'ordered the removal." --source https://example.org/story'
)
@click.argument("incident", metavar="ID")
@click.argument("text")
@click.option("--source", metavar="URL", required=True, help="Where it can be read.")
@by_option
@click.pass_obj
def claim(entry: Entry, incident: str, text: str, source: str, by: str) -> int:
    """Attach TEXT, which somebody says of the cause, to an incident.

    It is shown apart from what was observed, always with its source.
    """
    from appwatch.db import incidents as rows

    with entry.services() as services:
        require_database(services)
        with services.database.write() as connection:
            made = rows.claim(connection, incident, text, source, by, services.now())
    click.echo(f"{made.id}: claimed of {made.incident}, not observed; source {made.source}")
    return 0


@incidents.command(
    epilog="Example: appwatch incidents retract c-01kb2x9hq4m7p3ad "
    '--why "The storefront was down; its own page says so."'
)
@click.argument("change", metavar="CHANGE_ID")
@click.option("--why", metavar="TEXT", required=True, help="Why it was wrong, for who was told.")
@by_option
@click.pass_obj
def retract(entry: Entry, change: str, why: str, by: str) -> int:
    """Take back a disappearance that was wrong, and tell everyone who was told of it.

    An alert of it that still waits is told as retracted. The log keeps it, marked; the timeline
    goes on as if it had not been.
    """
    from appwatch.db import retracting
    from appwatch.errors import UsageError

    reason = " ".join(why.split())
    if not reason:
        raise UsageError("--why is empty; say why the change was wrong, in a sentence.")
    with entry.services() as services:
        require_database(services)
        told_to = routes_of(services)
        with services.database.write() as connection:
            done = retracting.retract(connection, change, by, reason, services.now(), told_to)
    for line in told(done):
        click.echo(line)
    return 0


def routes_of(services: "Services") -> "list[Route]":
    """Return what the channels want; a watchlist that cannot be read must not keep a wrong."""
    from appwatch.errors import WatchlistError
    from appwatch.wiring import routes

    try:
        return routes(services.watchlist())
    except WatchlistError:
        return []


def told(done: "Retraction") -> Iterator[str]:
    """Yield what was retracted, and who will be told."""
    from appwatch.alerts.wording import plain

    for notice in done.notices:
        says = notice.content
        yield (
            f"{notice.change_id}: retracted ({plain(says['name'])}, {says['kind']}, "
            f"{says['store']}/{says['storefront']})."
        )
    if done.channels:
        yield f"Will be told, by `appwatch run` or `check --send`: {', '.join(done.channels)}."
    if done.untold:
        waits = "Not told yet; the alert that waits there says that it was retracted"
        yield f"{waits}: {', '.join(done.untold)}."
    if not done.channels and not done.untold:
        yield "No channel was told of it, so none is told of this."


def _head(found: "Incident") -> Iterator[str]:
    from appwatch.alerts.wording import plain

    yield f"Incident {found.id}"
    yield f"Apps: {', '.join(found.apps)}"
    yield f"First change {_moment(found.first_change_at)}, last {_moment(found.last_change_at)}."
    if found.developer:
        yield f"It gathers the apps of one developer: {plain(found.developer)}."
    if found.reach:
        yield f"Reach: {', '.join(found.reach)}."
    if found.hold:
        yield f"It came out of the hold {found.hold}: so much was missing at once."


def _observed(changes: "Sequence[IncidentChange]") -> Iterator[str]:
    from appwatch.alerts.wording import plain

    yield ""
    yield "Observed"
    for one in changes:
        change = one.change
        where = f"{change.store}/{change.storefront}"
        yield f"  {change.id}: {plain(change.name)}, {change.kind}, {where}"
        yield f"    last seen {change.from_state} {_moment(change.before_at)}"
        yield f"    first seen {change.to_state} {_moment(change.after_at)}"
        yield f"    confirmed {_moment(change.confirmed_at)}: {_how(change)}"
        if change.retracted_at:
            by, when = one.retracted_by, _moment(change.retracted_at)
            yield f"    RETRACTED by {by}, {when}: {plain(one.retracted_why or '')}"


def _around(changes: "Sequence[ChangeRow]") -> Iterator[str]:
    """Yield what was known around the changes, as an alert tells it."""
    from appwatch.alerts.context import context_lines
    from appwatch.alerts.forms import told as plainly
    from appwatch.alerts.grouping import grouped, name_of
    from appwatch.alerts.language import ENGLISH, speaking

    english = speaking(ENGLISH)
    standing = [change for change in changes if change.retracted_at is None]
    apps = [app for group in grouped(standing) for app in group.by_app]
    told = [(app[0], line) for app in apps for line in context_lines(app, english)]
    if told:
        yield ""
        yield "Around it"
    for one, line in told:
        yield f"  {name_of(one)}, {one.kind}: {plainly(line, english)}"


def _how(change: "ChangeRow") -> str:
    looks = "1 look" if change.looks == 1 else f"{change.looks} looks"
    waived = "; the second surface stayed silent" if change.waived else ""
    return f"{looks} at {', '.join(change.surfaces)}, by {', '.join(change.rules)}{waived}"


def _claimed(claims: "Sequence[Claim]") -> Iterator[str]:
    from appwatch.alerts.wording import plain

    yield ""
    yield "Claimed by others (not observed)"
    for one in claims:
        yield f"  {plain(one.text, 2000)}"
        yield f"    source {plain(one.source, 2000)}"
        yield f"    added by {plain(one.author)}, {_moment(one.added_at)}"
    if not claims:
        yield "  nothing"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
