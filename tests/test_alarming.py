"""What troubles appwatch itself becomes an alarm, and its end, from real looks and real folders."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from appwatch.alarming import Alarming
from appwatch.db import alarms, holds, tables, watchlist_problems
from appwatch.db.watchlist_problems import Kind
from appwatch.domain.alarms import AlarmKind
from appwatch.simulator import Fault, FaultKind, Surface
from tests.monitor import Monitor, monitoring

HOUR = timedelta(hours=1)


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that has seen everything once, with an hour as its span of coverage."""
    with monitoring(tmp_path, database_url) as monitor:
        file = tmp_path / "watchlist.yaml"
        file.write_text(file.read_text() + "coverage: {least: 0.8, over: 1h}\n")
        look(monitor)
        yield monitor


@pytest.fixture
def minding(monitor: Monitor) -> Alarming:
    return Alarming(monitor.services, monitor.services.watchlist(), lambda: None)


def look(monitor: Monitor) -> None:
    """Look at everything, and note that the next look is due a round later, as `run` does."""
    monitor.check()
    with monitor.services.database.write() as connection:
        at = monitor.now() + timedelta(minutes=15)
        connection.execute(update(tables.places).values(next_look_at=at))


def mind(monitor: Monitor, minding: Alarming, minutes: int, *, looking: bool = True) -> list[str]:
    """Let time pass, with a look at appwatch itself every minute; return the alarms that stand."""
    for minute in range(minutes):
        if looking and minute % 15 == 0:
            look(monitor)
        minding.tick()
        monitor.wait(1)
    with monitor.services.database.read() as connection:
        return [alarm.kind.value for alarm in alarms.standing(connection)]


def told(monitor: Monitor) -> list[tuple[str, str]]:
    """Return what was queued for operators: the event and its kind."""
    with monitor.services.database.read() as connection:
        query = select(tables.deliveries.c.content).where(tables.deliveries.c.subject == "operator")
        rows = connection.execute(query.order_by(tables.deliveries.c.id)).scalars()
        return [(content["event"], content["kind"]) for content in rows]


def test_where_all_is_well_nobody_is_told(monitor: Monitor, minding: Alarming) -> None:
    assert mind(monitor, minding, 60) == []
    assert monitor.rows(tables.alarms) == []


def test_looks_that_stop_are_told_and_so_is_their_going_on(
    monitor: Monitor, minding: Alarming
) -> None:
    assert "late" not in mind(monitor, minding, 60, looking=False)
    assert "late" in mind(monitor, minding, 10, looking=False)
    assert "late" not in mind(monitor, minding, 20)
    late = [event for event, kind in told(monitor) if kind == "late"]
    assert late == ["alarm", "alarm_over"]


def test_looks_that_prove_too_little_are_told_once_a_store(
    monitor: Monitor, minding: Alarming, capsys: pytest.CaptureFixture[str]
) -> None:
    outage = Fault(FaultKind.SERVER_ERROR, surface=Surface.LOOKUP)
    monitor.faults.add(outage)
    assert "coverage" in mind(monitor, minding, 60)
    monitor.faults.remove(outage)
    assert mind(monitor, minding, 120) == []
    with monitor.services.database.read() as connection:
        words = [one.content.get("words") for one in alarms.listed(connection)]
    assert "cn: 25 %, us: 25 %" in words
    coverage = [event for event, kind in told(monitor) if kind == "coverage"]
    assert coverage == ["alarm", "alarm_over"]
    log = capsys.readouterr().out
    assert log.count("Too few looks at the App Store in 2 storefronts prove anything") == 2


def test_too_little_coverage_is_told_where_rounds_are_longer_than_what_is_counted(
    monitor: Monitor,
) -> None:
    file = monitor.services.settings.watchlist
    file.write_text(file.read_text().replace("every: 15m", "every: 2h"))
    minding = Alarming(monitor.services, monitor.services.watchlist(), lambda: None)
    monitor.faults.add(Fault(FaultKind.SERVER_ERROR, storefronts=frozenset({"cn"})))
    for quarter in range(1, 28):
        monitor.wait(15)
        if quarter % 8 == 0:
            look(monitor)
        minding.tick()
    with monitor.services.database.read() as connection:
        [coverage] = [a for a in alarms.standing(connection) if a.kind is AlarmKind.COVERAGE]
    assert coverage.content["seconds"] == 4 * 3600


def test_evidence_that_cannot_be_kept_is_told(monitor: Monitor, minding: Alarming) -> None:
    folder = monitor.services.evidence.folder
    folder.rename(folder.with_name("aside"))
    folder.touch()
    assert mind(monitor, minding, 5) == ["evidence"]
    folder.unlink()
    assert mind(monitor, minding, 15) == []
    assert told(monitor) == [("alarm", "evidence"), ("alarm_over", "evidence")]


def test_a_disk_that_is_nearly_full_is_told(monitor: Monitor, minding: Alarming) -> None:
    settings = monitor.services.settings
    short = replace(monitor.services, settings=replace(settings, disk_room_mb=1e8))
    minding.look_by(short, monitor.services.watchlist())
    assert mind(monitor, minding, 5) == ["disk"]
    minding.look_by(monitor.services, monitor.services.watchlist())
    assert mind(monitor, minding, 15) == []


def test_a_clock_that_was_set_is_told_and_over_when_it_goes_on(monitor: Monitor) -> None:
    was_set = (monitor.now(), -HOUR)
    minding = Alarming(monitor.services, monitor.services.watchlist(), lambda: was_set)
    assert mind(monitor, minding, 1) == ["clock"]
    assert mind(monitor, minding, 20) == []
    assert told(monitor) == [("alarm", "clock"), ("alarm_over", "clock")]


def test_a_clock_that_was_set_is_told_however_short_rounds_are(monitor: Monitor) -> None:
    was_set = (monitor.now(), HOUR)
    watchlist = replace(monitor.services.watchlist(), every=timedelta(seconds=30))
    minding = Alarming(monitor.services, watchlist, lambda: was_set)
    monitor.wait(1)
    assert mind(monitor, minding, 1, looking=False) == ["clock"]


def test_an_edit_that_waits_or_is_rejected_is_told(monitor: Monitor, minding: Alarming) -> None:
    for kind in (Kind.WAITING, Kind.REJECTED):
        with monitor.services.database.write() as connection:
            watchlist_problems.note(connection, kind, None, "It is so.", monitor.now())
        assert f"watchlist_{kind.value}" in mind(monitor, minding, 1)
    with monitor.services.database.write() as connection:
        watchlist_problems.end(connection, monitor.now())
    assert mind(monitor, minding, 15) == []
    assert len(told(monitor)) == 4


def test_a_hold_is_told_at_once_and_over_when_a_person_released_it(
    monitor: Monitor, minding: Alarming
) -> None:
    hold = {"id": "h-1", "store": "app_store", "storefront": "cn", "missing": 3, "available": 4}
    with monitor.services.database.write() as connection:
        connection.execute(insert(tables.holds).values(**hold, opened_at=monitor.now()))
    assert mind(monitor, minding, 1) == ["hold"]
    with monitor.services.database.write() as connection:
        holds.release(connection, "h-1", "Ada", monitor.now())
    assert mind(monitor, minding, 15) == []
    assert told(monitor) == [("alarm", "hold"), ("alarm_over", "hold")]


def test_a_sick_storefront_is_one_alarm_over_a_restart(monitor: Monitor, minding: Alarming) -> None:
    outage = Fault(FaultKind.FALSE_ABSENCE, surface=Surface.LOOKUP, storefronts=frozenset({"cn"}))
    monitor.faults.add(outage)
    assert "sick" in mind(monitor, minding, 45)
    again = Alarming(monitor.services, monitor.services.watchlist(), lambda: None)
    assert "sick" in mind(monitor, again, 15)
    assert [event for event, kind in told(monitor) if kind == "sick"] == ["alarm"]


def test_what_is_taken_out_of_the_watchlist_is_covered_well_enough(
    monitor: Monitor, minding: Alarming
) -> None:
    monitor.faults.add(Fault(FaultKind.SERVER_ERROR, storefronts=frozenset({"cn"})))
    assert "coverage" in mind(monitor, minding, 60)
    file = monitor.services.settings.watchlist
    file.write_text(file.read_text().replace("[cn, us]", "[us]"))
    watchlist = monitor.services.watchlist()
    monitor.services.sync(watchlist)
    minding.look_by(monitor.services, watchlist)
    assert mind(monitor, minding, 20) == []
