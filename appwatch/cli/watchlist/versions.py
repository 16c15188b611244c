"""appwatch watchlist history|accept."""

import difflib
from collections.abc import Iterator
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format
from appwatch.cli.output import show as show_listing
from appwatch.cli.watchlist.saving import show_diff
from appwatch.errors import UsageError

if TYPE_CHECKING:  # the database is slow to import, and --help needs none of it
    from appwatch.db.versions import Version
    from appwatch.exports import Row


@click.command(epilog="Example: appwatch watchlist history --diff 12")
@click.option("--diff", type=int, metavar="N", help="Show what version N changed.")
@listing_format
@click.pass_obj
def history(entry: Entry, diff: int | None, form: str | None) -> int:
    """Show every watchlist that came into force, and when; or what one of them changed."""
    from appwatch.db import versions
    from appwatch.exports import LISTINGS

    if diff is not None and form is not None:
        raise UsageError("What a version changed is written as a diff; leave out --format.")
    with entry.services() as services:
        require_database(services)
        with services.database.read() as connection:
            if diff is None:
                rows = [*_rows(versions.newest_first(connection))]
            else:
                kept = [*islice(versions.newest_first(connection, diff), 2)]
                last = next(versions.newest_first(connection), None)
    if diff is None:
        show_listing(LISTINGS["versions"], rows[::-1], form)
        return 0
    if not kept or kept[0].number != diff:
        told = f"there are 1 to {last.number}" if last else "there is none yet"
        raise UsageError(f"There is no version {diff} of the watchlist; {told}.")
    show_diff([line for file in _diffs(*kept) for line in file])
    return 0


@click.command(epilog="Example: appwatch watchlist accept")
@click.pass_obj
def accept(entry: Entry) -> int:
    """Put the watchlist in the folder into force, however much it leaves out.

    A running appwatch does so by itself, unless an edit leaves out more than 30 % of the
    targets: that waits for this.
    """
    from appwatch.cli.sending import refuse_addresses

    with entry.services() as services:
        read = services.usable_watchlist()
        refuse_addresses(services, read)
        services.upgrade()
        dropped, watched = services.dropped(read)
        synced = services.sync(read)
    saying.note(
        f"{read.files[0]} is in force: {synced.watched} targets are watched, {dropped} of the "
        f"{watched} before are left out; their history is kept."
    )
    return 0


def _rows(kept: "Iterator[Version]") -> "Iterator[Row]":
    """Yield a row for each version; they come the newest first, and so do the rows."""
    newest = True
    for one, before in pairwise(chain(kept, [None])):
        if one is None:
            return
        changed = [line[:1] for file in _diffs(one, before) for line in file[2:]]
        yield {
            "version": one.number,
            "accepted_at": one.accepted_at,
            "in_force": newest,
            "files": [name for name, _ in one.files],
            "lines_added": changed.count("+"),
            "lines_removed": changed.count("-"),
            "sha256": one.digest,
        }
        newest = False


def _diffs(after: "Version", before: "Version | None" = None) -> Iterator[list[str]]:
    """Yield what changed in each file, below two lines that name it."""
    old, new = dict(before.files) if before else {}, dict(after.files)
    for name in dict.fromkeys([*new, *old]):
        yield list(
            difflib.unified_diff(
                old.get(name, "").splitlines(),
                new.get(name, "").splitlines(),
                f"{name} (version {before.number})" if before else f"{name} (none)",
                f"{name} (version {after.number}, {after.accepted_at:%Y-%m-%d %H:%M} UTC)",
                lineterm="",
            )
        )
