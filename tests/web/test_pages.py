import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from appwatch.db import incidents, tables
from appwatch.web import Health, Pages, make_app
from tests.monitor import CASTRO, Monitor, monitoring

HOSTILE = "<script>alert(1)</script> & who"


@pytest.fixture
def monitor(tmp_path: Path, database_url: str) -> Iterator[Monitor]:
    """Castro has disappeared from the App Store of cn."""
    with monitoring(tmp_path, database_url) as monitor:
        monitor.check()
        monitor.world.remove("app_store", CASTRO, ["cn"])
        for _ in range(3):
            monitor.wait(15)
            monitor.check()
        yield monitor


def ask(
    monitor: Monitor, path: str, name: str = "localhost", host: str = "127.0.0.1"
) -> httpx.Response:
    services = monitor.services
    pages = Pages(services.database, services.wording(), host, "https://watch.example.org")
    pages = replace(pages, wording=replace(pages.wording, base_url=pages.base_url))
    every = lambda: timedelta(minutes=15)  # noqa: E731 - as the process passes it
    health = Health(services.database, every, monitor.now, lambda: 0, services.wording())

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(make_app(health, pages))
        async with httpx.AsyncClient(transport=transport, base_url="http://appwatch") as client:
            return await client.get(path, headers={"Host": name})

    return asyncio.run(get())


def incident_of(monitor: Monitor) -> str:
    (change,) = monitor.rows(tables.changes)
    return str(change.incident_id)


def test_an_incident_has_one_page_with_what_was_observed_and_what_is_claimed(
    monitor: Monitor,
) -> None:
    incident = incident_of(monitor)
    with monitor.services.database.write() as connection:
        source = "https://example.org/story"
        incidents.claim(connection, incident, HOSTILE, source, "desk", monitor.at)
    answer = ask(monitor, f"/incidents/{incident}")
    assert answer.status_code == 200
    assert "Castro is no longer listed in the App Store in China (cn)." in answer.text
    observed, claimed = answer.text.split("Claimed by others, not observed by appwatch")
    assert "example.org/story" in claimed
    assert "example.org/story" not in observed
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_an_incident_may_be_read_in_another_language(monitor: Monitor) -> None:
    answer = ask(monitor, f"/incidents/{incident_of(monitor)}?language=fr")
    assert '<html lang="fr">' in answer.text


def test_an_app_has_a_page_that_leads_to_its_incidents(monitor: Monitor) -> None:
    answer = ask(monitor, "/apps/castro")
    assert "the App Store in China (cn): gone, since 2026-11-23 12:15 UTC" in answer.text
    assert f"https://watch.example.org/incidents/{incident_of(monitor)}" in answer.text


def test_what_is_not_there_is_a_404(monitor: Monitor) -> None:
    assert ask(monitor, "/incidents/i-none").status_code == 404
    assert ask(monitor, "/apps/nobody").status_code == 404


def test_no_page_is_shown_where_others_can_listen_or_under_a_foreign_name(
    monitor: Monitor,
) -> None:
    path = f"/incidents/{incident_of(monitor)}"
    wide = ask(monitor, path, host="0.0.0.0")
    assert (wide.status_code, "APPWATCH_WEB_HOST" in wide.text) == (403, True)
    assert ask(monitor, path, name="evil.example").status_code == 403
    assert [ask(monitor, path, name=odd).status_code for odd in ("", "[", "[x]")] == [403] * 3
    assert ask(monitor, path, name="watch.example.org").status_code == 200
    assert ask(monitor, path, name="[::1]").status_code == 200
