from collections.abc import Iterator

import pytest

from appwatch.db import migrate
from appwatch.db.engine import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    migrate.upgrade(database)
    yield database
    database.close()
