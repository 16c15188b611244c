"""A file is dropped only while nobody keeps its body again, whatever dies meanwhile."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appwatch.evidence import Evidence
from appwatch.evidence.folder import KeptFile

OLD = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
BODY = b"an answer"


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "evidence")


def kept(evidence: Evidence, suffix: str = "") -> KeptFile:
    """Keep a body, give its file this suffix and age it; return how it is listed."""
    digest = evidence.keep(BODY)
    path = evidence.folder / digest[:2] / digest
    path = path.rename(path.with_name(f"{digest}{suffix}"))
    os.utime(path, (OLD.timestamp(), OLD.timestamp()))
    (found,) = evidence.files(NOW)
    assert (found.path, found.digest, found.used_at) == (path, digest, OLD)
    return found


def test_a_file_is_dropped(evidence: Evidence) -> None:
    found = kept(evidence)
    assert evidence.drop(found)
    assert list(evidence.folder.glob("*/*")) == []
    assert not evidence.drop(found)


def test_a_body_that_is_kept_again_meanwhile_stays(evidence: Evidence) -> None:
    found = kept(evidence)
    evidence.keep(BODY)
    assert not evidence.drop(found)
    assert evidence.read(found.digest) == BODY
    assert list(evidence.files(datetime.now(UTC) - timedelta(hours=1))) == []


def test_what_is_left_of_a_write_goes(evidence: Evidence) -> None:
    found = kept(evidence, ".0123abcd")
    assert evidence.drop(found)
    assert not found.path.exists()


def test_a_file_left_aside_is_put_back(evidence: Evidence) -> None:
    found = kept(evidence, ".dropped")
    assert not evidence.drop(found)
    assert evidence.read(found.digest) == BODY


def test_a_file_left_aside_goes_where_the_body_was_kept_again(evidence: Evidence) -> None:
    found = kept(evidence, ".dropped")
    evidence.keep(BODY)
    assert evidence.drop(found)
    assert evidence.read(found.digest) == BODY
