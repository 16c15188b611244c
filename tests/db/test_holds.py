"""Too much missing at once is held, until a later sweep, a person or the store's return ends it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from appwatch.db import holds, watching
from appwatch.db.engine import Database
from appwatch.db.holds import Hold
from appwatch.db.standing import tallies_text, values_of
from appwatch.db.tables import targets
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import Outcome, Place, State
from appwatch.domain.state import Standing, Tally
from appwatch.errors import UsageError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CN, US = Place("app_store", "cn"), Place("app_store", "us")
EVERY = timedelta(minutes=15)
RULE = HoldRule(0.3, 5)


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    """Return a write transaction: ten apps held available in China and in the United States."""
    database = Database(migrated_url)
    with database.write() as connection:
        apps = [
            watching.WatchedApp(i, i, (), "", "", paused=False, targets=[(CN, i), (US, i)])
            for i in map(str, range(10))
        ]
        watching.sync(connection, apps, "digest", "", NOW - timedelta(days=1))
        connection.execute(update(targets).values(state="available", next_look_at=NOW))
        yield connection
    database.close()


def numbers(connection: Connection, place: Place, count: int) -> list[int]:
    query = select(targets.c.id).where(targets.c.storefront == place.storefront)
    return list(connection.execute(query.order_by(targets.c.id).limit(count)).scalars())


def miss(connection: Connection, place: Place, count: int, at: datetime = NOW) -> list[Hold]:
    """Miss so many apps of a storefront, as a look does; return the holds then open over it."""
    missed = numbers(connection, place, count)
    found = holds.consider(connection, place, missed, RULE, EVERY, at)
    tally = Tally(Outcome.NOT_FOUND, at, at, 1, ("rule",), ("lookup",))
    doubted = values_of(Standing(State.AVAILABLE, NOW, NOW, NOW, NOW, True, (tally,)))
    query = update(targets).where(targets.c.id.in_(missed))
    connection.execute(query.values(tallies=doubted["tallies"]))
    return found


def scopes(found: list[Hold]) -> list[str | None]:
    return [hold.storefront for hold in found]


def test_a_few_misses_are_no_hold(connection: Connection) -> None:
    assert miss(connection, CN, 4) == []
    assert holds.listed(connection) == []


def test_many_misses_hold_the_storefront_alone(connection: Connection) -> None:
    (hold,) = miss(connection, CN, 5)
    assert (hold.store, hold.storefront) == ("app_store", "cn")
    assert (hold.missing, hold.available) == (5, 10)
    assert holds.open_over(connection, US) == []


def test_misses_of_several_batches_within_one_round_count_together(connection: Connection) -> None:
    assert miss(connection, CN, 4) == []
    assert scopes(miss(connection, CN, 6, NOW + timedelta(minutes=10))) == ["cn"]


def test_misses_of_long_ago_are_no_part_of_it(connection: Connection) -> None:
    miss(connection, CN, 4, NOW - timedelta(hours=1))
    later = holds.consider(connection, CN, numbers(connection, CN, 5)[4:], RULE, EVERY, NOW)
    assert later == []


def test_misses_in_every_storefront_hold_the_whole_store(connection: Connection) -> None:
    miss(connection, CN, 4)
    found = miss(connection, US, 4)
    assert scopes(found) == [None]
    assert scopes(holds.open_over(connection, CN)) == [None]


def test_a_hold_is_opened_once(connection: Connection) -> None:
    first = miss(connection, CN, 5)
    assert miss(connection, CN, 6) == first
    assert len(holds.listed(connection)) == 1


def test_only_a_sweep_that_began_later_or_a_person_may_confirm(connection: Connection) -> None:
    found = miss(connection, CN, 5)
    assert holds.withheld_by(found, NOW, NOW) == found[0]
    assert holds.withheld_by(found, NOW + timedelta(seconds=1), NOW) is None
    holds.release(connection, found[0].id, "desk", NOW)
    assert holds.withheld_by(holds.open_over(connection, CN), NOW, NOW) is None


def test_one_opened_by_a_clock_that_was_ahead_keeps_nothing_back(connection: Connection) -> None:
    found = miss(connection, CN, 5, NOW + timedelta(days=30))
    assert holds.withheld_by(found, NOW, NOW) is None


def test_it_ends_by_itself_when_nothing_is_missing_any_more(connection: Connection) -> None:
    miss(connection, CN, 5)
    holds.settle(connection, CN, EVERY, NOW)
    assert len(holds.listed(connection, ended=False)) == 1
    connection.execute(update(targets).values(tallies=None))
    holds.settle(connection, CN, EVERY, NOW)
    (hold,) = holds.listed(connection)
    assert (hold.ended_at, hold.ended_how) == (NOW, "over")


def doubt(connection: Connection, target_id: int, tally: Tally, state: str = "available") -> None:
    mine = update(targets).where(targets.c.id == target_id)
    connection.execute(mine.values(tallies=tallies_text([tally]), state=state))


def settle_here(connection: Connection) -> None:
    holds.settle(connection, CN, EVERY, NOW)


def settle_everywhere(connection: Connection) -> None:
    holds.settle_all(connection, NOW)


@pytest.mark.parametrize("settle", [settle_here, settle_everywhere])
@pytest.mark.parametrize(
    ("state", "tally"),
    [
        ("gone", Tally(Outcome.AVAILABLE, NOW, NOW)),
        ("not_installable", Tally(Outcome.AVAILABLE, NOW, NOW)),
        ("available", Tally(Outcome.NOT_FOUND, NOW, NOW, looks=0)),
    ],
    ids=["returns", "becomes installable", "was forgotten"],
)
def test_what_is_not_missing_keeps_no_hold_open(
    connection: Connection, state: str, tally: Tally, settle: Callable[[Connection], None]
) -> None:
    miss(connection, CN, 5)
    settle(connection)
    assert len(holds.listed(connection, ended=False)) == 1
    connection.execute(update(targets).values(tallies=None))
    doubt(connection, numbers(connection, CN, 1)[0], tally, state)
    settle(connection)
    assert holds.listed(connection, ended=False) == []


def test_what_is_first_missed_a_round_later_is_not_of_the_hold(connection: Connection) -> None:
    miss(connection, CN, 5)
    later = NOW + timedelta(hours=1)
    for first_at, still in ((NOW + timedelta(minutes=10), 1), (NOW + EVERY, 0)):
        connection.execute(update(targets).values(tallies=None))
        tally = Tally(Outcome.NOT_FOUND, first_at, first_at)
        doubt(connection, numbers(connection, CN, 1)[0], tally)
        holds.settle(connection, CN, EVERY, later)
        assert len(holds.listed(connection, ended=False)) == still


def test_one_that_lasts_hides_no_later_one(connection: Connection) -> None:
    (monday,) = miss(connection, CN, 5)
    stays, *back = numbers(connection, CN, 5)
    connection.execute(update(targets).where(targets.c.id.in_(back)).values(tallies=None))
    missed, tuesday = numbers(connection, CN, 10), NOW + timedelta(days=1)
    few = [stays, *missed[:4]]
    assert holds.consider(connection, CN, few, RULE, EVERY, tuesday) == [monday]
    (hold,) = holds.consider(connection, CN, [stays, *missed[5:]], RULE, EVERY, tuesday)
    assert (hold.opened_at, hold.missing) == (tuesday, 5)
    assert holds.withheld_by([hold], NOW + timedelta(hours=1), tuesday) == hold
    assert {h.id: h.ended_how for h in holds.listed(connection)} == {
        hold.id: None,
        monday.id: "renewed",
    }


def test_what_a_person_released_is_not_held_again(connection: Connection) -> None:
    (hold,) = miss(connection, CN, 5)
    connection.execute(
        update(targets)
        .where(targets.c.id.in_(numbers(connection, CN, 9)[5:]))
        .values(tallies=tallies_text([Tally(Outcome.NOT_FOUND, NOW + EVERY / 2, NOW + EVERY / 2)]))
    )
    holds.release(connection, hold.id, "desk", NOW)
    for rounds in (0.5, 1, 2):
        missed = numbers(connection, CN, 9)
        found = holds.consider(connection, CN, missed, RULE, EVERY, NOW + rounds * EVERY)
        assert [one.id for one in found if one.storefront] == [hold.id]


def test_dropping_forgets_what_is_missing_there_and_nowhere_else(connection: Connection) -> None:
    (hold,) = miss(connection, CN, 5)
    miss(connection, US, 1)
    assert holds.drop(connection, hold.id, NOW) == 5
    left = connection.execute(select(targets.c.storefront).where(targets.c.tallies.is_not(None)))
    assert list(left.scalars()) == ["us"]
    assert holds.listed(connection, ended=False) == []


def test_what_was_dropped_counts_as_missing_only_once_it_is_missed_anew(
    connection: Connection,
) -> None:
    missed = numbers(connection, CN, 5)
    forgotten = tallies_text([Tally(Outcome.NOT_FOUND, NOW, NOW, looks=0)])
    mine = update(targets).where(targets.c.id.in_(missed))
    connection.execute(mine.values(tallies=forgotten))
    assert holds.consider(connection, CN, missed[:1], RULE, EVERY, NOW) == []
    assert scopes(holds.consider(connection, CN, missed, RULE, EVERY, NOW)) == ["cn"]


def test_what_is_not_open_is_told_with_what_is(connection: Connection) -> None:
    with pytest.raises(UsageError, match="open ones: none"):
        holds.release(connection, "h-none", "desk", NOW)
    (hold,) = miss(connection, CN, 5)
    holds.drop(connection, hold.id, NOW)
    with pytest.raises(UsageError, match=f"no open hold '{hold.id}'"):
        holds.drop(connection, hold.id, NOW)
