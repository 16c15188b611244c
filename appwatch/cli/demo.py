"""appwatch demo."""

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry
from appwatch.errors import UsageError

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.demo import Story

INTRODUCTION = """\
June 2020, played again in less than a minute. The stores are simulated on this machine and
nothing leaves it; all the rest is appwatch at work: HTTP, database, alerts. Days are as the
press reported them. Zynn's ids are stand-ins: its own are not known."""


@click.command(epilog="Example: appwatch demo --folder /tmp/june-2020")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Keep the watchlist, the database and the evidence here; it must not exist yet.",
)
@click.pass_obj
def demo(entry: Entry, folder: Path | None) -> int:
    """Play June 2020 against simulated stores: apps vanish, one returns, a storefront is sick.

    Needs no network. Shows the changes and the alerts as they were sent, and says what to try
    next.
    """
    from appwatch.cli import logs

    where = _new_folder(folder)
    logs.configure("console", entry.secrets, quiet=True, debug=entry.debug)
    saying.line(INTRODUCTION)
    story = _play(where)
    _show_changes(where)
    _show_alerts(story)
    _show_next(where, story, _write_bundle(where))
    return 0


def _new_folder(folder: Path | None) -> Path:
    """Return a folder for the demo alone. Raises UsageError if the one named cannot be made."""
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="appwatch-demo-"))
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be made ({error.strerror}); name a new one."
        ) from error
    return folder.resolve()


def _play(folder: Path) -> "Story":
    from appwatch.cli.progress import Calendar
    from appwatch.demo import play
    from appwatch.simulator.june_2020 import BEFORE, END

    with Calendar(BEFORE, END) as calendar:
        return asyncio.run(play(folder, calendar.show))


def _show_changes(folder: Path) -> None:
    from appwatch import wiring
    from appwatch.cli.output import show
    from appwatch.db import queries
    from appwatch.exports import LISTINGS

    click.echo("\nThe changes, the newest first (appwatch changes):\n")
    with wiring.build({}, folder) as services, services.database.read() as connection:
        listing = LISTINGS["changes"]
        found = queries.changes_listed(connection, queries.Chosen())
        show(listing, [listing.row(one) for one in found], "table")


def _show_alerts(story: "Story") -> None:
    click.echo("\nThe alerts, as the newsroom received them:")
    for message in story.messages:
        click.echo(f"\n--- {saying.harmless(message.title)}")
        click.echo(saying.harmless(message.body))


def _write_bundle(folder: Path) -> Path:
    """Write what proves that Castro disappeared to one file, and return it."""
    from appwatch import wiring
    from appwatch.cli.proving import packing_of, require_proof, write_bundle
    from appwatch.db import queries

    file = folder / "castro.wacz"
    with wiring.build({}, folder) as services:
        with services.database.read() as connection:
            chosen = queries.Chosen(app="castro", kind="disappeared")
            change, *_ = queries.changes_listed(connection, chosen)
        proof = require_proof(services, change.id)
        packing = packing_of(services, proof, include_batches=False, stamped=False)
        write_bundle(proof, services.evidence, file, packing, optional=False)
    return file


def _show_next(folder: Path, story: "Story", bundle: Path) -> None:
    click.echo(f"""
It took {story.requests} requests. In Japan every lookup came back empty for 19 hours on 8 June,
and in India a captcha stood before Google Play on 12 June: both are coverage, not alerts.

All of it is kept. Try next, with `python3 dev.py` in place of `appwatch` in a checkout:
  export APPWATCH_WATCHLIST={folder}/watchlist.yaml
  appwatch coverage                       which looks proved nothing, and why
  appwatch status                         what is held true of each app in each storefront
  appwatch export timeline --format csv   since when, and until when
One file proves that Castro disappeared. Check it here, or on any machine without the rest:
  appwatch evidence verify {bundle}
Without that variable, `appwatch run` watches the real stores with your own watchlist.yaml.""")
