"""Empties the outbox: claims what waits, sends it outside any transaction, settles it."""

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Final

import structlog

from appwatch.alerts import channels
from appwatch.alerts.channels import Sender
from appwatch.alerts.composing import compose
from appwatch.alerts.language import ENGLISH
from appwatch.alerts.letter import Message
from appwatch.alerts.messages import test_message
from appwatch.alerts.outcomes import Sent
from appwatch.alerts.planning import plan
from appwatch.alerts.wording import Wording
from appwatch.db import channels as fares
from appwatch.db import deliveries, operators, outbox, renaming, versions
from appwatch.db.channels import Cause
from appwatch.db.engine import Database
from appwatch.db.outbox import Attempt, Claimed, Result, Status
from appwatch.domain.routing import Route
from appwatch.errors import AppwatchError, DatabaseError, Defect, defects

# Longer than any attempt takes: who holds an older one than that is dead.
LEASE: Final = timedelta(seconds=3 * channels.LONGEST_SECONDS)
LOOK_AGAIN: Final = 1.0  # seconds until channels are looked for that wait by now
_NOTED_WITHIN: Final = 60.0  # seconds in which the database may take down how an attempt ended

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outbox:
    """What delivering needs. `urls` maps the watchlist's channels to addresses, empty if unset.

    A channel without a route is told of all that is queued for it, by the defaults. `renamed`
    has the new names of channels by their old ones, under which another process may queue yet
    where the watchlist with this `digest` is in force.
    """

    database: Database
    urls: Mapping[str, str] = field(repr=False)
    wording: Wording
    now: Callable[[], datetime]
    owner: str
    send: Sender = channels.send
    routes: Sequence[Route] = ()
    languages: Mapping[str, str] = field(default_factory=dict)  # of channels; else English
    renamed: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    def language(self, channel: str) -> str:
        """Return the language of the channel's messages."""
        return self.languages.get(channel, ENGLISH)

    def route(self, channel: str) -> Route:
        """Return the channel's route."""
        found = (route for route in self.routes if route.channel == channel)
        return next(found, Route(channel))

    def told(self) -> list[Route]:
        """Return the routes of all channels that have an address."""
        return [self.route(channel) for channel in self.urls]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of delivering did: `failed` counts attempts, `waiting` what is left.

    `unusable` says of each channel for which something waits why nothing was sent there.
    """

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    unusable: Mapping[str, str] = field(default_factory=dict)


def deliver(box: Outbox, stop: Event | None = None, over: Event | None = None) -> Delivered:
    """Send what waits, each channel in its own thread and its own order.

    A channel that fails delays no other: what is queued elsewhere meanwhile is sent at once.
    Once `over` is set nothing new is claimed; once `stop` is, what is under way has 5 s left.
    Raises DatabaseError at the end of the round; what was claimed then waits for its lease to end.
    """
    told = _Round(box, stop or Event(), over or Event())
    told.run()
    with box.database.read() as connection:
        waiting = deliveries.count_waiting(connection)
    return Delivered(told.sent, told.failed, waiting, told.unusable)


def send_test(box: Outbox, channel: str) -> Sent:
    """Send a test message to a channel at once, past the outbox.

    One that arrives switches the channel on, if it was off: what waits for it is sent next.
    """
    url = box.urls.get(channel, "")
    problem = channels.problem_of(channel, url)
    if problem is not None:
        return Sent(Result.FAILED, problem)
    sent = box.send(url, test_message(channel, language=box.language(channel)), Event())
    if sent.result is Result.SENT:
        switch_on(box, channel)
    return sent


def switch_on(box: Outbox, channel: str) -> bool:
    """Switch a channel on again; return whether it was off."""
    with box.database.write() as connection:
        return operators.switch_on(connection, channel, box.told(), box.now())


class _Round:
    """One round of delivering, over all channels."""

    def __init__(self, box: Outbox, stop: Event, over: Event) -> None:
        self.sent = 0
        self.failed = 0
        self.unusable: dict[str, str] = {}
        self._box = box
        self._stop = stop
        self._over = over
        self._plans_at = 0.0  # by the monotonic clock
        self._counting = threading.Lock()
        # By channel, until it goes well there: the trouble, and when it is tried again.
        self._trouble: dict[str, tuple[DatabaseError, float]] = {}

    def run(self) -> None:
        """Send until nothing waits that can be sent. Raises DatabaseError, once all else is."""
        running: dict[str, Future[None]] = {}
        with ThreadPoolExecutor(max(len(self._box.urls), 1), "appwatch-channel") as threads:
            while True:
                for channel in self._next(running):
                    running[channel] = threads.submit(self._empty, channel)
                if not running:
                    break
                wait(running.values(), timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
                for channel in [name for name, task in running.items() if task.done()]:
                    self._note(channel, running.pop(channel))
        for error, _ in self._trouble.values():
            raise error

    def _note(self, channel: str, ended: "Future[None]") -> None:
        """Remember trouble with the database: while others are told, it is tried there again."""
        self._trouble.pop(channel, None)
        try:
            ended.result()
        except DatabaseError as error:
            self._trouble[channel] = (error, time.monotonic() + LOOK_AGAIN)
            said = str(error)
            _log.warning("channel waits", action="channel_waits", channel=channel, error=said)

    def _next(self, running: Mapping[str, "Future[None]"]) -> list[str]:
        """Return the channels to begin with. Raises DatabaseError where nothing is under way."""
        if self._ending():
            return []
        try:
            return self._ready(running)
        except DatabaseError:
            if not running:
                raise
            return []

    def _ready(self, running: Mapping[str, "Future[None]"]) -> list[str]:
        """Return the channels that wait, can be used, and are neither busy nor at rest."""
        box, now = self._box, self._box.now()
        self._plan(now)
        with box.database.read() as connection:
            waiting = outbox.channels_waiting(connection)
        if not box.renamed.keys().isdisjoint(waiting):
            waiting = self._follow_names()
        busy = {*running, *self.unusable, *self._resting(running)}
        usable = [name for name in waiting if name not in busy and self._usable(name)]
        with box.database.read() as connection:
            return [one for one in usable if outbox.is_ready(connection, box.route(one), now)]

    def _follow_names(self) -> list[str]:
        """Call channels by their new names; return those that wait."""
        box = self._box
        with box.database.write() as connection:
            if versions.in_force(connection) == box.digest:  # else an old name may be another's
                renaming.rename(connection, box.renamed, again=True)
            return outbox.channels_waiting(connection)

    def _plan(self, now: datetime) -> None:
        """Queue what is due by now; once a second, as it reads all that waits."""
        if time.monotonic() >= self._plans_at:
            plan(self._box.database, self._box.told(), now)
            self._plans_at = time.monotonic() + LOOK_AGAIN

    def _resting(self, running: Mapping[str, "Future[None]"]) -> list[str]:
        """Return the channels with trouble; where no other is told, the next round tries again."""
        now = time.monotonic()
        return [name for name, (_, until) in self._trouble.items() if not running or now < until]

    def _ending(self) -> bool:
        return self._stop.is_set() or self._over.is_set()

    def _usable(self, channel: str) -> bool:
        """Whether the channel has an address that can be used; it is off while it has a bad one.

        Without one it is on: this shell may lack a variable that another process has.
        """
        if channel not in self._box.urls:
            self.unusable[channel] = f"The channel {channel!r} is not in the watchlist any more."
            return False
        address = self._box.urls[channel]
        problem = channels.problem_of(channel, address)
        if problem is None:
            self._mended(channel)
            return True
        self.unusable[channel] = problem
        if address:
            self._switch_off(channel, Cause.UNUSABLE, problem)
        return False

    def _mended(self, channel: str) -> None:
        """Switch a channel on that was off for an address that could not be used, and now can."""
        with self._box.database.read() as connection:
            state = fares.state_of(connection, channel)
        if state.off_cause == Cause.UNUSABLE.value:
            switch_on(self._box, channel)

    def _switch_off(self, channel: str, cause: Cause, words: str) -> None:
        box = self._box
        with box.database.write() as connection:
            operators.switch_off(connection, channel, (cause, words), box.told(), box.now())

    def _empty(self, channel: str) -> None:
        """Send what waits for one channel, until it is empty or fails."""
        while not self._ending():
            claimed = self._claim(channel)
            if claimed is None:
                return
            sent = self._deliver(claimed)
            with self._counting:
                self.sent += sent
                self.failed += not sent
            if not sent:
                return

    def _claim(self, channel: str) -> Claimed | None:
        box = self._box
        with box.database.write() as connection:
            return outbox.claim(connection, box.route(channel), box.owner, box.now(), LEASE)

    def _deliver(self, claimed: Claimed) -> bool:
        """Send one delivery and settle it; return whether the service took it."""
        attempt = self._attempt(claimed)
        _tell_log(claimed, attempt, self._settle(claimed, attempt))
        return attempt.result is Result.SENT

    def _settle(self, claimed: Claimed, attempt: Attempt) -> Status | None:
        """Note how the attempt ended: where that cannot be noted, the message comes again."""
        ends_at = time.monotonic() + _NOTED_WITHIN
        while True:
            try:
                return self._settle_now(claimed, attempt)
            except DatabaseError:
                if time.monotonic() > ends_at or self._stop.is_set():
                    raise
                self._stop.wait(LOOK_AGAIN)

    def _settle_now(self, claimed: Claimed, attempt: Attempt) -> Status | None:
        box = self._box
        with box.database.write() as connection:
            status = outbox.settle(connection, claimed, box.owner, attempt, box.now())
            if attempt.result is Result.PERMANENT:
                why = (Cause.REFUSED, attempt.words)
                channel = outbox.channel_of(connection, claimed.id)
                others = [route for route in box.told() if route.channel != claimed.channel]
                operators.switch_off(connection, channel, why, others, box.now())
        return status

    def _attempt(self, claimed: Claimed) -> Attempt:
        box = self._box
        message: Message | None = None
        try:
            with defects():
                message = compose(box.database, claimed, box.wording, box.language(claimed.channel))
                sent = box.send(box.urls[claimed.channel], message, self._stop)
        except (AppwatchError, Defect) as error:
            words = f"An error of appwatch itself: {_where(error.__cause__ or error)}."
            # One that was made may have been on its way.
            sent = Sent(Result.AMBIGUOUS if message else Result.FAILED, words)
        told = sent.message or message
        title, body = (told.title, told.body) if told else (None, None)
        return Attempt(sent.result, sent.words, title, body, sent.retry_after)


def _where(error: BaseException) -> str:
    """Return the kind and place of an error: its own words might hold an address."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno}"


def _tell_log(claimed: Claimed, attempt: Attempt, status: Status | None) -> None:
    tell = _log.info if attempt.result is Result.SENT else _log.warning
    tell(
        "delivery attempted",
        action="delivery_attempted",
        delivery=claimed.id,
        channel=claimed.channel,
        attempt=claimed.attempts,
        result=attempt.result.value,
        status=status.value if status else "lease_lost",
        words=attempt.words,
    )
