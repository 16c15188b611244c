import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert

from appwatch.db import alarms, channels, tables, watchlist_problems
from appwatch.doctor.examination import tried
from appwatch.doctor.findings import Finding, fine
from appwatch.domain.alarms import AlarmKind, Fact, Patience
from appwatch.simulator import Fault, FaultKind, Faults, World
from tests.cli.conftest import WATCHLIST, Clock, Office

EVERY = timedelta(minutes=15)
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def findings(office: Office) -> dict[str, dict[str, object]]:
    rows = json.loads(office.call("doctor", "--json").stdout)
    return {str(row["check"]).split(" at 127")[0]: row for row in rows}


def test_all_is_well(office: Office) -> None:
    result = office.call("doctor")
    assert (result.exit_code, result.stderr) == (0, "")
    found = findings(office)
    assert {"database", "evidence folder", "disk", "watchlist", "every"} <= set(found)
    assert {"App Store", "controls of Google Play", "channel newsroom"} <= set(found)


def test_the_doctor_makes_nothing(office: Office) -> None:
    office.call("doctor")
    assert [file.name for file in office.folder.iterdir()] == ["watchlist.yaml"]


def test_a_consent_wall_is_told_with_the_cookie(office: Office, faults: Faults) -> None:
    faults.add(Fault(FaultKind.CONSENT_FORM, store="google_play"))
    found = findings(office)
    assert found["Google Play"]["ok"] is False
    assert "APPWATCH_GOOGLE_PLAY_COOKIE" in str(found["Google Play"]["remedy"])
    assert found["App Store"]["ok"] is True


def test_a_host_that_cannot_be_reached_makes_exit_code_1(office: Office) -> None:
    office.environment["APPWATCH_APPLE_LOOKUP_URL"] = "http://127.0.0.1:1"
    result = office.call("doctor", "--json")
    assert result.exit_code == 1
    wrong = [row for row in json.loads(result.stdout) if not row["ok"]]
    assert "network" in wrong[0]["says"]
    assert all(row["remedy"] for row in wrong)


def test_a_control_that_is_gone_is_named(office: Office, world: World) -> None:
    world.remove("app_store", "899247664")
    found = findings(office)["controls of App Store"]
    assert (found["ok"], found["says"]) == (False, "not seen in us: 899247664")


def test_a_bad_watchlist_ends_no_other_check(office: Office) -> None:
    office.write("every: 15x\napps: []\n")
    found = findings(office)
    assert found["watchlist"]["remedy"] == "run: appwatch watchlist validate"
    assert found["database"]["ok"] is True
    assert (found["App Store"]["ok"], found["Google Play"]["ok"]) == (True, True)
    assert "answers for us" in str(found["App Store"]["says"])


def test_beside_a_bad_watchlist_the_one_in_force_is_examined(office: Office) -> None:
    office.write(WATCHLIST.replace("[us, cn]", "[cn]"))
    office.call("check")
    office.environment["NEWSROOM_URL"] = "exec://hunter2"
    office.write("every: 15x\napps: []\n")
    found = findings(office)
    assert "answers for cn" in str(found["App Store"]["says"])
    assert (found["looks"]["ok"], found["channel newsroom"]["ok"]) == (True, False)


def test_a_disk_with_less_room_than_asked_for_is_told(office: Office) -> None:
    assert findings(office)["disk"]["ok"] is True
    office.environment["APPWATCH_DISK_ROOM_MB"] = "100000000"
    assert findings(office)["disk"]["ok"] is False


def test_a_channel_that_cannot_be_used_is_told_without_its_address(office: Office) -> None:
    office.environment["NEWSROOM_URL"] = "exec://hunter2"
    result = office.call("doctor", "--format", "table")
    assert result.exit_code == 1
    assert "mend the address in NEWSROOM_URL" in result.stdout
    assert "hunter2" not in result.output


@pytest.mark.parametrize(
    ("address", "remedy"),
    [("me:hunter2@127.0.0.1:9", "mend the address in CN_PROXY"), ("", "set CN_PROXY")],
)
def test_a_proxy_of_no_use_is_told_and_nothing_is_asked_past_it(
    office: Office, address: str, remedy: str
) -> None:
    office.write(WATCHLIST + 'proxies: {cn: "${CN_PROXY}"}\n')
    office.environment["CN_PROXY"] = address
    result = office.call("doctor", "--json")
    found = {row["check"]: row for row in json.loads(result.stdout)}
    assert (result.exit_code, found["proxy CN_PROXY"]["remedy"]) == (1, remedy)
    assert "hunter2" not in result.output
    assert [row["ok"] for row in found.values()].count(False) == 1
    assert "answers for us" in str(findings(office)["App Store"]["says"])


def test_a_database_of_another_version_is_told(office: Office) -> None:
    (office.folder / "appwatch.db").touch()
    assert findings(office)["migrations"]["remedy"] == "run: appwatch db upgrade"


def test_a_file_in_the_place_of_the_evidence_folder_is_told(office: Office) -> None:
    (office.folder / "evidence").touch()
    assert findings(office)["evidence folder"]["ok"] is False


def test_nothing_that_can_be_reached_makes_exit_code_3(office: Office) -> None:
    for name in ("APPLE_LOOKUP", "GOOGLE_PLAY"):
        office.environment[f"APPWATCH_{name}_URL"] = "http://127.0.0.1:1"
    assert office.call("doctor").exit_code == 3


def test_a_setting_that_cannot_be_used_makes_exit_code_2(office: Office) -> None:
    office.environment["APPWATCH_PING_URL"] = "hunter2"
    result = office.call("doctor")
    assert (result.exit_code, "hunter2" in result.output) == (2, False)
    assert "APPWATCH_PING_URL cannot be used" in result.stderr


def test_a_setting_that_looks_wrong_is_a_finding(office: Office) -> None:
    office.environment["APPWATCH_PROXI"] = "hunter2"
    result = office.call("doctor", "--json")
    assert result.exit_code == 1
    assert "did you mean APPWATCH_PROXY?" in str(findings(office)["settings"]["says"])
    assert "hunter2" not in result.output


def test_what_appwatch_run_left_is_told_with_its_remedy(office: Office, clock: Clock) -> None:
    office.call("check")
    with office.services() as services, services.database.write() as connection:
        now = services.now()
        kind = watchlist_problems.Kind.WAITING
        watchlist_problems.note(connection, kind, "d", "It leaves out 3 of 4 targets.", now)
        fact = Fact(AlarmKind.CLOCK, "local", {"seconds": 3600})
        alarms.keep(connection, [fact], "local", Patience.of(EVERY), [], now)
        hold = {"id": "h-1", "store": "app_store", "opened_at": now, "missing": 3, "available": 4}
        connection.execute(insert(tables.holds).values(hold))
    clock.moment += timedelta(hours=2)
    found = findings(office)
    wrong = {check: str(row["remedy"]) for check, row in found.items() if not row["ok"]}
    assert "appwatch watchlist accept" in wrong["watchlist in force"]
    assert "appwatch holds release h-1" in wrong["holds"]
    assert "NTP" in wrong["alarms"]
    assert "appwatch run" in wrong["looks"]
    assert "whole sweep ended at 2026-07-06" in str(found["last round"]["says"])


def test_a_channel_that_is_off_is_told_in_one_line(office: Office) -> None:
    office.call("check")
    with office.services() as services, services.database.write() as connection:
        cause, now = channels.Cause.REFUSED, services.now()
        channels.switch_off(connection, "newsroom", cause, "It said 404.", now)
    rows = json.loads(office.call("doctor", "--json").stdout)
    told = [(row["ok"], row["remedy"]) for row in rows if row["check"] == "channel newsroom"]
    assert told == [(False, "mend it, then run: appwatch alerts test newsroom")]


def test_one_app_is_not_told_as_several(office: Office) -> None:
    office.write("apps: [{name: A, app_store: 1080840241, storefronts: {app_store: [us]}}]\n")
    assert findings(office)["watchlist"]["says"] == "watchlist.yaml: 1 app in 1 target"


def test_a_database_that_takes_no_writes_is_told(office: Office) -> None:
    office.call("check")
    with office.services() as services, services.database.write():
        # Somebody keeps a transaction open; the doctor waits no longer than anybody.
        found = findings(office)
    assert found["database"]["ok"] is False
    assert "another process" in str(found["database"]["says"])
    assert found["App Store"]["ok"] is True


def test_a_check_that_breaks_is_a_finding_and_ends_no_other() -> None:
    def broken() -> Iterator[Finding]:
        yield fine("disk", "there is room")
        raise RuntimeError("hunter2")

    first, second = tried("disk", broken)
    assert (first.ok, second.ok) == (True, False)
    assert second.says == "this check failed itself: RuntimeError"
