"""Apps: ids, listings, and where to look for them."""

from pathlib import Path

import pytest

from appwatch.watchlist.apps import slug
from tests.watchlist.stores import problems, read

DEFAULTS = "storefronts: {north: [us], south: [us]}\n"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Pocket Casts", "pocket-casts"),
        ("Jike 即刻", "jike"),
        ("Café Ñandú", "cafe-nandu"),
        ("Straße", "strasse"),
        ("2048", "2048"),
        ("com.ruguoapp.jike", "com-ruguoapp-jike"),
        ("即刻", ""),
        ("!?", ""),
        ("x" * 99, "x" * 80),
    ],
)
def test_an_id_is_made_of_ascii_letters_and_digits(name: str, made: str) -> None:
    assert slug(name) == made


def test_an_id_comes_from_the_listing_when_the_name_gives_none(tmp_path: Path) -> None:
    text = DEFAULTS + "apps: [{name: 即刻, south: s.Jike}]"
    assert [(app.id, app.name) for app in read(tmp_path, text).apps] == [("s-jike", "即刻")]


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("{id: Jike, name: J}", "13: 'Jike' cannot be an id"),
        ("{id: '', name: J}", "13: '' cannot be an id"),
        ("{name: ''}", "15: the value is empty; expected a text"),
        ("{name: 即刻}", "15: no id can be made from '即刻'; expected id: and a short word"),
        ("{tags: [x]}", "8: this app has no name and no listing; expected name, or north or south"),
        ("{name: J, tags: [a b]}", "25: 'a b' cannot be a tag; expected one word"),
        ("{name: J, tags: x}", "24: this is no list"),
        ("{name: J, source: 'javascript:x'}", "26: 'javascript:x' is no web address"),
        ("{name: J, paused: maybe}", "26: 'maybe' is neither; expected true or false"),
        ("{name: J, storefronts: {north: [usa]}}", "40: 'usa' is no storefront and no group"),
        ("{name: J, nme: x}", "18: unknown key 'nme'; did you mean name?"),
        ("J", "8: these are no keys with values"),
    ],
)
def test_a_wrong_app_is_told_by_place(tmp_path: Path, app: str, message: str) -> None:
    (found,) = problems(tmp_path, f"{DEFAULTS}apps: [{app}]\n")
    assert found.startswith(f"watchlist.yaml:2:{message}")


def test_a_listing_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    text = DEFAULTS + "apps:\n- {name: One, south: s.One}\n- {name: Two, south: s.One}\n"
    assert problems(tmp_path, text) == [
        (
            "watchlist.yaml:4:22: the South Store listing s.One stands twice,"
            " first at watchlist.yaml:3:22; expected it once"
        )
    ]


def test_the_case_of_a_listing_matters(tmp_path: Path) -> None:
    text = DEFAULTS + "apps: [{id: a, south: s.one}, {id: b, south: s.One}]"
    assert len(read(tmp_path, text).apps) == 2


def test_ids_made_from_equal_names_collide(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "apps:\n- name: Jike\n- name: JIKE!\n")
    assert found == (
        "watchlist.yaml:3:9: the id jike stands twice, first at watchlist.yaml:2:9;"
        " expected one app to have an id: of its own"
    )


def test_a_listing_without_any_storefronts_is_a_problem(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "storefronts: {north: [us]}\napps: [{name: x, south: s1}]\n")
    assert found == (
        "watchlist.yaml:2:25: no storefronts are named for this South Store listing; expected"
        " storefronts: {south: [...]} for the app, or at the top for all"
    )


def test_a_wrong_default_is_told_once_and_not_for_every_app(tmp_path: Path) -> None:
    text = "storefronts: {north: [uk]}\napps: [{name: x, north: n1}, {name: y, north: n2}]\n"
    (found,) = problems(tmp_path, text)
    assert found.startswith("watchlist.yaml:1:23: North Store has no 'uk'")


def test_all_stands_for_every_storefront_of_the_store(tmp_path: Path) -> None:
    text = "apps: [{name: x, north: n1, storefronts: {north: [us, all]}}]"
    (app,) = read(tmp_path, text).apps
    assert app.storefronts == {"north": ("us", "cn", "gb", "hk", "no")}


def test_an_unknown_group_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    text = "groups: {greater-china: [cn]}\nstorefronts: {north: [greater-chin]}\napps: []\n"
    (found,) = problems(tmp_path, text)
    assert found.endswith("no storefront and no group; did you mean greater-china?")
