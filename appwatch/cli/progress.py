"""Progress on stderr, where a person is looking."""

import sys
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from appwatch.cli import saying

if TYPE_CHECKING:  # rich is slow to import, and only a terminal needs it
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress:
    """Counts looks in a `with`; shows nothing unless stderr is a terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import MofNCompleteColumn
            from rich.progress import Progress as Bar

            console = Console(stderr=True)
            columns = (*Bar.get_default_columns(), MofNCompleteColumn())
            self._bar = Bar(*columns, console=console, transient=True)
            self._task = self._bar.add_task("Looking", total=self._total)
            self._bar.start()
        return self

    def advance(self, looks: int) -> None:
        """Count so many more."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, looks)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class Calendar:
    """Shows on a terminal how far a played time has come; elsewhere a line for each month."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._start = start
        self._days = (end - start).days
        self._month = (0, 0)
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bar

            columns = (TextColumn("{task.description}"), BarColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=self._days)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, at: datetime, alerts: int) -> None:
        """Show the time that the clock shows, and the alerts so far."""
        told = f"{at.day} {at:%B %Y}, {alerts} alert{'' if alerts == 1 else 's'}"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=(at - self._start).days, description=told)
        elif (at.year, at.month) != self._month:
            self._month = (at.year, at.month)
            saying.line(told)
