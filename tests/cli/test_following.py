"""The watchlist while the real process runs: edits, garbage, restarts."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appwatch.simulator import Receiver, World
from tests.cli.conftest import WATCHLIST, Clock, Office
from tests.cli.processes import end, eventually, hurried, ready, running

GOOD = hurried(WATCHLIST)
NO_CASTRO = GOOD.replace("  - {id: castro, name: Castro, app_store: 1080840241}\n", "")
BOMB = "a: &a [x, x, x, x]\n" + "".join(
    f"{n}: &{n} [*{p}, *{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
)
GARBAGE: dict[str, bytes] = {
    "truncated": GOOD[:-40].encode(),
    "half-written": GOOD[: GOOD.index("castro")].encode(),
    "binary": bytes(range(256)) * 10,
    "alias bomb": BOMB.encode(),
    "duplicate key": f"{GOOD}every: 2s\n".encode(),
    "no": b"no",
    "empty": b"",
}


@pytest.fixture
def clock() -> Clock:
    class Real(Clock):
        def __call__(self) -> datetime:
            return datetime.now(UTC)

    return Real()


def problem(address: str) -> dict[str, str] | None:
    found: dict[str, str] | None = ready(address)[1]["watchlist_problem"]  # type: ignore[assignment]
    return found


def is_refused(address: str) -> Callable[[], bool]:
    return lambda: problem(address) is not None


def is_mended(address: str) -> Callable[[], bool]:
    return lambda: problem(address) is None


def states(office: Office) -> dict[tuple[str, str, str], str]:
    rows = [json.loads(row) for row in office.call("status").stdout.splitlines()]
    return {(row["app"], row["store"], row["storefront"]): row["state"] for row in rows}


def test_garbage_of_every_kind_is_told_and_the_good_one_keeps_running(
    office: Office, world: World, newsroom: Receiver
) -> None:
    file = office.folder / "watchlist.yaml"
    with running(office) as (process, address):
        assert newsroom.wait_for(1, 20)
        for name, garbage in GARBAGE.items():
            file.write_bytes(garbage)
            assert eventually(is_refused(address)), name
            office.write(GOOD)
            assert eventually(is_mended(address)), name
        file.write_bytes(GARBAGE["binary"])
        assert eventually(is_refused(address))
        world.remove("app_store", "966129812", ["cn"])
        assert newsroom.wait_for(2, 20)  # looks and alerts go on
        assert end(process)[0] == 0
        assert process.stderr is not None
        log = process.stderr.read()
    assert log.count("watchlist_rejected") == len(GARBAGE) + 1
    assert "Traceback" not in log
    assert "The watchlist is rejected since" in office.call("status").stderr


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


PLACES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "a folder": _folder,
    "a link to itself": _loop,
}


@pytest.mark.parametrize("name", PLACES)
def test_a_file_that_is_none_is_told_outlasts_a_restart_and_is_mended(
    office: Office, name: str
) -> None:
    file = office.folder / "watchlist.yaml"
    with running(office) as (process, address):
        PLACES[name](file)
        assert eventually(is_refused(address))
        assert end(process)[0] == 0
    with running(office, None) as (process, address):
        began = problem(address)
        assert began is not None
        file.rmdir() if file.is_dir() else file.unlink(missing_ok=True)
        office.write(GOOD)
        assert eventually(is_mended(address))
        end(process)
        assert process.stderr is not None
        assert "begun with the last good copy" in process.stderr.read()
    assert len(states(office)) == 5


def test_a_file_that_may_not_be_read_is_told(office: Office) -> None:
    file = office.folder / "watchlist.yaml"
    with running(office, humble=True) as (_process, address):
        file.chmod(0)
        assert eventually(is_refused(address))
        assert "Permission denied" in (problem(address) or {})["text"]
        file.chmod(0o644)
        assert eventually(is_mended(address))


def test_without_a_copy_a_bad_watchlist_ends_it_at_once(office: Office) -> None:
    office.write("no")
    result = office.call("run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert not (office.folder / "appwatch.db").exists()


def test_an_edit_is_followed_with_its_terms_and_a_csv_list_too(office: Office) -> None:
    more = office.folder / "more.csv"
    with running(office) as (_process, address):
        more.write_text("id,app_store,app_store_storefronts\npages,361309726,gb\n")
        office.write(f"{GOOD}from_csv: [more.csv]\n")
        assert eventually(lambda: ("pages", "app_store", "gb") in states(office))
        # As editors save: another file takes the name.
        draft = office.folder / ".more.csv.swp"
        draft.write_text("id,app_store,app_store_storefronts\npages,361309726,gb fr\n")
        draft.replace(more)
        assert eventually(lambda: ("pages", "app_store", "fr") in states(office))
        more.write_text("id,app_store\npages,no number\n")
        assert eventually(is_refused(address))
        assert "more.csv:2" in (problem(address) or {})["text"]
    assert len(office.call("watchlist", "history").stdout.splitlines()) == 3


def test_a_link_that_leads_to_another_file_is_followed(office: Office) -> None:
    for name, text in (("one", GOOD), ("two", GOOD.replace("name: Castro", "name: Castro 2"))):
        (office.folder / name).mkdir()
        (office.folder / name / "watchlist.yaml").write_text(text, encoding="utf-8")
    (office.folder / "now").symlink_to("one")  # as orchestrators mount what they keep
    (office.folder / "watchlist.yaml").unlink()
    (office.folder / "watchlist.yaml").symlink_to("now/watchlist.yaml")
    with running(office, None) as (_process, address):
        assert eventually(lambda: len(states(office)) == 5)
        (office.folder / "next").symlink_to("two")
        (office.folder / "next").replace(office.folder / "now")
        shutil.rmtree(office.folder / "one")
        assert eventually(lambda: "Castro 2" in office.call("status").stdout)
        assert problem(address) is None


def test_a_channel_and_its_variable_in_env_are_followed(
    office: Office, world: World, newsroom: Receiver
) -> None:
    second = '  - {name: second, to: "${SECOND_URL}", on: [returned, disappeared]}\n'
    variables = office.folder / ".env"
    with running(office) as (process, address):
        assert newsroom.wait_for(1, 20)
        variables.write_text("no setting\n")
        assert eventually(is_refused(address))
        variables.unlink()
        assert eventually(is_mended(address))
        office.write(GOOD + second)
        assert eventually(is_refused(address))
        assert "SECOND_URL is not set" in (problem(address) or {})["text"]
        variables.write_text(f"SECOND_URL={newsroom.apprise_url}\n")
        assert eventually(is_mended(address))
        world.remove("app_store", "966129812", ["cn"])
        assert newsroom.wait_for(3, 20)  # the first report, and the change by both channels
        assert end(process)[0] == 0
        assert process.stderr is not None
        assert process.stderr.read().count("watchlist_rejected") == 2


def test_what_one_process_cannot_use_stays_told_though_another_can(office: Office) -> None:
    second = '  - {name: second, to: "${SECOND_URL}"}\n'
    with running(office) as (_process, address):
        office.write(GOOD + second)
        assert eventually(is_refused(address))
        began = (problem(address) or {})["since"]
        office.environment["SECOND_URL"] = office.environment["NEWSROOM_URL"]
        assert office.call("check").exit_code == 0
        assert eventually(lambda: (problem(address) or {}).get("since", began) > began)


def test_an_edit_that_drops_much_waits_over_a_restart_until_it_is_accepted(office: Office) -> None:
    with running(office) as (process, address):
        office.write(NO_CASTRO)
        assert eventually(is_refused(address))
        assert (problem(address) or {})["kind"] == "waiting"
        assert office.call("check").exit_code == 0  # by the old one, and changes nothing
        office.write(GOOD.replace("id: castro", "id: castro2").replace("id: jike", "id: jike2"))
        assert eventually(lambda: "5 of the 5" in (problem(address) or {}).get("text", ""))
        office.write(NO_CASTRO)
        assert eventually(lambda: "2 of the 5" in (problem(address) or {}).get("text", ""))
        assert end(process)[0] == 0
    assert "leaves out 2 of the 5 targets" in office.call("status").stderr
    with running(office, None) as (_process, address):
        assert ("castro", "app_store", "cn") in states(office)
        assert office.call("watchlist", "accept").exit_code == 0
        assert eventually(is_mended(address))
        assert eventually(lambda: ("castro", "app_store", "cn") not in states(office))
        office.write(GOOD)
        key = ("castro", "app_store", "cn")
        assert eventually(lambda: states(office).get(key) == "available")
    chosen = ["--app", "castro", "--storefront", "cn", "--format", "jsonl"]
    timeline = office.call("export", "timeline", *chosen)
    told = [json.loads(row)["state"] for row in timeline.stdout.splitlines()]
    assert told == ["available", "not_watched", "available"]
