"""How long a channel that fails is left alone, and when what it missed is late."""

from datetime import datetime, timedelta

BACKOFF = (
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=6),  # from here on
)
# A channel that fails is tried at least so often, with one message after another: one that
# only this service cannot take must not keep the others from it.
LONGEST_REST = timedelta(minutes=15)
LONGEST_ASKED = timedelta(days=1)  # that a service's Retry-After is believed
LATE_AFTER = timedelta(days=3)  # since the first failure, and not before so many:
LATE_ATTEMPTS = 8  # a machine that was off for days has not tried for days


def tried_again_at(now: datetime, attempts: int, retry_after: timedelta | None = None) -> datetime:
    """Return when a message that failed so many times (at least 1) is tried again."""
    return now + max(BACKOFF[min(attempts, len(BACKOFF)) - 1], _asked(retry_after))


def rests_until(now: datetime, strikes: int, retry_after: timedelta | None = None) -> datetime:
    """Return until when a channel that failed so many times in a row (at least 1) is left alone."""
    own = min(BACKOFF[min(strikes, len(BACKOFF)) - 1], LONGEST_REST)
    return now + max(own, _asked(retry_after))


def has_failed_for_days(now: datetime, failing_since: datetime | None, failures: int) -> bool:
    """Whether a message, or a channel, has failed for so long that what it missed is late."""
    return (
        failing_since is not None
        and failures >= LATE_ATTEMPTS
        and now - failing_since >= LATE_AFTER
    )


def _asked(retry_after: timedelta | None) -> timedelta:
    return min(retry_after or timedelta(0), LONGEST_ASKED)
