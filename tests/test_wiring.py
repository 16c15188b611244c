"""What is built from the settings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from appwatch.domain.clocks import since
from appwatch.wiring import build


def test_the_beat_of_a_machine_never_runs_back(tmp_path: Path) -> None:
    first, second = (build({}, tmp_path).beat() for _ in range(2))
    passed = since(second, first)
    assert passed is not None
    assert passed >= timedelta(0)


def test_a_clock_that_is_given_has_no_beat_beside_it(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    assert build({}, tmp_path, lambda: moment).beat() is None
