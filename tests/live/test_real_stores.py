"""The real stores, asked a few questions: TESTS_LIVE=1 python3 dev.py test tests/live."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appwatch import wiring
from appwatch.domain.model import Observation, Outcome
from appwatch.fetching import Fetcher, Fetching
from appwatch.stores import STORES
from appwatch.stores.base import Asked, Batch

NOBODY = {"app_store": "999999999999", "google_play": "com.example.surely.nobody.has.this"}


def look(name: str, listing: str, folder: Path) -> Observation:
    """Look at one listing in the United States, beside the store's own controls."""

    async def once() -> Observation:
        with wiring.build({}, folder) as services:
            store = services.stores[name]
            batch = Batch("us", [Asked(listing)], store.default_controls, "live")
            async with Fetcher(Fetching(), lambda: datetime.now(UTC)) as fetcher:
                carried = await fetcher.carry(store.look(batch))
            return carried.findings.observations[0]

    return asyncio.run(once())


@pytest.mark.parametrize("name", STORES)
def test_a_control_is_seen(name: str, tmp_path: Path) -> None:
    with wiring.build({}, tmp_path) as services:
        control = services.stores[name].default_controls[0]
    seen = look(name, control, tmp_path)
    assert seen.outcome is Outcome.AVAILABLE, seen.detail


@pytest.mark.parametrize("name", STORES)
def test_what_nobody_has_is_not_found(name: str, tmp_path: Path) -> None:
    seen = look(name, NOBODY[name], tmp_path)
    assert seen.outcome is Outcome.NOT_FOUND, f"{seen.reason}: {seen.detail}"
