"""appwatch check."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.endings import DONE, NOTHING_REACHED, PROBLEM
from appwatch.cli.entry import Entry
from appwatch.cli.memory import collect_seldom
from appwatch.cli.options import listing_format, named, place_filters, require_known
from appwatch.cli.output import show
from appwatch.cli.progress import Progress
from appwatch.cli.summary import look_row, summary
from appwatch.errors import UsageError

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.checking import Looking
    from appwatch.db.due import Due, Filter
    from appwatch.db.sweeping import Recorded
    from appwatch.domain.model import Place
    from appwatch.watchlist import Watchlist
    from appwatch.wiring import Services

    Selected = Mapping[Place, Sequence[Due]]
    Looks = list[tuple[Place, Recorded]]


@click.command(epilog="Example: appwatch check --app jike --storefront cn")
@place_filters
@click.option("--send", is_flag=True, help="Send what is to be told now, not by `appwatch run`.")
@listing_format
@click.pass_obj
def check(
    entry: Entry,
    app: str | None,
    store: str | None,
    storefront: str | None,
    form: str | None,
    *,
    send: bool,
) -> int:
    """Look at everything now, or at what you choose, whatever is due.

    The looks count like any others: a change they confirm is recorded and queued. Exit code 0:
    every look was conclusive; 1: some were not; 3: none was. An app that is absent is no
    problem. A host to which three requests in a row find no way is asked no more.
    """
    from appwatch.db.due import Filter
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        watchlist = _watchlist(entry, services)
        chosen = Filter(app, store, storefront)
        _require_watched(watchlist, chosen)
        services.upgrade()
        watchlist = _put_in_force(entry, services, watchlist)
        _require_watched(watchlist, chosen)  # it may be the one before
        collect_seldom()  # the process is loaded: what comes now are looks
        looks = _in_order(asyncio.run(_look(services, watchlist, chosen)), watchlist)
        show(LISTINGS["check"], [look_row(place, one) for place, one in looks], form)
        for sentence in summary(looks):
            saying.note(sentence)
        failed = _send(services, watchlist) if send else False
    return _exit_code([one.observation.conclusive for _, one in looks], failed=failed)


def _watchlist(entry: Entry, services: "Services") -> "Watchlist":
    """Return the watchlist; a channel or proxy that cannot be used is told."""
    from appwatch.cli.sending import unusable

    watchlist = services.watchlist()
    for problem in unusable(entry, services, watchlist):
        saying.line(problem)
    return watchlist


def _put_in_force(entry: Entry, services: "Services", watchlist: "Watchlist") -> "Watchlist":
    """Put the watchlist into force; while it cannot be, return the one before it."""
    from appwatch.cli.sending import unusable
    from appwatch.following import why_it_cannot_follow

    why = why_it_cannot_follow(services, watchlist, partial(unusable, entry))
    if why is None:
        services.sync(watchlist)
        return watchlist
    saying.note(f"An edit of the watchlist waits, the one before it stays in force. {why}")
    return services.last_good() or watchlist


def _require_watched(watchlist: "Watchlist", chosen: "Filter") -> None:
    """Raise UsageError, naming what there is, unless something that was chosen is watched."""
    watched = _watched(watchlist)
    require_known("app", chosen.app, [app.id for app in watchlist.apps])
    require_known("store in use", chosen.store, sorted({place.store for _, place in watched}))
    storefronts = sorted({place.storefront for _, place in watched})
    require_known("storefront in use", chosen.storefront, storefronts)
    mine = {place for app_id, place in watched if chosen.app in (None, app_id)}
    if not mine:
        who = chosen.app or "The watchlist"
        raise UsageError(f"{who} has no listing to look at, or is paused; see the watchlist.")
    if not any(
        chosen.store in (None, place.store) and chosen.storefront in (None, place.storefront)
        for place in mine
    ):
        raise UsageError(f"Nothing is watched there; {named(sorted(map(str, mine)))}.")


def _watched(watchlist: "Watchlist") -> "list[tuple[str, Place]]":
    """Return the id of every app that is looked at, with each place where it is."""
    active = (app for app in watchlist.apps if not app.paused)
    return [(app.id, place) for app in active for place, _ in app.targets()]


async def _look(services: "Services", watchlist: "Watchlist", chosen: "Filter") -> "Looks":
    """Look at everything chosen, storefronts side by side, and return every look."""
    from appwatch.db import due

    with services.database.read() as connection:
        selected = due.selected_targets(connection, chosen)
    looking = services.looking(watchlist, persist=True)
    looks: Looks = []
    with Progress(sum(len(targets) for targets in selected.values())) as progress:
        async with looking.fetcher:
            await _sweep_all(looking, selected, _noting(looks, progress))
    return looks


def _noting(
    looks: "Looks", progress: Progress
) -> "Callable[[Place], Callable[[Sequence[Recorded]], None]]":
    """Return what makes, for a storefront, the report that notes each look."""

    def for_place(place: "Place") -> "Callable[[Sequence[Recorded]], None]":
        def note(recorded: "Sequence[Recorded]") -> None:
            looks.extend((place, one) for one in recorded)
            progress.advance(len(recorded))

        return note

    return for_place


async def _sweep_all(
    looking: "Looking",
    selected: "Selected",
    report: "Callable[[Place], Callable[[Sequence[Recorded]], None]]",
) -> None:
    """Sweep every storefront, so many at once. Raises what the first failing sweep raised."""
    from appwatch.checking import sweep
    from appwatch.scheduling import SWEEPS_AT_ONCE

    free = asyncio.Semaphore(SWEEPS_AT_ONCE)

    async def one(place: "Place", targets: "Sequence[Due]") -> None:
        async with free:
            await sweep(looking, place, targets, report(place))

    try:
        async with asyncio.TaskGroup() as sweeps:
            for place, targets in selected.items():
                sweeps.create_task(one(place, targets))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group


def _in_order(looks: "Looks", watchlist: "Watchlist") -> "Looks":
    """Return the looks in the order of the watchlist."""
    named = ((app.id, place) for app in watchlist.apps for place, _ in app.targets())
    order = {key: number for number, key in enumerate(named)}
    return sorted(looks, key=lambda look: order.get((look[1].due.app_id, look[0]), len(order)))


def _send(services: "Services", watchlist: "Watchlist") -> bool:
    """Send what is to be told; return whether anything failed."""
    from appwatch.alerts.outbox import deliver

    done = deliver(services.outbox(watchlist))
    for why in done.unusable.values():
        saying.note(why)
    saying.note(f"Alerts: {done.sent} sent, {done.failed} failed, {done.waiting} waiting.")
    return bool(done.failed or done.unusable)


def _exit_code(conclusive: "Sequence[bool]", *, failed: bool) -> int:
    if not any(conclusive):
        return NOTHING_REACHED
    return DONE if all(conclusive) and not failed else PROBLEM
