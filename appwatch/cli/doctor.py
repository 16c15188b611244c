"""appwatch doctor."""

from functools import partial
from typing import TYPE_CHECKING

import click

from appwatch.cli.endings import DONE, NOTHING_REACHED, PROBLEM
from appwatch.cli.entry import Entry
from appwatch.cli.options import listing_format
from appwatch.cli.output import show

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.doctor import Patient
    from appwatch.fetching import Fetching
    from appwatch.wiring import Services


@click.command(epilog="Example: appwatch doctor")
@listing_format
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def doctor(entry: Entry, form: str | None, *, as_json: bool) -> int:
    """Find out what stands in the way of watching, and what to do about it.

    The first thing to run. Asks each store in use for a few apps that are surely listed;
    sends nothing and writes nothing. Exit code 0 if all is in order, 1 if something is not,
    2 if a setting cannot be used, 3 if no store could be reached.
    """
    from appwatch.doctor import examine
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        found = examine(_patient(entry, services))
    listing = LISTINGS["doctor"]
    show(listing, [listing.row(one) for one in found], "json" if as_json else form)
    asked = [one.reached for one in found if one.reached is not None]
    if asked and not any(asked):
        return NOTHING_REACHED
    return DONE if all(one.ok for one in found) else PROBLEM


def _patient(entry: Entry, services: "Services") -> "Patient":
    from appwatch.alerts.channels import problem_of
    from appwatch.doctor import Patient

    return Patient(
        database=services.database,
        evidence=services.evidence,
        stores=services.stores,
        fetching=_fetching(services),
        now=services.now,
        read_watchlist=services.watchlist,
        last_good=services.last_good,
        room_mb=services.settings.disk_room_mb,
        secret=partial(entry.secret, services),
        refuse_address=problem_of,
        wording=services.wording(),
        warnings=services.settings.warnings,
    )


def _fetching(services: "Services") -> "Fetching":
    """Return how to ask: as in a look, but once, and whatever rests."""
    from appwatch.fetching import Fetching

    settings = services.settings
    return Fetching(
        timeout=settings.request_timeout,
        max_body=int(settings.max_body_mb * 1024 * 1024),
        proxy=settings.proxy or None,
        attempts=1,
    )
