"""The watchlist edited by command, beside stores on loopback."""

import json
from collections.abc import Sequence
from datetime import datetime

import pytest
from click.testing import Result

from appwatch.simulator import Fault, FaultKind, Faults, SimulatedApp, World
from tests.cli.conftest import WATCHLIST, Clock, Office

HOUSE = "https://apps.apple.com/cn/app/house/id1500855883?mt=8"


@pytest.fixture(autouse=True)
def more_apps(world: World) -> None:
    house = SimulatedApp("House", "Alpha", "1500855883", "com.alpha.house")
    world.add(house)
    world.remove("app_store", "1500855883", ["cn", "ru"])
    world.add(SimulatedApp("House", "Somebody", google_play="org.somebody.house"))


def watched(office: Office) -> list[str]:
    rows = office.call("watchlist", "show", "--format", "jsonl").stdout.splitlines()
    return list(dict.fromkeys(json.loads(row)["app"] for row in rows))


def text(office: Office) -> str:
    return (office.folder / "watchlist.yaml").read_text(encoding="utf-8")


def rows(result: Result) -> list[dict[str, object]]:
    return [json.loads(row) for row in result.stdout.splitlines()]


def test_add_asks_where_it_is_and_proposes_the_other_listing(office: Office) -> None:
    result = office.call("watchlist", "add", HOUSE, "--tag", "social")
    assert result.exit_code == 0, result.stderr
    assert "1500855883 (House, by Alpha) is available in 173 of 175 storefronts" in result.stderr
    assert "Not available in: cn, ru." in result.stderr
    proposals = [line for line in result.stderr.splitlines() if "Perhaps" in line]
    assert "com.alpha.house (House, by Alpha)" in proposals[0]
    assert proposals[0].endswith("appwatch watchlist add com.alpha.house --to house")
    assert "+  - {id: house, name: House, app_store: 1500855883, tags: [social]}" in result.stdout
    assert watched(office)[-1] == "house"
    assert "com.alpha.house" not in text(office)  # never more than a proposal
    added = office.call("watchlist", "add", "com.alpha.house", "--to", "house", "--no-ask")
    assert added.exit_code == 0
    assert "app_store: 1500855883, tags: [social], google_play: com.alpha.house" in text(office)


def test_what_could_not_be_asked_is_not_told_as_absent(office: Office, faults: Faults) -> None:
    faults.add(Fault(FaultKind.CAPTCHA, storefronts=frozenset({"hk"})))
    result = office.call("watchlist", "add", "com.alpha.house")
    assert "where com.alpha.house is available could not be found out" in result.stderr
    assert "none of 1 storefronts gave an answer to trust (rate_limited)" in result.stderr
    assert "Without a name it is called by its listing" in result.stderr
    both = office.call("watchlist", "add", "com.alpha.house", "--storefronts", "us,hk", "--dry-run")
    assert both.exit_code == 2  # it is watched already
    office.write(WATCHLIST)
    both = office.call("watchlist", "add", "com.alpha.house", "--storefronts", "us,hk", "--dry-run")
    assert "(House, by Alpha) is available in 1 of 2 storefronts" in both.stderr
    assert "1 of them gave no answer to trust (rate_limited); 1 did" in both.stderr
    assert "only those were asked that would be watched (hk, us)" in both.stderr
    assert result.exit_code == 0


def test_what_no_storefront_knows_is_added_only_unasked(office: Office) -> None:
    before = text(office)
    result = office.call("watchlist", "add", "12")
    assert (result.exit_code, result.stdout, text(office)) == (2, "", before)
    assert "No storefront of App Store that answered knows 12" in result.stderr
    assert result.stderr.endswith("to watch it all the same, run this again with --no-ask.\n")
    assert office.call("watchlist", "add", "12", "--no-ask").exit_code == 0
    assert "app_store: 12" in text(office)


def test_add_without_asking_sends_nothing_and_a_dry_run_writes_nothing(office: Office) -> None:
    before = text(office)
    options = ["--name", "House: a party", "--storefronts", "app_store=cn,us", "--no-ask"]
    result = office.call("watchlist", "add", HOUSE, *options, "--dry-run")
    assert (result.exit_code, text(office)) == (0, before)
    assert "storefronts: {app_store: [cn, us]}" in result.stdout
    assert "dry run" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "'nonsense' is no listing; expected a link"),
        (["Jike"], "search for a name with: appwatch watchlist find NAME"),
        (["https://appsto.re/us/x.i"], "Open a shortened link in a browser"),
        (["<https://apps.apple.com/us/app/id966129812>."], "966129812 is watched already"),
        (["966129812"], "966129812 is watched already, as jike ("),
        (["1", "2"], "Two listings of App Store were given"),
        (["1", "--id", "jike"], "Another app has the id jike"),
        (["1", "--storefronts", "nowhere=us"], "There is no store 'nowhere'"),
        (["1", "--storefronts", "xx"], "watchlist.yaml (edited):9:"),
        (["1", "--storefronts", "xx"], "Apple has no App Store for 'xx'"),
        (["1", "--to", "castro"], "castro has a listing in app_store already"),
        (["1", "--to", "nobody"], "There is no app 'nobody'"),
        (["1", "--storefronts", "google_play="], "No listing of google_play was given"),
        (["1", "--storefronts", "app_store= ,"], "--storefronts names none"),
        (["1", "--to", "zynn", "--id", "x", "--tag", "y"], "--id, --tag cannot stand beside --to"),
    ],
)
def test_a_wrong_add_is_told_and_changes_nothing(
    office: Office, arguments: Sequence[str], says: str
) -> None:
    result = office.call("watchlist", "add", *arguments, "--no-ask")
    assert (result.exit_code, text(office)) == (2, WATCHLIST)
    assert says in result.stderr


@pytest.mark.parametrize(
    "options",
    ["--to nobody", "--id jike", "--tag=", "--source x", "--storefronts uss"],
)
def test_a_wrong_add_is_told_before_the_stores_are_asked(office: Office, options: str) -> None:
    office.environment["APPWATCH_APPLE_LOOKUP_URL"] = "http://127.0.0.1:1"
    result = office.call("watchlist", "add", "1500855883", *options.split())
    assert (result.exit_code, result.stdout, text(office)) == (2, "", WATCHLIST)
    assert "could not be found out" not in result.stderr


def test_a_proposal_says_when_it_is_watched_already(office: Office) -> None:
    party = "  - {id: party, name: Party, google_play: com.alpha.house}\n"
    office.write(WATCHLIST.replace("alerts:", f"{party}alerts:"))
    told = office.call("watchlist", "add", HOUSE, "--dry-run").stderr
    assert "com.alpha.house (House, by Alpha); it is watched already, as party.\n" in told
    assert "add org.somebody.house --to house" in told


def test_a_listing_with_its_storefronts_joins_an_app_with_its_own(office: Office) -> None:
    castro = "{id: castro, name: Castro, app_store: 1080840241"
    office.write(WATCHLIST.replace(castro, f"{castro}, storefronts: {{app_store: [us]}}"))
    options = ["--to", "castro", "--storefronts", "hk,us", "--no-ask"]
    assert office.call("watchlist", "add", "com.alpha.house", *options).exit_code == 0
    assert "{app_store: [us], google_play: [hk, us]}, google_play: com.alpha.house}" in text(office)


def test_what_is_edited_while_the_stores_are_asked_is_kept(office: Office) -> None:
    class Editor(Clock):
        def __call__(self) -> datetime:
            office.write(WATCHLIST.replace("name: Castro", "name: Castro 2"))
            return super().__call__()

    office.clock = Editor()
    assert office.call("watchlist", "add", "com.alpha.house").exit_code == 0
    assert watched(office)[-1] == "house"
    assert "Castro 2" in text(office)


def test_find_lists_candidates_of_both_stores(office: Office) -> None:
    result = office.call("watchlist", "find", "house")
    assert result.exit_code == 0
    found = {(row["store"], row["listing"]): row["developer"] for row in rows(result)}
    assert found == {
        ("app_store", "1500855883"): "Alpha",
        ("google_play", "com.alpha.house"): "Alpha",
        ("google_play", "org.somebody.house"): "Somebody",
    }
    (known,) = rows(office.call("watchlist", "find", "jike", "--store", "app_store"))
    assert (known["app"], known["storefront"]) == ("jike", "us")


def test_find_says_when_a_store_gave_no_answer(office: Office, faults: Faults) -> None:
    faults.add(Fault(FaultKind.CONSENT_FORM, store="google_play"))
    result = office.call("watchlist", "find", "house")
    assert result.exit_code == 1
    assert "Google Play gave no answer to trust: consent" in result.stderr
    faults.add(Fault(FaultKind.EMPTY_BODY, store="app_store"))
    assert office.call("watchlist", "find", "house").exit_code == 3


def test_find_says_which_store_has_no_such_storefront(office: Office) -> None:
    result = office.call("watchlist", "find", "jike", "--storefront", "cn")
    assert (result.exit_code, [row["store"] for row in rows(result)]) == (0, ["app_store"])
    assert "Google Play is left out: Google Play does not serve cn" in result.stderr


def test_find_leaves_a_host_that_rests_alone(office: Office, faults: Faults) -> None:
    office.call("check")
    faults.add(Fault(FaultKind.RATE_LIMITED, store="google_play", times=1))
    find = ("watchlist", "find", "house", "--store", "google_play")
    assert "rate_limited" in office.call(*find).stderr
    again = office.call(*find)
    assert (again.exit_code, "rests until" in again.stderr) == (3, True)


def test_find_refuses_a_storefront_that_no_store_has(office: Office) -> None:
    result = office.call("watchlist", "find", "house", "--storefront", "zz")
    assert (result.exit_code, result.stdout) == (2, "")


def test_remove_takes_an_app_out_of_the_file_in_which_it_stands(office: Office) -> None:
    (office.folder / "more.csv").write_text("id,app_store\npages,361309726\nnumbers,361304891\n")
    office.write(f"{WATCHLIST}from_csv: [more.csv]\n")
    removed = office.call("watchlist", "remove", "castro")
    assert (removed.exit_code, "run: appwatch watchlist accept" in removed.stderr) == (0, False)
    assert office.call("watchlist", "remove", "pages").exit_code == 0
    assert watched(office) == ["jike", "zynn", "numbers"]
    assert (office.folder / "more.csv").read_text() == "id,app_store\nnumbers,361304891\n"
    assert "There is no app 'pages'" in office.call("watchlist", "remove", "pages").stderr


def test_remove_says_when_a_running_process_waits_for_a_person(office: Office) -> None:
    assert "A running" not in office.call("watchlist", "remove", "jike").stderr  # none ever ran
    office.write(WATCHLIST)
    assert office.call("check").exit_code == 0
    assert "A running" not in office.call("watchlist", "remove", "jike", "--dry-run").stderr
    result = office.call("watchlist", "remove", "jike")
    assert "A running appwatch waits. It leaves out 3 of the 5 targets" in result.stderr
    assert "run: appwatch watchlist accept" in result.stderr


def test_remove_refuses_what_a_channel_asks_for(office: Office) -> None:
    office.write(WATCHLIST.replace('"${NEWSROOM_URL}"', '"${NEWSROOM_URL}", apps: [castro]'))
    result = office.call("watchlist", "remove", "castro")
    assert result.exit_code == 2
    assert "no app has the id 'castro'" in result.stderr
    assert "nothing was changed" in result.stderr
    assert "castro" in watched(office)


IMPORT = """id,name,app_store,google_play,app_store_storefronts,tags
house,House,1500855883,com.alpha.house,cn us,social
,Jike,966129812,,,
bad,Bad,no number,,,
worse,Worse,77,,zz,
"""


def test_import_reports_every_line_and_adds_the_good_ones(office: Office) -> None:
    (office.folder / "new.csv").write_text(IMPORT)
    result = office.call("watchlist", "import", str(office.folder / "new.csv"))
    told = [(row["line"], row["result"]) for row in rows(result)]
    assert told == [(2, "added"), (3, "already_there"), (4, "wrong"), (5, "wrong")]
    assert "no App Store id" in str(rows(result)[2]["says"])
    assert result.exit_code == 1
    assert watched(office) == ["jike", "castro", "zynn", "house"]
    again = office.call("watchlist", "import", str(office.folder / "new.csv"))
    assert rows(again)[0]["result"] == "already_there"


def test_what_a_wrong_line_names_a_later_line_may_add(office: Office) -> None:
    lines = "house,1500855883,zz\nhouse,1500855883,us\nhouse2,1500855883,cn\npages,361309726,us\n"
    (office.folder / "new.csv").write_text(f"Name,App Store,app_store_storefronts\n{lines}")
    found = rows(office.call("watchlist", "import", str(office.folder / "new.csv")))
    results = [row["result"] for row in found]
    assert results in (["wrong", "added", "wrong", "added"], ["wrong", "wrong", "added", "added"])
    assert "zz" in str(found[0]["says"])


def test_what_is_right_in_a_line_with_a_cell_too_many_a_later_line_may_add(office: Office) -> None:
    lines = "House,1500855883,us,oops\nHouse,1500855883,us\n"
    (office.folder / "new.csv").write_text(f"name,app_store,app_store_storefronts\n{lines}")
    found = rows(office.call("watchlist", "import", str(office.folder / "new.csv")))
    assert [row["result"] for row in found] == ["wrong", "added"]
    assert str(found[0]["says"]).startswith("a cell too many; expected 3 in each row")


def test_what_is_imported_gets_an_id_that_outlasts_its_name(office: Office) -> None:
    (office.folder / "new.csv").write_text("app_store,name\n1500855883,House: a party\n")
    (row,) = rows(office.call("watchlist", "import", str(office.folder / "new.csv")))
    assert (row["app"], row["result"]) == ("house-a-party", "added")
    assert "{id: house-a-party, app_store: 1500855883, name: 'House: a party'}" in text(office)


@pytest.mark.parametrize("option", ["--strict", "--dry-run"])
def test_what_was_not_written_is_not_told_as_added(office: Office, option: str) -> None:
    (office.folder / "new.csv").write_text(IMPORT)
    found = rows(office.call("watchlist", "import", str(office.folder / "new.csv"), option))
    results = [row["result"] for row in found]
    assert (results, text(office)) == (["not_added", "already_there", "wrong", "wrong"], WATCHLIST)


def test_a_list_that_is_not_there_is_told(office: Office) -> None:
    result = office.call("watchlist", "import", "none.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none.csv: there is no such file; expected one.\n" in result.stderr


def test_a_strict_import_adds_all_or_nothing(office: Office) -> None:
    (office.folder / "new.csv").write_text(IMPORT)
    result = office.call("watchlist", "import", str(office.folder / "new.csv"), "--strict")
    assert (result.exit_code, text(office)) == (1, WATCHLIST)
    assert "Nothing was added" in result.stderr


def test_what_is_exported_can_be_imported(office: Office) -> None:
    office.write(WATCHLIST.replace("name: Castro", 'name: "=Castro"'))
    exported = office.call("watchlist", "export").stdout
    assert "castro,'=Castro,1080840241,,us cn,," in exported
    before = office.call("watchlist", "show").stdout
    (office.folder / "all.csv").write_text(exported)
    office.write("apps: []\nfrom_csv: [all.csv]\n")
    assert office.call("watchlist", "show").stdout == before


def test_lint_finds_what_is_allowed_and_not_meant(office: Office, world: World) -> None:
    more = "  - {id: okjike, name: jike, app_store: 1}\n"
    office.write(WATCHLIST.replace("name: 即刻", "name: Jike").replace("alerts:", f"{more}alerts:"))
    world.remove("google_play", "com.ruguoapp.jike")
    assert office.call("check").exit_code == 0
    result = office.call("watchlist", "lint")
    found = {row["kind"]: row for row in rows(result)}
    assert result.exit_code == 1
    assert set(found) == {"same_app", "never_seen", "empty_storefront"}
    assert found["never_seen"]["app"] == "okjike"
    assert str(found["same_app"]["place"]).endswith("watchlist.yaml:9:5")
    assert "google_play/hk" in str(found["empty_storefront"]["says"])


def test_lint_finds_storefronts_that_are_named_twice(office: Office) -> None:
    office.write(
        "groups: {china: [cn, hk, cn], more: [hk, mo]}\napps:\n"
        "  - {name: A, app_store: 1, storefronts: {app_store: [us, us, china, more, hk]}}\n"
        "  - {name: B, app_store: 2, storefronts: {app_store: [all, fr]}}\n"
        "  - {name: C, app_store: 3, storefronts: {app_store: [china, more]}}\n"
    )
    found = [
        (str(row["place"])[-4:], row["says"]) for row in rows(office.call("watchlist", "lint"))
    ]
    assert [place for place, _ in found] == ["1:26", "3:59", "3:76", "4:60"]
    assert found[1][1] == "us is named twice in one list; once is enough"
    assert "hk is named beside more" in str(found[2][1])
    assert "fr is named beside all" in str(found[3][1])


def test_lint_tells_a_watchlist_that_cannot_be_used_and_one_that_is_clean(office: Office) -> None:
    assert office.call("watchlist", "lint").exit_code == 0
    office.write(WATCHLIST.replace("app_store: 1080840241", "app_store: 966129812"))
    (row,) = rows(office.call("watchlist", "lint"))
    assert row["kind"] == "invalid"
    assert str(row["place"]).endswith("watchlist.yaml:7:43")
    assert "stands twice" in str(row["says"])


def test_history_shows_what_each_version_changed(office: Office) -> None:
    office.call("check")
    office.write(WATCHLIST.replace("Castro", "Castro 2"))
    office.call("check")
    first, second = rows(office.call("watchlist", "history"))
    assert (first["in_force"], second["in_force"]) == (False, True)
    assert (second["lines_added"], second["lines_removed"]) == (1, 1)
    diff = office.call("watchlist", "history", "--diff", str(second["version"])).stdout
    assert "-  - {id: castro, name: Castro, app_store: 1080840241}" in diff
    assert "+  - {id: castro, name: Castro 2, app_store: 1080840241}" in diff
    assert "there are 1 to 2" in office.call("watchlist", "history", "--diff", "9").stderr
    both = office.call("watchlist", "history", "--diff", "1", "--format", "json")
    assert both.exit_code == 2
    assert "leave out --format" in both.stderr


def test_history_counts_lines_that_begin_like_the_head_of_a_diff(office: Office) -> None:
    office.write(f"{WATCHLIST}from_csv: [more.csv]\n")
    for row in ("--Zoo", "++Zoo"):
        (office.folder / "more.csv").write_text(f"name\n{row}\n")
        office.call("check")
    changed = rows(office.call("watchlist", "history"))[-1]
    assert (changed["lines_added"], changed["lines_removed"]) == (1, 1)
