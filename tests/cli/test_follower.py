"""The watchlist followed, look by look: what the log says of each edit."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from appwatch.alerts.planning import plan
from appwatch.db import versions
from appwatch.db.outbox import Letter, Subject, channels_waiting, post
from appwatch.db.troubles import troubles
from appwatch.domain.alarms import CoverageRule
from appwatch.errors import WatchlistError
from appwatch.following import Follower
from appwatch.watchlist import Watchlist
from appwatch.wiring import Services, routes
from tests.cli.conftest import WATCHLIST, Office

NO_CHANNEL = WATCHLIST[: WATCHLIST.index("alerts:")]
NO_CASTRO = WATCHLIST.replace("  - {id: castro, name: Castro, app_store: 1080840241}\n", "")


@pytest.fixture
def follower(office: Office) -> Follower:
    """Return a follower that has begun with the watchlist of the folder."""
    services = office.services()
    services.upgrade()
    found = Follower(services, lambda _services, _watchlist: [])
    found.open()
    return found


def follow(
    follower: Follower, office: Office, watchlist: str
) -> tuple[Watchlist | None, list[str]]:
    """Write a watchlist; return what comes into force after two looks, and what was logged."""
    office.write(watchlist)
    with capture_logs() as logged:
        found = [follower.look(), follower.look()][1]
    return found, [one["action"] for one in logged]


@pytest.mark.parametrize("edit", ["no", NO_CASTRO], ids=["rejected", "waiting"])
def test_the_watchlist_in_force_that_is_put_back_is_logged_once(
    follower: Follower, office: Office, edit: str
) -> None:
    assert follow(follower, office, edit)[0] is None
    assert follow(follower, office, WATCHLIST) == (None, ["watchlist_restored"])
    assert follow(follower, office, WATCHLIST) == (None, [])


def test_an_edit_that_ends_another_is_no_watchlist_put_back(
    follower: Follower, office: Office
) -> None:
    assert follow(follower, office, "no")[1] == ["watchlist_rejected"]
    assert follow(follower, office, NO_CASTRO)[1] == ["watchlist_waiting"]
    found, logged = follow(follower, office, WATCHLIST.replace("15m", "20m"))
    assert (found is not None, logged) == (True, ["watchlist_changed"])


def test_a_watchlist_without_a_channel_is_logged_when_it_comes_into_force(
    follower: Follower, office: Office
) -> None:
    assert follow(follower, office, NO_CHANNEL)[1] == ["watchlist_changed", "nobody_is_told"]
    begun = Follower(office.services(), lambda _services, _watchlist: [])
    with capture_logs() as logged:
        begun.open()
    assert [one["action"] for one in logged] == ["nobody_is_told"]
    office.write("no")
    with capture_logs() as logged:
        Follower(office.services(), lambda _services, _watchlist: []).open()
    assert [one["action"] for one in logged][-1] == "nobody_is_told"


def test_what_waits_and_what_is_rejected_is_told_once(follower: Follower, office: Office) -> None:
    leaves_out = "It leaves out 2 of the 5 targets that are watched."
    follow(follower, office, NO_CASTRO)
    told = office.call("status").stderr
    assert told.count(f"{leaves_out} If that is meant, run: appwatch watchlist accept") == 1
    services = follower.services
    with services.database.read() as connection:
        rule, every, now = (
            CoverageRule(0.8, timedelta(hours=6)),
            timedelta(minutes=15),
            services.now(),
        )
        words = [fact.content["words"] for fact in troubles(connection, every, rule, now)]
    assert words == [leaves_out]  # beside them the alarm has its own remedy
    follow(follower, office, "no")
    assert office.call("status").stderr.count("appwatch watchlist validate") == 1


def test_it_begins_with_the_newest_watchlist_that_it_can_use(office: Office) -> None:
    def judge(_services: Services, found: Watchlist) -> list[str]:
        return ["SECOND_URL is not set"] * (len(found.channels) - 1)

    services = office.services()
    services.upgrade()
    for text in (WATCHLIST, f'{WATCHLIST}  - {{name: second, to: "${{SECOND_URL}}"}}\n'):
        office.write(text)  # a process with other variables can use both
        services.sync(services.watchlist())
    with services.database.read() as connection:
        oldest = [*versions.newest_first(connection)][-1].digest
    for edit in (None, "no"):
        if edit is not None:
            office.write(edit)
        assert Follower(services, judge).open().digest == oldest
    with pytest.raises(WatchlistError, match="these are no keys with values"):
        Follower(services, lambda *_: ["never"]).open()


def test_a_channel_in_force_is_owed_what_happens_while_an_older_watchlist_is_used(
    office: Office,
) -> None:
    def judge(_services: Services, found: Watchlist) -> list[str]:
        return ["SECOND_URL is not set"] * (len(found.channels) - 1)

    services = office.services()
    services.upgrade()
    more = f'{WATCHLIST}  - {{name: second, to: "${{SECOND_URL}}"}}\n'
    for text in (WATCHLIST.replace("name: newsroom", "name: before"), more):
        office.write(text)
        services.sync(services.watchlist())
    begun = Follower(services, judge).open()
    assert [route.channel for route in routes(begun)] == ["newsroom", "second"]
    letter = Letter("second", Subject.CHANGES, services.now(), services.now())
    with services.database.write() as connection:
        post(connection, letter)
    later = services.now() + timedelta(days=4)
    plan(services.database, routes(begun), later)
    with services.database.read() as connection:
        assert channels_waiting(connection) == ["second"]
