"""What is wrong in a watchlist's files: places, sentences, and a collector for all of them."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from appwatch.errors import WatchlistError

# A NUL or half a surrogate pair breaks databases and terminals; tabs and line breaks are text.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; lines and columns count from 1. In CSV the column is the cell's."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problems:
    """Collects every problem, so that a person can mend all of them at once."""

    def __init__(self, file: str) -> None:
        """`file` is the one whose problems are told first."""
        self._first = file
        self._found: dict[tuple[Mark, str], None] = {}

    def add(self, mark: Mark, sentence: str) -> None:
        """Note a problem; the same one at the same place counts once."""
        self._found[mark, sentence] = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def lines(self) -> list[str]:
        """Return a line for each problem, file by file in the order they were read."""
        files = list(dict.fromkeys([self._first, *(mark.file for mark, _ in self._found)]))
        ordered = sorted(
            self._found, key=lambda item: (files.index(item[0].file), item[0].line, item[0].column)
        )
        return [f"{mark}: {sentence}" for mark, sentence in ordered]

    def by_line(self) -> dict[str, list[str]]:
        """Return the sentences by the line that they are about, as FILE:LINE."""
        found: dict[str, list[str]] = {}
        for mark, sentence in self._found:
            found.setdefault(f"{mark.file}:{mark.line}", []).append(sentence)
        return found

    def raise_any(self) -> None:
        """Raise WatchlistError with every problem, if there is one."""
        if self._found:
            raise WatchlistError(self.lines())


def quoted(text: str) -> str:
    """Return the text as it may stand in a sentence: in quotes, on one line, cut if long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:57]}...")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what was probably meant, or else what there is to choose from."""
    choices = list(known)
    close = difflib.get_close_matches(word.lower(), choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    if not choices:
        return "there is none"
    rest = f" and {len(choices) - 12} more" if len(choices) > 12 else ""
    return f"expected one of {', '.join(choices[:12])}{rest}"


def undecodable(error: UnicodeDecodeError, data: bytes, file: str) -> tuple[Mark, str]:
    """Return where bytes stop being UTF-8, and the sentence that says so."""
    before = data[: error.start]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8", "replace")) + 1
    mark = Mark(file, before.count(b"\n") + 1, column)
    return mark, "this is not UTF-8; expected text, saved as UTF-8"


def unprintable(text: str, file: str) -> tuple[Mark, str] | None:
    """Return where the first character stands that no text holds, or None."""
    match = UNPRINTABLE.search(text)
    if match is None:
        return None
    start = match.start()
    line_start = text.rfind("\n", 0, start) + 1
    mark = Mark(file, text.count("\n", 0, start) + 1, start - line_start + 1)
    return mark, f"the character U+{ord(match[0]):04X} stands here; expected text, saved as UTF-8"
