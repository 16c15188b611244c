"""Routes: what a channel wants to hear, and how much of it at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

DEFAULT_KINDS = ("disappeared", "returned", "restricted", "retracted")
GROUP_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many within any such time: 20/1h."""

    count: int
    per: timedelta


PACE = Rate(20, timedelta(minutes=1))  # what the strictest of the common services bear


@dataclass(frozen=True, slots=True)
class Topic:
    """What a change or a notice is about, as far as routing asks."""

    kind: str
    app: str
    tags: Collection[str]
    store: str
    storefront: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours, by the clocks of a zone, in which only what is named here is told.

    They may reach past midnight. `unless` are kinds; of `apps` and `tags` an empty one lets
    all through that the others name.
    """

    begins: time
    ends: time
    zone: tzinfo
    unless: Collection[str] = ()
    apps: Collection[str] = ()
    tags: Collection[str] = ()

    def covers(self, now: datetime) -> bool:
        """Whether this moment is within the quiet hours."""
        at = now.astimezone(self.zone).time()
        if self.begins < self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def lets_through(self, topic: Topic) -> bool:
        """Whether this may be told within the hours."""
        named = ((self.unless, [topic.kind]), (self.apps, [topic.app]), (self.tags, topic.tags))
        asked = [(names, found) for names, found in named if names]
        return bool(asked) and not any(set(names).isdisjoint(found) for names, found in asked)


@dataclass(frozen=True, slots=True)
class Route:
    """What a channel wants to hear; an empty filter lets everything through.

    `pace` delays what is too much at once, `at_most` sums it up. `remind` are the times since
    a departure after which it is told again while it lasts, the last of them again and again.
    `operator`: it is told of appwatch's own trouble.
    """

    channel: str
    kinds: Collection[str] = DEFAULT_KINDS
    apps: Collection[str] = ()
    tags: Collection[str] = ()
    stores: Collection[str] = ()
    storefronts: Collection[str] = ()
    group_for: timedelta = GROUP_FOR
    digest: tuple[time, tzinfo] | None = None
    quiet: Quiet | None = None
    remind: Sequence[timedelta] = ()
    pace: Rate = PACE
    at_most: Rate | None = None
    operator: bool = False


def wants(route: Route, topic: Topic) -> bool:
    """Whether the channel wants to hear of this."""
    return topic.kind in route.kinds and concerns(route, topic)


def concerns(route: Route, topic: Topic) -> bool:
    """Whether the channel's filters let this through, whatever its kind."""
    return (
        (not route.apps or topic.app in route.apps)
        and (not route.tags or not set(route.tags).isdisjoint(topic.tags))
        and (not route.stores or topic.store in route.stores)
        and (not route.storefronts or topic.storefront in route.storefronts)
    )


def is_urgent(route: Route, topic: Topic) -> bool:
    """Whether a message of this may break the channel's quiet hours."""
    return route.quiet is not None and route.quiet.lets_through(topic)


def operators(
    routes: Sequence[Route], off: Collection[str], about: str | None = None
) -> list[Route]:
    """Return the channels that are told of appwatch's own trouble.

    Those marked for it; without one that can be told, all others. Never the one that the trouble
    is `about`; one that is `off` only where all are: it waits there.
    """
    others = [route for route in routes if route.channel != about]
    usable = [route for route in others if route.channel not in off] or others
    return [route for route in usable if route.operator] or usable
