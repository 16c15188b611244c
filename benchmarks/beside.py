"""Our sweeps and plain httpx, turn by turn in one process, on the same bytes."""

from collections.abc import Sequence

import httpx

from benchmarks.bench import Bench
from benchmarks.figures import Stopwatch, progress

Pair = tuple[float, float]


async def measure(bench: Bench, urls: Sequence[str], looks: int, runs: int) -> list[Pair]:
    """Return the CPU seconds of a sweep, and of a plain GET of each address, run by run.

    The plain GET is `client.get` and its content as httpx decodes it, nothing else. The first
    round of each (baseline, open connections) is not counted. Raises RuntimeError where a
    look saw anything but what is there.
    """
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client, bench.looking.fetcher:
        await _sweep(bench, looks)
        size = await _get_all(client, urls)
        progress(f"{looks} looks in {len(urls)} answers of {size / len(urls) / 1e6:.2f} MB each")
        return [await _pair(bench, client, urls, looks) for _ in range(runs)]


async def _pair(bench: Bench, client: httpx.AsyncClient, urls: Sequence[str], looks: int) -> Pair:
    with Stopwatch() as ours:
        await _sweep(bench, looks)
    with Stopwatch() as plain:
        await _get_all(client, urls)
    progress(f"ours {ours.seconds:.3f} s, plain {plain.seconds:.3f} s")
    return ours.seconds, plain.seconds


async def _sweep(bench: Bench, looks: int) -> None:
    bench.wait()
    seen = await bench.sweep()
    if seen != looks:
        raise RuntimeError(f"only {seen} of {looks} looks saw what is there")


async def _get_all(client: httpx.AsyncClient, urls: Sequence[str]) -> int:
    size = 0
    for url in urls:
        response = await client.get(url)
        size += len(response.content)
    return size
