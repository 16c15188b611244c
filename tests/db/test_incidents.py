"""Incidents gather what belongs together; what others claim of them is never mixed in."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from appwatch.db import incidents
from appwatch.errors import UsageError
from tests.monitor import CASTRO, JIKE, START, Monitor, monitoring

SOURCE = "https://example.org/story"


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that lost Jike everywhere, and a day later Castro in China."""
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        monitor.world.remove("app_store", JIKE)
        look(monitor, 3)
        monitor.wait(24 * 60)
        monitor.world.remove("app_store", CASTRO, ["cn"])
        look(monitor, 3)
        yield monitor


def look(monitor: Monitor, times: int) -> None:
    for _ in range(times):
        monitor.wait(15)
        monitor.check()


def test_the_newest_incident_stands_first_with_all_its_places(monitor: Monitor) -> None:
    with monitor.services.database.read() as connection:
        castro, jike = incidents.listed(connection)
    assert (castro.apps, castro.storefronts) == (("castro",), ("cn",))
    assert (jike.apps, jike.storefronts, jike.changes) == (("jike",), ("cn", "us"), 2)
    assert (jike.kinds, jike.hold, jike.retracted) == (("disappeared",), None, 0)
    assert jike.first_change_at <= jike.last_change_at < castro.first_change_at


def test_only_recent_ones_when_asked(monitor: Monitor) -> None:
    with monitor.services.database.read() as connection:
        (found,) = incidents.listed(connection, START + timedelta(days=1))
        assert incidents.require(connection, found.id) == found
        assert len(incidents.standing_changes(connection)) == 3
        assert len(incidents.standing_changes(connection, START + timedelta(days=1))) == 1
    assert (found.apps, found.changes) == (("castro",), 1)


def test_a_claim_is_kept_with_source_author_and_time(monitor: Monitor) -> None:
    with monitor.services.database.write() as connection:
        incident, _ = incidents.listed(connection)
        made = incidents.claim(
            connection, incident.id, " It was\n ordered. ", SOURCE, "desk", START
        )
    with monitor.services.database.read() as connection:
        assert incidents.claims_of(connection, incident.id) == [made]
        assert incidents.require(connection, incident.id).claims == 1
    assert (made.text, made.source, made.author) == ("It was ordered.", SOURCE, "desk")


@pytest.mark.parametrize(
    "source",
    ["", "x", "example.org", "http://", "http://[", "https://a b", "ftp://a"],
)
def test_a_claim_without_a_web_address_is_refused(monitor: Monitor, source: str) -> None:
    with monitor.services.database.write() as connection:
        incident, _ = incidents.listed(connection)
        with pytest.raises(UsageError, match="web address"):
            incidents.claim(connection, incident.id, "It was ordered.", source, "desk", START)
        assert incidents.claims_of(connection, incident.id) == []


def test_an_incident_that_is_none_is_told_with_the_newest(monitor: Monitor) -> None:
    with monitor.services.database.read() as connection:
        newest = [one.id for one in incidents.listed(connection)]
        with pytest.raises(UsageError, match=f"the newest: {', '.join(newest)}"):
            incidents.require(connection, "i-none")
