from pathlib import Path

from appwatch.db.engine import Database
from appwatch.doctor import places
from appwatch.evidence import Evidence
from tests.rights import closed


def test_places_in_a_folder_that_may_not_be_searched_are_told_and_break_no_check(
    tmp_path: Path,
) -> None:
    with closed(tmp_path / "shut") as shut:
        database, evidence = Database(f"sqlite:///{shut}/appwatch.db"), Evidence(shut / "evidence")
        (told,) = places.database(database)
        kept = places.evidence(evidence.folder)
        room = places.shortage(database, evidence, 0)
    assert (told.ok, kept.ok, room) == (False, False, None)
    assert "its folder cannot be written" in told.says
    assert "Permission denied" in kept.says
