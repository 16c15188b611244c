"""Faults of single requests: the same request in the same minute meets the same fate for all."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Generic, TypeVar

from benchmarks.verdicts.rates import MINUTE
from benchmarks.verdicts.trace import dice

Struck = TypeVar("Struck")


def share_of(*parts: object) -> float:
    """Return a number in [0, 1) that is always the same for the same parts."""
    text = " ".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / 2**64


class Draws(Generic[Struck]):
    """Which requests to one surface are struck, each kind of fault with its share of them."""

    def __init__(self, name: str, shares: Mapping[Struck, float], length: float) -> None:
        self._name = name
        self._shares = {kind: share for kind, share in shares.items() if share > 0}
        self._total = sum(self._shares.values())
        self._minutes = int(length / MINUTE)
        self._known: dict[object, dict[int, Struck]] = {}

    def struck(self, asked: object) -> dict[int, Struck]:
        """Return the minutes in which the first request about this is struck."""
        if asked not in self._known:
            self._known[asked] = self._draw(asked)
        return self._known[asked]

    def strike(self, asked: object, at: float, number: int) -> Struck | None:
        """Return what strikes this request; `number` counts those of one look, from 0."""
        minute = int(at / MINUTE)
        if number == 0:
            return self.struck(asked).get(minute)
        return self._kind(share_of(self._name, asked, minute, number))

    def _draw(self, asked: object) -> dict[int, Struck]:
        """Leap from one struck minute to the next: most are not."""
        if not self._total:
            return {}
        chance = dice(self._name, asked)
        found: dict[int, Struck] = {}
        minute = int(chance.expovariate(self._total))
        while minute < self._minutes:
            kind = self._kind(chance.random() * self._total)
            if kind is not None:
                found[minute] = kind
            minute += 1 + int(chance.expovariate(self._total))
        return found

    def _kind(self, drawn: float) -> Struck | None:
        for kind, share in self._shares.items():
            if drawn < share:
                return kind
            drawn -= share
        return None
