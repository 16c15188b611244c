import json

import pytest

from appwatch.simulator import Fault, FaultKind, Faults, World
from tests.cli.conftest import Office

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


def test_a_channel_that_cannot_be_used_is_told_without_its_address(office: Office) -> None:
    office.environment["NEWSROOM_URL"] = "exec://hunter2"
    result = office.call("doctor", "--format", "table")
    assert result.exit_code == 1
    assert "mend the address in NEWSROOM_URL" in result.stdout
    assert "hunter2" not in result.output


def test_a_database_of_another_version_is_told(office: Office) -> None:
    (office.folder / "appwatch.db").touch()
    assert findings(office)["migrations"]["remedy"] == "run: appwatch db upgrade"


def test_a_file_in_the_place_of_the_evidence_folder_is_told(office: Office) -> None:
    (office.folder / "evidence").touch()
    assert findings(office)["evidence folder"]["ok"] is False
