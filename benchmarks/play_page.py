"""CPU of a Google Play page, judged and recorded, beside the plain GET of the same bytes."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from appwatch.domain.model import Place
from appwatch.simulator import Presence, SimulatedApp
from appwatch.simulator.bodies import joined
from appwatch.simulator.details_data import DetailsPage
from appwatch.simulator.details_pages import details_page
from appwatch.stores.google_play import blocks
from appwatch.stores.google_play.listing import country, listings
from appwatch.stores.google_play.requests import details
from benchmarks.answers import serving
from benchmarks.bench import bench
from benchmarks.beside import measure
from benchmarks.figures import CORPUS, Figure, options, progress, ratio, report

# A page is decoded once and hardly looked at: no dearer than httpx alone.
AT_MOST = 1.0
RECORDED = CORPUS / "play_web" / "2026-07-06_us_translate.html"


def main(arguments: Sequence[str]) -> int:
    """Measure and report."""
    parser = options("CPU of a Google Play page beside a plain GET of the same bytes.", 15)
    parser.add_argument("--pages", type=int, default=60, help="pages a run (default 60)")
    parser.add_argument("--body", type=Path, default=RECORDED, help="a recorded details page")
    chosen = parser.parse_args(arguments)
    body = _page(chosen.body)
    package, storefront = _subject(body)
    bodies = _variants(body, package, chosen.pages)
    with TemporaryDirectory() as folder, serving(Path(folder), "text/html", bodies) as url:
        environment = {"APPWATCH_GOOGLE_PLAY_URL": url, "APPWATCH_GOOGLE_PLAY_PER_MINUTE": "0"}
        with bench(Place("google_play", storefront), list(bodies), environment) as made:
            urls = [details(url, name, storefront).url for name in bodies]
            pairs = asyncio.run(measure(made, urls, len(bodies), chosen.runs))
    page = sorted(ours for ours, _ in pairs)[len(pairs) // 2] / len(bodies)
    return report(
        [
            Figure("Google Play page, to a plain GET", ratio(pairs), "ratio", AT_MOST),
            Figure("Google Play page", page * 1e3, "milliseconds of CPU"),
        ]
    )


def _page(recorded: Path) -> bytes:
    """Return the recorded page, else the simulator's."""
    if recorded.exists():
        progress(f"a real page: {recorded.name}")
        return recorded.read_bytes()
    progress("no recorded page: the simulator's is used")
    app = SimulatedApp("Example", google_play="com.example.simulated")
    shown = DetailsPage(app, "us", Presence.LISTED, app.updated)
    return joined(details_page(shown))


def _subject(body: bytes) -> tuple[str, str]:
    """Return the package and the storefront that the page is about."""
    page = blocks.find(body)
    listing = next(listings(page), None) if page else None
    code = country(page) if page else None
    if listing is None or code is None:
        raise SystemExit("The page is no details page of Google Play; name another with --body.")
    return listing.package, code


def _variants(body: bytes, package: str, count: int) -> dict[str, bytes]:
    """Return the page under `count` packages, each as long as its own: a page a target."""
    names = [f"{package[:-3]}{number:03d}" for number in range(count)]
    return {name: body.replace(package.encode(), name.encode()) for name in names}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
