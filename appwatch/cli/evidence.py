"""appwatch evidence show|bundle|verify|reread|capture."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appwatch.cli import saying
from appwatch.cli.authors import by_option
from appwatch.cli.entry import Entry, require_database
from appwatch.cli.options import listing_format, read_since, since_option
from appwatch.cli.output import show as show_listing

if TYPE_CHECKING:  # wiring is slow to import, and --help needs none of it
    from appwatch.evidence.proof import Proof
    from appwatch.evidence.verify import Verified
    from appwatch.exports import Row
    from appwatch.rereading import Rereading
    from appwatch.wiring import Services


@click.group()
def evidence() -> None:
    """Show, bundle and verify what proves a change, or read it again by today's rules."""


@evidence.command(epilog="Example: appwatch evidence show c-01kb2x9hq4m7p3ad")
@click.argument("change", metavar="ID")
@listing_format
@click.pass_obj
def show(entry: Entry, change: str, form: str | None) -> int:
    """Show every answer that proves a change; exit code 1 if one is missing or was altered."""
    from appwatch.alerts.wording import counted
    from appwatch.cli.proving import require_proof, rows_of
    from appwatch.exports import LISTINGS

    with entry.services() as services:
        require_database(services)
        proof = require_proof(services, change)
        rows = list(rows_of(proof, services.evidence))
    saying.note(_headline(proof))
    show_listing(LISTINGS["evidence"], rows, form)
    lost = {row["sha256"] for row in rows if row["intact"] is False}
    if lost:
        files = counted(len(lost), "file")
        saying.note(f"Missing or altered: {files}; restore the evidence folder from a backup.")
    return 1 if lost else 0


@evidence.command(epilog="Example: appwatch evidence bundle c-01kb2x9hq4m7p3ad --to jike.wacz")
@click.argument("change", metavar="ID")
@click.option(
    "--to",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, its name ending in .wacz; by default the change's id, here.",
)
@click.option(
    "--include-batches",
    is_flag=True,
    help="With answers about many apps whole: they show what else is watched.",
)
@click.option("--timestamp", is_flag=True, help="Stamped by APPWATCH_TIMESTAMP_URL, or not at all.")
@click.option(
    "--try-timestamp", is_flag=True, help="Stamped if the authority answers, else without a stamp."
)
@click.pass_obj
def bundle(
    entry: Entry,
    /,
    change: str,
    to: Path | None,
    *,
    include_batches: bool,
    timestamp: bool,
    try_timestamp: bool,
) -> int:
    """Write everything that proves a change to one file, check it, and print its name.

    Whoever gets the file checks it with `appwatch evidence verify FILE`, or opens it in any
    WACZ viewer.
    An answer about many apps enters as its SHA-256 and this app's part of it.
    """
    from appwatch.cli.proving import packing_of, require_proof, write_bundle
    from appwatch.evidence.verify import verify as examine

    with entry.services() as services:
        require_database(services)
        proof = require_proof(services, change)
        packing = packing_of(
            services, proof, include_batches=include_batches, stamped=timestamp or try_timestamp
        )
        file = to or Path(f"{proof.change.id}.wacz")
        write_bundle(proof, services.evidence, file, packing, optional=not timestamp)
    verified = examine(file)
    click.echo(str(file))
    _tell_checks(verified)
    return 0 if verified.passed else 1


@evidence.command(epilog="Example: appwatch evidence verify jike.wacz")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--roots",
    metavar="PEM",
    type=click.Path(path_type=Path),
    help="Certificates of the timestamp authorities that you trust.",
)
@listing_format
def verify(file: Path, roots: Path | None, form: str | None) -> int:
    """Check a bundle, check by check; exit code 1 unless every one holds.

    Works on any machine: without settings, database or network.
    """
    from appwatch.errors import UsageError
    from appwatch.evidence.verify import verify as examine
    from appwatch.exports import LISTINGS

    if not os.path.isfile(file):  # noqa: PTH113 - raises nothing, unlike Path.is_file
        raise UsageError(f"{file} is no file; expected one that `appwatch evidence bundle` wrote.")
    verified = examine(file, _pem(roots))
    rows: list[Row] = [
        {"check": one.name, "ok": one.passed, "says": one.detail} for one in verified.checks
    ]
    show_listing(LISTINGS["verify"], rows, form)
    for sentence in verified.unchecked:
        saying.note(f"Not checked: {sentence}.")
    saying.note(f"{file}: {'every check holds' if verified.passed else 'NOT what it should be'}.")
    return 0 if verified.passed else 1


@evidence.command(epilog="Example: appwatch evidence reread --since 30d")
@click.option("--change", metavar="ID", help="Only this change.")
@since_option()
@click.option("--apply", is_flag=True, help="Retract the disappearances that no longer hold.")
@by_option
@listing_format
@click.pass_obj
def reread(
    entry: Entry,
    /,
    change: str | None,
    since: str | None,
    *,
    apply: bool,
    by: str,
    form: str | None,
) -> int:
    """Read the looks of changes again by today's rules, and show those that read otherwise.

    Exit code 1 if there are any, or some cannot be read again. Nothing is changed, unless --apply:
    it retracts each disappearance of which a confirming look no longer reads as absent. A look
    that cannot be read again counts as it was read.
    """
    from appwatch.cli.proving import reread_row
    from appwatch.errors import UsageError
    from appwatch.exports import LISTINGS
    from appwatch.rereading import reread as read_again

    if change is not None and since is not None:
        raise UsageError("--change and --since exclude each other; give one of them, or neither.")
    with entry.services() as services:
        start = read_since(since, services.now())
        require_database(services)
        proofs, kept = _proofs(services, change, start), services.evidence.read
        found = {
            one.change.id: read_again(one, services.stores[one.change.store], kept)
            for one in proofs
        }
        read = [one for ones in found.values() for one in ones]
        odd = [one for one in read if one.differs or one.now is None]
        show_listing(LISTINGS["reread"], map(reread_row, odd), form)
        _tell_reading(read, changes=len(found))
        _settle(services, found, by, apply=apply)
    return 1 if odd else 0


@evidence.command(epilog="Example: appwatch evidence capture --change c-01kb2x9hq4m7p3ad")
@click.option("--change", metavar="ID", help="Also this disappearance, however old it is.")
@click.pass_obj
def capture(entry: Entry, change: str | None) -> int:
    """Ask the Wayback Machine for the captures that are due, and what became of others.

    `appwatch run` does so by itself. Works only where APPWATCH_WAYBACK_URL is set. The answers are
    in `appwatch evidence show ID`.
    """
    import asyncio

    from appwatch.alerts.wording import counted
    from appwatch.capturing import capture as ask
    from appwatch.cli.proving import require_proof
    from appwatch.db import captures
    from appwatch.errors import UsageError

    with entry.services() as services:
        require_database(services)
        archive = services.archive
        if archive is None:
            raise UsageError(
                "APPWATCH_WAYBACK_URL is not set; set it to https://web.archive.org to have "
                "what disappears captured."
            )
        if change is not None:
            kind = require_proof(services, change).change.kind
            with services.database.write() as connection:
                queued = captures.queue(connection, change, services.now(), archive.page_url)
            if not queued:
                raise UsageError(f"{change} is {kind}; only what disappeared is captured.")
        asked = asyncio.run(ask(archive, services.database, services.now))
    saying.note(f"Asked about {counted(asked, 'page')}.")
    return 0


def _proofs(services: "Services", change: str | None, since: datetime | None) -> "list[Proof]":
    """Return what proves this change, or all since then that were not retracted, oldest first."""
    from appwatch.cli.proving import require_proof
    from appwatch.db import incidents, proofs

    if change is not None:
        return [require_proof(services, change)]
    with services.database.read() as connection:
        ids = incidents.standing_changes(connection, since)
        return [proof for one in ids if (proof := proofs.proof_of(connection, one)) is not None]


def _settle(
    services: "Services", found: "dict[str, list[Rereading]]", by: str, *, apply: bool
) -> None:
    """Retract the disappearances that no longer hold, or say which would be."""
    from appwatch.cli.incidents import routes_of, told
    from appwatch.db import retracting
    from appwatch.domain.verdict import RULES_VERSION
    from appwatch.rereading import is_refuted

    refuted = [
        change
        for change, read in found.items()
        if is_refuted(read) and read[0].change.retracted_at is None
    ]
    if not apply:
        if refuted:
            saying.note(f"Nothing was changed; --apply would retract: {', '.join(refuted)}.")
        return
    why = f"read again under rules version {RULES_VERSION}"
    routes = routes_of(services)
    for change in refuted:
        with services.database.write() as connection:
            done = retracting.retract(connection, change, by, why, services.now(), routes)
        for line in told(done):
            saying.note(line)


def _tell_reading(read: "list[Rereading]", changes: int) -> None:
    from appwatch.alerts.wording import counted
    from appwatch.domain.verdict import RULES_VERSION

    otherwise = sum(one.differs for one in read)
    unread = sum(one.now is None for one in read)
    saying.note(
        f"Read again under rules version {RULES_VERSION}: {counted(len(read), 'look')} of "
        f"{counted(changes, 'change')}; otherwise {otherwise}, cannot be read again {unread}."
    )


def _headline(proof: "Proof") -> str:
    from appwatch.alerts.wording import plain

    change = proof.change
    where = f"{change.store}/{change.storefront}"
    what = f"{plain(change.name)}, {change.kind}, {where}, {change.looks} looks."
    wrong = f" RETRACTED: {change.retracted_why}." if change.retracted_at else ""
    return f"{change.id}: {what}{wrong}"


def _tell_checks(verified: "Verified") -> None:
    for one in verified.checks:
        saying.note(f"{'checked' if one.passed else 'FAILED'}: {one.name}: {one.detail}")
    for sentence in verified.unchecked:
        saying.note(f"not checked: {sentence}")


def _pem(roots: Path | None) -> bytes:
    """Return the certificates of the file. Raises UsageError."""
    from appwatch.errors import UsageError

    if roots is None:
        return b""
    try:
        return roots.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{roots} cannot be read ({error.strerror}); --roots takes a file of certificates."
        ) from error
