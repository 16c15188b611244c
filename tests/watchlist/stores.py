"""Two small stores with rules of their own, and one way to write and load a watchlist."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from appwatch.errors import WatchlistError
from appwatch.watchlist import Watchlist, load


@dataclass(frozen=True)
class FakeStore:
    """A store whose listings begin with a letter of its own."""

    title: str
    begins: str
    storefronts: tuple[str, ...]
    lists_all: bool = False

    def refuse_listing(self, listing: str) -> str | None:
        if listing.startswith(self.begins):
            return None
        return f"{listing!r} is no {self.title} id; expected {self.begins}..."

    def refuse_storefront(self, storefront: str) -> str | None:
        if storefront in self.storefronts:
            return None
        return f"{self.title} has no {storefront!r}; expected {', '.join(self.storefronts)}"

    def every_storefront(self) -> Sequence[str] | None:
        return self.storefronts if self.lists_all else None


STORES = {
    "north": FakeStore("North Store", "n", ("cn", "gb", "hk", "no", "us"), lists_all=True),
    "south": FakeStore("South Store", "s", ("gb", "hk", "us")),
}


def read(folder: Path, text: str | bytes) -> Watchlist:
    """Return the watchlist with this text."""
    file = folder / "watchlist.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(file, STORES)


def problems(folder: Path, text: str | bytes) -> list[str]:
    """Return what is wrong with this text, its folder left out."""
    with pytest.raises(WatchlistError) as caught:
        read(folder, text)
    return [line.replace(f"{folder}/", "") for line in caught.value.problems]
