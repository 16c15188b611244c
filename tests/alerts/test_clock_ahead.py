"""A clock that was ahead by a year keeps nothing from being told once it is right."""

from datetime import timedelta

import pytest

from appwatch.db.outbox import Result
from appwatch.domain.routing import Rate, Route
from tests.alerts.newsroom import Open
from tests.alerts.rows import START

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
ROUTES = [
    Route("newsroom"),
    Route("newsroom", at_most=Rate(2, HOUR)),
    Route("newsroom", pace=Rate(1, HOUR)),
    Route("newsroom", remind=[HOUR]),
]


@pytest.mark.parametrize("result", [Result.SENT, Result.FAILED])
@pytest.mark.parametrize("route", ROUTES)
def test_what_comes_after_a_clock_was_ahead_is_told(
    newsroom: Open, route: Route, result: Result
) -> None:
    room = newsroom(route, at=START + YEAR, results={"newsroom": result})
    room.change("jike")
    room.change("castro")
    room.deliver()
    room.deliver(HOUR)
    room.results.clear()
    room.at = START
    for app in ("jike", "castro"):
        room.change(app, "returned", "gone available")
    for _ in range(4):
        room.deliver(HOUR)
    assert {told for one in room.told() for told in one.ids} == {"c-1", "c-2", "c-3", "c-4"}
