"""The world: who is listed where, and when that changes."""

from datetime import timedelta

from appwatch.simulator import APP_STORE, GOOGLE_PLAY, Event, Presence, SimulatedApp, World
from tests.simulator.conftest import Clock

JIKE = "966129812"


def test_an_unknown_listing_is_absent(world: World) -> None:
    assert world.presence(APP_STORE, "1", "us") is Presence.ABSENT


def test_a_removal_touches_only_its_storefronts(world: World) -> None:
    world.remove(APP_STORE, JIKE, ["cn"])
    assert world.presence(APP_STORE, JIKE, "cn") is Presence.ABSENT
    assert world.presence(APP_STORE, JIKE, "us") is Presence.LISTED


def test_changes_by_hand_follow_each_other(world: World) -> None:
    package = "com.ruguoapp.jike"
    for change, expected in [
        (world.restrict, Presence.NOT_INSTALLABLE),
        (world.preregister, Presence.PREREGISTRATION),
        (world.remove, Presence.ABSENT),
        (world.restore, Presence.LISTED),
    ]:
        change(GOOGLE_PLAY, package, ["in"])
        assert world.presence(GOOGLE_PLAY, package, "in") is expected


def test_a_scheduled_event_happens_at_its_moment(world: World, clock: Clock) -> None:
    event = Event(APP_STORE, JIKE, Presence.ABSENT, frozenset({"cn"}))
    world.at(clock.moment + timedelta(hours=2), event)
    before = world.presence(APP_STORE, JIKE, "cn")
    clock.pass_hours(2)
    assert (before, world.presence(APP_STORE, JIKE, "cn")) == (Presence.LISTED, Presence.ABSENT)


def test_events_count_by_their_moment_not_by_when_they_were_told(
    world: World, clock: Clock
) -> None:
    world.at(clock.moment + timedelta(hours=2), Event(APP_STORE, JIKE, Presence.LISTED))
    world.at(clock.moment + timedelta(hours=1), Event(APP_STORE, JIKE, Presence.ABSENT))
    clock.pass_hours(3)
    assert world.presence(APP_STORE, JIKE, "cn") is Presence.LISTED


def test_an_app_can_be_listed_in_some_storefronts_only(clock: Clock) -> None:
    world = World(clock)
    world.add(SimulatedApp("Local", app_store="7"), ["fr"])
    assert world.presence(APP_STORE, "7", "fr") is Presence.LISTED
    assert world.presence(APP_STORE, "7", "us") is Presence.ABSENT


def test_controls_are_listed_everywhere(world: World) -> None:
    world.add_controls(GOOGLE_PLAY, ["com.google.android.apps.maps"])
    seen = world.presence(GOOGLE_PLAY, "com.google.android.apps.maps", "in")
    assert seen is Presence.LISTED
