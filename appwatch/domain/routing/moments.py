"""When a change is to be told."""

from datetime import UTC, datetime, time, timedelta, tzinfo

from appwatch.domain.routing.route import Route

INCIDENT_WINDOW = timedelta(hours=24)  # changes of one app within this belong together


def when(route: Route, now: datetime, told_at: datetime | None) -> datetime:
    """Return when a change is to be told; `told_at` is when its incident last was.

    The first message goes at once; what follows within `group_for` waits for its end. A
    digest waits for its hour. Quiet hours are minded when it is sent.
    """
    if route.digest is not None:
        return next_digest(*route.digest, now)
    return now if told_at is None else max(now, told_at + route.group_for)


def due_before(route: Route, now: datetime) -> datetime:
    """Return before when a message must have been queued for its time to be over by now.

    By the route as it is now: the one by which it was queued may have had another digest, and
    the clock may have been ahead.
    """
    if route.digest is None:
        return now - route.group_for
    moment = _digest(*route.digest, now, 0)
    return moment if moment <= now else _digest(*route.digest, now, -1)


def next_digest(at: time, zone: tzinfo, now: datetime) -> datetime:
    """Return the next moment, in UTC, at which clocks of that zone show that time."""
    moment = _digest(at, zone, now, 0)
    return moment if moment > now else _digest(at, zone, now, 1)


def _digest(at: time, zone: tzinfo, now: datetime, days: int) -> datetime:
    """Return when clocks of that zone show that time, so many days after today's there."""
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, at, zone).astimezone(UTC)
