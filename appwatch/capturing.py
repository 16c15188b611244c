"""Has the Wayback Machine capture what disappears: one step of the queue at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from appwatch import __version__
from appwatch.db import captures
from appwatch.db.captures import CAPTURED, FAILED, PageUrl, Waiting
from appwatch.db.engine import Database
from appwatch.evidence import wayback
from appwatch.evidence.wayback import Refused
from appwatch.fetching.calling import Call, NotAnswered, call

AT_ONCE: Final = 3  # the archive allows 7 a minute; looked at twice a minute
WORKING: Final = timedelta(minutes=1)  # between two looks at what the archive is working on
FORGOTTEN: Final = timedelta(hours=1)  # after which the archive knows nothing of what it was asked
# After each refusal; after the last one it is given up.
BACKOFF: Final = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    *[timedelta(days=1)] * 5,
)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Archive:
    """Whom to ask, as whom (ACCESS:SECRET), for how long (seconds), and how pages are named."""

    url: str
    key: str = field(repr=False)
    timeout: float
    page_url: PageUrl


async def capture(archive: Archive, database: Database, now: Callable[[], datetime]) -> int:
    """Ask for what waits, or what became of it; return how many were asked about.

    Nothing that the archive does or leaves undone raises. Raises DatabaseError.
    """
    taken = await asyncio.to_thread(_take, archive, database, now())
    for one in taken:
        values = await _step(archive, one, now)
        await asyncio.to_thread(_note, database, one, values)
    return len(taken)


def _take(archive: Archive, database: Database, now: datetime) -> list[Waiting]:
    with database.write() as connection:
        captures.queue_recent(connection, now, archive.page_url)
        return captures.take(connection, now, AT_ONCE)


def _note(database: Database, one: Waiting, values: dict[str, object]) -> None:
    with database.write() as connection:
        captures.note(connection, one.id, **values)
    tell = _log.warning if values.get("status") == FAILED else _log.info
    tell(
        str(values.get("capture_url") or values.get("words") or "asked for a capture"),
        action="capture",
        change=one.change_id,
        page=one.url,
    )


async def _step(archive: Archive, one: Waiting, now: Callable[[], datetime]) -> dict[str, object]:
    """Return what is to be written: asked, still waiting, captured, or refused with its words."""
    try:
        if one.job is None:
            job = wayback.read_job(await _ask(archive, wayback.save_url(archive.url), one.url))
            at = now()
            return {"job": job, "asked_at": at, "not_before": at + WORKING, "words": None}
        answer = await _ask(archive, wayback.status_url(archive.url, one.job))
        made = wayback.read_capture(archive.url, answer)
    except (NotAnswered, Refused) as error:
        said = error.said if isinstance(error, NotAnswered) else b""
        words = wayback.words_of(str(error), said) if said else str(error)
        return _refused(archive, one, words, now())
    if made is not None:
        done = {"status": CAPTURED, "settled_at": now(), "capture_url": made}
        return {**done, "words": None}
    if one.asked_at is not None and now() - one.asked_at > FORGOTTEN:
        return _refused(archive, one, "still pending after an hour", now())
    return {"not_before": now() + WORKING}


def _refused(archive: Archive, one: Waiting, words: str, at: datetime) -> dict[str, object]:
    """Return when to try again, or that it is given up."""
    shown = words.replace(archive.key, "***") if archive.key else words
    told = {"job": None, "words": shown, "attempts": one.attempts + 1}
    if one.attempts < len(BACKOFF):
        return {**told, "not_before": at + BACKOFF[one.attempts]}
    return {**told, "status": FAILED, "settled_at": at}


async def _ask(archive: Archive, url: str, page: str | None = None) -> bytes:
    form = None if page is None else wayback.save_form(page)
    headers = {"User-Agent": f"appwatch/{__version__}"} | wayback.headers(archive.key)
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return await call(Call(url, headers, archive.timeout, wayback.ANSWER_CAP, form))
