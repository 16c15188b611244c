"""The tests' own ground: real databases, no network, no unexplained skips."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from appwatch.db.engine import Database
from appwatch.db.migrate import HEAD, current
from tests.postgresql import Server

ROOT = Path(__file__).resolve().parents[1]


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


def test_every_test_gets_an_empty_database(postgresql_url: str) -> None:
    with connect(postgresql_url) as connection:
        tables = connection.execute("SELECT * FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == []


def test_the_server_listens_on_no_network_address(postgresql_url: str) -> None:
    with connect(postgresql_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_template_is_prepared_once_and_copied_whole(postgresql_server: Server) -> None:
    prepared = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with connect(url) as connection:
            connection.execute("CREATE TABLE kept (id int)")

    name = f"template_{os.getpid()}"
    postgresql_server.template(name, prepare)
    copy = postgresql_server.create(postgresql_server.template(name, prepare))
    with connect(postgresql_server.url(copy)) as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == []
    assert len(prepared) == 1
    postgresql_server.drop(copy)


def test_both_databases_are_offered(database_url: str) -> None:
    assert database_url.startswith(("sqlite:////", "postgresql+psycopg://"))


def test_both_databases_are_offered_migrated(migrated_url: str) -> None:
    database = Database(migrated_url)
    assert current(database) == HEAD
    database.close()


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_a_test_that_reaches_out_fails(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as door, pytest.raises(pytest.fail.Exception, match=address[0]):
        door.connect(address)


def test_a_test_that_looks_up_a_name_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


SKIPPED = """
import pytest

def test_that_needs_a_browser():
    pytest.skip("no browser")

def test_that_needs_the_corpus():
    pytest.skip("the corpus is not here")
"""


def test_a_skip_fails_the_session_where_none_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPED)
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        env={
            **os.environ,
            "TESTS_NO_SKIPS": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(ROOT),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    left_out = [line for line in done.stdout.splitlines() if "LEFT OUT" in line]
    assert [line.split()[-2:] for line in left_out] == [["no", "browser"]]
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
