"""What Prometheus reads: how things stand, and what was counted, none of it by app."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from appwatch import __version__
from appwatch.db.figures import Figures, figures
from appwatch.errors import DatabaseError
from appwatch.web.health import Health, Ready

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
_Row = tuple[tuple[str, ...], float]


def metrics_text(health: Health) -> bytes:
    """Return every metric as text. A database that cannot be read is told as one that is down."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reading(health))
    return generate_latest(registry)


class _Reading:
    """Reads the database once for all metrics of one answer: processes share what it counts."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        ready = self._health.read()
        yield _gauge("info", "The version that runs.", [((__version__,), 1)], "version")
        yield from _standing(ready)
        try:
            with self._health.database.read() as connection:
                counted = figures(connection)
        except DatabaseError:
            return
        yield from _alarms(ready)
        yield from _counted(counted)


def _standing(ready: Ready) -> Iterator[Metric]:
    """Yield what /readyz tells too, as numbers."""
    up, sweeps = float(ready.database), float(ready.sweeps_under_way)
    yield _gauge("ready", "1 while /readyz answers 200.", [((), float(ready.ready))])
    yield _gauge("database_up", "1 while the database can be read.", [((), up)])
    yield _gauge("sweeps_under_way", "Sweeps under way in this process.", [((), sweeps)])
    ages = {
        "oldest_due_look_seconds": ("Since when the oldest look is due.", "oldest_due_look"),
        "oldest_delivery_seconds": ("Since when the oldest message waits.", "oldest_delivery"),
        "watchlist_age_seconds": ("Since when the watchlist is in force.", "watchlist"),
    }
    for name, (said, field) in ages.items():
        age = getattr(ready, f"{field}_seconds")
        yield _gauge(name, said, [] if age is None else [((), age)])


def _alarms(ready: Ready) -> Iterator[Metric]:
    kind = (ready.watchlist_problem or {}).get("kind")
    refused = [((one,), float(kind == one)) for one in ("rejected", "waiting")]
    said = "1 while the watchlist in the folder is not the one in force, and why."
    yield _gauge("watchlist_refused", said, refused, "why")
    said = "Alarms for operators that stand."
    yield _gauge("alarms", said, [((), float(len(ready.alarms)))])
    said = "Faults of the instrument that stand."
    yield _gauge("faults", said, [((), float(len(ready.faults)))])
    for trouble in ("off", "failing"):
        names: list[str] = getattr(ready, f"channels_{trouble}")
        said = f"1 for each channel that is {trouble}."
        yield _gauge(f"channel_{trouble}", said, [((name,), 1.0) for name in names], "channel")


def _counted(found: Figures) -> Iterator[Metric]:
    yield _gauge("targets", "Targets that are watched.", _rows(found.targets), "store", "state")
    said = "Messages that wait, due or not."
    yield _gauge("deliveries_waiting", said, _rows(found.waiting), "channel")
    proved = {store: at.timestamp() for store, at in found.proved_at.items() if at}
    said = "When a look last proved something, in seconds since 1970."
    yield _gauge("last_conclusive_look_timestamp_seconds", said, _rows(proved), "store")
    yield _counter("looks", "Looks that were made.", _rows(found.looks), "store")
    said = "Looks that proved nothing."
    yield _counter("inconclusive_looks", said, _rows(found.inconclusive), "store")
    yield _counter("changes", "Changes that were confirmed.", _rows(found.changes), "store", "kind")


def _rows(found: Mapping[str, float] | Mapping[tuple[str, str], float]) -> list[_Row]:
    return [((key,) if isinstance(key, str) else key, float(n)) for key, n in found.items()]


def _gauge(name: str, said: str, rows: Sequence[_Row], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"appwatch_{name}", said, labels=labels)
    for values, number in sorted(rows):
        family.add_metric(values, number)
    return family


def _counter(name: str, said: str, rows: Sequence[_Row], *labels: str) -> CounterMetricFamily:
    family = CounterMetricFamily(f"appwatch_{name}", said, labels=labels)
    for values, number in sorted(rows):
        family.add_metric(values, number)
    return family
