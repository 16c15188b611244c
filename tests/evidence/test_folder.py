"""What is kept comes back byte for byte, or not at all."""

import gzip
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from appwatch.errors import EvidenceError
from appwatch.evidence import Evidence
from tests.rights import closed


@pytest.mark.parametrize("body", [b"", b"plain" * 1000, gzip.compress(b"packed" * 1000, mtime=0)])
def test_a_body_comes_back_as_it_was_received(tmp_path: Path, body: bytes) -> None:
    evidence = Evidence(tmp_path / "evidence")
    digest = evidence.keep(body)
    assert digest == sha256(body).hexdigest()
    assert evidence.read(digest) == body


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    evidence.keep(b"same")
    evidence.keep(b"same")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_plain_bodies_are_compressed(tmp_path: Path) -> None:
    Evidence(tmp_path).keep(b"x" * 100_000)
    (stored,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert stored.stat().st_size < 1000


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    digest = evidence.keep(gzip.compress(b"proof", mtime=0))
    path = tmp_path / digest[:2] / digest
    stored = bytearray(path.read_bytes())
    stored[-1] ^= 1
    path.write_bytes(bytes(stored))
    with pytest.raises(EvidenceError, match="changed"):
        evidence.read(digest)


def test_whatever_bit_is_flipped_is_told_in_a_sentence(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    digest = evidence.keep(b"proof of what was seen, and when")
    path = tmp_path / digest[:2] / digest
    stored = path.read_bytes()
    for at in range(1, len(stored)):
        path.write_bytes(stored[:at] + bytes([stored[at] ^ 4]) + stored[at + 1 :])
        with suppress(EvidenceError):  # a bit of the time in gzip's head changes nothing
            assert evidence.read(digest) == b"proof of what was seen, and when"


def test_what_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        Evidence(tmp_path).read("0" * 64)


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file")
    with pytest.raises(EvidenceError, match="cannot be written"):
        Evidence(tmp_path / "evidence").keep(b"proof")


def test_a_folder_in_one_that_may_not_be_searched_is_told_in_a_sentence(tmp_path: Path) -> None:
    with closed(tmp_path / "shut") as shut:
        told = Evidence(shut / "evidence").trouble()
    assert "cannot be written (Permission denied); free some space or mend its rights" in told
