"""Which channel is told of which change, and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

DEFAULT_KINDS = ("disappeared", "returned", "restricted", "retracted")
GROUP_FOR = timedelta(minutes=10)
INCIDENT_WINDOW = timedelta(hours=24)  # changes of one app within this belong together


@dataclass(frozen=True, slots=True)
class Route:
    """What a channel wants to hear; an empty filter lets everything through."""

    channel: str
    kinds: Collection[str] = DEFAULT_KINDS
    apps: Collection[str] = ()
    tags: Collection[str] = ()
    stores: Collection[str] = ()
    storefronts: Collection[str] = ()
    group_for: timedelta = GROUP_FOR
    digest: tuple[time, tzinfo] | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """What a change or a notice is about, as far as routing asks."""

    kind: str
    app: str
    tags: Collection[str]
    store: str
    storefront: str


def wants(route: Route, topic: Topic) -> bool:
    """Whether the channel wants to hear of this change."""
    return (
        topic.kind in route.kinds
        and (not route.apps or topic.app in route.apps)
        and (not route.tags or not set(route.tags).isdisjoint(topic.tags))
        and (not route.stores or topic.store in route.stores)
        and (not route.storefronts or topic.storefront in route.storefronts)
    )


def when(route: Route, now: datetime, told_at: datetime | None) -> datetime:
    """Return when a change is to be told; `told_at` is when its incident last was.

    The first message goes at once; what follows within `group_for` waits for its end. A
    digest waits for its hour.
    """
    if route.digest is not None:
        return next_digest(*route.digest, now)
    return now if told_at is None else max(now, told_at + route.group_for)


def next_digest(at: time, zone: tzinfo, now: datetime) -> datetime:
    """Return the next moment, in UTC, at which clocks of that zone show that time."""
    local = now.astimezone(zone)
    moment = datetime.combine(local.date(), at, zone)
    if moment <= local:
        moment = datetime.combine(local.date() + timedelta(days=1), at, zone)
    return moment.astimezone(UTC)
