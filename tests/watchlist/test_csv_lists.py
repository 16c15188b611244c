"""CSV lists are read by the same rules as the YAML, and their mistakes told cell by cell."""

from pathlib import Path

import pytest

from appwatch.watchlist import WatchedApp, Watchlist
from tests.watchlist.stores import problems, read

YAML = "storefronts: {north: [us], south: [us]}\nfrom_csv: [more.csv]\n"
HEADER = "id,name,north,south,north_storefronts,south_storefronts,tags\n"


def write(folder: Path, text: str | bytes) -> None:
    (folder / "more.csv").write_bytes(text if isinstance(text, bytes) else text.encode())


def read_list(folder: Path, text: str | bytes) -> Watchlist:
    write(folder, text)
    return read(folder, YAML)


def test_a_row_is_an_app(tmp_path: Path) -> None:
    text = HEADER + 'jike,"Jike, 即刻",n1,s1,cn hk cn,,social old\n\n,Zynn,,,,,\n'
    assert read_list(tmp_path, text).apps == (
        WatchedApp(
            id="jike",
            name="Jike, 即刻",
            listings={"north": "n1", "south": "s1"},
            storefronts={"north": ("cn", "hk"), "south": ("us",)},
            tags=("social", "old"),
        ),
        WatchedApp(id="zynn", name="Zynn"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffname,south\nX,s1\n",
        "south,name\r\ns1,X\r\n",
        " name , south\n X , s1",
        'name,south\nX,"s1"',
        "\ufeffName;South;\r\nX;s1;\r\n;;\r\n",
        '"NAME"\t"South"\n\t\n"X"\t"s1"\n',
    ],
)
def test_columns_may_come_in_any_order_and_part(tmp_path: Path, text: str) -> None:
    (app,) = read_list(tmp_path, text).apps
    assert (app.id, app.name, app.listings) == ("x", "X", {"south": "s1"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file is empty; expected a header of these columns: id,name,north,south"),
        ("id,nmae\na,b\n", "1:2: unknown column 'nmae'; did you mean name?"),
        ("id|name\na|b\n", "1:1: unknown column 'id|name'; did you mean name?"),
        (",\na,b\n", "1:1: no column is named; expected a header of these columns: id,name"),
        ("id,\na,b\n", "2:2: a cell too many; expected 2 in each row"),
        ("id,id\na,b\n", "1:2: the column 'id' stands twice"),
        ("id\na,b\n", "2:2: a cell too many; expected 1 in each row"),
        ('id,name\na,"b\nc', "3:1: this is not CSV: unexpected end of data"),
        ("id\n\0", "2:1: the character U+0000 stands here"),
        (b"id,name\na,caf\xe9\n", "2:6: this is not UTF-8"),
        ('name,north\n"x\ny",n1\nz,7\n', "4:2: '7' is no North Store id; expected n..."),
        ("name,north,north_storefronts\nx,n1,us uk\n", "2:3: North Store has no 'uk'"),
        ("id,name\nBad Id,x\n", "2:1: 'Bad Id' cannot be an id"),
        ("name\nX\nx\n", "3:1: the id x stands twice, first at more.csv:2:1"),
    ],
)
def test_a_wrong_list_is_told_by_line_and_cell(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    write(tmp_path, text)
    assert problems(tmp_path, YAML)[0].startswith(f"more.csv:{message}")


def test_a_listing_may_not_stand_in_the_list_and_the_yaml(tmp_path: Path) -> None:
    write(tmp_path, "name,south\nTwo,s1\n")
    (found,) = problems(tmp_path, YAML + "apps: [{name: One, south: s1}]\n")
    assert found == (
        "more.csv:2:2: the South Store listing s1 stands twice, first at watchlist.yaml:3:27;"
        " expected it once"
    )


def test_problems_of_the_watchlist_come_before_those_of_its_lists(tmp_path: Path) -> None:
    write(tmp_path, "id,nmae\n")
    found = problems(tmp_path, YAML + "every: soon\nalerts: [{name: a, to: '${A}', apps: [x]}]\n")
    assert [line.split(":")[0] for line in found] == ["watchlist.yaml", "more.csv"]


def test_a_list_that_stands_twice_is_told(tmp_path: Path) -> None:
    write(tmp_path, "name\nX\n")
    (found,) = problems(tmp_path, "from_csv: [more.csv, ./more.csv]\n")
    assert found.startswith("watchlist.yaml:1:22: more.csv: this list stands twice")


def test_thousands_of_rows_are_read(tmp_path: Path) -> None:
    rows = "".join(f"app-{at},App {at},n{at},s{at},all,gb us,a b\n" for at in range(5000))
    apps = read_list(tmp_path, HEADER + rows).apps
    assert len(apps) == 5000
    assert apps[-1].storefronts == {"north": ("cn", "gb", "hk", "no", "us"), "south": ("gb", "us")}
