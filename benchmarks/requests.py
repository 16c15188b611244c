"""Requests that a round of 1,000 listed apps takes in one App Store storefront."""

import asyncio
import sys
from collections.abc import Sequence

from appwatch.domain.model import Place
from appwatch.simulator import APP_STORE, SimulatedApp, Simulator, World, serve
from benchmarks.bench import Bench, bench, store
from benchmarks.figures import Figure, options, progress, report

APPS = 1000
# 1,000 ids and the controls beside them, at the API's limit of 200 in one request.
AT_MOST = 6


def main(arguments: Sequence[str]) -> int:
    """Measure and report."""
    chosen = options("Requests per 1,000 listed apps in one storefront.", 3).parse_args(arguments)
    ids = [str(300_000_001 + 7 * number) for number in range(APPS)]
    with (
        serve(_world(ids)) as simulator,
        bench(Place(APP_STORE, "us"), ids, simulator.environment()) as made,
    ):
        first, *later = asyncio.run(_count(made, simulator, chosen.runs))
    return report(
        [
            Figure("requests of a first round of 1,000 apps", first, "requests", AT_MOST),
            Figure("requests of a later round", max(later), "requests", AT_MOST),
        ]
    )


def _world(ids: Sequence[str]) -> World:
    """Return a world that lists them, and the controls, everywhere."""
    world = World(lambda: SimulatedApp("").updated, (SimulatedApp(i, app_store=i) for i in ids))
    world.add_controls(APP_STORE, store(APP_STORE).default_controls)
    return world


async def _count(made: Bench, simulator: Simulator, runs: int) -> list[int]:
    """Return how many requests the first round took, and each of the later ones."""
    counts = []
    async with made.looking.fetcher:
        for _ in range(1 + runs):
            made.wait()
            before = len(simulator.requests)
            seen = await made.sweep()
            counts.append(len(simulator.requests) - before)
            progress(f"{counts[-1]} requests for {seen} listed apps")
            if seen != APPS:
                raise RuntimeError(f"only {seen} of {APPS} looks saw what is there")
    return counts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
