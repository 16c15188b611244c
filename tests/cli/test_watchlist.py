import json

import pytest

from tests.cli.conftest import WATCHLIST, Office

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def test_validate_says_what_a_round_takes(office: Office) -> None:
    result = office.call("watchlist", "validate")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "no problems. A round looks at 2 apps in 5 targets with 4 requests" in result.stdout
    assert "Unresolved, no listing to look at: zynn." in result.stdout


def test_validate_says_when_every_cannot_be_held(office: Office) -> None:
    office.environment["APPWATCH_GOOGLE_PLAY_PER_MINUTE"] = "0.5"
    office.write(WATCHLIST.replace("every: 15m", "every: 1m"))
    told = office.call("watchlist", "validate").stdout
    assert "takes 4 min at the pace" in told
    assert "A round every 1 min cannot be held" in told


def test_validate_tells_every_problem_and_exits_2(office: Office) -> None:
    office.write("every: 15x\napps:\n  - {name: Jike, app_store: abc}\nalert: []\n")
    result = office.call("watchlist", "validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 3


def test_validate_refuses_an_unset_channel_and_an_unusable_address(office: Office) -> None:
    office.environment["NEWSROOM_URL"] = "exec://hunter2"
    unusable = office.call("watchlist", "validate")
    del office.environment["NEWSROOM_URL"]
    unset = office.call("watchlist", "validate")
    assert (unusable.exit_code, unset.exit_code) == (2, 2)
    assert "watchlist.yaml:10:26: The channel 'newsroom' cannot be used" in unusable.stderr
    assert "hunter2" not in unusable.output
    assert "NEWSROOM_URL is not set" in unset.stderr


def test_validate_needs_no_database(office: Office) -> None:
    office.call("watchlist", "validate")
    assert not (office.folder / "appwatch.db").exists()


def test_show_resolves_storefronts_and_shows_what_is_unresolved(office: Office) -> None:
    rows = [json.loads(row) for row in office.call("watchlist", "show").stdout.splitlines()]
    assert [(row["app"], row["store"], row["storefronts"]) for row in rows] == [
        ("jike", "app_store", ["us", "cn"]),
        ("jike", "google_play", ["hk"]),
        ("castro", "app_store", ["us", "cn"]),
        ("zynn", None, []),
    ]


def test_schema_is_a_json_schema(office: Office) -> None:
    schema = json.loads(office.call("watchlist", "schema").stdout)
    assert schema["title"] == "appwatch watchlist"


def test_a_missing_watchlist_is_one_sentence_with_the_remedy(office: Office) -> None:
    (office.folder / "watchlist.yaml").unlink()
    result = office.call("check")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "APPWATCH_WATCHLIST" in result.stderr
