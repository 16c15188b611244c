"""Bundles that were tampered with, by the command that checks them: named, bounded, exit code 1."""

import gzip
import io
import json
import resource
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appwatch.cli import command_line
from appwatch.evidence import wacz
from tests.evidence.bundles import make, members, rewrite

MEMORY = 700 * 2**20  # bytes of address space, Python and its libraries included
SECONDS = 60  # of CPU, on any machine


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("bundle")).read_bytes()


@pytest.fixture
def bundle(whole: bytes, tmp_path: Path) -> Path:
    """Return a bundle to be spoilt."""
    path = tmp_path / "bundle.wacz"
    path.write_bytes(whole)
    return path


def verify(path: Path) -> Result:
    """Check it, as whoever was given the file would."""
    return CliRunner().invoke(command_line, ["evidence", "verify", str(path), "--format", "jsonl"])


def refused(path: Path) -> str:
    """Return what is said of a bundle that must not pass."""
    result = verify(path)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    failed = [row for row in map(json.loads, result.stdout.splitlines()) if not row["ok"]]
    assert failed
    return " ".join(row["says"] for row in failed)


def zipped(path: Path, parts: dict[str, bytes], way: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", way) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_an_untouched_bundle_passes_and_every_check_is_a_line(bundle: Path) -> None:
    result = verify(bundle)
    assert result.exit_code == 0
    checks = [json.loads(line)["check"] for line in result.stdout.splitlines()]
    assert len(checks) == len(set(checks)) >= 12


def test_one_byte_changed_anywhere_fails(bundle: Path, whole: bytes) -> None:
    step = len(whole) // 150
    for at in (*range(0, len(whole), step), len(whole) - 1):
        changed = bytearray(whole)
        changed[at] ^= 0x20
        bundle.write_bytes(changed)
        assert refused(bundle), at


def test_cut_short_anywhere_fails(bundle: Path, whole: bytes) -> None:
    for size in (*range(0, len(whole), len(whole) // 20), len(whole) - 1):
        bundle.write_bytes(whole[:size])
        assert refused(bundle), size


def test_a_missing_member_is_named(bundle: Path) -> None:
    parts = members(bundle)
    for name in parts:
        told = refused(zipped(bundle, {n: c for n, c in parts.items() if n != name}))
        assert name in told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("appwatch/note.txt", "no member of a bundle"),
        ("../../etc/cron.d/x", "climbs out"),
        ("appwatch\\..\\..\\x", "climbs out"),
        ("/etc/passwd", "absolute path"),
        ("archive/data.warc.gz/", "no member of a bundle"),
    ],
)
def test_a_member_that_does_not_belong_is_refused_and_written_nowhere(
    bundle: Path, name: str, told: str
) -> None:
    before = set(bundle.parent.rglob("*"))
    assert told in refused(zipped(bundle, members(bundle) | {name: b"x"}))
    assert set(bundle.parent.rglob("*")) == before


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(bundle: Path) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr(wacz.CHANGE, b"{}")
    assert f"{wacz.CHANGE} stands twice" in refused(bundle)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>no zip</html>", bytes(100_000)])
def test_what_is_no_zip_is_told(bundle: Path, content: bytes) -> None:
    bundle.write_bytes(content)
    assert "no whole zip file" in refused(bundle)


def test_a_wrong_hash_in_the_digest_is_told(bundle: Path, whole: bytes) -> None:
    digest = json.loads(members(bundle)[wacz.DIGEST])
    said = digest["hash"].removeprefix("sha256:").encode()
    assert whole.count(said) == 1
    bundle.write_bytes(fixed(whole, said, said[::-1]))
    assert "does not match datapackage-digest.json" in refused(bundle)


def fixed(whole: bytes, old: bytes, new: bytes) -> bytes:
    """Return the zip file with these bytes replaced, and the member's checksum put right."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name).replace(old, new) for name in archive.namelist()}
    out = io.BytesIO()
    wacz.pack(out, {name: io.BytesIO(content) for name, content in parts.items()})
    return out.getvalue()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda warc: warc + gzip.compress(b"WARC/1.1\r\n\r\n\r\n\r\n", mtime=0), "fit"),
        (lambda warc: relabelled(warc, b"200", b"404"), "does not match its warc-block-digest"),
        (lambda warc: warc[: len(warc) // 2], "ends early"),
        (lambda _: b"", "not the same"),
    ],
)
def test_records_that_disagree_with_the_rest_fail_even_with_fitting_hashes(
    bundle: Path, spoil: Callable[[bytes], bytes], told: str
) -> None:
    spoilt = spoil(members(bundle)[wacz.WARC])
    assert told in refused(rewrite(bundle, {wacz.WARC: spoilt}))


def relabelled(warc: bytes, old: bytes, new: bytes) -> bytes:
    """Return the records with another status, each a gzip member of its own as before."""
    out, rest = b"", warc
    while rest:
        stream = zlib.decompressobj(31)
        record = stream.decompress(rest)
        rest = stream.unused_data
        out += gzip.compress(record.replace(b"HTTP/1.1 " + old, b"HTTP/1.1 " + new), mtime=0)
    return out


def test_records_that_datapackage_lists_otherwise_fail(bundle: Path) -> None:
    parts = members(bundle)
    parts[wacz.WARC] = relabelled(parts[wacz.WARC], b"200", b"404")
    told = refused(zipped(bundle, parts))
    assert f"not as datapackage.json lists them: {wacz.WARC}" in told


# --- bombs ---------------------------------------------------------------------------------


def bounded(path: Path) -> "subprocess.CompletedProcess[str]":
    """Check it in a process of little memory and time."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    return subprocess.run(
        [sys.executable, "-m", "appwatch", "evidence", "verify", str(path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def zeros(count: int) -> bytes:
    """Return so many MB of zeros as the beginning of a gzip member; its end is never reached."""
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = stream.compress(bytes(2**20)) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(bytes(2**20)) + stream.flush(zlib.Z_FULL_FLUSH)
    return first + again * (count - 1)


def test_a_gigabyte_of_zeros_as_a_member_is_refused_unread(bundle: Path) -> None:
    with (
        zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(wacz.WARC, "w", force_zip64=True) as member,
    ):
        for _ in range(1024):
            member.write(bytes(2**20))
    done = bounded(bundle)
    assert done.returncode == 1
    assert "is compressed, which no member of a bundle is" in done.stdout


def test_a_gigabyte_of_zeros_in_the_records_is_refused_within_bounds(bundle: Path) -> None:
    done = bounded(rewrite(bundle, {wacz.WARC: zeros(1024)}))
    assert done.returncode == 1
    assert "too large when decompressed" in done.stdout


def test_many_records_of_zeros_are_refused_within_bounds(bundle: Path) -> None:
    head = b"WARC/1.1\r\nContent-Length: %d\r\n\r\n"
    record = gzip.compress(head % 2**26 + bytes(2**26) + b"\r\n\r\n", 9)
    done = bounded(rewrite(bundle, {wacz.WARC: record * 20}))
    assert done.returncode == 1
    assert "does not match its warc-block-digest" in done.stdout
