"""Channels: filters that can match nothing are problems, addresses are never shown."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from appwatch.domain.routing import Rate
from appwatch.watchlist import channel_problems, proxy_problems
from tests.rights import closed
from tests.watchlist.stores import problems, read

APPS = "apps: [{id: jike, name: Jike, tags: [social]}]\n"


@pytest.mark.parametrize(
    ("alert", "message"),
    [
        ("to: '${A}'", "the key name is missing"),
        ("name: a", "the key to is missing"),
        ("name: a, to: ", "the key to is missing"),
        ("name: a, to: '$A'", "an address may not stand here"),
        (f"name: {'a' * 201}, to: '${{A}}'", "the name has 201 characters; expected at most 200"),
        ("name: a, to: '${A} '", "an address may not stand here"),
        ("name: a, to: '${A}', on: [vanished]", "unknown kind 'vanished'"),
        (
            "name: a, to: '${A}', on: []",
            "the list is empty; expected a kind in it, or operator: true",
        ),
        ("name: a, to: '${A}', operator: false, on: []", "the list is empty"),
        ("name: a, to: '${A}', on: [retracted]", "retracted alone is told to nobody; expected"),
        ("name: a, to: '${A}', apps: [jik]", "no app has the id 'jik'; did you mean jike?"),
        ("name: a, to: '${A}', tags: [socail]", "no app has the tag 'socail'; did you mean social"),
        ("name: a, to: '${A}', stores: [nort]", "there is no store 'nort'; did you mean north?"),
        ("name: a, to: '${A}', storefronts: [zz]", "North Store has no 'zz'"),
        ("name: a, to: '${A}', storefronts: [all]", "all cannot stand here"),
        ("name: a, to: '${A}', digest: '8:00 UTC'", "'8:00 UTC' is no daily time"),
        ("name: a, to: '${A}', digest: '08:00'", "'08:00' is no daily time"),
        (
            "name: a, to: '${A}', digest: '08:00 Europe/Pari'",
            "there is no time zone 'Europe/Pari'; did you mean Europe/Paris?",
        ),
        ("name: a, to: '${A}', digest: '08:00 ../UTC'", "there is no time zone '../UTC'"),
        (
            "name: a, to: '${A}', language: zh",
            "there is no language 'zh'; expected one of en, zh-Hans, es, fr",
        ),
        ("name: a, to: '${A}', language: [en]", "a list or map stands here"),
        ("name: a, to: '${A}', pace: fast", "'fast' is no rate; expected a number from 1"),
        ("name: a, to: '${A}', pace: 0/1m", "'0/1m' is no rate"),
        ("name: a, to: '${A}', at_most: 20/0s", "'0s' is too short"),
        ("name: a, to: '${A}', at_most: 20/hour", "'20/hour' is no rate"),
        ("name: a, to: '${A}', remind: [0s]", "'0s' is too short"),
        ("name: a, to: '${A}', remind: [weekly]", "'weekly' is no duration"),
        ("name: a, to: '${A}', operator: 1", "'1' is neither; expected true or false"),
        ("name: a, to: '${A}', quiet: {hours: night}", "'night' are no hours of the day"),
        (
            "name: a, to: '${A}', quiet: {hours: '22:00-07:00 Europe/Pari'}",
            "there is no time zone 'Europe/Pari'; did you mean Europe/Paris?",
        ),
        ("name: a, to: '${A}', quiet: {hours: '07:00-07:00 UTC'}", "'07:00-07:00 UTC' begin when"),
        ("name: a, to: '${A}', quiet: {unless: [disappeared]}", "the key hours is missing"),
        (
            "name: a, to: '${A}', quiet: {hours: '22:00-07:00 UTC', unless: [gone]}",
            "unknown kind 'gone'",
        ),
    ],
)
def test_a_wrong_channel_is_told(tmp_path: Path, alert: str, message: str) -> None:
    (found,) = problems(tmp_path, f"{APPS}alerts: [{{{alert}}}]\n")
    assert found.split(": ", 1)[1].startswith(message)


@pytest.mark.parametrize(
    "alert",
    [
        "{name: a, to: 'slack://s3cret'}",
        "{name: a, to: slack://s3cret, on: [x]}",
        "{name: a, to: [slack://s3cret]}",
        "slack://s3cret",
        "{name: a, to: {slack: //s3cret}}",
        "{name: a, to: '${X}', digest: &s3cret x}",
        "{name: a, to: 'slack://s3cret",
        '{name: a, to: "slack://s3cret\\q"}',
    ],
)
def test_no_problem_repeats_an_address(tmp_path: Path, alert: str) -> None:
    assert "s3cret" not in "\n".join(problems(tmp_path, f"apps: []\nalerts:\n  - {alert}\n"))


def test_a_channel_that_stands_twice_is_told(tmp_path: Path) -> None:
    text = "apps: []\nalerts:\n- {name: a, to: '${A}'}\n- {name: a, to: '${B}'}\n"
    assert problems(tmp_path, text) == [
        (
            "watchlist.yaml:4:10: the channel 'a' stands twice, first at watchlist.yaml:3:10;"
            " expected once"
        )
    ]


def test_an_unset_variable_is_told_with_the_channels_place(tmp_path: Path) -> None:
    watchlist = read(tmp_path, "apps: []\nalerts:\n- {name: a, to: '${A_URL}'}\n")
    (found,) = channel_problems(watchlist, {"A_URL": " "})
    assert found == (
        f"{tmp_path}/watchlist.yaml:3:17: the channel 'a' cannot be used: the variable A_URL is"
        " not set; set it, or A_URL_FILE, or write it in .env"
    )


def test_a_variable_may_be_set_or_name_a_file(tmp_path: Path) -> None:
    watchlist = read(tmp_path, "apps: []\nalerts: [{name: a, to: '${A}'}]")
    (tmp_path / "secret").write_text("json://127.0.0.1")
    assert channel_problems(watchlist, {"A": "json://127.0.0.1"}) == []
    assert channel_problems(watchlist, {"A_FILE": str(tmp_path / "secret")}) == []
    (found,) = channel_problems(watchlist, {"A_FILE": str(tmp_path / "none")})
    assert "A_FILE names no file" in found
    with closed(tmp_path / "shut") as shut:
        (found,) = channel_problems(watchlist, {"A_FILE": str(shut / "secret")})
    assert "A_FILE names no file that can be read" in found


def test_an_unset_proxy_is_told(tmp_path: Path) -> None:
    watchlist = read(tmp_path, "apps: []\nproxies: {cn: '${CN_PROXY}'}")
    assert proxy_problems(watchlist, {"CN_PROXY": "http://127.0.0.1:1"}) == []
    (found,) = proxy_problems(watchlist, {})
    assert "the proxy of cn cannot be used: the variable CN_PROXY is not set" in found


@pytest.mark.parametrize(
    "address",
    ["me:s3cret@proxy.example:3128", "socks5://me:s3cret@proxy.example", "http://me:s3cret@"],
)
def test_a_proxy_of_no_use_is_told_without_its_address(tmp_path: Path, address: str) -> None:
    watchlist = read(tmp_path, "apps: []\nproxies: {cn: '${CN_PROXY}'}")
    (found,) = proxy_problems(watchlist, {"CN_PROXY": address})
    assert "the proxy of cn cannot be used: what CN_PROXY holds is none; expected" in found
    assert "s3cret" not in found


def test_a_wrong_language_is_told_at_its_place(tmp_path: Path) -> None:
    text = "apps: []\nalerts:\n- name: a\n  to: '${A}'\n  language: EN\n"
    (found,) = problems(tmp_path, text)
    assert found.startswith("watchlist.yaml:5:13: there is no language 'EN'")


def test_a_channel_may_speak_another_language(tmp_path: Path) -> None:
    text = "apps: []\nalerts: [{name: a, to: '${A}', language: zh-Hans}, {name: b, to: '${B}'}]\n"
    assert [one.language for one in read(tmp_path, text).channels] == ["zh-Hans", "en"]


def test_hours_reminders_and_limits_are_read(tmp_path: Path) -> None:
    text = (
        "quiet: {hours: '22:00-07:00 Europe/Paris', unless: [disappeared]}, remind: [7d, 1d],"
        " pace: 5/10s, at_most: 20/1h, operator: true"
    )
    watchlist = read(tmp_path, f"apps: []\nalerts: [{{name: a, to: '${{A}}', {text}}}]")
    (channel,) = watchlist.channels
    assert channel.quiet == (time(22), time(7), "Europe/Paris")
    assert channel.quiet_unless == ("disappeared",)
    assert channel.remind == (timedelta(days=1), timedelta(days=7))
    assert channel.pace == Rate(5, timedelta(seconds=10))
    assert channel.at_most == Rate(20, timedelta(hours=1))
    assert channel.operator


def test_quiet_hours_may_be_broken_by_apps_and_tags_that_there_are(tmp_path: Path) -> None:
    apps = "apps: [{id: jike, name: Jike, tags: [urgent]}]\n"
    alert = (
        "alerts:\n- name: a\n  to: '${{A}}'\n  quiet:\n    hours: '22:00-07:00 Europe/Paris'\n"
        "    unless_apps: [{}]\n    unless_tags: [{}]\n"
    )
    (channel,) = read(tmp_path, apps + alert.format("jike", "urgent")).channels
    assert (channel.quiet_apps, channel.quiet_tags) == (("jike",), ("urgent",))
    assert [
        one.partition(";")[0] for one in problems(tmp_path, apps + alert.format("jik", "x"))
    ] == [
        "watchlist.yaml:7:19: no app has the id 'jik'",
        "watchlist.yaml:8:19: no app has the tag 'x'",
    ]


def test_a_channel_has_a_pace_and_nothing_else_unless_told(tmp_path: Path) -> None:
    (channel,) = read(tmp_path, "apps: []\nalerts: [{name: a, to: '${A}'}]").channels
    assert channel.pace == Rate(20, timedelta(minutes=1))
    assert (channel.quiet, channel.remind, channel.at_most) == (None, (), None)
    assert not channel.operator


def test_an_operators_channel_may_want_no_story_at_all(tmp_path: Path) -> None:
    (channel,) = read(
        tmp_path, f"{APPS}alerts: [{{name: a, to: '${{A}}', operator: true, on: []}}]\n"
    ).channels
    assert (channel.on, channel.operator) == ((), True)
