"""How often a host is asked, and how long it is left to rest after it says no."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from aiolimiter import AsyncLimiter

from appwatch.domain.timing import Rest
from appwatch.stores.base import Answer, Request

# A lookup that answers 403 was seen to recover after half an hour (get_cover_art 1.5.0).
AFTER_REFUSAL = timedelta(minutes=30)
AFTER_429 = timedelta(minutes=1)
LONGEST = timedelta(hours=6)
WAITED_OUT = timedelta(seconds=10)  # a Retry-After up to this is waited for, not rested on


class Rests(Protocol):
    """Where rests are kept, so that processes share them."""

    def get(self, surface: str, host: str) -> Rest | None:
        """Return the last rest of this host, over or not."""
        ...

    def put(self, surface: str, host: str, rest: Rest | None) -> None:
        """Keep a rest, or forget it."""
        ...


class NoRests:
    """Rests kept in memory only: for a process that shares them with nobody."""

    def __init__(self) -> None:
        self._rests: dict[tuple[str, str], Rest] = {}

    def get(self, surface: str, host: str) -> Rest | None:
        """Return the last rest of this host, over or not."""
        return self._rests.get((surface, host))

    def put(self, surface: str, host: str, rest: Rest | None) -> None:
        """Keep a rest, or forget it."""
        if rest is None:
            self._rests.pop((surface, host), None)
        else:
            self._rests[surface, host] = rest


class Pace:
    """One request at a time and host, evenly spread, without bursts."""

    def __init__(self) -> None:
        self._limiters: dict[tuple[str, str], AsyncLimiter] = {}

    async def wait(self, request: Request) -> None:
        """Wait until the host may be asked again."""
        if request.per_minute <= 0:
            return
        key = (request.surface, request.host)
        if key not in self._limiters:
            self._limiters[key] = AsyncLimiter(1, 60 / request.per_minute)
        await self._limiters[key].acquire()


def rest_asked(answer: Answer) -> timedelta | None:
    """Return how long the answer asks us to stay away, or None if it does not."""
    named = retry_after(answer)
    if answer.status == 429:
        return named or AFTER_429
    if answer.status == 403 or _is_robot_check(answer):
        return named or AFTER_REFUSAL
    if answer.status >= 500 and named is not None and named > WAITED_OUT:
        return named
    return None


def _is_robot_check(answer: Answer) -> bool:
    """Whether the answer is, or leads to, the page that asks whether we are a robot."""
    places = (answer.url, answer.header("location"))
    return any("/sorry/" in place.partition("?")[0] for place in places)


def rest_after(answer: Answer, asked: timedelta, last: Rest | None) -> Rest:
    """Return the rest that follows a refusal: longer with each one in a row.

    What was asked before the last rest was over, in flight or by someone who insists, meets
    the same refusal once more, not a further one.
    """
    again = last is not None and answer.started_at < last.until
    strikes = (last.strikes if last else 0) + (0 if again else 1)
    length = min(asked * 2 ** min(strikes - 1, 10), max(LONGEST, asked))
    until = answer.finished_at + length
    return Rest(max(until, last.until) if last else until, strikes)


def retry_after(answer: Answer) -> timedelta | None:
    """Return the answer's Retry-After as a length of time, or None; at most a day."""
    value = answer.header("retry-after").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 86_400))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - answer.finished_at, timedelta(0)), timedelta(days=1))
