"""How many messages a channel bears: its pace delays them, its limit sums them up."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from appwatch.domain.clocks import SKEW
from appwatch.domain.routing.route import Rate, Route


class Turn(NamedTuple):
    """Whether a channel may be told something now.

    `until`: not before then; None: now. `sum_up`: this is the last message for a while, so it
    is to tell all that waits.
    """

    until: datetime | None
    sum_up: bool


def turn(route: Route, tried: Sequence[datetime], told: Sequence[datetime], now: datetime) -> Turn:
    """Return whether the channel may be told something.

    `tried` are the moments of its latest attempts, `told` of those that arrived or may have.
    """
    opens = [_opens(route.pace, tried, now)]
    limit, sum_up = route.at_most, False
    if limit is not None:
        opens.append(_opens(limit, told, now))
        sum_up = len(_within(limit, told, now)) >= limit.count - 1
    return Turn(max((at for at in opens if at is not None), default=None), sum_up)


def _opens(rate: Rate, moments: Sequence[datetime], now: datetime) -> datetime | None:
    """Return when there is room for one more; None: there is now."""
    recent = _within(rate, moments, now)
    return recent[-rate.count] + rate.per if len(recent) >= rate.count else None


def _within(rate: Rate, moments: Sequence[datetime], now: datetime) -> list[datetime]:
    # A moment still to come is of a clock that was ahead: it must not close a channel for long.
    return sorted(min(at, now) for at in moments if now - rate.per < at <= now + SKEW)
