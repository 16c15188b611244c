"""Evidence by the command line: what proves a change can be shown, handed over and read again."""

import gzip
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner, Result
from rfc3161_client._rust import parse_timestamp_request
from sqlalchemy import select, update

from appwatch.cli import command_line
from appwatch.cli.entry import Entry
from appwatch.db.tables import exchanges
from appwatch.simulator import (
    APP_STORE,
    GOOGLE_PLAY,
    Appearance,
    Faults,
    SimulatedApp,
    World,
    serve,
)
from appwatch.wiring import Services
from tests.cli.conftest import CONTROLS, WATCHLIST, Clock, Office
from tests.evidence.authority import Authority, make_authority
from tests.evidence.bundles import members
from tests.evidence.posts import Posts

JIKE, CASTRO = "966129812", "1080840241"
HERE = ("--store", "app_store", "--storefront", "cn")


@pytest.fixture(scope="module")
def seasoned(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return an office in which Jike has left the App Store in China, seen beside Castro."""
    clock = Clock()
    world = World(clock, [SimulatedApp("即刻", "Ruguo", JIKE), SimulatedApp("C", app_store=CASTRO)])
    world.add_controls(APP_STORE, CONTROLS[APP_STORE])
    small = Appearance(product_page_size=1_000, details_page_size=60_000)
    with serve(world, Faults(), appearance=small) as simulator:
        environment = {**simulator.environment(), "NEWSROOM_URL": "json://127.0.0.1:9/"}
        office = Office(tmp_path_factory.mktemp("seasoned"), environment, clock)
        office.write(WATCHLIST)
        office.call("check", *HERE)
        world.remove("app_store", JIKE, ["cn"])
        for _ in range(2):
            clock.moment += timedelta(minutes=5)
            office.call("check", *HERE)
    return office


@pytest.fixture
def gone(seasoned: Office, tmp_path: Path) -> Office:
    """Return a copy of that office, to be spoilt; its stores answer no more."""
    folder = shutil.copytree(seasoned.folder, tmp_path / "office")
    return Office(folder, dict(seasoned.environment), Clock())


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def change_of(office: Office) -> str:
    """Return the id of the only change."""
    (change,) = lines(office.call("changes").stdout)
    return str(change["id"])


def bundled(office: Office, *options: str) -> Path:
    """Return a bundle of the only change."""
    file = office.folder / "jike.wacz"
    result = office.call("evidence", "bundle", change_of(office), "--to", str(file), *options)
    assert (result.exit_code, result.stdout) == (0, f"{file}\n"), result.stderr
    return file


def elsewhere(*arguments: str) -> Result:
    """Call the command line on a machine without settings and without a database."""

    def build() -> Services:
        raise AssertionError("no services are to be had here")

    return CliRunner().invoke(command_line, arguments, obj=Entry(build))


# --- show ----------------------------------------------------------------------------------


def test_show_lists_every_answer_that_proves_a_change(gone: Office) -> None:
    result = gone.call("evidence", "show", change_of(gone))
    rows = lines(result.stdout)
    assert result.exit_code == 0
    assert [row["role"] for row in rows][:2] == ["before", "after"]
    assert {row["role"] for row in rows} == {"before", "after", "confirms"}
    assert {row["intact"] for row in rows} == {True}
    assert "disappeared, app_store/cn, 2 looks." in result.stderr


def test_show_tells_of_a_body_that_the_folder_lost(gone: Office) -> None:
    change = change_of(gone)
    *_, last = lines(gone.call("evidence", "show", change).stdout)
    digest = str(last["sha256"])
    (gone.folder / "evidence" / digest[:2] / digest).unlink()
    result = gone.call("evidence", "show", change)
    assert result.exit_code == 1
    assert lines(result.stdout)[-1]["intact"] is False
    assert "Missing or altered: 1 file; restore" in result.stderr


@pytest.mark.parametrize("command", ["show", "bundle", "reread"])
def test_a_change_that_is_none_is_told_with_those_that_are(gone: Office, command: str) -> None:
    wanted = ["--change", "c-none"] if command == "reread" else ["c-none"]
    result = gone.call("evidence", command, *wanted)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"There is no change 'c-none'; there is {change_of(gone)}." in result.stderr


# --- bundle and verify ---------------------------------------------------------------------


def test_a_bundle_is_written_and_checked_and_names_nothing_else_that_is_watched(
    gone: Office,
) -> None:
    file = gone.folder / "jike.wacz"
    result = gone.call("evidence", "bundle", change_of(gone), "--to", str(file))
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    assert "checked: looks: 2 looks saw not_found" in result.stderr
    assert "not checked: who made this file" in result.stderr
    assert not any(CASTRO.encode() in content for content in unpacked(file))


def test_batches_are_included_when_asked_for(gone: Office) -> None:
    file = bundled(gone, "--include-batches")
    assert any(CASTRO.encode() in content for content in unpacked(file))
    assert elsewhere("evidence", "verify", str(file)).exit_code == 0


def unpacked(file: Path) -> Iterator[bytes]:
    """Yield every member of a bundle, and its records without their compression."""
    for name, content in members(file).items():
        yield gzip.decompress(content) if name.endswith(".gz") else content


def test_a_bundle_is_verified_without_settings_or_database(gone: Office) -> None:
    file = bundled(gone)
    result = elsewhere("evidence", "verify", str(file), "--format", "jsonl")
    checks = lines(result.stdout)
    assert result.exit_code == 0
    assert {row["ok"] for row in checks} == {True}
    assert [row["check"] for row in checks][:2] == ["zip", "members"]
    assert "every check holds" in result.stderr


def test_one_changed_byte_fails_and_is_told(gone: Office) -> None:
    file = bundled(gone)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    result = elsewhere("evidence", "verify", str(file))
    assert result.exit_code == 1
    assert "NOT what it should be" in result.stderr


def test_a_member_that_is_missing_or_climbs_out_fails(gone: Office, tmp_path: Path) -> None:
    parts = members(bundled(gone))
    del parts["appwatch/rules.json"]
    for name, extra in (("missing", {}), ("climbing", {"../../evil": b"x"})):
        file = tmp_path / f"{name}.wacz"
        with zipfile.ZipFile(file, "w") as archive:
            for member, content in {**parts, **extra}.items():
                archive.writestr(member, content)
        result = elsewhere("evidence", "verify", str(file))
        assert result.exit_code == 1
        assert "rules.json" in result.stdout or "climbs out" in result.stdout


def test_what_is_no_bundle_is_told_in_a_sentence(tmp_path: Path) -> None:
    zeros = tmp_path / "zeros.wacz"
    with zeros.open("wb") as file:
        file.truncate(2**30 + 1)
    for path, told in ((zeros, "larger than any bundle"), (tmp_path / "none.wacz", "No such file")):
        result = elsewhere("evidence", "verify", str(path))
        assert result.exit_code == 1
        assert told in result.stdout


def test_roots_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    result = elsewhere("evidence", "verify", "x.wacz", "--roots", str(tmp_path / "no.pem"))
    assert result.exit_code == 2
    assert "no.pem cannot be read" in result.stderr


def test_a_bundle_is_never_written_over_nor_made_of_lost_evidence(gone: Office) -> None:
    file = bundled(gone)
    again = gone.call("evidence", "bundle", change_of(gone), "--to", str(file))
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    *_, last = lines(gone.call("evidence", "show", change_of(gone)).stdout)
    digest = str(last["sha256"])
    (gone.folder / "evidence" / digest[:2] / digest).unlink()
    lost = gone.call("evidence", "bundle", change_of(gone), "--to", str(gone.folder / "b.wacz"))
    assert lost.exit_code == 2
    assert f"The evidence {digest} cannot be read" in lost.stderr
    assert not (gone.folder / "b.wacz").exists()


# --- timestamps ----------------------------------------------------------------------------


@pytest.fixture
def posts() -> Iterator[Posts]:
    """Return a server that answers every POST as it is told to."""
    with Posts() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


def test_a_bundle_is_stamped_by_the_authority_of_the_settings(
    gone: Office, posts: Posts, authority: Authority
) -> None:
    gone.environment["APPWATCH_TIMESTAMP_URL"] = posts.url
    posts.answer = authority.answer
    file = bundled(gone, "--timestamp")
    pem = gone.folder / "roots.pem"
    pem.write_bytes(authority.pem)
    result = elsewhere("evidence", "verify", str(file), "--roots", str(pem))
    assert result.exit_code == 0
    assert "signed by CN=Test Authority" in result.stdout
    assert "timestamp" not in result.stderr
    assert posts.types == ["application/timestamp-query"]


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (502, b"<html>", "status 502"),
        (200, b"<html>", "timestamp authority"),
        (200, b"x" * 100_000, "more than 65536 bytes"),
    ],
)
def test_nonsense_of_an_authority_is_told_and_nothing_is_written(
    gone: Office, posts: Posts, status: int, answer: bytes, told: str
) -> None:
    gone.environment["APPWATCH_TIMESTAMP_URL"] = posts.url
    posts.status, posts.answer = status, lambda _query: answer
    file = gone.folder / "jike.wacz"
    wanted = ("evidence", "bundle", change_of(gone), "--to", str(file))
    result = gone.call(*wanted, "--timestamp")
    assert (result.exit_code, file.exists()) == (2, False)
    assert told in result.stderr
    tried = gone.call(*wanted, "--try-timestamp")
    assert (tried.exit_code, file.exists()) == (0, True)
    assert "The bundle carries no timestamp." in tried.stderr


def imprint(query: bytes) -> bytes:
    return bytes(parse_timestamp_request(query).message_imprint.message)


LIES: dict[str, Callable[[Authority, bytes], bytes]] = {
    "another request": lambda authority, query: authority.stamp(imprint(query), 1),
    "something else": lambda authority, _: authority.stamp(sha256(b"else").digest(), 1),
    "signature does not hold": lambda authority, query: authority.answer(query)[:-1] + b"!",
    "not valid then": lambda _, query: make_authority(timedelta(days=-1)).answer(query),
    "no timestamp": lambda authority, query: authority.answer(query)[:-100],
}


@pytest.mark.parametrize("told", LIES)
def test_a_lie_of_an_authority_is_told_and_nothing_is_written(
    gone: Office, posts: Posts, authority: Authority, told: str
) -> None:
    gone.environment["APPWATCH_TIMESTAMP_URL"] = posts.url
    posts.answer = lambda query: LIES[told](authority, query)
    file = gone.folder / "jike.wacz"
    result = gone.call("evidence", "bundle", change_of(gone), "--to", str(file), "--timestamp")
    assert (result.exit_code, file.exists()) == (2, False)
    assert told in result.stderr


def test_an_authority_that_hangs_or_is_not_there_is_told(gone: Office, posts: Posts) -> None:
    gone.environment["APPWATCH_REQUEST_TIMEOUT"] = "0.2"
    awake = Event()
    posts.answer = lambda _: bytes(awake.wait())
    for url, told in ((posts.url, "no answer within 0.2 s"), ("http://127.0.0.1:9", "gave no")):
        gone.environment["APPWATCH_TIMESTAMP_URL"] = url
        result = gone.call("evidence", "bundle", change_of(gone), "--timestamp")
        assert result.exit_code == 2
        assert told in result.stderr
    awake.set()


def test_a_timestamp_needs_an_authority(gone: Office) -> None:
    result = gone.call("evidence", "bundle", change_of(gone), "--timestamp")
    assert result.exit_code == 2
    assert "APPWATCH_TIMESTAMP_URL is not set" in result.stderr


# --- reread --------------------------------------------------------------------------------


def test_the_same_rules_read_the_same(gone: Office) -> None:
    result = gone.call("evidence", "reread", "--since", "1d")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "2 looks of 1 change; otherwise 0, cannot be read again 0." in result.stderr


@pytest.mark.parametrize("store", [APP_STORE, GOOGLE_PLAY])
def test_what_left_and_returned_reads_the_same_again(
    office: Office, world: World, clock: Clock, store: str
) -> None:
    listing = JIKE if store == APP_STORE else "com.ruguoapp.jike"
    office.call("check", "--store", store)
    for change in (world.remove, world.restore):
        change(store, listing)
        for _ in range(2):
            clock.moment += timedelta(minutes=5)
            office.call("check", "--store", store)
    found = lines(
        office.call("changes", "--storefront", "cn" if store == APP_STORE else "hk").stdout
    )
    assert [change["kind"] for change in found] == ["returned", "disappeared"]
    result = office.call("evidence", "reread")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "otherwise 0, cannot be read again 0." in result.stderr


def misread(office: Office) -> None:
    """Let the first look rest on an answer that today's rules do not take for one."""
    with office.services() as services:
        body = services.evidence.keep(gzip.compress(b"{}", mtime=0))
        with services.database.write() as connection:
            first = select(exchanges.c.id).where(exchanges.c.surface == "lookup").limit(1)
            changed = {"body": body, "headers": [["Content-Encoding", "gzip"]]}
            wanted = exchanges.c.id == first.scalar_subquery()
            connection.execute(update(exchanges).where(wanted).values(**changed))


def test_what_reads_otherwise_is_shown_and_nothing_is_changed(gone: Office) -> None:
    misread(gone)
    result = gone.call("evidence", "reread")
    (row,) = lines(result.stdout)
    assert result.exit_code == 1
    assert (row["change"], row["then"], row["now"]) == (
        change_of(gone), "not_found", "inconclusive",
    )  # fmt: skip
    assert f"Nothing was changed; --apply would retract: {row['change']}." in result.stderr
    (status,) = lines(gone.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "gone"


def test_apply_retracts_what_no_longer_reads_as_absent(gone: Office) -> None:
    misread(gone)
    result = gone.call("evidence", "reread", "--apply", "--by", "editor")
    assert result.exit_code == 1
    assert "retracted (即刻, disappeared, app_store/cn)" in result.stderr
    assert "Will be told, by `appwatch run` or `check --send`: newsroom." in result.stderr
    (status,) = lines(gone.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "available"
    shown = gone.call("evidence", "show", change_of(gone)).stderr
    assert "RETRACTED: read again under rules version" in shown
    assert gone.call("evidence", "reread").exit_code == 0


def test_each_of_two_disappearances_that_were_none_is_retracted(
    office: Office, world: World, clock: Clock
) -> None:
    office.call("check", *HERE)
    for change in (world.remove, world.restore, world.remove):
        change("app_store", JIKE, ["cn"])
        for _ in range(2):
            clock.moment += timedelta(minutes=5)
            office.call("check", *HERE)
    with office.services() as services:
        body = services.evidence.keep(b"{}")
        with services.database.write() as connection:
            connection.execute(
                update(exchanges)
                .where(exchanges.c.surface == "lookup")
                .values(body=body, headers=[])
            )
    result = office.call("evidence", "reread", "--apply", "--by", "editor")
    assert result.stderr.count(": retracted (即刻, disappeared") == 2
    assert "Traceback" not in result.output
    (status,) = lines(office.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "available"
    periods = lines(office.call("export", "timeline", "--format", "jsonl").stdout)
    here = [p for p in periods if (p["app"], p["storefront"]) == ("jike", "cn")]
    assert [p["state"] for p in here] == ["available"]


def test_lost_answers_cannot_be_read_again_and_retract_nothing(gone: Office) -> None:
    *_, last = lines(gone.call("evidence", "show", change_of(gone)).stdout)
    digest = str(last["sha256"])
    (gone.folder / "evidence" / digest[:2] / digest).unlink()
    result = gone.call("evidence", "reread", "--apply")
    assert result.exit_code == 1
    assert all("cannot be read" in str(row["problem"]) for row in lines(result.stdout))
    (status,) = lines(gone.call("status", "--app", "jike", *HERE).stdout)
    assert status["state"] == "gone"


def test_a_change_and_a_time_exclude_each_other(gone: Office) -> None:
    result = gone.call("evidence", "reread", "--change", "c-1", "--since", "1d")
    assert result.exit_code == 2
    assert "--change and --since exclude each other" in result.stderr
