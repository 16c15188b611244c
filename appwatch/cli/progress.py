"""Progress on stderr, where a person is looking."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from appwatch.cli import saying

if TYPE_CHECKING:  # rich is slow to import, and only a terminal needs it
    from rich.progress import Progress as Bar
    from rich.progress import ProgressColumn

    Columns = tuple[ProgressColumn, ...]


class _Shown:
    """A bar on stderr inside `with`; `bar` is None unless that is a terminal."""

    def __init__(self, words: str, total: int, columns: "Callable[[], Columns]") -> None:
        self._words = words
        self._total = total
        self._columns = columns
        self.bar: Bar | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress as Bar

            self.bar = Bar(*self._columns(), console=Console(stderr=True), transient=True)
            self._task = self.bar.add_task(self._words, total=self._total)
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


class Progress(_Shown):
    """Counts looks in a `with`; shows nothing unless stderr is a terminal."""

    def __init__(self, total: int) -> None:
        super().__init__("Looking", total, _counting)

    def advance(self, looks: int) -> None:
        """Count so many more."""
        if self.bar is not None:
            self.bar.advance(self._task, looks)


class Calendar(_Shown):
    """Shows on a terminal how far a played time has come; elsewhere a line for each month."""

    def __init__(self, start: datetime, end: datetime) -> None:
        super().__init__("", (end - start).days, _telling)
        self._start = start
        self._month = (0, 0)

    def show(self, at: datetime, alerts: int) -> None:
        """Show the time that the clock shows, and the alerts so far."""
        told = f"{at.day} {at:%B %Y}, {alerts} alert{'' if alerts == 1 else 's'}"
        if self.bar is not None:
            self.bar.update(self._task, completed=(at - self._start).days, description=told)
        elif (at.year, at.month) != self._month:
            self._month = (at.year, at.month)
            saying.line(told)


def _counting() -> "Columns":
    from rich.progress import MofNCompleteColumn
    from rich.progress import Progress as Bar

    return (*Bar.get_default_columns(), MofNCompleteColumn())


def _telling() -> "Columns":
    from rich.progress import BarColumn, TextColumn

    return (TextColumn("{task.description}"), BarColumn())
