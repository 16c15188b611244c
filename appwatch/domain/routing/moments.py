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


def next_digest(at: time, zone: tzinfo, now: datetime) -> datetime:
    """Return the next moment, in UTC, at which clocks of that zone show that time."""
    local = now.astimezone(zone)
    moment = datetime.combine(local.date(), at, zone)
    if moment.astimezone(UTC) <= now:
        moment = datetime.combine(local.date() + timedelta(days=1), at, zone)
    return moment.astimezone(UTC)
