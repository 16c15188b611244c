"""Whether the places that appwatch writes to can be used: database, evidence folder, disk."""

import os
import shutil
import tempfile
from pathlib import Path

from appwatch.db import migrate
from appwatch.db.engine import Database
from appwatch.doctor.findings import Finding, fine, wrong
from appwatch.errors import DatabaseError
from appwatch.evidence import Evidence


def database(database: Database) -> list[Finding]:
    """Return whether the database can be opened, and whether its schema is this version's."""
    check = "database"
    if database.missing and database.file is not None:
        return [_database_to_come(database.file)]
    try:
        found = migrate.current(database)
        behind = found != migrate.HEAD
        if behind and found is not None and found > migrate.HEAD:
            migrate.require(database)
        database.require_writable()
    except DatabaseError as error:
        return [wrong(check, str(error), "see what the sentence says; then run it again")]
    opened = fine(check, f"{database.shown} opens and can be written")
    if not behind:
        return [opened, fine("migrations", f"at revision {found}, as this appwatch needs it")]
    told = "empty" if found is None else f"at revision {found}, needed is {migrate.HEAD}"
    return [opened, wrong("migrations", told, "run: appwatch db upgrade")]


def _database_to_come(file: Path) -> Finding:
    folder = file.parent
    if _writable(folder):
        return fine("database", f"{file} is not there yet; `appwatch run` makes it")
    return wrong(
        "database",
        f"{file} is not there, and its folder cannot be written",
        "make the folder, mend its rights, or set APPWATCH_DATABASE_URL",
    )


def evidence(folder: Path) -> Finding:
    """Return whether answers can be kept."""
    check = "evidence folder"
    if os.access(folder, os.F_OK) and not folder.is_dir():
        return wrong(check, f"{folder} is no folder", "set APPWATCH_EVIDENCE_DIR to a folder")
    trouble = Evidence(folder).trouble()
    if not trouble:
        return fine(check, f"{folder} can be written")
    return wrong(check, trouble, "without evidence no change is confirmed")


def disk(database: Database, evidence: Evidence, room_mb: float) -> Finding:
    """Return whether there is room for what is to be kept."""
    short = shortage(database, evidence, room_mb)
    if short:
        return wrong("disk", short, "free some space")
    return fine("disk", _room(evidence.folder)[1])


def shortage(database: Database, evidence: Evidence, room_mb: float) -> str | None:
    """Return where there is less room than so many MB, or None where there is enough."""
    folders = [evidence.folder, *([database.file.parent] if database.file else [])]
    rooms = map(_room, folders)
    return next((told for free, told in rooms if free < room_mb * 2**20), None)


def _room(folder: Path) -> tuple[int, str]:
    free = shutil.disk_usage(_nearest(folder)).free
    return free, f"{free / 1024**3:.1f} GB free at {folder}"


def _nearest(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    places = (path.absolute(), *path.absolute().parents)
    return next(place for place in places if os.access(place, os.F_OK))


def _writable(folder: Path) -> bool:
    """Whether a file can be made there; rights alone do not tell (read-only file systems)."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
