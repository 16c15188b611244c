"""What the tests of alerts share."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from appwatch.db.engine import Database
from appwatch.domain.routing import Route
from tests.alerts.newsroom import Newsroom, Open


@pytest.fixture
def newsroom(migrated_url: str) -> Iterator[Open]:
    """Yield what opens a newsroom, of one channel without grouping unless routes are named."""
    database: list[Database] = []

    def opened(*routes: Route, **more: object) -> Newsroom:
        database.append(Database(migrated_url))
        plain = Route("newsroom", group_for=timedelta(0))
        return Newsroom(database[0], routes or (plain,), **more)  # type: ignore[arg-type]

    yield opened
    database[0].close()
