"""appwatch status."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, place_filters
from appwatch.cli.output import show

if TYPE_CHECKING:
    from appwatch.db.alarms import Alarm
    from appwatch.wiring import Services


@click.command(epilog="Example: appwatch status --storefront cn")
@place_filters
@listing_format
@click.pass_obj
def status(
    entry: Entry, app: str | None, store: str | None, storefront: str | None, form: str | None
) -> int:
    """Show what is held true of every app in every storefront.

    A state in doubt is shown as suspected until it is confirmed or cleared. Says beside it
    what troubles appwatch itself.
    """
    from appwatch.cli.filters import check_filters
    from appwatch.cli.refused import tell_problem
    from appwatch.db import alarms, channels, instrument, queries
    from appwatch.db.channels import off_sentence
    from appwatch.db.watchlist_problems import Kind, open_problem
    from appwatch.exports import LISTINGS

    chosen = queries.Chosen(app=app, store=store, storefront=storefront)
    with entry.services() as services:
        require_database(services)
        check_filters(services.database, chosen)
        with services.database.read() as connection:
            found = queries.statuses(connection, chosen)
            left_out = queries.apps_without_targets(connection)
            faults = instrument.open_faults(connection)
            lost = instrument.lost_controls(connection)
            problem = open_problem(connection)
            fares = channels.states(connection)
            standing = alarms.standing(connection)
        _tell_left_out(*left_out)
        if problem is not None:
            tell_problem(problem)
        for fault in faults:
            saying.note(fault.since)
        for control in lost:
            saying.note(f"{control.says} Replace it under controls: in the watchlist.")
        _tell_load(services, told=problem is not None and problem.kind is Kind.REJECTED)
        if trouble := services.evidence.trouble():
            saying.note(f"No change is confirmed until evidence can be kept. {trouble}")
        for one in fares.values():
            if one.off_at:
                saying.note(off_sentence(one))
        _tell_alarms(services, standing)
    listing = LISTINGS["status"]
    show(listing, (listing.row(one) for one in found), form)
    return 0


def _tell_left_out(unresolved: Sequence[str], paused: Sequence[str]) -> None:
    """Say which apps are not looked at, and why."""
    if unresolved:
        saying.note(f"Unresolved, no listing to look at: {', '.join(unresolved)}.")
    if paused:
        saying.note(f"Paused, not looked at: {', '.join(paused)}.")


def _tell_alarms(services: "Services", standing: Sequence["Alarm"]) -> None:
    """Say what operators were told of, unless it is said already, in more words."""
    from appwatch.alerts.alarms import alarm_sentence
    from appwatch.domain.alarms import AlarmKind

    unsaid = (AlarmKind.HOLD, AlarmKind.COVERAGE, AlarmKind.LATE, AlarmKind.DISK, AlarmKind.CLOCK)
    for alarm in standing:
        if alarm.kind in unsaid:
            saying.note(alarm_sentence(alarm, services.wording()))


def _tell_load(services: "Services", *, told: bool) -> None:
    """Say what a round takes; a watchlist that cannot be read now must not hide the states.

    `told`: that it is rejected was said already.
    """
    from appwatch.doctor import load_of
    from appwatch.errors import WatchlistError

    try:
        watchlist = services.watchlist()
    except WatchlistError as error:
        problems = f"{len(error.problems)} problem{'s' if len(error.problems) > 1 else ''}"
        if not told:
            saying.note(f"The watchlist has {problems}; run: appwatch watchlist validate")
        return
    for sentence in load_of(watchlist, services.stores).sentences():
        saying.note(sentence)
