import csv
import json
import re
from datetime import UTC, datetime

import pytest

from appwatch.cli.summary import own_trouble
from appwatch.domain.model import Observation, Outcome, Reason
from appwatch.simulator import Fault, FaultKind, Faults, Receiver, World
from tests.cli.conftest import WATCHLIST, Office

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
NOBODY = "http://127.0.0.1:1"  # a port that refuses


def rows(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_check_exits_0_when_every_look_is_conclusive(office: Office) -> None:
    result = office.call("check")
    assert (result.exit_code, len(rows(result.stdout))) == (0, 5)
    assert "5 looks, 5 conclusive." in result.stderr


def test_rows_stand_in_the_order_of_the_watchlist(office: Office) -> None:
    found = rows(office.call("check").stdout)
    places = [(row["app"], row["store"], row["storefront"]) for row in found]
    assert places == [
        ("jike", "app_store", "us"),
        ("jike", "app_store", "cn"),
        ("jike", "google_play", "hk"),
        ("castro", "app_store", "us"),
        ("castro", "app_store", "cn"),
    ]


def test_a_row_carries_the_public_fields(office: Office) -> None:
    (row,) = rows(office.call("check", "--app", "castro", "--storefront", "cn").stdout)
    assert re.fullmatch(r"2026-07-06T12:00:00\.[0-9]{3}Z", str(row.pop("checked_at")))
    assert row == {
        "app": "castro",
        "store": "app_store",
        "listing": "1080840241",
        "storefront": "cn",
        "outcome": "available",
        "reason": None,
        "rule": "app_store.found",
        "state": "available",
    }


def test_check_exits_1_when_some_looks_are_inconclusive(office: Office, faults: Faults) -> None:
    faults.add(Fault(FaultKind.EMPTY_BODY, storefronts=frozenset({"cn"})))
    result = office.call("check")
    assert result.exit_code == 1
    assert "5 looks, 3 conclusive, 2 inconclusive (bad_answer 2)." in result.stderr
    reasons = {row["storefront"]: row["reason"] for row in rows(result.stdout)}
    assert reasons == {"us": None, "cn": "bad_answer", "hk": None}


def test_check_exits_3_when_nothing_can_be_reached(office: Office) -> None:
    for name in ("APPLE_LOOKUP", "GOOGLE_PLAY"):
        office.environment[f"APPWATCH_{name}_URL"] = NOBODY
    result = office.call("check")
    assert result.exit_code == 3
    assert {row["reason"] for row in rows(result.stdout)} == {"network"}
    assert "trouble of our own (network): 5 of 5 looks failed by a refused" in result.stderr


def test_an_absent_app_is_no_problem(office: Office, world: World) -> None:
    world.remove("app_store", "1080840241")
    result = office.call("check", "--app", "castro")
    assert result.exit_code == 0
    assert {row["state"] for row in rows(result.stdout)} == {"never_seen"}


@pytest.mark.parametrize(
    ("option", "wrong", "told"),
    [
        ("--app", "jikee", "there are jike, castro, zynn"),
        ("--store", "play", "there are app_store, google_play"),
        ("--storefront", "gb", "there are cn, hk, us"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(
    office: Office, option: str, wrong: str, told: str
) -> None:
    result = office.call("check", option, wrong)
    assert (result.exit_code, result.stdout) == (2, "")
    assert repr(wrong) in result.stderr
    assert told in result.stderr


def test_an_app_without_a_listing_cannot_be_checked(office: Office) -> None:
    result = office.call("check", "--app", "zynn")
    assert result.exit_code == 2
    assert "zynn has no listing to look at" in result.stderr


def test_a_store_that_is_not_watched_there_is_told(office: Office) -> None:
    result = office.call("check", "--store", "google_play", "--storefront", "cn")
    assert result.exit_code == 2
    assert "app_store/cn" in result.stderr


def test_every_problem_of_the_watchlist_is_told_and_nothing_is_made(office: Office) -> None:
    office.write("every: 15x\napps:\n  - {name: Jike, app_store: abc}\n")
    result = office.call("check")
    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert [line.split(": ")[0].rpartition("/")[2] for line in lines] == [
        "watchlist.yaml:1:8",
        "watchlist.yaml:3:29",
    ]
    assert not (office.folder / "appwatch.db").exists()


def test_a_channel_without_its_variable_is_told_and_hinders_no_look(office: Office) -> None:
    del office.environment["NEWSROOM_URL"]
    result = office.call("check")
    assert result.exit_code == 0
    assert "the variable NEWSROOM_URL is not set" in result.stderr


def test_a_proxy_of_no_use_is_told_and_hinders_no_look_elsewhere(office: Office) -> None:
    office.write(WATCHLIST + 'proxies: {cn: "${CN_PROXY}"}\n')
    office.environment["CN_PROXY"] = "me:hunter2@127.0.0.1:9"
    result = office.call("check")
    assert result.exit_code == 1
    assert "the proxy of cn cannot be used: what CN_PROXY holds is none" in result.stderr
    assert "5 looks, 3 conclusive, 2 inconclusive (internal_error 2)." in result.stderr
    assert "hunter2" not in result.output


def test_send_sends_what_is_to_be_told(office: Office, newsroom: Receiver) -> None:
    result = office.call("check", "--send")
    assert "Alerts: 1 sent, 0 failed, 0 waiting." in result.stderr
    assert newsroom.messages[0].body.endswith("appwatch: first report")


def test_without_send_alerts_wait(office: Office, newsroom: Receiver) -> None:
    assert office.call("check").exit_code == 0
    assert newsroom.attempts == 0


def test_every_format_holds_the_same_looks(office: Office) -> None:
    as_json = json.loads(office.call("check", "--format", "json").stdout)
    as_csv = list(csv.DictReader(office.call("check", "--format", "csv").stdout.splitlines()))
    table = office.call("check", "--format", "table").stdout.splitlines()
    assert [row["listing"] for row in as_json] == [row["listing"] for row in as_csv]
    assert table[0].split() == ["app", "store", "storefront", "outcome", "reason", "state"]
    assert len(table) == 1 + len(as_json)


def failed(reason: Reason, detail: str) -> Observation:
    at = datetime(2026, 7, 6, tzinfo=UTC)
    return Observation("1", "us", Outcome.INCONCLUSIVE, "any", at, reason, detail)


def test_trouble_of_our_own_names_its_most_common_cause() -> None:
    dns = failed(Reason.NETWORK, "[Errno -2] Name or service not known")
    assert "3 of 4 looks failed by DNS" in str(
        own_trouble([dns] * 3 + [failed(Reason.BLOCKED, "")])
    )


def test_trouble_of_a_store_is_not_ours() -> None:
    timeout = failed(Reason.TIMEOUT, "")
    assert own_trouble([timeout, failed(Reason.BLOCKED, "")]) is None


def test_an_edit_that_drops_much_waits_where_nothing_runs(office: Office) -> None:
    assert office.call("check").exit_code == 0
    office.write(
        WATCHLIST.replace("app_store: [us, cn], google_play", "app_store: [us], google_play")
    )
    result = office.call("check")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 5)
    assert "It leaves out 2 of the 5 targets" in result.stderr
    assert "waits since" in office.call("status").stderr
    assert office.call("watchlist", "accept").exit_code == 0
    assert len(office.call("check").stdout.splitlines()) == 3


def test_what_is_paused_cannot_be_dropped_unasked_either(office: Office) -> None:
    castro = "  - {id: castro, name: Castro, app_store: 1080840241}\n"
    for app in (castro, castro.replace("}", ", paused: true}")):
        office.write(WATCHLIST.replace(castro, app))
        assert office.call("check").exit_code == 0
    office.write(WATCHLIST.replace(castro, ""))
    assert "It leaves out 2 of the 5 targets" in office.call("check").stderr


def test_an_edit_that_cannot_be_used_does_not_follow_one_that_can(office: Office) -> None:
    assert office.call("check").exit_code == 0
    more = WATCHLIST.replace("id: zynn,", "id: zynn, app_store: 1,")
    office.write(more + '  - {name: second, to: "${SECOND_URL}"}\n')
    result = office.call("check")
    assert (result.exit_code, len(rows(result.stdout))) == (0, 5)
    assert "the variable SECOND_URL is not set" in result.stderr
    assert "the one before it stays in force" in result.stderr
    assert "is rejected since" in office.call("status").stderr
    assert office.call("check", "--app", "zynn").exit_code == 2
    office.environment["SECOND_URL"] = office.environment["NEWSROOM_URL"]
    assert len(rows(office.call("check").stdout)) == 7
    assert "is rejected since" not in office.call("status").stderr


def test_status_says_why_an_edit_is_refused_and_the_remedy_in_one_sentence(office: Office) -> None:
    assert office.call("check").exit_code == 0
    office.environment["SECOND_URL"] = "no address"
    office.write(f'{WATCHLIST}  - {{name: second, to: "${{SECOND_URL}}"}}\n')
    office.call("check")
    told = office.call("status").stderr
    assert "or jsons://; run: appwatch watchlist validate" in told


def test_an_edit_follows_one_that_could_not_be_used_either(office: Office) -> None:
    del office.environment["NEWSROOM_URL"]
    assert office.call("check").exit_code == 0
    office.write(f"# a line more\n{WATCHLIST}".replace("id: zynn,", "id: zynn, app_store: 1,"))
    assert len(rows(office.call("check").stdout)) == 7
