"""How errors of appwatch itself stand in the log: one line, unless a traceback is asked for."""

import os
import sys
from contextlib import suppress

import pytest
import structlog

from appwatch.cli import logs
from appwatch.errors import Defect, UsageError, defects


def fail(error: Exception) -> None:
    """Let an error of ours end a piece of work, and log it."""
    try:
        with defects():
            raise error
    except Defect:
        structlog.get_logger().exception("look failed", action="look_failed")


@pytest.mark.parametrize(("debug", "told"), [(False, "KeyError: 'boom'"), (True, "Traceback")])
def test_an_error_of_ours_is_told_by_its_kind_and_words(
    capsys: pytest.CaptureFixture[str], told: str, *, debug: bool
) -> None:
    logs.configure("console", set(), quiet=True, debug=debug)
    fail(KeyError("boom"))
    said = capsys.readouterr().err
    assert told in said
    assert ("Defect" in said) is debug


def test_what_a_person_can_mend_is_no_defect() -> None:
    with pytest.raises(UsageError):
        fail(UsageError("There is no such app."))


def test_a_line_that_cannot_be_written_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stderr = os.fdopen(writer, "w", buffering=1)
    monkeypatch.setattr(sys, "stderr", stderr)
    logs.configure("json", set())
    for _ in range(2):
        structlog.get_logger().info("state moved", action="state_moved")
    with suppress(BrokenPipeError):
        stderr.close()
    assert stderr.closed
