"""A bundle holds what proves its change, shows nothing of the watchlist, and is whole or absent."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from appwatch.errors import EvidenceError
from appwatch.evidence import Evidence, wacz
from appwatch.evidence.bundle import make_bundle
from appwatch.evidence.verify import verify
from tests.evidence.bundles import (
    ALONE,
    EMPTY_BATCH,
    GOOD,
    LISTING,
    PACKING,
    SECRET,
    make,
    make_proof,
    members,
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("bundle"))


def records(bundle: Path) -> Iterator[Any]:
    """Return the records as another program reads them, their digests checked."""
    yield from ArchiveIterator(io.BytesIO(members(bundle)[wacz.WARC]), check_digests="raise")


def test_answers_stand_as_they_were_received(bundle: Path) -> None:
    answers = [r for r in records(bundle) if r.rec_type == "response"]
    assert len(answers) == 3
    answer = next(r for r in records(bundle) if r.rec_type == "response")
    assert answer.http_headers.get_statuscode() == "200"
    assert answer.http_headers.headers == [
        ("Content-Type", "text/javascript; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("X-Archive-Orig-Transfer-Encoding", "chunked"),
        ("X-Odd", "caf\xe9"),
    ]
    assert answer.raw_stream.read() == ALONE


def test_requests_stand_beside_their_answers_without_the_operators_cookie(bundle: Path) -> None:
    asked = [r for r in records(bundle) if r.rec_type == "request"]
    answered = [r for r in records(bundle) if r.rec_type == "response"]
    beside = [r.rec_headers.get_header("WARC-Concurrent-To") for r in asked]
    assert beside == [r.rec_headers.get_header("WARC-Record-ID") for r in answered]
    assert asked[0].http_headers.get_header("Host") == "itunes.apple.test"
    assert b"operator" not in b"".join(members(bundle).values())


def test_a_batch_enters_as_its_hash_and_shows_nothing_of_the_watchlist(bundle: Path) -> None:
    parts = members(bundle)
    extract = json.loads(parts["appwatch/extract-10.json"])
    assert extract["sha256"] == sha256(EMPTY_BATCH).hexdigest()
    assert extract["lists_the_app"] is False
    assert SECRET.encode() not in bundle.read_bytes()
    told = {one["id"]: one for one in json.loads(parts[wacz.CHANGE])["exchanges"]}
    assert told[10]["url"] == "https://itunes.apple.test/lookup"
    assert LISTING in told[20]["url"]


def test_batches_enter_whole_when_asked_for(tmp_path: Path) -> None:
    bundle = make(tmp_path, replace(PACKING, include_batches=True))
    answers = [r for r in records(bundle) if r.rec_type == "response"]
    assert len(answers) == 6
    assert not [name for name in members(bundle) if "extract" in name]


def test_the_last_good_listing_is_part_of_it(bundle: Path) -> None:
    parts = members(bundle)
    assert parts["appwatch/last-good.txt"] == GOOD
    assert json.loads(parts[wacz.CHANGE])["last_good"]["body"] == sha256(GOOD).hexdigest()


def test_the_summary_is_one_page_that_runs_nothing(bundle: Path) -> None:
    page = members(bundle)[wacz.SUMMARY].decode()
    assert "<script" not in page
    assert "src=" not in page
    assert "Castro &lt;b&gt;" in page
    assert "\u202e" not in page  # it would turn the reading around
    assert "2026-11-23 12:15:00 UTC" in page
    assert re.search("last seen available at .*12:00:00 UTC.*, and first seen not listed at", page)
    assert "3 looks agreed by" in page
    assert "In the App Store, cn, <bdi>Castro" in page
    assert "Asked: lookup API." in page
    assert re.findall(r"<td>(\d+, \d+)</td>", page) == ["10, 20", "11, 21", "12, 22"]
    assert sha256(GOOD).hexdigest() in page
    assert "it &lt;must&gt;" in page
    assert "removed" not in page


def test_the_same_proof_makes_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    assert make(tmp_path).read_bytes() == bundle.read_bytes()


def test_a_bundle_is_never_written_over(bundle: Path) -> None:
    before = bundle.read_bytes()
    with pytest.raises(EvidenceError, match="exists already"):
        make(bundle.parent)
    assert bundle.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "evidence")
    proof = make_proof(evidence)
    (tmp_path / "file").write_text("a file")
    with pytest.raises(EvidenceError, match="cannot be written"):
        make_bundle(proof, evidence, tmp_path / "file" / "a.wacz", PACKING)


def test_a_bundle_is_named_as_what_it_is(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "evidence")
    with pytest.raises(EvidenceError, match=r"\.wacz"):
        make_bundle(make_proof(evidence), evidence, tmp_path / "a.zip", PACKING)


def test_evidence_that_is_missing_makes_no_bundle(tmp_path: Path) -> None:
    proof = make_proof(Evidence(tmp_path / "evidence"))
    empty = Evidence(tmp_path / "empty")
    with pytest.raises(EvidenceError, match="cannot be read"):
        make_bundle(proof, empty, tmp_path / "a.wacz", PACKING)
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]


def test_an_exchange_without_an_answer_is_told_and_has_no_record(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "evidence")
    proof = make_proof(evidence)
    silent = replace(
        proof.exchanges[1],
        id=99,
        status=0,
        headers=(),
        fault="timeout",
        body=evidence.keep(b""),
        size=0,
        final_url="",
    )
    proof = replace(proof, exchanges=[*proof.exchanges, silent])
    bundle = make_bundle(proof, evidence, tmp_path / "a.wacz", PACKING)
    told = {one["id"]: one for one in json.loads(members(bundle)[wacz.CHANGE])["exchanges"]}
    assert (told[99]["fault"], told[99]["record"]) == ("timeout", None)
    assert len([r for r in records(bundle) if r.rec_type == "request"]) == 4


def test_a_look_in_between_tells_its_reason_and_names_nobody_else(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "evidence")
    proof = make_proof(evidence)
    between = structs.replace(
        proof.looks[1],
        role="between",
        outcome="inconclusive",
        reason="wrong_app",
        detail=f"track id {SECRET}",
        exchanges=(),
    )
    proof = replace(proof, looks=[*proof.looks, between])
    proof = replace(
        proof, change=structs.replace(proof.change, scope="gone from cn", missed_rounds=2)
    )
    bundle = make_bundle(proof, evidence, tmp_path / "a.wacz", PACKING)
    page = members(bundle)[wacz.SUMMARY].decode()
    assert "proves nothing: wrong_app" in page
    assert "2 planned rounds" in page
    assert SECRET.encode() not in bundle.read_bytes()
    assert verify(bundle).passed


def test_a_change_without_a_kept_listing_and_with_an_older_rule_says_so(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "evidence")
    proof = replace(make_proof(evidence), last_good=None, before=None, ended=None)
    packing = replace(PACKING, store=replace(PACKING.store, rules=[]))
    bundle = make_bundle(proof, evidence, tmp_path / "a.wacz", packing)
    page = members(bundle)[wacz.SUMMARY].decode()
    assert "No listing from before the change" in page
    assert "not among the rules of the version" in page
    assert verify(bundle).passed


def test_a_batch_that_cannot_be_read_enters_without_an_extract(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "evidence")
    proof = make_proof(evidence)
    odd = replace(proof.exchanges[0], body=evidence.keep(b"no gzip"), size=7)
    proof = replace(proof, exchanges=[odd, *proof.exchanges[1:]])
    bundle = make_bundle(proof, evidence, tmp_path / "a.wacz", PACKING)
    assert json.loads(members(bundle)["appwatch/extract-10.json"])["extract"] == ""
    assert verify(bundle).passed


def test_the_file_is_a_zip_that_others_can_read(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
        assert {one.filename: archive.read(one) for one in infos} == members(bundle)
        assert {one.compress_type for one in infos} == {zipfile.ZIP_STORED}


def test_a_bundle_past_its_cap_is_not_written(tmp_path: Path) -> None:
    vast = (tmp_path / "vast").open("w+b")
    vast.truncate(wacz.FILE_CAP + 1)
    with vast, (tmp_path / "out").open("wb") as out, pytest.raises(OSError, match="too large"):
        wacz.pack(out, {wacz.WARC: vast})
