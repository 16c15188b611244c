"""appwatch watchlist history|accept."""

import difflib
from collections.abc import Iterator, Sequence
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
            kept = versions.every(connection)
    if diff is None:
        show_listing(LISTINGS["versions"], list(_rows(kept)), form)
        return 0
    at = next((at for at, one in enumerate(kept) if one.number == diff), None)
    if at is None:
        told = f"there are 1 to {kept[-1].number}" if kept else "there is none yet"
        raise UsageError(f"There is no version {diff} of the watchlist; {told}.")
    show_diff(list(_diff(kept[at - 1] if at else None, kept[at])))
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


def _rows(kept: "Sequence[Version]") -> "Iterator[Row]":
    before: Version | None = None
    for one in kept:
        changed = [line[:1] for line in _diff(before, one) if line[:3] not in ("+++", "---")]
        yield {
            "version": one.number,
            "accepted_at": one.accepted_at,
            "in_force": one is kept[-1],
            "files": [name for name, _ in one.files],
            "lines_added": changed.count("+"),
            "lines_removed": changed.count("-"),
            "sha256": one.digest,
        }
        before = one


def _diff(before: "Version | None", after: "Version") -> Iterator[str]:
    """Yield what changed from one version to the next, file by file."""
    old, new = dict(before.files) if before else {}, dict(after.files)
    for name in dict.fromkeys([*new, *old]):
        yield from difflib.unified_diff(
            old.get(name, "").splitlines(),
            new.get(name, "").splitlines(),
            f"{name} (version {before.number})" if before else f"{name} (none)",
            f"{name} (version {after.number}, {after.accepted_at:%Y-%m-%d %H:%M} UTC)",
            lineterm="",
        )
