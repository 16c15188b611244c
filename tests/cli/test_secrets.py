"""Secrets are fed in by every way there is, and then looked for wherever appwatch writes."""

import base64
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, quote_plus
from urllib.request import urlopen

import click
import pytest
from sqlalchemy import select

from appwatch.cli import command_line
from appwatch.db import tables
from appwatch.db.engine import Database
from appwatch.settings.table import SETTINGS
from appwatch.simulator import Failure, Receiver, World, receive
from tests.cli.conftest import WATCHLIST, Clock, Office
from tests.cli.processes import WallClock, end, eventually, running
from tests.evidence.archive import archiving

PASSWORD = "hush:Pass/word+7"
WORDS = {
    "password": PASSWORD,
    "token": "tokenOfChannelHush",
    "file": "tokenInFileHush",
    "dotenv": "tokenInDotEnvHush",
    "mail": "mailPasswordHush",
    "proxy": "proxyPasswordHush",
    "place": "placeProxyPasswordHush",
    "bare": "bareProxyPasswordHush",
    "wayback": "waybackSecretHush",
    "cookie": "cookieValueHush",
    "database": "databasePasswordHush",
    "ping": "pingTokenHush",
}
CHANNELS = """\
  - {name: failing, to: "${FAILING_URL}"}
  - {name: filed, to: "${FILED_URL}"}
  - {name: dotted, to: "${DOTTED_URL}"}
  - {name: mail, to: "${MAIL_URL}"}
"""
PROXIES = "proxies: {hk: '${HK_PROXY}'}\n"  # nobody is there: looks fail, and say so
BARE = "proxies: {us: '${US_PROXY}', hk: '${HK_PROXY}'}\n"  # its scheme is forgotten
ELSEWHERE = {("run",), ("demo",), ("doctor",)}  # beside the walk, or with settings of its own


@pytest.fixture
def clock() -> Clock:
    return WallClock()


@pytest.fixture
def fed(
    office: Office,
    newsroom: Receiver,
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    """Return an office that knows every secret, by environment, .env and files."""
    with ExitStack() as stack:
        failing = stack.enter_context(receive())
        failing.fail(Failure.SERVER_ERROR)
        archive = stack.enter_context(archiving())
        secret = tmp_path_factory.mktemp("secret")
        held = f"me:{quote(PASSWORD, safe='')}@"
        (secret / "channel").write_text(newsroom.apprise_url + f"/{WORDS['file']}")
        (secret / "cookie").write_text(f"SOCS={WORDS['cookie']}")
        address = newsroom.apprise_url.replace("://", f"://{held}") + f"/{WORDS['token']}"
        (office.folder / ".env").write_text(
            f"DOTTED_URL={failing.apprise_url}/{WORDS['dotenv']}\n"
            f"HK_PROXY=http://me:{WORDS['place']}@127.0.0.1:9\n"
            f"US_PROXY=me:{WORDS['bare']}@127.0.0.1:9\n"
        )
        with_password = database_url.replace("appwatch@", f"appwatch:{WORDS['database']}@")
        office.environment |= {
            "NEWSROOM_URL": address,
            "FAILING_URL": failing.apprise_url.replace("://", f"://{held}") + f"/{WORDS['token']}",
            "FILED_URL_FILE": str(secret / "channel"),
            "MAIL_URL": f"mailto://me:{WORDS['mail']}@127.0.0.1:9/?from=me@a.example&mode=insecure",
            "APPWATCH_DATABASE_URL": with_password,
            "APPWATCH_WAYBACK_URL": archive.url,
            "APPWATCH_WAYBACK_KEY": f"access:{WORDS['wayback']}",
            "APPWATCH_GOOGLE_PLAY_COOKIE_FILE": str(secret / "cookie"),
            "APPWATCH_TIMESTAMP_URL": "http://127.0.0.1:9",
        }
        if any(setting.field == "ping_url" for setting in SETTINGS):
            office.environment["APPWATCH_PING_URL"] = f"http://127.0.0.1:9/{WORDS['ping']}"
        office.write(WATCHLIST + CHANNELS)
        yield office


def forms(word: str) -> set[bytes]:
    """Return the word as it may be written: plain, quoted, and in base64 wherever it stands."""
    plain = {word, quote(word, safe=""), quote_plus(word), quote(word), json.dumps(word)[1:-1]}
    found = {form.encode() for form in plain} | {form.encode().lower() for form in plain}
    for before in ("", "x", "xy"):  # base64 depends on where in three bytes it begins
        coded = base64.b64encode(f"{before}{word}".encode())
        found.add(coded[4 if before else 0 : -4])
    return {form for form in found if len(form) > 7}


def found_in(written: Mapping[str, bytes]) -> list[str]:
    """Return where a secret stands."""
    return [
        f"{name} in {place}"
        for name, word in WORDS.items()
        for place, text in written.items()
        if any(form in text or form in text.lower() for form in forms(word))
    ]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the folder but .env, and what is in those that are packed."""
    for file in folder.rglob("*"):
        if not file.is_file() or file.name == ".env":
            continue
        yield str(file), file.read_bytes()
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as packed:
                yield from ((f"{file}:{name}", packed.read(name)) for name in packed.namelist())


def rows(url: str) -> bytes:
    """Return every row of the database."""
    database = Database(url)
    with database.read() as connection:
        every = tables.metadata.sorted_tables
        text = "\n".join(str(row) for t in every for row in connection.execute(select(t)))
    database.close()
    return text.encode()


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command that does something."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


def walk(office: Office) -> list[tuple[str, ...]]:
    """Return a call of every command, with what it needs."""
    changes = office.call("changes", "--format", "jsonl").stdout.splitlines()
    change = json.loads(changes[0])
    bundle, lists = str(office.folder / "b.wacz"), str(office.folder / "apps.csv")
    (office.folder / "apps.csv").write_text("id,app_store\npages,361309726\n")
    incident = json.loads(
        office.call("incidents", "list", "--format", "jsonl").stdout.split("\n")[0]
    )
    by = ("--by", "Ada")
    return [
        ("status",), ("changes",), ("coverage",),
        ("watchlist", "validate"), ("watchlist", "show"), ("watchlist", "lint"),
        ("watchlist", "history"), ("watchlist", "schema"), ("watchlist", "export"),
        ("watchlist", "accept"), ("watchlist", "find", "Jike"), ("watchlist", "import", lists),
        ("watchlist", "add", "361309726"), ("watchlist", "remove", "castro"),
        ("alerts", "list"), ("alerts", "test"), ("alerts", "alarms"), ("alerts", "deliveries"),
        ("alerts", "deliveries", "--attempts"), ("alerts", "show", "1"), ("alerts", "retry"),
        ("silence", "add", "--app", "jike", "--until", "1h", *by, "--reason", "x"),
        ("silence", "list"), ("silence", "end", "s-1"),
        ("holds", "list"), ("holds", "release", "h-1"), ("holds", "drop", "h-1"),
        ("incidents", "list"), ("incidents", "show", incident["id"]),
        ("incidents", "text", incident["id"]),
        ("incidents", "claim", incident["id"], "Said so", "--source", "https://a.example", *by),
        ("incidents", "retract", change["id"], "--why", "Wrong", *by),
        ("evidence", "show", change["id"]), ("evidence", "reread"), ("evidence", "capture"),
        ("evidence", "bundle", change["id"], "--to", bundle, "--try-timestamp"),
        ("evidence", "verify", bundle), ("evidence", "bundle", change["id"], "--timestamp"),
        ("export", "changes"), ("export", "timeline"),
        ("db", "current"), ("db", "upgrade"), ("db", "backup", str(office.folder / "copy.db")),
        ("check",),
    ]  # fmt: skip


def test_no_secret_stands_in_anything_that_is_written(
    fed: Office, world: World, newsroom: Receiver
) -> None:
    written: dict[str, bytes] = {}
    for log_format, proxies in (("console", ""), ("json", PROXIES)):
        watchlist = WATCHLIST + CHANNELS + proxies
        with running(fed, watchlist, APPWATCH_LOG_FORMAT=log_format) as (process, at):
            assert newsroom.wait_for(1, 20)
            world.remove("app_store", "966129812", ["cn"])
            assert eventually(lambda: "disappeared" in str([m.title for m in newsroom.messages]))
            assert eventually(lambda: "failing" in answer(at, "/readyz"))
            for path in ("/readyz", "/healthz", "/metrics", "/apps/jike", "/"):
                written[f"{log_format} {path}"] = answer(at, path).encode()
            (fed.folder / "watchlist.yaml").write_text("no")
            assert eventually(lambda: "rejected" in answer(at, "/readyz"))
            fed.write(watchlist)
            assert end(process)[0] == 0
            assert process.stderr is not None
            written[f"log {log_format}"] = process.stderr.read().encode()
    calls = walk(fed)
    for call in calls:
        result = fed.call(*call)
        shown = result.output + result.stderr + repr(result.exception)
        written[" ".join(call)] = shown.encode()
        assert "Traceback" not in shown
    done = set(calls) | {call[:2] for call in calls}
    assert set(leaves(command_line)) - done == ELSEWHERE
    written["doctor"] = fed.call("doctor").output.encode()
    fed.write(WATCHLIST + CHANNELS + BARE)
    for told in ("doctor", "check", "watchlist validate", "watchlist find Jike", "alerts test"):
        result = fed.call(*told.split())
        assert result.exit_code in (1, 2, 3)
        written[f"{told}, without a scheme"] = result.output.encode()
    written |= dict(files(fed.folder))
    written["rows"] = rows(fed.environment["APPWATCH_DATABASE_URL"])
    assert found_in(written) == []
    assert any(WORDS["token"] in one.path for one in newsroom.messages)  # it was in use


def answer(address: str, path: str) -> str:
    from urllib.error import HTTPError

    try:
        with urlopen(address + path, timeout=5) as answered:  # noqa: S310 - our own address
            return str(answered.read(), "utf-8")
    except HTTPError as error:
        with error:
            return str(error.read(), "utf-8") + str(error.headers)


@pytest.mark.parametrize(
    "text",
    [
        PASSWORD.encode(),
        quote(PASSWORD, safe="").encode(),
        base64.b64encode(f"me:{PASSWORD}".encode()),
        base64.b64encode(f"longer:{PASSWORD}@host".encode()),
        json.dumps({"it": f"is {PASSWORD.upper()}"}).lower().encode(),
    ],
)
def test_a_secret_would_be_found(text: bytes) -> None:
    assert found_in({"here": b"before " + text + b" after"}) == ["password in here"]
