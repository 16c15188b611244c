"""appwatch doctor."""

from typing import TYPE_CHECKING

import click

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

    Asks each store in use for a few apps that are surely listed. Exit code 1 if anything is
    not in order.
    """
    from appwatch.doctor import examine
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        found = examine(_patient(services))
    listing = LISTINGS["doctor"]
    show(listing, [listing.row(one) for one in found], "json" if as_json else form)
    return 0 if all(one.ok for one in found) else 1


def _patient(services: "Services") -> "Patient":
    from appwatch.alerts.channels import problem_of
    from appwatch.doctor import Patient

    return Patient(
        database=services.database,
        evidence=services.evidence,
        stores=services.stores,
        fetching=_fetching(services),
        now=services.now,
        read_watchlist=services.watchlist,
        secret=services.secret,
        refuse_address=problem_of,
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
