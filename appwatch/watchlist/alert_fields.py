"""How the values of an alert are read that no other entry has: rates, and hours of the day."""

import re
from datetime import time

from appwatch.domain.routing import Rate
from appwatch.watchlist.fields import duration, zone
from appwatch.watchlist.model import Hours
from appwatch.watchlist.problems import quoted

_RATE = re.compile(r"([0-9]{1,4})/([0-9]{1,9}[smhd])")
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_HOURS = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}\s+(\S+)")


def rate(text: str) -> Rate:
    """Read so many in such a time: 20/1h."""
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) < 1:
        raise ValueError(
            f"{quoted(text)} is no rate; expected a number from 1 to 9999 and a time, such as 20/1h"
        )
    return Rate(int(match[1]), duration(match[2]))


def hours(text: str) -> Hours:
    """Read hours of the day and a zone: 22:00-07:00 Europe/Paris."""
    match = _HOURS.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{quoted(text)} are no hours of the day; expected two times and a zone,"
            ' such as "22:00-07:00 Europe/Paris"'
        )
    begins, ends = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if begins == ends:
        raise ValueError(f"{quoted(text)} begin when they end; expected two times that differ")
    return Hours(begins, ends, zone(match[5]))
