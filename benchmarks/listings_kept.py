"""What the last good listings of 1,000 targets take in the evidence folder, for each store."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from appwatch.evidence import Evidence
from appwatch.simulator import Presence, SimulatedApp, recorded_lookups
from appwatch.simulator.bodies import joined
from appwatch.simulator.details_data import DetailsPage
from appwatch.simulator.details_pages import details_page
from appwatch.simulator.lookup_answers import lookup_result
from benchmarks.figures import CORPUS, Figure, progress, report

TARGETS = 1000
PAGES_KEPT = 30  # pages of one kind differ little: the mean of so many stands for all
# What a small machine can spare for each thousand of targets, in MB.
APP_STORE_AT_MOST, GOOGLE_PLAY_AT_MOST = 5.0, 300.0
RECORDED = CORPUS / "apple_lookup" / "apple_lookup_2019.tar.gz"
PAGES = CORPUS / "play_web"
# Details pages of listings that can be installed, as the store shows them since 2022.
NAMES = (
    "2022-06-03_br_usdebtnow_newdesign.html",
    "2025-10-20_kr_stock_ko.html",
    "2026-07-06_us_translate.html",
)


def main(arguments: Sequence[str]) -> int:
    """Measure and report."""
    parser = ArgumentParser(description="What the last good listings of 1,000 targets take.")
    parser.add_argument("--recorded", type=Path, default=RECORDED, help="recorded lookups, tar.gz")
    parser.add_argument("--pages", type=Path, default=PAGES, help="a folder of recorded pages")
    chosen = parser.parse_args(arguments)
    results = _kept(_results(chosen.recorded), TARGETS)
    pages = _kept(_pages(chosen.pages), PAGES_KEPT)
    return report(
        [
            Figure("1,000 App Store results", results, "MB", APP_STORE_AT_MOST),
            Figure("1,000 Google Play pages", pages, "MB", GOOGLE_PLAY_AT_MOST),
        ]
    )


def _kept(bodies: Iterator[bytes], count: int) -> float:
    """Keep so many bodies as the product does; return what the files of TARGETS take, in MB."""
    with TemporaryDirectory() as folder:
        evidence = Evidence(Path(folder))
        # Each with something of its own: no two targets share a file.
        alone = (body + str(n).encode() for n, body in enumerate(islice(bodies, count)))
        kept = [evidence.keep(body) for body in alone]
        return sum(map(evidence.size, kept)) / len(kept) * TARGETS / 1e6


def _results(recorded: Path) -> Iterator[bytes]:
    """Yield a listing's own part of a lookup, recorded or else the simulator's, without end."""
    if recorded.exists():
        progress(f"real results: {recorded.name}")
        return cycle(piece.raw for piece in recorded_lookups(recorded).results.values())
    progress("no recorded results: the simulator's are used")
    apps = (SimulatedApp(f"App {n}", app_store=str(n)) for n in range(1, 500))
    return cycle(lookup_result(app, "us").raw for app in apps)


def _pages(folder: Path) -> Iterator[bytes]:
    """Yield details pages, recorded or else the simulator's, without end."""
    found = [folder / name for name in NAMES if (folder / name).exists()]
    if found:
        progress(f"real pages: {', '.join(file.name for file in found)}")
        return cycle([file.read_bytes() for file in found])
    progress("no recorded page: the simulator's is used")
    app = SimulatedApp("Example", google_play="com.example.simulated")
    return cycle([joined(details_page(DetailsPage(app, "us", Presence.LISTED, app.updated)))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
