"""A whole watchlist, and everything that can be wrong in one, told at once."""

import inspect
from datetime import time, timedelta
from pathlib import Path

import pytest

import appwatch.watchlist as package
from appwatch.domain.confirmation import Confirmation, Policy
from appwatch.domain.holding import HoldRule
from appwatch.watchlist import Channel, Digest, WatchedApp
from tests.watchlist.stores import problems, read

WHOLE = """
every: 90s
confirm:
  disappeared: {looks: 5, over: 1d}
hold: {share: 0.5, at_least: 9}
groups:
  near-hk: [hk, gb]
storefronts: {north: [us, cn], south: [us]}
controls: {north: [n9]}
apps:
  - id: jike
    name: Jike 即刻
    north: n1
    south: s.One
    storefronts: {north: [near-hk, us, hk]}
    tags: [social, social]
    reason: "Gone from July 2019
      to June 2020"
    source: https://example.org/story
    paused: true
  - name: Zynn
  - south: s.Two
alerts:
  - name: newsroom
    to: "${NEWSROOM_URL}"
    on: [disappeared, suspected]
    apps: [jike]
    storefronts: [near-hk, us]
    digest: "08:00 Europe/Paris"
    group_for: 0s
proxies: {cn: "${CN_PROXY}"}
"""


def test_everything_written_arrives_typed(tmp_path: Path) -> None:
    watchlist = read(tmp_path, WHOLE)
    assert watchlist.every == timedelta(seconds=90)
    assert watchlist.policy == Policy(
        Confirmation(5, timedelta(days=1)), Confirmation(2, timedelta(0))
    )
    assert watchlist.hold == HoldRule(0.5, 9)
    assert watchlist.groups == {"near-hk": ("hk", "gb")}
    assert watchlist.controls == {"north": ("n9",), "south": ()}
    assert watchlist.proxies == {"cn": "CN_PROXY"}


def test_apps_arrive_with_their_storefronts_resolved(tmp_path: Path) -> None:
    jike, zynn, two = read(tmp_path, WHOLE).apps
    assert jike == WatchedApp(
        id="jike",
        name="Jike 即刻",
        listings={"north": "n1", "south": "s.One"},
        storefronts={"north": ("hk", "gb", "us"), "south": ("us",)},
        tags=("social",),
        reason="Gone from July 2019 to June 2020",
        source="https://example.org/story",
        paused=True,
    )
    assert zynn == WatchedApp(id="zynn", name="Zynn")
    assert (two.id, two.name, two.storefronts) == ("s-two", "s.Two", {"south": ("us",)})


def test_channels_arrive_with_a_reference_and_no_address(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE).channels == (
        Channel(
            name="newsroom",
            reference="NEWSROOM_URL",
            on=("disappeared", "suspected"),
            apps=("jike",),
            storefronts=("hk", "gb", "us"),
            digest=Digest(time(8), "Europe/Paris"),
            group_for=timedelta(0),
        ),
    )


def test_what_is_not_written_has_the_documented_defaults(tmp_path: Path) -> None:
    watchlist = read(tmp_path, 'apps: []\nalerts: [{name: x, to: "${X}"}]\nhold:\nconfirm: {}\n')
    assert watchlist.every == timedelta(minutes=15)
    assert (watchlist.policy, watchlist.hold) == (Policy(), HoldRule())
    assert watchlist.channels == (Channel(name="x", reference="X"),)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = """evry: 15m
every: 0s
hold: {share: 2, at_least: 0}
storefronts: {north: [us, uk], south: [all]}
apps:
  - {id: a, name: A, north: x1}
  - {id: a, name: B, north: n2, reasn: x}
alerts:
  - {name: n, to: "slack://s3cret", on: [gone], apps: [b]}
"""
    found = [line.split(";")[0] for line in problems(tmp_path, text)]
    assert [line.removeprefix("watchlist.yaml:") for line in found] == [
        "1:1: unknown key 'evry'",
        "2:8: '0s' is too short",
        "3:15: '2' is no share",
        "3:28: '0' is no such number",
        "4:27: North Store has no 'uk'",
        "4:40: there is no all for South Store, only for North Store",
        "6:29: 'x1' is no North Store id",
        "7:10: the id a stands twice, first at watchlist.yaml:6:10",
        "7:33: unknown key 'reasn'",
        "9:19: an address may not stand here, as it may hold a secret",
        "9:42: unknown kind 'gone'",
        "9:56: no app has the id 'b'",
    ]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("every: 90", "1:8: '90' is no duration; expected a whole number and a unit"),
        ("every: 1.5h", "1:8: '1.5h' is no duration"),
        ("every: 99999d", "1:8: '99999d' is too long; expected at most 366d"),
        ("every: [1m]", "1:8: a list or map stands here; expected one value"),
        ("confirm: {restricted: {}}", "1:11: unknown key 'restricted'; did you mean returned?"),
        ("confirm: {returned: {looks: ٣}}", "1:29: '٣' is no such number"),
        ("hold: 3", "1:7: these are no keys with values; expected lines such as key: value"),
        ("groups: {gc: [cn]}", "1:10: 'gc' cannot be a group's name"),
        ("groups: {far: cn}", "1:15: this is no list; expected one, such as [one, two]"),
        ("groups: {far: [all]}", "1:16: 'all' is no country code"),
        ("groups: {far: [zz]}", "1:16: North Store has no 'zz'; expected cn, gb, hk, no, us"),
        ("groups: {far: [cn, ]}\nstorefronts: {south: [far]}", "2:23: the group far cannot be"),
        ("storefronts: {noth: [us]}", "1:15: unknown key 'noth'; did you mean north?"),
        ("controls: {south: [n1]}", "1:20: 'n1' is no South Store id; expected s..."),
        ("proxies: {zz: '${X}'}", "1:11: North Store has no 'zz'"),
        ("proxies: {cn: 'http://h'}", "1:15: an address may not stand here"),
        ("from_csv: [none.csv]", "1:12: none.csv: there is no such file"),
    ],
)
def test_a_wrong_key_is_told_with_what_was_expected(tmp_path: Path, key: str, message: str) -> None:
    (found,) = problems(tmp_path, f"{key}\napps: []\n")
    assert found.startswith(f"watchlist.yaml:{message}")


def test_no_store_is_named_in_the_package() -> None:
    sources = Path(inspect.getfile(package)).parent.glob("*.py")
    text = "".join(file.read_text(encoding="utf-8") for file in sources)
    assert "google_play" not in text
    assert '"app_store"' not in text
