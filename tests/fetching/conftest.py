"""What the tests of fetching share: the log lines that a test causes."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Keep log lines as values: drawing the traceback of each takes a second."""
    with capture_logs() as lines:
        yield lines
