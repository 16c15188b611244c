"""Checking a bundle: what was changed is named, what is hostile is refused, nothing is raised."""

import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appwatch.evidence import wacz
from appwatch.evidence.verify import Verified, verify
from tests.evidence.authority import Authority, make_authority
from tests.evidence.bundles import PACKING, make, members, rewrite

Edit = Callable[[Any], None]  # of parsed JSON


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    """Return a copy of the bundle, to be spoilt."""
    path = tmp_path / "copy.wacz"
    path.write_bytes(bundle.read_bytes())
    return path


def failures(verified: Verified) -> dict[str, str]:
    """Return what failed, and why."""
    return {check.name: check.detail for check in verified.checks if not check.passed}


def repacked(path: Path, changes: dict[str, bytes | None]) -> Path:
    """Zip the members anew, as any tool would, with these changed, added or (None) left out."""
    parts = {**members(path), **changes}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def edited(path: Path, edit: Edit) -> Path:
    """Let `edit` change the change's document, then hash everything anew."""
    document = json.loads(members(path)[wacz.CHANGE])
    edit(document)
    return rewrite(path, {wacz.CHANGE: json.dumps(document).encode()})


def test_a_bundle_holds_and_says_what_was_not_checked(bundle: Path) -> None:
    verified = verify(bundle)
    assert failures(verified) == {}
    assert verified.passed
    assert verified.change is not None
    assert verified.change.change.id == "c_20261123_abc"
    told = " ".join(verified.unchecked)
    assert "who made this file" in told
    assert "whether appwatch/summary.html says what appwatch/change.json does" in told
    assert "answers about many apps: of 3 only the SHA-256" in told
    assert "no timestamp" in told


@pytest.mark.parametrize("name", [*sorted(wacz.REQUIRED), "appwatch/last-good.txt"])
def test_a_changed_byte_is_found_and_its_member_named(copy: Path, name: str) -> None:
    content = bytearray(members(copy)[name])
    content[len(content) // 2] ^= 1
    verified = verify(repacked(copy, {name: bytes(content)}))
    assert not verified.passed
    assert name in " ".join(failures(verified).values())


def test_damage_is_told_of_the_member_that_has_it(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[content.index(members(copy)["appwatch/change.json"]) + 9] ^= 1
    copy.write_bytes(content)
    told = failures(verify(copy))["layout"]
    assert "change.json" in told
    assert "pages.jsonl" not in told


@pytest.mark.parametrize("name", [*sorted(wacz.REQUIRED), "appwatch/extract-10.json"])
def test_a_missing_member_is_named(copy: Path, name: str) -> None:
    verified = verify(repacked(copy, {name: None}))
    assert not verified.passed
    assert name in " ".join(failures(verified).values())


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../etc/passwd", "climbs out"),
        ("appwatch/../../x", "climbs out"),
        ("/etc/passwd", "absolute"),
        ("C:\\x", "absolute"),
        ("appwatch/more.txt", "no member"),
    ],
)
def test_a_member_of_a_strange_name_is_refused(copy: Path, name: str, why: str) -> None:
    assert why in failures(verify(repacked(copy, {name: b"x"})))["zip"]


def test_a_member_that_stands_twice_is_refused(copy: Path) -> None:
    with zipfile.ZipFile(copy, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(wacz.RULES, b"{}")
    assert f"{wacz.RULES} stands twice" in failures(verify(copy))["zip"]


def test_zeros_in_the_records_are_refused_at_the_cap(copy: Path) -> None:
    stream = zlib.compressobj(1, zlib.DEFLATED, 31)
    bomb = b"".join(stream.compress(bytes(2**20)) for _ in range(128)) + stream.flush()
    verified = verify(rewrite(copy, {wacz.WARC: bomb}))
    assert "too large when decompressed" in failures(verified)["records"]


@pytest.mark.parametrize("tail", [b"\0", b"PK\5\6" + bytes(18)])
def test_what_is_put_behind_the_zip_is_found(copy: Path, tail: bytes) -> None:
    copy.write_bytes(copy.read_bytes() + tail)
    assert not verify(copy).passed


@pytest.mark.parametrize("content", [b"", b"PK\5\6", b"PK\5\6" + bytes(18), b"<html>" * 99])
def test_what_is_no_bundle_is_told_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wacz"
    path.write_bytes(content)
    verified = verify(path)
    assert not verified.passed
    assert verified.unchecked


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert "cannot be read" in failures(verify(tmp_path / "none.wacz"))["zip"]


def put(*path: str | int, value: object) -> Edit:
    """Return an edit that puts a value there."""

    def edit(document: Any) -> None:  # noqa: ANN401 - parsed JSON
        for part in path[:-1]:
            document = document[part]
        document[path[-1]] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "check"),
    [
        (put("change", "before_at", value="2026-11-23T12:15:00.001Z"), "times"),
        (put("change", "confirmed_at", value="2026-11-23T12:00:00.000Z"), "times"),
        (put("change", "after_at", value="yesterday"), "times"),
        (put("change", "after_at", value="2026-13-23T12:15:00.000Z"), "times"),
        (put("looks", 2, "seen_at", value="2026-11-23T12:00:00.000Z"), "times"),
        (put("format", value="another/1"), "times"),
        (put("last_good", "seen_at", value="2026-11-23T12:30:00.000Z"), "times"),
        (put("last_good", "seen_at", value="2026-11-23T12:15:00.000Z"), "times"),
        (put("change", "looks", value=4), "looks"),
        (put("change", "to_state", value="available"), "looks"),
        (put("change", "to_state", value="unknown"), "looks"),
        (put("exchanges", 1, "fault", value="timeout"), "looks"),
        (put("change", "rules", value=["other"]), "looks"),
        (put("looks", 0, "exchanges", value=[999]), "looks"),
        (put("looks", 0, "exchanges", value=[22]), "looks"),
        (put("exchanges", 1, "status", value=404), "exchanges"),
        (put("exchanges", 1, "sha256", value="0" * 64), "exchanges"),
        (put("exchanges", 1, "started_at", value="2026-11-23T12:14:58.000Z"), "exchanges"),
        (put("exchanges", 1, "record", value=None), "exchanges"),
        (put("exchanges", 1, "id", value=10), "exchanges"),
        (put("exchanges", 0, "finished_at", value="2026-11-23T12:00:00.000Z"), "exchanges"),
        (put("exchanges", 0, "extract", value=None), "exchanges"),
        (put("exchanges", 0, "size", value=1), "extracts"),
        (put("exchanges", 0, "extract", value=None), "extracts"),
        (put("last_good", "body", value="0" * 64), "extracts"),
        (put("last_good", "member", value="appwatch/rules.json"), "extracts"),
        (put("change", "rules_version", value=2), "rules"),
    ],
)
def test_a_change_that_its_answers_do_not_bear_out_fails(
    copy: Path, edit: Edit, check: str
) -> None:
    verified = verify(edited(copy, edit))
    assert check in failures(verified)
    assert not verified.passed


@pytest.mark.parametrize("name", [wacz.INDEX, wacz.PAGES, "appwatch/extract-10.json"])
def test_a_member_that_contradicts_the_records_fails_even_with_fitting_hashes(
    copy: Path, name: str
) -> None:
    content = members(copy)[name].replace(b"0", b"1")
    assert not verify(rewrite(copy, {name: content})).passed


def gzipped(data: bytes) -> bytes:
    """Return the data as one gzip member."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (b"not gzip", "damaged"),
        (gzipped(b"x" * 99)[:-4], "ends early"),
        (gzipped(b"WARC/1.0\r\n\r\n\r\n\r\n"), "no record"),
        (gzipped(b"WARC/1.1\r\nA: b\r\n\r\nx\r\n\r\n"), "do not fit"),
        (gzipped(b"WARC/1.1\r\nA\r\n\r\nx\r\n\r\n"), "without a value"),
        (gzipped(b"WARC/1.1\r\nContent-Length: 1\r\n\r\nx\r\n\r\n"), "block-digest"),
    ],
)
def test_records_that_are_none_are_refused(copy: Path, records: bytes, why: str) -> None:
    assert why in failures(verify(rewrite(copy, {wacz.WARC: records})))["records"]


def test_hostile_json_is_refused(copy: Path) -> None:
    verified = verify(rewrite(copy, {wacz.CHANGE: b"[" * 100_000}))
    assert wacz.CHANGE in failures(verified)["times"]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


def stamped(folder: Path, authority: Authority) -> Path:
    """Return a bundle with a timestamp."""
    packing = replace(PACKING, stamp=lambda package: authority.stamp(sha256(package).digest()))
    return make(folder, packing)


def test_a_timestamp_is_checked_and_its_authority_left_to_the_reader(
    tmp_path: Path, authority: Authority
) -> None:
    verified = verify(stamped(tmp_path, authority))
    assert verified.passed
    (check,) = (check for check in verified.checks if check.name == "timestamp")
    assert "2026-11-24T10:00:00+00:00, signed by CN=Test Authority" in check.detail
    assert "may be trusted" in " ".join(verified.unchecked)


def test_a_timestamp_without_its_root_leaves_the_signature_open(
    tmp_path: Path, authority: Authority
) -> None:
    verified = verify(stamped(tmp_path, authority.without_root()))
    assert verified.passed
    assert "signature" in " ".join(verified.unchecked)


def test_a_timestamp_of_a_trusted_authority_leaves_nothing_open(
    tmp_path: Path, authority: Authority
) -> None:
    bundle = stamped(tmp_path, authority.without_root())
    assert "timestamp" not in " ".join(verify(bundle, authority.pem).unchecked)
    assert "signature" in failures(verify(bundle, make_authority().pem))["timestamp"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"timestamp": "M', b'"timestamp": "!', "base64"),
        (b'"timestamp": "M', b'"timestamp": "N', "changed"),
    ],
)
def test_a_timestamp_that_was_changed_fails(
    tmp_path: Path, authority: Authority, old: bytes, new: bytes, why: str
) -> None:
    bundle = stamped(tmp_path, authority)
    spoilt = members(bundle)[wacz.DIGEST].replace(old, new)
    streams = {name: io.BytesIO(content) for name, content in members(bundle).items()}
    with bundle.open("wb") as file:
        wacz.pack(file, {**streams, wacz.DIGEST: io.BytesIO(spoilt)})
    assert why in failures(verify(bundle))["timestamp"]


def test_a_timestamp_of_another_bundle_fails(tmp_path: Path, authority: Authority) -> None:
    other = authority.stamp(sha256(b"other").digest())
    verified = verify(make(tmp_path, replace(PACKING, stamp=lambda _: other)))
    assert "something else" in failures(verified)["timestamp"]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_bytes_are_changed_it_never_raises_and_never_passes(
    copy: Path, bundle: Path, data: st.DataObject
) -> None:
    whole = bundle.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.integers(0, 40))
    changed = whole[:at] + data.draw(st.binary(max_size=40)) + whole[at + cut :]
    copy.write_bytes(changed)
    assert verify(copy).passed is (changed == whole)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_stands_in_a_member_with_fitting_hashes_nothing_is_raised(
    copy: Path, bundle: Path, data: st.DataObject
) -> None:
    copy.write_bytes(bundle.read_bytes())
    parts = members(bundle)
    name = data.draw(st.sampled_from(sorted(set(parts) - {wacz.PACKAGE, wacz.DIGEST})))
    whole = parts[name]
    at = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 40))
    changed = whole[:at] + data.draw(st.binary(max_size=40)) + whole[at + cut :]
    checks = verify(rewrite(copy, {name: changed})).checks
    assert {check.name for check in checks if check.passed} >= {"zip", "members", "hashes"}


@pytest.mark.parametrize("bit", [0, 7])
def test_not_one_bit_of_the_file_may_differ(copy: Path, bundle: Path, bit: int) -> None:
    whole = bytearray(bundle.read_bytes())
    for at in range(0, len(whole), 97):
        whole[at] ^= 1 << bit
        copy.write_bytes(bytes(whole))
        assert not verify(copy).passed, at
        whole[at] ^= 1 << bit


def test_without_the_library_a_timestamp_is_left_unread_and_said_so(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = stamped(tmp_path, authority)
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)  # as where it is not installed
    verified = verify(bundle)
    assert verified.passed
    assert "install appwatch[timestamp]" in " ".join(verified.unchecked)


def test_checking_loads_neither_the_database_nor_http() -> None:
    code = "import sys, appwatch.evidence.verify; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert not {"sqlalchemy", "httpx", "rfc3161_client"} & set(loaded.stdout.split())


def test_an_encrypted_or_endless_list_of_members_is_refused(copy: Path) -> None:
    whole = copy.read_bytes()
    at = whole.rindex(b"PK\1\2")
    copy.write_bytes(whole[: at + 8] + b"\1" + whole[at + 9 :])
    assert "encrypted" in failures(verify(copy))["zip"]
    copy.write_bytes(whole[:-10] + struct.pack("<2LH", 2**30, 0, 0))
    assert "more members" in failures(verify(copy))["zip"]
