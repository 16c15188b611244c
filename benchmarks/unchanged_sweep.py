"""CPU and bytes that 100,000 unchanged looks of a sweep cost the database."""

import asyncio
import gc
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median

from appwatch.db import due
from appwatch.domain.model import Facts, Observation, Outcome, Place
from appwatch.fetching import Carried, Fetcher, Fetching
from appwatch.stores.app_store import rules
from appwatch.stores.app_store.requests import LOOKUP
from appwatch.stores.base import Answer, Dialogue, Findings, Request
from benchmarks.bench import Bench, bench, store
from benchmarks.figures import Figure, Stopwatch, options, progress, report

# A million targets every quarter of an hour are then half a percent of one core.
MICROSECONDS_AT_MOST = 5
# Nothing is added but the sweep's own row.
BYTES_AT_MOST = 1


class ReadyFetcher(Fetcher):
    """Answers every dialogue with findings made beforehand, by the first id that it asks for."""

    carried: Mapping[str, Carried]

    async def carry(self, dialogue: Dialogue) -> Carried:
        """Return the findings that are ready for the dialogue's first request."""
        request = next(dialogue)
        dialogue.close()
        return self.carried[request.url.partition("id=")[2].partition(",")[0]]


def main(arguments: Sequence[str]) -> int:
    """Measure and report."""
    parser = options("CPU and bytes of recording unchanged looks on SQLite.", 7)
    parser.add_argument("--targets", type=int, default=100_000, help="targets (default 100000)")
    chosen = parser.parse_args(arguments)
    ids = [str(300_000_001 + 7 * number) for number in range(chosen.targets)]
    with bench(Place("app_store", "us"), ids, {}) as made:
        progress("recording the baseline")
        seconds, added = asyncio.run(_measure(made, ids, chosen.runs))
        recorded = [_record(made, ids) for _ in range(chosen.runs)]
    return report(
        [
            Figure(
                "an unchanged look, recorded",
                median(recorded) / len(ids) * 1e6,
                "microseconds of CPU",
                MICROSECONDS_AT_MOST,
            ),
            Figure(
                "an unchanged look, read as due, asked for and recorded",
                median(seconds) / len(ids) * 1e6,
                "microseconds of CPU",
            ),
            Figure(
                "an unchanged look, in the database",
                added / chosen.runs / len(ids),
                "bytes",
                BYTES_AT_MOST,
            ),
        ]
    )


async def _measure(made: Bench, ids: Sequence[str], runs: int) -> tuple[list[float], int]:
    """Return the CPU seconds of each sweep, and the bytes that all of them added."""
    fetcher = ReadyFetcher(Fetching(), made.looking.now)
    made.carry_with(fetcher)
    await _sweep(made, fetcher, ids)
    await _sweep(made, fetcher, ids)  # the first that only repeats
    before = made.settle()
    seconds = [await _sweep(made, fetcher, ids) for _ in range(runs)]
    return seconds, made.settle() - before


async def _sweep(made: Bench, fetcher: ReadyFetcher, ids: Sequence[str]) -> float:
    made.wait()
    fetcher.carried = _ready(ids, made.at)
    gc.collect()
    gc.freeze()  # what was made ready is not what recording leaves behind
    with Stopwatch() as watch:
        seen = await made.sweep()
    if seen != len(ids):
        raise RuntimeError(f"only {seen} of {len(ids)} looks saw what is there")
    gc.unfreeze()
    progress(f"{watch.seconds:.2f} s of CPU")
    return watch.seconds


def _record(made: Bench, ids: Sequence[str]) -> float:
    """Return the CPU seconds of recording a sweep whose answers were read before."""
    made.wait()
    ready = _ready(ids, made.at)
    with made.services.database.read() as connection:
        targets = due.due_targets(connection, made.place, made.at)
    size = store("app_store").batch_size
    batches = [targets[n : n + size] for n in range(0, len(targets), size)]
    found = [(batch, ready[batch[0].listing]) for batch in batches]
    gc.collect()
    gc.freeze()
    with Stopwatch() as watch:
        made.record(targets, found)
    gc.unfreeze()
    progress(f"{watch.seconds:.2f} s of CPU to record")
    return watch.seconds


def _ready(ids: Sequence[str], at: datetime) -> dict[str, Carried]:
    """Return what the dialogues would find at that moment, by their first id."""
    asked = store("app_store")
    batches = [ids[n : n + asked.batch_size] for n in range(0, len(ids), asked.batch_size)]
    return {batch[0]: _carried(batch, asked.default_controls, at) for batch in batches}


def _carried(batch: Sequence[str], controls: Sequence[str], at: datetime) -> Carried:
    request = Request("", LOOKUP, "us", frozenset())
    answer = Answer(request, at, at, 200, raw=f"{at} {batch[0]}".encode())
    observations = [_available(listing, at) for listing in batch]
    return Carried(Findings(observations, dict.fromkeys(controls, True)), [answer])


def _available(listing: str, at: datetime) -> Observation:
    url = f"https://apps.apple.com/us/app/app-{listing}/id{listing}?uo=4"
    facts = Facts(f"App {listing}", "Example Studio", "1.0", "Free", "2026-11-01T08:00:00Z", url)
    return Observation(
        listing,
        "us",
        Outcome.AVAILABLE,
        rules.FOUND.id,
        at,
        surfaces=(LOOKUP,),
        facts=facts,
        exchanges=(0,),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
