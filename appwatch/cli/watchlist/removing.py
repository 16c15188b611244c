"""appwatch watchlist remove."""

from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry
from appwatch.cli.options import require_known
from appwatch.cli.watchlist.saving import dry_run, save

if TYPE_CHECKING:
    from pathlib import Path

    from appwatch.watchlist import WatchedApp, Watchlist
    from appwatch.wiring import Services


@click.command(epilog="Example: appwatch watchlist remove zynn --dry-run")
@click.argument("app_id", metavar="APP")
@dry_run
@click.pass_obj
def remove(entry: Entry, app_id: str, *, dry_run: bool) -> int:
    """Take an app out of the watchlist, by its id. What is known of it is kept.

    An app of a CSV list is taken out there. Comments stay.
    """
    from appwatch.watchlist import judged

    with entry.services() as services:
        read = services.watchlist()
        app = chosen(read, app_id)
        edit, made = judged(read, services.stores, *_without(read, app))
        save(edit, only_shown=dry_run)
        if not dry_run:
            _tell_dropped(services, made)
    return 0


def chosen(read: "Watchlist", app_id: str) -> "WatchedApp":
    """Return the app of this id. Raises UsageError, naming what there is."""
    require_known("app", app_id, [app.id for app in read.apps])
    return next(app for app in read.apps if app.id == app_id)


def _without(read: "Watchlist", app: "WatchedApp") -> tuple["Path", str]:
    """Return the file in which the app stands, and its text without the app."""
    from appwatch.watchlist import editing, text_of, without_row

    name, line, column = app.place.rsplit(":", 2)
    file = next(path for path in read.files if str(path) == name)
    text = text_of(read, file)
    if file == read.files[0]:
        return file, editing.remove(text, int(line), int(column))
    return file, without_row(text, int(line))


def _tell_dropped(services: "Services", made: "Watchlist") -> None:
    """Say when a running appwatch will not follow by itself."""
    from appwatch.db import migrate
    from appwatch.following import too_much_dropped

    if migrate.current(services.database) != migrate.HEAD:
        return
    why = too_much_dropped(services, made)
    if why is not None:
        saying.note(f"A running appwatch waits. {why}")
