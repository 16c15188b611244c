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
    from appwatch.db.holds import Hold
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
    _show_quiet(where)
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


def _show_quiet(folder: Path) -> None:
    """Show from the database what alerted nobody, though apps were not to be found."""
    from appwatch import wiring
    from appwatch.db import holds, instrument, queries
    from appwatch.simulator.june_2020 import END, START

    with wiring.build({}, folder) as services, services.database.read() as connection:
        held = holds.listed(connection)
        faults = instrument.listed(connection)
        covered = queries.coverage(connection, START, END)
    failed = {(c.store, c.storefront): c.inconclusive for c in covered}
    empty = failed["app_store", "jp"].get("control_failed", 0)
    refused = failed["google_play", "in"].get("blocked", 0)
    click.echo("\nWhat alerted nobody, because no app had left:\n")
    click.echo(f"""\
- A false empty. On 8 June, from 01:00 to 20:00 UTC, every lookup in Japan found nothing, not
  even the controls, which are surely listed. {empty} looks proved nothing (control_failed).""")
    for hold in held:
        click.echo(_held(hold))
    click.echo(f"""\
- A captcha. On 12 June one stood before Google Play in India. {refused} looks proved nothing
  (blocked).""")
    click.echo(
        "\nTold to the operator alone, when a second look had failed and when it was over:\n"
    )
    for fault in reversed(faults):
        click.echo(f"- {fault.lasted}")


def _held(hold: "Hold") -> str:
    where = f"{hold.store}/{hold.storefront}" if hold.storefront else hold.store
    ended = f"{hold.ended_at:%H:%M}" if hold.ended_at else "no time yet"
    return f"""\
- An outage. On {hold.opened_at.day} {hold.opened_at:%B at %H:%M} UTC {hold.missing} of \
{hold.available} apps were missing at once in {where},
  with the controls in place: too many to be believed. They were held ({hold.id}), and
  were all back at {ended}."""


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
    from appwatch.simulator.june_2020 import END, START

    click.echo(f"""
It took {story.requests} requests.

All of it is kept. Try next, with `python3 dev.py` in place of `appwatch` in a checkout:
  export APPWATCH_WATCHLIST={folder}/watchlist.yaml
  appwatch coverage --since {START:%Y-%m-%d} --until {END:%Y-%m-%d}  what proved nothing, and why
  appwatch holds list --all              what was held back, and how it ended
  appwatch incidents list                what belongs together, and how far it reaches
  appwatch status                        what is held true of each app in each storefront
  appwatch export timeline --format csv  since when, and until when
One file proves that Castro disappeared. Check it here, or on any machine without the rest:
  appwatch evidence verify {bundle}
Without that variable, `appwatch run` watches the real stores with your own watchlist.yaml.""")
