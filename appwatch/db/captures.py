"""The queue of pages that the Wayback Machine is asked to capture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from appwatch.db import reach
from appwatch.db.rows import value_of
from appwatch.db.tables import captures, changes
from appwatch.domain.model import ChangeKind, Place, State
from appwatch.domain.routing import INCIDENT_WINDOW
from appwatch.evidence.proof import CaptureProof

WAITING, CAPTURED, FAILED = "waiting", "captured", "failed"
ERROR_PAGE, LISTING = "error_page", "listing"
RECENT = timedelta(days=1)  # an older disappearance is captured on request only
LEASE = timedelta(minutes=10)  # within which whoever took one has asked; else another does
_PREFERRED = ("us", "gb")

PageUrl = Callable[[str, str, str], str]  # store, listing, storefront -> the public address


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page to be captured; `job` is the archive's number where it works on it already."""

    id: int
    change_id: str
    url: str
    attempts: int
    job: str | None
    asked_at: datetime | None


def queue_recent(connection: Connection, now: datetime, page_url: PageUrl) -> int:
    """Queue the disappearances of the last day that were not; return how many."""
    queued = exists().where(captures.c.change_id == changes.c.id)
    query = select(changes).where(
        changes.c.confirmed_at > now - RECENT,
        changes.c.kind == ChangeKind.DISAPPEARED.value,
        changes.c.retracted_at.is_(None),
        ~queued,
    )
    found = connection.execute(query).all()
    for change in found:
        _queue(connection, change, now, page_url)
    return len(found)


def queue(connection: Connection, change_id: str, now: datetime, page_url: PageUrl) -> bool:
    """Queue the pages of this change anew unless they wait; return whether it can be."""
    change = connection.execute(select(changes).where(changes.c.id == change_id)).one_or_none()
    if change is None or change.kind != ChangeKind.DISAPPEARED.value:
        return False
    if not captures_of(connection, change_id):
        _queue(connection, change, now, page_url)
        return True
    again = {"status": WAITING, "attempts": 0, "not_before": now, "job": None, "settled_at": None}
    mine = (captures.c.change_id == change_id) & (captures.c.status == FAILED)
    connection.execute(update(captures).where(mine).values(again))
    return True


def take(connection: Connection, now: datetime, most: int) -> list[Waiting]:
    """Take what is to be asked now: nobody else does until the lease ends."""
    due = (captures.c.settled_at.is_(None), captures.c.not_before <= now)
    # First what the archive works on: it forgets that within an hour.
    first = (captures.c.job.is_(None), captures.c.not_before, captures.c.id)
    query = select(captures).where(*due).order_by(*first)
    taken = []
    for row in connection.execute(query.limit(most)).all():
        mine = (captures.c.id == row.id) & (captures.c.not_before == row.not_before)
        held = update(captures).where(mine).values(not_before=now + LEASE)
        if connection.execute(held).rowcount:
            taken.append(value_of(Waiting, row))
    return taken


def note(connection: Connection, number: int, **values: object) -> None:
    """Write what became of it."""
    connection.execute(update(captures).where(captures.c.id == number).values(values))


def captures_of(connection: Connection, change_id: str) -> list[CaptureProof[datetime]]:
    """Return the pages of this change, the one that it left first."""
    query = select(captures).where(captures.c.change_id == change_id).order_by(captures.c.id)
    return [value_of(CaptureProof, row) for row in connection.execute(query)]


def _queue(connection: Connection, change: Row[Any], now: datetime, page_url: PageUrl) -> None:
    """Queue the page that the storefront shows now, and the listing where it still stands."""
    pages = [(ERROR_PAGE, change.storefront)]
    here = Place(change.store, change.storefront)
    since = change.before_at - INCIDENT_WINDOW
    sights = reach.sights(connection, change.app_id, here, since, change.after_at)
    listed = [one.storefront for one in sights if one.state == State.AVAILABLE.value]
    pages += [(LISTING, one) for one in _first(listed)]
    values = {"change_id": change.id, "status": WAITING, "not_before": now}
    rows = [
        {**values, "page": page, "storefront": place}
        | {"url": page_url(change.store, change.listing, place)}
        for page, place in pages
    ]
    connection.execute(insert(captures), rows)


def _first(listed: Sequence[str]) -> list[str]:
    """Return the one storefront that readers know best, if there is any."""
    known = [one for one in _PREFERRED if one in listed]
    return [*known, *sorted(listed)][:1]
