"""A watchlist that cannot be opened is one sentence with its remedy."""

import os
from pathlib import Path

import pytest

from appwatch.errors import WatchlistError
from appwatch.watchlist import load
from tests.watchlist.stores import STORES, read


def refusal(path: Path) -> str:
    with pytest.raises(WatchlistError) as caught:
        load(path, STORES)
    (line,) = caught.value.problems
    return line


def test_a_missing_file_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(Path("watchlist.yaml")) == (
        "watchlist.yaml: there is no such file; expected one: create or mend it,"
        " or set APPWATCH_WATCHLIST to the file that is meant"
    )


def test_a_folder_is_no_watchlist(tmp_path: Path) -> None:
    assert "this is a folder; expected a file" in refusal(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "this is no file that holds text" in refusal(tmp_path / "pipe")


def test_an_unreadable_file_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert "the file cannot be read (Too many levels of symbolic links)" in refusal(
        tmp_path / "loop"
    )


def test_problems_name_the_file_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conf").mkdir()
    Path("conf/list.yaml").write_text("every: soon\napps: []\n")
    assert refusal(Path("conf/list.yaml")).startswith("conf/list.yaml:1:8: 'soon' is no duration")


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    text = "storefronts: {north: [us]}\nfrom_csv: [more.csv]\n"
    (tmp_path / "more.csv").write_text("name\nOne\n")
    first = read(tmp_path, text)
    (tmp_path / "more.csv").write_text("name\nTwo\n")
    second = read(tmp_path, text)
    assert first.digest != second.digest
    assert read(tmp_path, text).digest == second.digest
    assert second.files == (tmp_path / "watchlist.yaml", tmp_path / "more.csv")
