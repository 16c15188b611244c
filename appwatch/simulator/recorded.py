"""Recorded answers of the real stores, served in place of rendered ones."""

import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from appwatch.errors import UsageError
from appwatch.simulator.bodies import Piece, piece
from appwatch.simulator.world import SimulatedApp, World

_RESULTS = b'"results": ['
_RESULTS_END = b"]\n}"
_PREFIX = "itunes_"


@dataclass(frozen=True, slots=True)
class Recordings:
    """Recorded bytes by (listing, storefront).

    `results` are single lookup results, to be put together into any batch; `refused` are
    the pairs that were answered with an HTTP error; `pages` are whole Play pages.
    """

    results: Mapping[tuple[str, str], Piece] = field(default_factory=dict)
    refused: frozenset[tuple[str, str]] = frozenset()
    pages: Mapping[tuple[str, str], Piece] = field(default_factory=dict)

    @property
    def lookup_storefronts(self) -> frozenset[str]:
        """Where at least one recorded app was found."""
        return frozenset(storefront for _, storefront in self.results)

    def refuses(self, listings: Iterable[str], storefront: str) -> bool:
        """Whether such a lookup was an HTTP error when it was recorded."""
        return any((listing, storefront) in self.refused for listing in listings)


NOTHING_RECORDED = Recordings()


def recorded_lookups(path: Path) -> Recordings:
    """Read single lookup bodies `itunes_ID_CC.json` from a folder or a tar.gz file.

    A body of 0 bytes stands for an HTTP error. Raises OSError or tarfile.TarError where it
    cannot be read, UsageError where a body is none of a lookup.
    """
    results: dict[tuple[str, str], Piece] = {}
    refused: set[tuple[str, str]] = set()
    for name, body in _bodies(path):
        listing, _, storefront = name.removeprefix(_PREFIX).removesuffix(".json").partition("_")
        if not body:
            refused.add((listing, storefront))
        elif result := _only_result(name, body):
            results[listing, storefront] = piece(result)
    return Recordings(results=results, refused=frozenset(refused))


def recorded_pages(files: Mapping[tuple[str, str], Path]) -> Recordings:
    """Read whole Play pages, one file per (package, storefront). Raises OSError."""
    return Recordings(pages={key: piece(path.read_bytes()) for key, path in files.items()})


def page_files(folder: Path) -> dict[tuple[str, str], Path]:
    """Return the pages of a folder whose files are named PACKAGE_CC.html."""
    named = ((path.stem.rpartition("_"), path) for path in sorted(folder.glob("*_??.html")))
    return {(package, storefront): path for (package, _, storefront), path in named}


def recorded_world(
    now: Callable[[], datetime], recordings: Recordings, controls: Iterable[str] = ()
) -> World:
    """Return a world that lists exactly what was recorded as found.

    App Store controls are listed wherever some recorded app was found.
    """
    world = World(now)
    for listing, places in _by_listing(recordings.results).items():
        world.add(SimulatedApp(f"Recorded {listing}", app_store=listing), places)
    for listing, places in _by_listing(recordings.pages).items():
        world.add(SimulatedApp(f"Recorded {listing}", google_play=listing), places)
    for control in controls:
        app = SimulatedApp(f"Control {control}", app_store=control)
        world.add(app, recordings.lookup_storefronts)
    return world


def _by_listing(bodies: Mapping[tuple[str, str], Piece]) -> dict[str, set[str]]:
    places: dict[str, set[str]] = {}
    for listing, storefront in bodies:
        places.setdefault(listing, set()).add(storefront)
    return places


def _bodies(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.glob(f"{_PREFIX}*.json")):
            yield file.name, file.read_bytes()
        return
    with tarfile.open(path) as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None and name.startswith(_PREFIX):
                yield name, content.read()


def _only_result(name: str, body: bytes) -> bytes:
    start, end = body.find(_RESULTS), body.rfind(_RESULTS_END)
    if start < 0 or end < start:
        raise UsageError(f"{name} is no recorded lookup: results are expected in it.")
    return body[start + len(_RESULTS) : end].strip()
