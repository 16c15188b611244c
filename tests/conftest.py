"""What holds for every test (no network, no unexplained skip) and the databases they ask for."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from tests import postgresql

# Words in the reason of a skip that is right even where nothing may be left out.
ALLOWED_SKIPS = (
    "corpus",  # the collected answers are kept beside the checkout, not in it
    "only root can make a file of another group",
)
# The live probe asks the real stores; nothing else ever does.
LIVE = bool(os.environ.get("TESTS_LIVE"))
collect_ignore = [] if LIVE else ["live"]
FOLDER = pytest.StashKey[Path]()
# No example has a deadline: how long one takes says how busy the machine is, and nothing else.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


# --- no network ----------------------------------------------------------------------------


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail the test that reaches beyond this machine, by address or by name.

    An audit hook, because it sees every library's sockets and name look-ups alike.
    """
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name and name not in {"localhost", "::1"} and not name.startswith("127."):
        pytest.fail(f"a test may only reach this machine, and this one tried {name}")


@pytest.fixture(autouse=True)
def loud() -> None:
    """Begin with the logs as they are: a command that was tested before may have set them."""
    structlog.reset_defaults()


# --- no unexplained skip -------------------------------------------------------------------


class SkipWatch:
    """Fails the session if a test was left out, where TESTS_NO_SKIPS says none may be."""

    def __init__(self) -> None:
        self.left_out: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._take(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._take(report)

    def _take(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if not any(word in str(reason) for word in ALLOWED_SKIPS):
            self.left_out.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.left_out and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.left_out:
            terminalreporter.write_line(f"LEFT OUT, and may not be: {line}", red=True)


# --- the session ---------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Set up what the session shares; with xdist, the workers are told of it."""
    for name in list(os.environ):
        # Settings of whoever runs the tests are not the tests' settings.
        if name.startswith("APPWATCH_"):
            del os.environ[name]
    if not LIVE:
        sys.addaudithook(refuse_network)
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[FOLDER] = Path(workerinput["postgresql"])
        return
    config.stash[FOLDER] = postgresql.make_folder()
    # A session that is told to end goes the way of Ctrl-C, so that the server is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if os.environ.get("TESTS_NO_SKIPS"):
        config.pluginmanager.register(SkipWatch())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist carries no types
    """Tell a worker of xdist where the session's server is or will be."""
    node.workerinput["postgresql"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, however the session ends; a worker leaves that to the session."""
    if hasattr(config, "workerinput") or FOLDER not in config.stash:
        return
    programs = postgresql.find_programs()
    folder = config.stash[FOLDER]
    if programs:
        postgresql.Server(folder, programs).stop()
    else:
        folder.rmdir()


# --- databases -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> postgresql.Server:
    """Return the session's PostgreSQL, started by whoever asks first."""
    programs = postgresql.find_programs()
    if programs is None:
        pytest.skip(postgresql.NOT_FOUND)
    server = postgresql.Server(pytestconfig.stash[FOLDER], programs)
    server.start()
    return server


@pytest.fixture
def postgresql_url(postgresql_server: postgresql.Server) -> Iterator[str]:
    """Return the address of an empty database on PostgreSQL."""
    name = postgresql_server.create()
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database: a file of SQLite, then one on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'appwatch.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


def migrate(url: str) -> None:
    """Bring a database to this version's schema and close it."""
    # Slow to import, and most tests need no database.
    from appwatch.db.engine import Database
    from appwatch.db.migrate import upgrade

    database = Database(url)
    upgrade(database)
    database.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated file of SQLite, to be copied and never opened."""
    file = tmp_path_factory.mktemp("migrated") / "appwatch.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a migrated database without rows, on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "appwatch.db")
        yield f"sqlite:///{file}"
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    name = server.create(server.template("migrated", migrate))
    yield server.url(name)
    server.drop(name)
