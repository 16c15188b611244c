import json
from datetime import UTC, datetime, timedelta

import pytest

from appwatch.cli.options import read_since
from appwatch.errors import UsageError
from appwatch.simulator import World
from tests.cli.conftest import WATCHLIST, Clock, Office

NOW = datetime(2026, 7, 6, 12, tzinfo=UTC)


@pytest.fixture
def seasoned(office: Office, world: World, clock: Clock) -> Office:
    """Return an office in which Jike has left the App Store in China, seen twice."""
    office.call("check")
    clock.moment += timedelta(minutes=15)
    world.remove("app_store", "966129812", ["cn"])
    for _ in range(2):
        office.call("check", "--app", "jike")
        clock.moment += timedelta(minutes=5)
    return office


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_removal_goes_from_suspected_to_a_change(office: Office, world: World) -> None:
    office.call("check")
    world.remove("app_store", "966129812", ["cn"])
    office.call("check", "--app", "jike")
    (suspected,) = lines(office.call("status", "--app", "jike", "--storefront", "cn").stdout)
    office.call("check", "--app", "jike")
    (gone,) = lines(office.call("status", "--app", "jike", "--storefront", "cn").stdout)
    assert (suspected["state"], gone["state"]) == ("suspected", "gone")
    assert lines(office.call("changes").stdout)[0]["kind"] == "disappeared"


def test_a_change_carries_the_public_fields(seasoned: Office) -> None:
    (change,) = lines(seasoned.call("changes").stdout)
    assert (
        list(change)
        == (
            "id kind app name store listing storefront before_at after_at confirmed_at rules looks "
            "surfaces scope incident retracted_at"
        ).split()
    )
    assert (change["name"], change["looks"], change["rules"]) == (
        "即刻",
        2,
        ["app_store.absent"],
    )
    assert str(change["before_at"]) < str(change["after_at"]) < str(change["confirmed_at"])


def test_status_carries_the_public_fields(seasoned: Office) -> None:
    rows = lines(seasoned.call("status").stdout)
    assert (
        list(rows[0])
        == (
            "app name store listing storefront state since last_looked_at last_conclusive_at "
            "next_look_at held"
        ).split()
    )
    assert len(rows) == 5


def test_status_tells_what_is_not_looked_at_and_what_a_round_takes(seasoned: Office) -> None:
    told = seasoned.call("status").stderr
    assert "Unresolved, no listing to look at: zynn." in told
    assert "A round looks at 2 apps in 5 targets with 4 requests" in told


def test_status_does_without_a_watchlist_that_can_be_read(seasoned: Office) -> None:
    seasoned.write("every: nonsense")
    result = seasoned.call("status")
    assert (result.exit_code, len(lines(result.stdout))) == (0, 5)
    assert "run: appwatch watchlist validate" in result.stderr


def test_a_paused_app_is_shown_as_not_watched(seasoned: Office) -> None:
    seasoned.write(WATCHLIST.replace("name: Castro,", "name: Castro, paused: true,"))
    seasoned.call("check")
    rows = lines(seasoned.call("status", "--app", "castro").stdout)
    assert {(row["state"], row["next_look_at"]) for row in rows} == {("not_watched", None)}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--kind", "disappeared"], 1),
        (["--kind", "returned"], 0),
        (["--tag", "social"], 1),
        (["--storefront", "us"], 0),
        (["--since", "1m"], 0),
        (["--since", "2026-07-06T12:00"], 1),
    ],
)
def test_filters_choose_changes(seasoned: Office, options: list[str], found: int) -> None:
    result = seasoned.call("changes", *options)
    assert (result.exit_code, len(lines(result.stdout))) == (0, found)


@pytest.mark.parametrize("option", ["--app", "--tag", "--store", "--storefront"])
def test_a_filter_that_names_nothing_is_told(seasoned: Office, option: str) -> None:
    result = seasoned.call("changes", option, "xx")
    assert result.exit_code == 2
    assert "'xx'; there" in result.stderr


def test_coverage_counts_looks_by_storefront(seasoned: Office) -> None:
    rows = {row["storefront"]: row for row in lines(seasoned.call("coverage").stdout)}
    assert rows["cn"]["planned"] == rows["cn"]["conclusive"] == 4
    assert rows["cn"]["inconclusive"] == {}


def test_rounds_that_are_missing_now_lower_the_share(seasoned: Office, clock: Clock) -> None:
    clock.moment += timedelta(hours=6)
    row = lines(seasoned.call("coverage").stdout)[0]
    assert int(str(row["missed_rounds"])) >= 22
    assert float(str(row["share"])) < 0.2


def test_coverage_of_a_time_that_is_past_knows_nothing_of_later(
    seasoned: Office, clock: Clock
) -> None:
    until = clock.moment.isoformat()
    before = seasoned.call("coverage", "--until", until).stdout
    clock.moment += timedelta(hours=6)
    assert seasoned.call("coverage", "--until", until).stdout == before
    seasoned.call("check")
    assert seasoned.call("coverage", "--until", until).stdout == before
    assert seasoned.call("coverage").stdout != before


@pytest.mark.parametrize(
    ("until", "told"), [("yesterday", "--until 'yesterday' is no time"), ("30d", "in order")]
)
def test_an_end_that_is_none_is_told(seasoned: Office, until: str, told: str) -> None:
    result = seasoned.call("coverage", "--until", until)
    assert (result.exit_code, told in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["status", "changes", "coverage", "export timeline"])
def test_reading_makes_no_database(office: Office, command: str) -> None:
    result = office.call(*command.split())
    assert result.exit_code == 2
    assert "run `appwatch check` or `appwatch run` first" in result.stderr
    assert not (office.folder / "appwatch.db").exists()


def test_a_table_is_for_people(seasoned: Office) -> None:
    header, row = seasoned.call("changes", "--format", "table").stdout.splitlines()
    assert header.split()[:4] == ["kind", "app", "store", "storefront"]
    assert row.split()[:6] == ["disappeared", "jike", "app_store", "cn", "2026-07-06", "12:00"]


def test_since_takes_lengths_and_moments() -> None:
    assert read_since("7d", NOW) == NOW - timedelta(days=7)
    assert read_since("90m", NOW) == NOW - timedelta(minutes=90)
    assert read_since("2020-06-09", NOW) == datetime(2020, 6, 9, tzinfo=UTC)
    assert read_since("2020-06-09T14:00+02:00", NOW) == datetime(2020, 6, 9, 12, tzinfo=UTC)
    assert read_since(None, NOW) is None


@pytest.mark.parametrize("wrong", ["yesterday", "7", "7w", "-7d", "999999999d", "2020-13-01", ""])
def test_since_refuses_what_is_no_time(wrong: str) -> None:
    with pytest.raises(UsageError, match="is no time; expected one such as 7d"):
        read_since(wrong, NOW)
