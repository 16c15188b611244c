"""Whatever the file holds, it is a watchlist or a WatchlistError: nothing else ever comes out."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appwatch.errors import WatchlistError
from tests.watchlist.stores import read
from tests.watchlist.test_reading import WHOLE

PIECES = [
    *("\n", "  ", "\t", ": ", "- ", "[", "]", "{", "}", "&a", "*a", "!t", "'", '"', "#", "|", "?"),
    *("apps:", "every", "north", "n1", "storefronts", "alerts", "to", "${A}", "all", "é"),
]


def come_out(folder: Path, text: str | bytes) -> None:
    """Read the text; if that is refused, every problem must say where."""
    try:
        read(folder, text)
    except WatchlistError as error:
        lines = error.problems
    else:
        return
    assert lines
    assert all(line.startswith(f"{folder}/watchlist.yaml:") for line in lines)


@pytest.mark.parametrize("tenth", range(10))
def test_a_half_written_watchlist_is_read_or_refused(tmp_path: Path, tenth: int) -> None:
    for end in range(tenth * 7, len(WHOLE), 70):
        come_out(tmp_path, WHOLE[:end])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text_is_read_or_refused(tmp_path: Path, text: str | bytes) -> None:
    come_out(tmp_path, text)
