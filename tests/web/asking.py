"""An application on a real database, asked as a browser or a monitor would."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx

from appwatch.db import watching
from appwatch.db.engine import Database
from appwatch.domain.model import Place
from appwatch.web import Health, Pages, make_app
from tests.alerts.rows import WORDING

NOW = datetime(2026, 7, 6, 12, tzinfo=UTC)
EVERY = timedelta(minutes=15)


def watch(database: Database, at: datetime) -> None:
    targets = [(Place("app_store", "cn"), "966129812")]
    app = watching.WatchedApp("jike", "Jike", [], "", "", paused=False, targets=targets)
    with database.write() as connection:
        watching.sync(connection, [app], "digest", "text", at)


def ask(path: str, database: Database, now: datetime = NOW, method: str = "GET") -> httpx.Response:
    health = Health(database, lambda: EVERY, lambda: now, lambda: 3, WORDING)
    app = make_app(health, Pages(database, WORDING, "127.0.0.1"))

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://appwatch") as client:
            return await client.request(method, path)

    return asyncio.run(get())
