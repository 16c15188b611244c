"""appwatch silence: what it takes, what it refuses, and what it does to an alert."""

import json
from datetime import timedelta

import pytest

from appwatch.simulator import APP_STORE, Receiver, World
from tests.cli.conftest import Office

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
ADD = ("silence", "add", "--by", "Ada", "--reason", "It moves to another seller")


def look(office: Office, later: timedelta = timedelta(minutes=15)) -> None:
    """Look twice, so that a departure is confirmed, and send what is to be sent."""
    for _ in range(2):
        office.clock.moment += later
        office.call("check", "--send")


def test_a_change_inside_a_silence_is_told_when_it_ends(
    office: Office, world: World, newsroom: Receiver
) -> None:
    office.call("check", "--send")
    made = office.call(*ADD, "--app", "castro", "--until", "2d")
    assert made.exit_code == 0
    assert ": castro is silent until 2026-07-08 12:00 UTC." in made.stdout
    world.remove(APP_STORE, "1080840241", ["us"])
    look(office)
    assert len(office.call("changes").stdout.splitlines()) == 1
    assert len(newsroom.messages) == 1
    (row,) = map(json.loads, office.call("silence", "list").stdout.splitlines())
    assert (row["app"], row["author"], row["tag"]) == ("castro", "Ada", None)
    assert row["reason"] == "It moves to another seller"
    assert office.call("silence", "end", row["id"], "--by", "Ada").exit_code == 0
    look(office)
    assert newsroom.messages[1].title.startswith("Castro disappeared")
    assert office.call("silence", "list").stdout == ""
    assert len(office.call("silence", "list", "--all").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--until", "2h"), "A silence of everything would hide everything"),
        (("--until", "2h", "--app", "jik"), "There is no app 'jik'"),
        (("--until", "2h", "--tag", "socail"), "There is no tag 'socail'; there is social"),
        (("--until", "soon", "--app", "jike"), "--until 'soon' is no time"),
        (("--until", "2020-01-01", "--app", "jike"), "is past; expected one to come"),
        (("--until", "900d", "--app", "jike"), "--until '900d' is too far; expected 366d"),
        (("--until", "2h", "--app", "jike", "--reason", " "), "--reason is empty"),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(
    office: Office, arguments: tuple[str, ...], told: str
) -> None:
    office.call("check")
    result = office.call(*ADD, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_only_a_silence_that_holds_can_be_ended(office: Office) -> None:
    office.call("check")
    result = office.call("silence", "end", "s-1")
    assert result.exit_code == 2
    assert "There is no silence 's-1' that holds; there is: none." in result.stderr
