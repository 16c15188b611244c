import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from appwatch.domain.moments import moment_text
from appwatch.errors import UsageError
from appwatch.exports import FORMATS, Row, atomically

AT = datetime(2020, 6, 9, 14, 2, 11, 123456, UTC)
COLUMNS = ("text", "at", "list", "counts", "nothing", "truth", "share")


def row(text: str = "Jike 即刻") -> Row:
    return dict(zip(COLUMNS, (text, AT, ["a", "b"], {"timeout": 2}, None, True, 0.5), strict=True))


def written(form: str, *rows: Row) -> str:
    out = io.StringIO()
    FORMATS[form](COLUMNS, rows, out)
    return out.getvalue()


def test_times_are_utc_with_milliseconds_and_z() -> None:
    assert moment_text(AT) == "2020-06-09T14:02:11.123Z"
    assert moment_text(AT.astimezone(timezone(timedelta(hours=8)))) == "2020-06-09T14:02:11.123Z"


def test_jsonl_is_an_object_a_line() -> None:
    first, second = written("jsonl", row(), row("x\ny")).splitlines()
    assert json.loads(first) == {
        "text": "Jike 即刻",
        "at": "2020-06-09T14:02:11.123Z",
        "list": ["a", "b"],
        "counts": {"timeout": 2},
        "nothing": None,
        "truth": True,
        "share": 0.5,
    }
    assert json.loads(second)["text"] == "x\ny"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_json_is_one_array(count: int) -> None:
    assert len(json.loads(written("json", *[row()] * count))) == count


def test_csv_has_a_header_and_plain_cells() -> None:
    header, line = written("csv", row()).splitlines()
    assert header == "text,at,list,counts,nothing,truth,share"
    assert line == "Jike 即刻,2020-06-09T14:02:11.123Z,a b,timeout:2,,true,0.5"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_of_csv_is_never_a_formula(start: str) -> None:
    cell = f"'{start}1+1".replace("\r", "\n")
    assert cell in written("csv", row(f"{start}1+1"))


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_what_stands_behind_a_line_break_begins_no_row_of_csv(end: str) -> None:
    text = written("csv", row(f"Cute{end}=1+1"))
    assert '"Cute\n=1+1",' in text
    assert len(list(csv.reader(io.StringIO(text, newline="")))) == 2


def test_a_file_keeps_what_it_held_when_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("before")
    with pytest.raises(UnicodeEncodeError), atomically(file) as out:
        out.write("half, then what cannot be written: \ud800")
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_name_that_is_too_long_is_told_in_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="too long\\); name another file"),
        atomically(tmp_path / ("x" * 250)),
    ):
        raise AssertionError("nothing can be written there")
