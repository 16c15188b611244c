"""appwatch db upgrade|current|backup."""

from pathlib import Path

import click

from appwatch.cli.entry import Entry, require_database


@click.group()
def db() -> None:
    """Upgrade, show or back up the database."""


@db.command(epilog="Example: appwatch db upgrade")
@click.pass_obj
def upgrade(entry: Entry) -> int:
    """Bring the database to this version's schema; a copy of an older SQLite file is kept.

    `appwatch run` and `appwatch check` do so by themselves.
    """
    from appwatch.db import migrate

    with entry.services() as services:
        done = services.upgrade()
        told = "upgraded" if done else "nothing to do"
        click.echo(f"{services.database.shown}: {told}, at revision {migrate.HEAD}")
    return 0


@db.command(epilog="Example: appwatch db current")
@click.pass_obj
def current(entry: Entry) -> int:
    """Print the database's revision; exit code 1 if it is not the one that is needed."""
    from appwatch.db import migrate
    from appwatch.errors import UsageError

    with entry.services() as services:
        if services.database.missing:
            file = services.database.file
            raise UsageError(f"There is no database at {file} yet; run: appwatch db upgrade")
        found = migrate.current(services.database)
    click.echo(found or "empty")
    return 0 if found == migrate.HEAD else 1


@db.command(epilog="Example: appwatch db backup /backups/appwatch.db")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def backup(entry: Entry, file: Path | None) -> int:
    """Write a copy of an SQLite database to FILE, while others go on working with it.

    Without FILE, the copy stands beside the database with the time in its name.
    """
    from appwatch.db import migrate

    with entry.services() as services:
        require_database(services)
        to = file or migrate.backup_name(services.database, services.now())
        migrate.backup(services.database, to)
        click.echo(str(to))
    return 0
