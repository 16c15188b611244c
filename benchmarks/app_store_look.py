"""CPU of an App Store look, judged and recorded, beside the plain GET of the same bytes."""

import asyncio
import json
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from appwatch.domain.model import Place
from appwatch.simulator import SimulatedApp, recorded_lookups
from appwatch.simulator.lookup_answers import lookup_result
from appwatch.stores.app_store.requests import lookup
from benchmarks.answers import serving
from benchmarks.bench import bench, store
from benchmarks.beside import measure
from benchmarks.figures import CORPUS, Figure, options, progress, ratio, report

# Reading, judging and recording 197 listings may cost half of what fetching them costs.
AT_MOST = 1.5
RECORDED = CORPUS / "apple_lookup" / "apple_lookup_2019.tar.gz"
_FIRST = 300_000_001
_STOREFRONT = re.compile(rb"(apps\.apple\.com|itunes\.apple\.com)/[a-z]{2}/")


def main(arguments: Sequence[str]) -> int:
    """Measure and report."""
    parser = options("CPU of an App Store look beside a plain GET of the same bytes.", 15)
    parser.add_argument("--batches", type=int, default=10, help="requests a run (default 10)")
    parser.add_argument("--recorded", type=Path, default=RECORDED, help="recorded lookups, tar.gz")
    chosen = parser.parse_args(arguments)
    size = store("app_store").batch_size
    ids = [str(_FIRST + 7 * n) for n in range(chosen.batches * size)]
    batches = [ids[at : at + size] for at in range(0, len(ids), size)]
    results = _results(chosen.recorded)
    bodies = {batch[0]: _body(_ids(batch), results) for batch in batches}
    with TemporaryDirectory() as folder, serving(Path(folder), "text/javascript", bodies) as url:
        hosts = {f"APPWATCH_APPLE_{name}_URL": url for name in ("LOOKUP", "PLATFORM", "WEB")}
        environment = {**hosts, "APPWATCH_APPLE_PER_MINUTE": "0"}
        with bench(Place("app_store", "us"), ids, environment) as made:
            urls = [lookup(url, _ids(batch), "us", "plain", 0).url for batch in batches]
            pairs = asyncio.run(measure(made, urls, len(ids), chosen.runs))
    look = sorted(ours for ours, _ in pairs)[len(pairs) // 2] / len(ids)
    return report(
        [
            Figure("App Store look, to a plain GET", ratio(pairs), "ratio", AT_MOST),
            Figure("App Store look", look * 1e6, "microseconds of CPU"),
        ]
    )


def _ids(batch: Sequence[str]) -> list[str]:
    """Return what is asked for with a batch: its ids, and the controls beside them."""
    return [*batch, *store("app_store").default_controls]


def _results(recorded: Path) -> Iterator[bytes]:
    """Yield lookup results without end: the recorded ones, else the simulator's."""
    if recorded.exists():
        progress(f"real results: {recorded.name}")
        return cycle(piece.raw for piece in recorded_lookups(recorded).results.values())
    progress("no recorded results: the simulator's are used")
    apps = (SimulatedApp(f"App {n}", app_store=str(n)) for n in range(1, 500))
    return cycle(lookup_result(app, "us").raw for app in apps)


def _body(ids: Sequence[str], results: Iterator[bytes]) -> bytes:
    """Return the answer that lists these ids in `us`, made of the next results."""
    listed = [
        _relabelled(raw, one) for one, raw in zip(ids, islice(results, len(ids)), strict=True)
    ]
    head = f'\n\n\n{{\n "resultCount":{len(listed)},\n "results": [\n'.encode()
    return head + b",\n".join(listed) + b"]\n}\n\n\n"


def _relabelled(result: bytes, listing: str) -> bytes:
    """Return the result as another app's in `us`."""
    track = json.loads(result)["trackId"]
    return _STOREFRONT.sub(rb"\1/us/", result).replace(str(track).encode(), listing.encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
