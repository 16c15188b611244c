"""How many requests a round takes, how long that is at the pace, whether `every` can be held."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from appwatch.domain.model import Place
from appwatch.stores.base import Asked, Batch, Request, Store
from appwatch.watchlist import Watchlist


@dataclass(frozen=True, slots=True)
class HostLoad:
    """What one round asks of one host, at so many requests a minute (0: unpaced)."""

    host: str
    requests: int
    per_minute: float

    @property
    def takes(self) -> timedelta:
        """How long the pace makes a round last at this host."""
        return (
            timedelta(minutes=self.requests / self.per_minute) if self.per_minute else timedelta()
        )


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of the whole watchlist asks. Hosts are asked side by side."""

    apps: int
    targets: int
    hosts: tuple[HostLoad, ...]
    every: timedelta

    @property
    def requests(self) -> int:
        """The requests of a round in which nothing has changed."""
        return sum(host.requests for host in self.hosts)

    @property
    def slowest(self) -> HostLoad | None:
        """The host at which a round takes longest, if one is asked at all."""
        return max(self.hosts, key=lambda host: host.takes, default=None)

    @property
    def takes(self) -> timedelta:
        """How long a round takes at the pace."""
        return self.slowest.takes if self.slowest else timedelta()

    @property
    def held(self) -> bool:
        """Whether `every` can be held."""
        return self.takes <= self.every

    @property
    def watched(self) -> str:
        """How much is looked at, in words."""
        return f"{_count(self.apps, 'app')} in {_count(self.targets, 'target')}"

    def sentences(self) -> list[str]:
        """Return what a person should know of it."""
        if self.slowest is None:
            return ["Nothing is looked at: no app has a listing and is not paused."]
        requests = f"{_count(self.requests, 'request')}{self._by_host()}"
        round_ = f"A round looks at {self.watched} with {requests}"
        takes = f" and takes {duration_text(self.takes)} at the pace" if self.takes else ", unpaced"
        return [f"{round_}{takes}.", self._verdict(self.slowest)]

    def _by_host(self) -> str:
        """Return how the requests are shared out, or where all of them go."""
        counts: Counter[str] = Counter()
        for host in self.hosts:
            counts[host.host] += host.requests
        if len(counts) == 1:
            return f" to {next(iter(counts))}"
        return f" ({', '.join(f'{count} to {host}' for host, count in counts.items())})"

    def _verdict(self, slowest: HostLoad) -> str:
        every = duration_text(self.every)
        if self.held:
            return f"A round every {every} can be held."
        return (
            f"A round every {every} cannot be held: {slowest.host} alone takes "
            f"{duration_text(slowest.takes)} at {slowest.per_minute:g} requests a minute; raise "
            "every: in the watchlist, or watch fewer storefronts."
        )


def load_of(watchlist: Watchlist, stores: Mapping[str, Store]) -> Load:
    """Return what a round of this watchlist asks, when nothing has changed."""
    looked_at = [app for app in watchlist.apps if app.listings and not app.paused]
    targets: dict[Place, list[str]] = {}
    for app in looked_at:
        for name, listing in app.listings.items():
            for storefront in app.storefronts[name]:
                targets.setdefault(Place(name, storefront), []).append(listing)
    # As the pace is kept: by surface and host.
    requests: Counter[tuple[str, str]] = Counter()
    paces: dict[tuple[str, str], float] = {}
    for place, listings in targets.items():
        store = stores[place.store]
        asked = first_request(store, place, listings[:1], watchlist.controls.get(place.store, ()))
        key = (asked.surface, asked.host)
        requests[key] += -(-len(listings) // store.batch_size) + store.controls_apart
        paces[key] = asked.per_minute
    hosts = tuple(HostLoad(key[1], count, paces[key]) for key, count in requests.items())
    count = sum(len(listings) for listings in targets.values())
    return Load(len(looked_at), count, hosts, watchlist.every)


def first_request(
    store: Store, place: Place, listings: Sequence[str], controls: Sequence[str]
) -> Request:
    """Return the first request of a look; nothing is asked."""
    asked = [Asked(listing) for listing in listings]
    dialogue = store.look(Batch(place.storefront, asked, controls or store.default_controls, "0"))
    request = next(dialogue)
    dialogue.close()
    return request


def duration_text(length: timedelta) -> str:
    """Return a length of time in its two largest units: 1 h 25 min."""
    seconds = round(length.total_seconds())
    parts = [
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    ]
    told = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(told[:2]) or "0 s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
