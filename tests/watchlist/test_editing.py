"""Edits of a watchlist's text: only what was meant changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appwatch.errors import UsageError, WatchlistError
from appwatch.watchlist import Edit, csv_lists, editing, judged, save, text_of
from tests.watchlist.stores import STORES, read

ROOT = Path(__file__).resolve().parents[2]
TEXT = """\
# who asked for what
every: 15m     # as agreed
storefronts: {north: [no, us], south: [hk]}
apps:
  # social
  - id: jike   # since 2019
    name: 'Jike: 即刻'
    north: n01
    tags: [a, b]   # last

  # podcasts
  - {id: castro, name: Castro, north: n2}
  - id: zynn
    name: 0x1F
    reason: |
      written
      by hand

# who is told
alerts: []
"""
NEW = {"id": "new", "name": "No: one", "north": "n9", "storefronts": {"north": ["no", "us"]}}
PLACES = {"jike": (6, 5), "castro": (12, 5), "zynn": (13, 5)}


def lines_apart(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that only the one has, and those that only the other has."""
    old, new = before.splitlines(), after.splitlines()
    return [row for row in old if row not in new], [row for row in new if row not in old]


def test_an_app_is_added_after_the_last_and_nothing_else_changes() -> None:
    after = editing.add(TEXT, [NEW])
    assert lines_apart(TEXT, after) == (
        [],
        [
            "  - id: new",
            "    name: 'No: one'",
            "    north: n9",
            "    storefronts: {north: [no, us]}",
        ],
    )
    assert after.index("- id: new") < after.index("# who is told")


@pytest.mark.parametrize("app", PLACES)
def test_an_app_is_removed_with_every_comment_kept(app: str, tmp_path: Path) -> None:
    after = editing.remove(TEXT, *PLACES[app])
    assert [one.id for one in read(tmp_path, after).apps] == [one for one in PLACES if one != app]
    for comment in ("# who asked", "# as agreed", "# social", "# podcasts", "# who is told"):
        assert comment in after


def test_a_listing_is_attached_in_the_apps_own_way() -> None:
    block = editing.attach(TEXT, *PLACES["jike"], {"south": "s1"})
    flow = editing.attach(TEXT, *PLACES["castro"], {"south": "s1"})
    assert lines_apart(TEXT, block) == ([], ["    south: s1"])
    assert "{id: castro, name: Castro, north: n2, south: s1}" in flow


@pytest.mark.parametrize(
    "text",
    [
        "apps: []\n",
        "apps: []   # none yet\nevery: 1m\n",
        "apps:\n  - {id: a, name: a}",
        "apps:\r\n- id: a\r\n  name: a\r\n",
        "apps: [{id: a, name: a}]\n",
        "{every: 1m, apps: []}",
        "apps: [\n  {id: a, name: a},\n  {id: b, name: b},\n]\n",
        'every: 1m\n"apps" :  # my apps: the best - really\n- {id: a, name: a}\n',
        "apps:\n  - # one - or two\n    id: a\n    reason: >\n      x\n",
        "apps:\n  # apps: all\n  -\n    # a - b\n    id: a\n  -\n    # c - d\n    id: b\n",
    ],
)
def test_whatever_way_the_list_is_written_apps_come_and_go(text: str, tmp_path: Path) -> None:
    before = [app.id for app in read(tmp_path, text).apps]
    added = editing.add(text, [NEW, {"id": "more", "name": "More"}])
    apps = read(tmp_path, added).apps
    assert [app.id for app in apps] == [*before, "new", "more"]
    for app in apps[:0:-1]:
        added = editing.remove(added, *map(int, app.place.split(":")[-2:]))
    (last,) = read(tmp_path, added).apps
    empty = editing.remove(added, *map(int, last.place.split(":")[-2:]))
    assert read(tmp_path, empty).apps == ()


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip)


@given(NAMES)
def test_any_name_is_written_so_that_it_is_read_again(name: str) -> None:
    folder = Path("/nowhere")
    after = editing.add(TEXT, [{"id": "new", "name": " ".join(name.split()), "north": "n9"}])
    from appwatch.watchlist import kept_files, load

    file = folder / "watchlist.yaml"
    made = load(file, STORES, kept_files(file, [("watchlist.yaml", after)]))
    assert made.apps[-1].name == " ".join(name.split())


def test_an_edit_never_makes_a_watchlist_that_cannot_be_used(tmp_path: Path) -> None:
    watchlist = read(tmp_path, TEXT)
    file = watchlist.files[0]
    twice = editing.add(text_of(watchlist, file), [{"id": "x", "name": "x", "north": "n2"}])
    with pytest.raises(WatchlistError, match="stands twice") as caught:
        judged(watchlist, STORES, file, twice)
    assert "nothing was changed" in caught.value.problems[-1]
    assert file.read_text() == TEXT


def test_a_file_is_saved_with_its_mode_through_a_link_and_no_draft_is_left(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "list.yaml", tmp_path / "watchlist.yaml"
    real.write_text("old\n")
    real.chmod(0o640)
    link.symlink_to(real)
    save(Edit(link, "old\n", "new\n"))
    assert (link.is_symlink(), real.read_text(), real.stat().st_mode & 0o777) == (
        True,
        "new\n",
        0o640,
    )
    assert [path.name for path in real.parent.iterdir()] == ["list.yaml"]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "watchlist.yaml"
    file.write_text("theirs\n")
    with pytest.raises(UsageError, match="changed meanwhile"):
        save(Edit(file, "old\n", "new\n"))
    assert file.read_text() == "theirs\n"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_row_is_taken_out_of_a_csv_list_whole() -> None:
    text = 'id,name\na,"two\nlines"\nb,B\n'
    assert csv_lists.without_row(text, 2) == "id,name\nb,B\n"
    assert csv_lists.without_row(text, 4) == 'id,name\na,"two\nlines"\n'


def test_a_row_may_be_parted_by_semicolons() -> None:
    text = 'id;name\na;"x\n;y"\nb;B\n'
    assert csv_lists.without_row(text, 2) == "id;name\nb;B\n"


def test_a_row_is_found_whatever_line_breaks_stand_in_its_cells() -> None:
    text = 'id,name\r\na,"two\nlines\u2028\x85"\r\nb,B\x85\r\nc,C\r\n'
    assert csv_lists.without_row(text, 4) == text.replace("b,B\x85\r\n", "")


def test_an_edit_never_makes_a_watchlist_that_is_too_large_to_read(tmp_path: Path) -> None:
    watchlist = read(tmp_path, TEXT)
    with pytest.raises(WatchlistError, match=r"larger than 5 MB; .* from_csv names: nothing was"):
        judged(watchlist, STORES, watchlist.files[0], f"{TEXT}#{'x' * 5 * 1024**2}\n")


SAVE = (
    "import sys; from pathlib import Path; from appwatch.watchlist.edits import Edit, save;"
    r"save(Edit(Path(sys.argv[1]), 'old\n', 'new\n'))"
)
# Root may do everything: the rights that a test is to be without.
NO_CHOWN, HUMBLY = "-chown", "-dac_override,-dac_read_search"


def saved_without(rights: str, file: Path) -> "subprocess.CompletedProcess[str]":
    before = ["setpriv", "--bounding-set", rights] if os.geteuid() == 0 else []
    command = [*before, sys.executable, "-c", SAVE, str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_file_in_a_folder_that_may_not_be_read_is_saved(tmp_path: Path) -> None:
    file = tmp_path / "drop" / "watchlist.yaml"
    file.parent.mkdir()
    file.write_text("old\n")
    file.parent.chmod(0o300)
    done = saved_without(HUMBLY, file)
    file.parent.chmod(0o700)
    assert (done.returncode, done.stderr, file.read_text()) == (0, "", "new\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file of another group")
def test_a_file_whose_group_cannot_be_kept_is_saved_with_no_more_rights(tmp_path: Path) -> None:
    file = tmp_path / "watchlist.yaml"
    file.write_text("old\n")
    os.chown(file, 0, 54321)
    file.chmod(0o664)
    done = saved_without(NO_CHOWN, file)
    assert (done.returncode, done.stderr) == (0, "")
    found = file.stat()
    assert (file.read_text(), found.st_gid) == ("new\n", os.getegid())
    assert found.st_mode & 0o777 == 0o644  # the new group may do no more than anybody


BLANK = """\
apps:
  - id: a
    source:
  # podcasts
  - id: b
    name: b
    reason:   # soon
# - {id: later}

every: 15m
"""


def test_comments_behind_a_key_without_a_value_stay_where_they_are() -> None:
    assert editing.remove(BLANK, 2, 5) == BLANK.replace("  - id: a\n    source:\n", "")
    last = "  - id: b\n    name: b\n    reason:   # soon\n"
    assert editing.remove(BLANK, 5, 5) == BLANK.replace(last, "")
    attached = editing.attach(BLANK, 2, 5, {"north": "n1"})
    assert attached == BLANK.replace("source:\n", "source:\n    north: n1\n")
    added = editing.add(BLANK, [{"id": "c", "name": "c"}])
    assert added == BLANK.replace("# soon\n", "# soon\n  - id: c\n    name: c\n")


def test_an_app_in_brackets_goes_with_its_own_comment_alone(tmp_path: Path) -> None:
    text = "apps: [\n  {id: a}, # one\n  {id: b}, # two\n  {id: c}  # three\n]\n"
    for line, gone in enumerate(text.splitlines(keepends=True)[1:4], 2):
        after = editing.remove(text, line, 3)
        assert after == text.replace(gone, "")
        assert len(read(tmp_path, after.replace("id", "name")).apps) == 2


@pytest.mark.parametrize(
    ("known", "made"),
    [
        ("{north: [us]}", "{north: [us], south: [hk]}"),
        ("{}   # none", "{south: [hk]}   # none"),
        ("", "{south: [hk]} "),
        ("  # ours\n      north: [us]", "  # ours\n      north: [us]\n      south: [hk]"),
    ],
)
def test_storefronts_join_those_that_an_app_has(known: str, made: str) -> None:
    text = f"apps:\n  - id: a\n    storefronts: {known}\n    tags: [x]\n"
    keys = {"south": "s1", "storefronts": {"south": ["hk"]}}
    after = text.replace(f"storefronts: {known}", f"storefronts: {made}") + "    south: s1\n"
    assert editing.attach(text, 2, 5, keys) == after
