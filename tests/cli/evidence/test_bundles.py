"""What proves a change is shown, handed over as a bundle, and checked by anybody."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appwatch.simulator import World
from tests.cli.conftest import Office
from tests.cli.evidence.conftest import CASTRO, bundled, change_of, elsewhere, lines
from tests.evidence.bundles import members

# --- show ----------------------------------------------------------------------------------


def test_show_lists_every_answer_that_proves_a_change(gone: Office) -> None:
    result = gone.call("evidence", "show", change_of(gone))
    rows = lines(result.stdout)
    assert result.exit_code == 0
    assert [row["role"] for row in rows][:2] == ["before", "after"]
    assert {row["role"] for row in rows} == {"before", "after", "confirms"}
    assert {row["intact"] for row in rows} == {True}
    assert "disappeared, app_store/cn, 2 looks." in result.stderr


def test_show_tells_of_a_body_that_the_folder_lost(gone: Office) -> None:
    change = change_of(gone)
    *_, last = lines(gone.call("evidence", "show", change).stdout)
    digest = str(last["sha256"])
    (gone.folder / "evidence" / digest[:2] / digest).unlink()
    result = gone.call("evidence", "show", change)
    assert result.exit_code == 1
    assert lines(result.stdout)[-1]["intact"] is False
    assert "Missing or altered: 1 file; restore" in result.stderr


@pytest.mark.parametrize("command", ["show", "bundle", "reread"])
def test_a_change_that_is_none_is_told_with_those_that_are(gone: Office, command: str) -> None:
    wanted = ["--change", "c-none"] if command == "reread" else ["c-none"]
    result = gone.call("evidence", command, *wanted)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"There is no change 'c-none'; there is {change_of(gone)}." in result.stderr


def test_of_many_changes_only_the_newest_are_named(office: Office, world: World) -> None:
    office.call("check")
    for listing in ("966129812", "1080840241"):
        world.remove("app_store", listing, ["cn", "us"])
    office.call("check")
    office.call("check")
    newest = [row["id"] for row in lines(office.call("changes").stdout)]
    result = office.call("evidence", "bundle", "c-none")
    assert f"; there are {', '.join(map(str, newest[:3]))} and 1 more.\n" in result.stderr


# --- bundle and verify ---------------------------------------------------------------------


def test_a_bundle_is_written_and_checked_and_names_nothing_else_that_is_watched(
    gone: Office,
) -> None:
    file = gone.folder / "jike.wacz"
    result = gone.call("evidence", "bundle", change_of(gone), "--to", str(file))
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    assert "checked: looks: 2 looks saw not_found" in result.stderr
    assert "not checked: who made this file" in result.stderr
    assert not any(CASTRO.encode() in content for content in unpacked(file))


def test_batches_are_included_when_asked_for(gone: Office) -> None:
    file = bundled(gone, "--include-batches")
    assert any(CASTRO.encode() in content for content in unpacked(file))
    assert elsewhere("evidence", "verify", str(file)).exit_code == 0


def unpacked(file: Path) -> Iterator[bytes]:
    """Yield every member of a bundle, and its records without their compression."""
    for name, content in members(file).items():
        yield gzip.decompress(content) if name.endswith(".gz") else content


def test_a_bundle_is_verified_without_settings_or_database(gone: Office) -> None:
    file = bundled(gone)
    result = elsewhere("evidence", "verify", str(file), "--format", "jsonl")
    checks = lines(result.stdout)
    assert result.exit_code == 0
    assert {row["ok"] for row in checks} == {True}
    assert [row["check"] for row in checks][:2] == ["zip", "members"]
    assert "every check holds" in result.stderr


def test_one_changed_byte_fails_and_is_told(gone: Office) -> None:
    file = bundled(gone)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    result = elsewhere("evidence", "verify", str(file))
    assert result.exit_code == 1
    assert "NOT what it should be" in result.stderr


def test_a_member_that_is_missing_or_climbs_out_fails(gone: Office, tmp_path: Path) -> None:
    parts = members(bundled(gone))
    del parts["appwatch/rules.json"]
    for name, extra in (("missing", {}), ("climbing", {"../../evil": b"x"})):
        file = tmp_path / f"{name}.wacz"
        with zipfile.ZipFile(file, "w") as archive:
            for member, content in {**parts, **extra}.items():
                archive.writestr(member, content)
        result = elsewhere("evidence", "verify", str(file))
        assert result.exit_code == 1
        assert "rules.json" in result.stdout or "climbs out" in result.stdout


def test_what_is_no_bundle_is_told_in_a_sentence(tmp_path: Path) -> None:
    zeros = tmp_path / "zeros.wacz"
    with zeros.open("wb") as file:
        file.truncate(2**30 + 1)
    result = elsewhere("evidence", "verify", str(zeros))
    assert result.exit_code == 1
    assert "larger than any bundle" in result.stdout


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    for path in (tmp_path / "none.wacz", tmp_path):
        result = elsewhere("evidence", "verify", str(path))
        assert (result.exit_code, result.stdout) == (2, "")
        told = f"{path} is no file; expected one that `appwatch evidence bundle` wrote."
        assert result.stderr == f"appwatch: {told}\n"


def test_roots_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "x.wacz"
    file.touch()
    result = elsewhere("evidence", "verify", str(file), "--roots", str(tmp_path / "no.pem"))
    assert result.exit_code == 2
    assert "no.pem cannot be read" in result.stderr


def test_a_bundle_is_never_written_over_nor_made_of_lost_evidence(gone: Office) -> None:
    file = bundled(gone)
    again = gone.call("evidence", "bundle", change_of(gone), "--to", str(file))
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    *_, last = lines(gone.call("evidence", "show", change_of(gone)).stdout)
    digest = str(last["sha256"])
    (gone.folder / "evidence" / digest[:2] / digest).unlink()
    lost = gone.call("evidence", "bundle", change_of(gone), "--to", str(gone.folder / "b.wacz"))
    assert lost.exit_code == 2
    assert f"The evidence {digest} cannot be read" in lost.stderr
    assert not (gone.folder / "b.wacz").exists()
