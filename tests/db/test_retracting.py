"""A disappearance that was wrong is taken back: the log keeps it, the timeline goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from appwatch.db import queries, retracting, tables
from appwatch.db.queries import Chosen
from appwatch.errors import UsageError
from tests.monitor import START, WATCHLIST, ZYNN, Monitor, monitoring

EARLY = WATCHLIST.replace('_URL}"', '_URL}", on: [restricted, suspected]')


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that has missed Zynn in three looks."""
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        monitor.world.remove("google_play", ZYNN)
        look(monitor, 3)
        yield monitor


def look(monitor: Monitor, times: int) -> None:
    for _ in range(times):
        monitor.wait(15)
        monitor.check()


def changes(monitor: Monitor) -> list[str]:
    return [
        row.id for row in sorted(monitor.rows(tables.changes), key=lambda row: row.confirmed_at)
    ]


def retract(monitor: Monitor, change: str) -> retracting.Retraction:
    with monitor.services.database.write() as connection:
        return retracting.retract(connection, change, "desk", "our proxy lied", monitor.at)


def stands(monitor: Monitor, **values: object) -> None:
    """Let every message stand so."""
    with monitor.services.database.write() as connection:
        connection.execute(update(tables.deliveries).values(**values))


def periods(monitor: Monitor) -> list[tuple[str, int | None, bool]]:
    """Return Zynn's periods that stand: state, looks once ended, whether it is open."""
    rows = [row for row in monitor.rows(tables.periods) if not row.retracted]
    (target,) = [row.id for row in monitor.rows(tables.targets) if row.listing == ZYNN]
    mine = sorted((row for row in rows if row.target_id == target), key=lambda row: row.id)
    return [(row.state, row.looks, row.ended_at is None) for row in mine]


def test_the_period_before_goes_on_and_everyone_told_is_told(monitor: Monitor) -> None:
    (change,) = changes(monitor)
    stands(monitor, status="sent")
    done = retract(monitor, change)
    assert (done.channels, done.untold) == (["newsroom"], [])
    assert [notice.change_id for notice in done.notices] == [change]
    assert done.notices[0].content["to_state"] == "gone"
    assert periods(monitor) == [("available", None, True)]
    (row,) = monitor.rows(tables.changes)
    assert (row.retracted_at, row.retracted_by) == (monitor.at, "desk")
    told = {row.notice_id for row in monitor.rows(tables.delivery_notices)}
    assert done.notices[0].id in told


@pytest.mark.parametrize(
    ("told", "as_it_is"),
    [
        (True, {"status": "sent"}),
        (True, {"status": "sending"}),
        (True, {"attempts": 2, "possible_repeat": True}),
        (False, {"attempts": 2}),
        (False, {}),
        (None, {"status": "withdrawn"}),
    ],
)
def test_only_who_may_have_been_told_gets_a_retraction(
    monitor: Monitor,
    told: bool | None,
    as_it_is: dict[str, object],
) -> None:
    if as_it_is:
        stands(monitor, **as_it_is)
    done = retract(monitor, changes(monitor)[0])
    assert done.channels == (["newsroom"] if told else [])
    assert done.untold == (["newsroom"] if told is False else [])
    assert len(monitor.rows(tables.delivery_notices)) == len(done.channels)


def test_the_state_is_what_it_was_and_a_real_absence_is_found_again(monitor: Monitor) -> None:
    retract(monitor, changes(monitor)[0])
    (target,) = [row for row in monitor.rows(tables.targets) if row.listing == ZYNN]
    assert (target.state, target.since, target.last_settled_at) == ("available", START, START)
    look(monitor, 3)
    assert len(changes(monitor)) == 2
    assert [state for state, _, _ in periods(monitor)] == ["available", "gone"]
    second = monitor.rows(tables.changes)[-1]
    assert second.before_at == START


def test_looks_that_were_retracted_are_no_gap_in_which_nobody_looked(monitor: Monitor) -> None:
    retracted_at = monitor.at
    retract(monitor, changes(monitor)[0])
    look(monitor, 3)
    second = max(monitor.rows(tables.changes), key=lambda row: row.confirmed_at)
    assert (second.before_at, second.missed_rounds) == (START, 0)
    assert second.context["retracted_between_at"] == retracted_at.isoformat()


def test_a_gap_after_a_retraction_is_as_long_as_nobody_looked(monitor: Monitor) -> None:
    looked_at = monitor.at
    retract(monitor, changes(monitor)[0])
    monitor.wait(45)
    look(monitor, 3)
    second = max(monitor.rows(tables.changes), key=lambda row: row.confirmed_at)
    assert second.missed_rounds == 3
    assert second.context["looked_before_at"] == looked_at.isoformat()


def test_the_return_after_it_goes_with_it(monitor: Monitor) -> None:
    monitor.world.restore("google_play", ZYNN)
    look(monitor, 2)
    gone, back = changes(monitor)
    done = retract(monitor, gone)
    assert [notice.change_id for notice in done.notices] == [gone, back]
    assert periods(monitor) == [("available", None, True)]


def test_what_is_held_after_a_return_that_was_none_is_held_since_before(monitor: Monitor) -> None:
    monitor.world.restore("google_play", ZYNN)
    look(monitor, 2)
    retract(monitor, changes(monitor)[0])
    (target,) = [row for row in monitor.rows(tables.targets) if row.listing == ZYNN]
    assert (target.state, target.since) == ("available", START)


def test_a_suspicion_outlives_the_retraction_of_the_change_before_it(
    tmp_path: Path, database_url: str
) -> None:
    with monitoring(tmp_path, database_url) as monitor:
        monitor.services.settings.watchlist.write_text(EARLY)
        monitor.services.sync(monitor.services.watchlist())
        monitor.check()
        monitor.world.restrict("google_play", ZYNN)
        look(monitor, 3)
        monitor.world.remove("google_play", ZYNN)
        look(monitor, 1)
        missed_at = monitor.at
        monitor.wait(1)
        retract(monitor, changes(monitor)[0])
        monitor.world.restore("google_play", ZYNN)
        look(monitor, 1)
        noticed = sorted(monitor.rows(tables.notices), key=lambda row: row.at)
    assert [one.kind for one in noticed] == ["suspected", "suspected", "retracted", "cleared"]
    assert noticed[-1].content["first_missed_at"] == missed_at.isoformat()


def test_two_absences_that_were_wrong_are_taken_back_one_after_the_other(
    monitor: Monitor,
) -> None:
    world = monitor.world
    for change in (world.restore, world.remove, world.restore, world.remove):
        change("google_play", ZYNN)
        look(monitor, 3)
    first, _, second, _, third = changes(monitor)
    retract(monitor, first)
    assert periods(monitor)[0] == ("available", 7, False)
    retract(monitor, second)
    assert periods(monitor) == [("available", 13, False), ("gone", None, True)]
    retract(monitor, third)
    assert periods(monitor) == [("available", None, True)]


@pytest.fixture
def restricted(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Return a monitor that could not install Zynn in four looks, then missed it in four."""
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        for change in (monitor.world.restrict, monitor.world.remove):
            change("google_play", ZYNN)
            look(monitor, 4)
        yield monitor


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_restriction_and_a_disappearance_that_were_wrong_leave_what_was_before_both(
    restricted: Monitor, order: tuple[int, int]
) -> None:
    found = changes(restricted)
    for number in order:
        retract(restricted, found[number])
    assert periods(restricted) == [("available", None, True)]
    (target,) = [row for row in restricted.rows(tables.targets) if row.listing == ZYNN]
    assert (target.state, target.since, target.last_settled_at) == ("available", START, START)
    (pinned,) = (row for row in restricted.rows(tables.last_good) if row.change_id == found[0])
    assert target.last_answer.hex() == pinned.last_answer
    restricted.world.restore("google_play", ZYNN)
    look(restricted, 3)
    assert changes(restricted) == found


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_return_from_both_goes_with_the_second_retraction(
    restricted: Monitor, order: tuple[int, int]
) -> None:
    restricted.world.restore("google_play", ZYNN)
    look(restricted, 3)
    found = changes(restricted)
    done = [retract(restricted, found[number]) for number in order]
    wrong = [notice.change_id for one in done for notice in one.notices]
    assert wrong == [*(found[number] for number in order), found[2]]
    assert periods(restricted) == [("available", None, True)]


def test_a_period_that_was_wrong_is_kept_as_it_was(monitor: Monitor) -> None:
    for change in (monitor.world.restore, monitor.world.remove):
        change("google_play", ZYNN)
        look(monitor, 3)
    first, _, second = changes(monitor)
    retract(monitor, first)
    wrong = [row for row in monitor.rows(tables.periods) if row.retracted]
    assert [row.ended_at is None for row in wrong] == [False, False]
    retract(monitor, second)
    assert [row for row in monitor.rows(tables.periods) if row in wrong] == wrong


def test_the_timeline_leaves_out_what_was_wrong(monitor: Monitor) -> None:
    retract(monitor, changes(monitor)[0])
    with monitor.services.database.read() as connection:
        found = [p for p in queries.timeline(connection, Chosen()) if p.listing == ZYNN]
    assert [(period.state, period.ended_at) for period in found] == [("available", None)]


@pytest.mark.parametrize("wrong", ["c-none", "a return", "twice"])
def test_what_cannot_be_retracted_is_told(monitor: Monitor, wrong: str) -> None:
    change = wrong
    if wrong == "a return":
        monitor.world.restore("google_play", ZYNN)
        look(monitor, 2)
        change = changes(monitor)[1]
    if wrong == "twice":
        change = changes(monitor)[0]
        retract(monitor, change)
    with pytest.raises(UsageError, match=r"no change|nothing to retract|retracted already"):
        retract(monitor, change)
