"""Every error that appwatch raises on purpose, as one tree.

AppwatchError               one clear sentence for the person who reads it; exit code 2
├── SettingError            an environment variable or a line of .env cannot be used
├── WatchlistError          the watchlist cannot be used; carries every problem at once
├── UsageError              a command was given something that does not exist
├── DatabaseError           the database cannot be opened, read or written
│   └── DatabaseTooNew      the database was written by a newer appwatch
├── EvidenceError           the evidence folder cannot be read or written
└── ChannelError            an alert channel cannot be used

Defect                      whatever else is raised: an error of ours; `defects` makes it one
"""

from collections.abc import Iterator
from contextlib import contextmanager


class AppwatchError(Exception):
    """Something a person can mend; the message says what and how."""


class SettingError(AppwatchError):
    """A setting's value cannot be used; the message names the setting and what is allowed."""


class UsageError(AppwatchError):
    """A command names something that does not exist; the message lists what does."""


class WatchlistError(AppwatchError):
    """The watchlist cannot be used.

    `problems` holds one line each, `FILE:LINE:COLUMN: what is wrong; what was expected`.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class DatabaseError(AppwatchError):
    """The database cannot be opened, read or written; nothing was lost."""


class DatabaseTooNew(DatabaseError):
    """The database was written by a newer appwatch than this one."""


class EvidenceError(AppwatchError):
    """The evidence folder cannot be read or written."""


class ChannelError(AppwatchError):
    """An alert channel cannot be used; the message never shows its address."""


class Defect(Exception):
    """Something of ours failed that nobody foresaw; says what was raised, and its words."""


@contextmanager
def defects() -> Iterator[None]:
    """Raise a Defect for whatever is raised inside that is no AppwatchError.

    For the edges at which an error of ours ends one look, one check or one message, and no more.
    """
    try:
        yield
    except (AppwatchError, Defect):
        raise
    except Exception as error:
        raise Defect(f"{type(error).__name__}: {error}") from error
