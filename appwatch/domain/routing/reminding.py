"""When what is still gone is told again."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def next_reminder(
    intervals: Sequence[timedelta], since: datetime, after: datetime
) -> datetime | None:
    """Return the first reminder after a moment of what lasts since then; None: there is none.

    The last of the intervals comes again and again.
    """
    since = min(since, after)  # the clock may have been ahead
    for interval in sorted(intervals):
        if since + interval > after:
            return since + interval
    last = max(intervals, default=timedelta(0))
    if not last:
        return None
    return since + last * ((after - since) // last + 1)
