"""YAML that is broken, hostile or half-written is refused by place, and never misread."""

from pathlib import Path

import pytest

from tests.watchlist.stores import problems, read

ONE_APP = "storefronts: {north: [us]}\napps:\n"


def test_scalars_are_taken_as_written(tmp_path: Path) -> None:
    rows = ["2048", "2026-11-22", "no", "0x1F", "null", "1e3", "true"]
    text = ONE_APP + "".join(f"  - name: {row}\n" for row in rows)
    assert [app.name for app in read(tmp_path, text).apps] == rows


def test_norway_is_a_storefront(tmp_path: Path) -> None:
    text = "storefronts: {north: [no, us]}\napps: [{name: x, north: n1}]"
    assert read(tmp_path, text).apps[0].storefronts == {"north": ("no", "us")}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "1:1: the file is empty"),
        ("# only a remark\n", "1:1: the file is empty"),
        ("every: 15m\n", "1:1: no apps are named"),
        ("every: 15m\napps:\n", "2:1: no apps are named"),
        ("apps:\n  - name: 'Zyn", "2:15: this is not YAML"),
        ("apps: [{name: Zy", "1:17: this is not YAML"),
        ("apps:\n\t- name: x", "2:1: this is not YAML"),
        ("- apps\n", "1:1: these are no keys with values"),
        ("hello", "1:1: these are no keys with values"),
        (b"apps: []\n# \x00", "2:3: the character U+0000 stands here"),
        (b"\x89PNG\r\n\x1a\n", "1:1: this is not UTF-8"),
        ("apps: []".encode("utf-16"), "1:1: this is not UTF-8"),
        (b"apps:\n  - name: caf\xe9", "2:14: this is not UTF-8"),
        ("a: &a [x, x]\nb: [*a, *a]\napps: []", "1:4: an anchor (&) or alias (*) stands here"),
        ("apps: *a", "1:7: an anchor (&) or alias (*) stands here"),
        ("apps: !!python/name:os.system []", "1:7: a tag (!) stands here"),
        ("apps: []\n---\napps: []", "2:1: a second document begins here"),
        ("? [a]\n: b\n", "1:3: a list or map stands as a key"),
        ('apps: [{name: "a\\0b"}]', "1:15: the value holds U+0000"),
        ('apps: [{name: "\\ud800x"}]', "1:15: the value holds U+D800"),
        ('apps: [{name: "\\U99999999"}]', "1:7: a character after this place"),
        ("apps: " + "[" * 5000, "1:26: too deep; expected at most 20 levels"),
        ("- " * 5000, "1:41: too deep; expected at most 20 levels"),
    ],
)
def test_what_is_no_watchlist_is_refused_by_place(
    tmp_path: Path, text: str | bytes, line: str
) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(f"watchlist.yaml:{line}")


def test_an_empty_list_of_apps_is_meant_when_it_is_written(tmp_path: Path) -> None:
    assert read(tmp_path, "apps: []").apps == ()


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfapps: []").apps == ()


def test_a_key_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    assert problems(tmp_path, "every: 1m\napps: []\nevery: 2m\n") == [
        "watchlist.yaml:3:1: the key 'every' stands twice, first in line 1; expected it once"
    ]


def test_a_file_of_more_than_5_mb_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, b"#" * (5 * 1024 * 1024 + 1))
    assert found.startswith("watchlist.yaml: the file is too large; expected at most 5 MB")
