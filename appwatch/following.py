"""Follows the watchlist's files while appwatch runs: a good edit is put into force, a bad one told.

The files are compared by what they hold, so that it works on any mount and with any editor. What
is being written still must not look like an edit: only what stands unchanged at two looks counts.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog

from appwatch.db import versions, watchlist_problems
from appwatch.db.watchlist_problems import Kind
from appwatch.errors import SettingError, WatchlistError
from appwatch.watchlist import Channel, Files, Watchlist, load, met_now, nobody_is_told
from appwatch.wiring import Services, shown_path

MOST_DROPPED = 0.3  # an edit that leaves out more of the targets than this share is to be accepted
ACCEPT = "appwatch watchlist accept"
IF_MEANT = f"If that is meant, run: {ACCEPT}"
_MOST_LINES = 20  # problems that are kept of one bad watchlist
_log = structlog.get_logger()

# Returns a line for each thing that keeps a watchlist from being used although it can be read.
Judge = Callable[[Services, Watchlist], list[str]]
Met = tuple[str, bytes | None]  # a hash of the watchlist's files, and what .env holds


class Follower:
    """Knows which watchlist is in force, and what became of the one in the folder."""

    def __init__(self, services: Services, judge: Judge) -> None:
        self.services = services  # with the variables that the watchlist in force may name
        self._fresh = services
        self._judge = judge
        self._path = shown_path(services.settings.watchlist)
        self._in_force = ""
        self._files = [self._path]
        self._seen: Met = ("", None)  # at the last look
        self._decided: Met | None = None
        self._waiting = ""  # the digest of what a person must accept
        self._rejected = ""  # what is wrong with what was decided

    def refuse(self) -> None:
        """Raise WatchlistError if the folder's watchlist cannot be used."""
        self._read()

    def open(self) -> Watchlist:
        """Return the watchlist to begin with, in force: the folder's, or else the last good copy.

        The database must be there and up to date. Raises WatchlistError with the folder's
        problems if there is no copy to begin with.
        """
        try:
            found = self._read()
        except WatchlistError as error:
            return self._begin_with_copy(error)
        decided = self._consider(found)
        if decided is None:
            return self._begin_with_copy(None)
        return decided

    def look(self) -> Watchlist | None:
        """Return a watchlist that came into force since the last look, or None.

        Raises DatabaseError; then the next look tries again.
        """
        met = (met_now(self._files), self._variables())
        steady, self._seen = met == self._seen, met
        if met == self._decided:
            self._stay_rejected()
            return self._accepted() if self._waiting else None
        return self._decide() if steady else None

    def _decide(self) -> Watchlist | None:
        """Put the folder's watchlist into force, or tell why not."""
        refused = self._waiting or self._rejected
        try:
            try:
                found = self._read()
            except WatchlistError as error:
                self._reject(error)
                return None
            adopted = self._consider(found)
        except BaseException:
            self._decided = None  # what could not be done is tried again at the next look
            raise
        if refused and adopted is None and not self._waiting:
            _log.info(
                "the watchlist in force stands in the folder again", action="watchlist_restored"
            )
        return adopted

    def _read(self) -> Watchlist:
        """Return the folder's watchlist if it can be used. Raises WatchlistError."""
        self._waiting = self._rejected = ""
        variables, files = self._variables(), Files(self._path)
        try:
            found = load(self._path, self.services.stores, files)
            services = self.services.refreshed()
            problems = self._judge(services, found)
        except SettingError as error:
            problems = str(error).splitlines()
        finally:
            self._files = files.tried
            self._decided = self._seen = (files.met(), variables)
        if problems:
            raise WatchlistError(problems)
        self._fresh = services
        return found

    def _variables(self) -> bytes | None:
        """Return what .env holds, or None: a channel's address may stand there."""
        try:
            return (self.services.folder / ".env").read_bytes()
        except OSError:
            return None

    def _consider(self, found: Watchlist) -> Watchlist | None:
        """Put a good watchlist into force, unless it must be accepted first or is so already."""
        with self.services.database.read() as connection:
            known = versions.in_force(connection) == found.digest
        if not known and self._must_be_accepted(found):
            return None
        return self._adopt(found)

    def _must_be_accepted(self, found: Watchlist) -> bool:
        why = why_it_waits(self.services, found)
        if why is None:
            return False
        self._waiting = found.digest
        _log_problem(Kind.WAITING, why)
        return True

    def _accepted(self) -> Watchlist | None:
        """Return what waited if it was put into force meanwhile."""
        with self.services.database.read() as connection:
            accepted = versions.in_force(connection) == self._waiting
        return self._decide() if accepted else None

    def _adopt(self, found: Watchlist) -> Watchlist | None:
        synced = self.services.sync(found)
        same = (found.digest, self._fresh.environment) == (
            self._in_force,
            self.services.environment,
        )
        if same:
            return None
        if self._in_force:
            _log.info(
                "the watchlist is in force",
                action="watchlist_changed",
                added=synced.added,
                removed=synced.removed,
                watched=synced.watched,
            )
        self._in_force, self.services = found.digest, self._fresh
        _log_if_nobody_is_told(found)
        return found

    def _reject(self, error: WatchlistError) -> None:
        self._rejected = _shortened(error.problems)
        self._note_rejected()
        _log_problem(Kind.REJECTED, self._rejected)

    def _stay_rejected(self) -> None:
        """Note again what another process took for mended: its variables may be others."""
        if not self._rejected:
            return
        with self.services.database.read() as connection:
            known = watchlist_problems.open_problem(connection)
        if known is None:
            self._note_rejected()

    def _note_rejected(self) -> None:
        now = self.services.now()
        with self.services.database.write() as connection:
            watchlist_problems.note(connection, Kind.REJECTED, None, self._rejected, now)

    def _begin_with_copy(self, error: WatchlistError | None) -> Watchlist:
        """Return the last good copy, and say so. Raises the error if there is none to use."""
        wrong: list[str] = []
        with self.services.database.read() as connection:
            kept = versions.newest_first(connection)
            copy = next(filter(None, (self._usable(version, wrong) for version in kept)), None)
        if copy is None:
            waits = f"{self._path}: it leaves out much; to begin with it, run: {ACCEPT}"
            raise error or WatchlistError([*wrong, waits])
        if error is not None:
            self._reject(error)
        self._in_force = copy.digest
        _log.warning("begun with the last good copy of the watchlist", action="watchlist_copy")
        _log_if_nobody_is_told(copy)
        return replace(copy, channels=self._channels_in_force() or copy.channels)

    def _channels_in_force(self) -> tuple[Channel, ...]:
        """Return whom the watchlist in force tells; none if it cannot be read.

        They are owed what happens while an older one is used: one without an address waits.
        """
        with suppress(WatchlistError):
            if before := self.services.last_good():
                return before.channels
        return ()

    def _usable(self, version: versions.Version, wrong: list[str]) -> Watchlist | None:
        """Return what was once in force if it can be used; `wrong` is of the newest that cannot."""
        try:
            copy = self.services.as_kept(version)
            problems = self._judge(self.services, copy)
        except WatchlistError as unreadable:
            problems = unreadable.problems
        else:
            if not problems:
                return copy
        wrong += [] if wrong else problems
        return None


def _shortened(problems: list[str]) -> str:
    left = len(problems) - _MOST_LINES
    return "\n".join([*problems[:_MOST_LINES], *([f"and {left} more"] if left > 0 else [])])


def _log_problem(kind: Kind, text: str) -> None:
    _log.error(
        "the watchlist is rejected, the one before it stays in force"
        if kind is Kind.REJECTED
        else "the watchlist waits to be accepted, the one before it stays in force",
        action=f"watchlist_{kind.value}",
        problem=text,
    )


def _log_if_nobody_is_told(watchlist: Watchlist) -> None:
    if hint := nobody_is_told(watchlist):
        _log.warning(hint, action="nobody_is_told")


def why_it_cannot_follow(services: Services, found: Watchlist, judge: Judge) -> str | None:
    """Return why this watchlist may not follow the one in force, kept for everybody to see.

    None where it may, and where what is wrong with it is wrong with the one in force too: then
    no look is to wait for it. The database must be there and up to date.
    """
    problems = judge(services, found)
    if not problems or not _is_news(problems, _problems_in_force(services, judge)):
        return why_it_waits(services, found)
    now, text = services.now(), _shortened(problems)
    with services.database.write() as connection:
        watchlist_problems.note(connection, Kind.REJECTED, None, text, now)
    return "The edit cannot be used, as told above."


def _problems_in_force(services: Services, judge: Judge) -> list[str] | None:
    """Return what is wrong with the watchlist in force; None where there is none to read."""
    with suppress(WatchlistError):  # an appwatch of another version wrote it
        before = services.last_good()
        return None if before is None else judge(services, before)
    return None


def _is_news(problems: list[str], known: list[str] | None) -> bool:
    """Whether something is wrong that was not before, wherever it stands in the file."""
    sentences = [{line.partition(": ")[2] for line in lines} for lines in (problems, known or [])]
    return known is not None and not sentences[0] <= sentences[1]


def why_it_waits(services: Services, found: Watchlist) -> str | None:
    """Return why a person must accept this watchlist, kept for everybody to see; else None.

    The database must be there and up to date.
    """
    why = too_much_dropped(services, found)
    if why is not None:
        now = services.now()
        with services.database.write() as connection:
            watchlist_problems.note(connection, Kind.WAITING, found.digest, why, now)
    return why


def too_much_dropped(services: Services, found: Watchlist) -> str | None:
    """Return that this watchlist leaves out too much to follow unasked, and the remedy; else None.

    The database must be there and up to date.
    """
    dropped, watched = services.dropped(found)
    if dropped <= MOST_DROPPED * watched:
        return None
    return f"It leaves out {dropped} of the {watched} targets that are watched.\n{IF_MEANT}"
