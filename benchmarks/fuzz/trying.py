"""One input after the other: spoiled, read within bounds, and what was claimed of it checked."""

import resource
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from time import process_time

from appwatch.domain.model import Outcome
from benchmarks.fuzz.claims import complaint
from benchmarks.fuzz.seeds import Seed
from benchmarks.fuzz.spoiling import spoiled

# A body of 16 MB is the largest that arrives; reading one takes far less than this.
CPU_AT_MOST = 3.0  # seconds for one input
MEMORY_AT_MOST = 1024 * 1024 * 1024  # bytes of address space beyond what is taken at the start


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one input. `finding` is empty where all is as it should be."""

    number: int
    seed: Seed
    outcome: Outcome | None
    seconds: float
    size: int
    finding: str = ""


def attempt(seeds: Sequence[Seed], run: str, number: int) -> Tried:
    """Spoil one answer, read it and check what is claimed; the same for the same run and number."""
    random = Random(f"{run}:{number}")  # noqa: S311 - choices to be made again, no secret
    seed = random.choice(seeds)
    answer = spoiled(seed, seeds, random)
    began = process_time()
    try:
        verdict = seed.read(answer)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        finding = f"{type(error).__name__}: {error}"[:200]
        return Tried(number, seed, None, process_time() - began, len(answer.body), finding)
    seconds = process_time() - began
    finding = complaint(seed, answer, verdict)
    if not finding and seconds > CPU_AT_MOST:
        finding = f"{seconds:.1f} s of CPU"
    return Tried(number, seed, verdict.outcome, seconds, len(answer.body), finding)


def limit_memory() -> None:
    """Let whatever asks for much more memory than is taken now fail with MemoryError."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file on a disk
        taken = int(file.read().split()[0]) * resource.getpagesize()
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY_AT_MOST, most))
