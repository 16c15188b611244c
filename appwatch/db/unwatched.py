"""Tells whoever heard a suspicion that its target is not watched any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from appwatch.db import notices
from appwatch.db.notices import CLEARED, SUSPECTED, Notice
from appwatch.db.tables import apps, targets
from appwatch.db.tables import notices as notice_rows
from appwatch.db.watching import NOT_WATCHED
from appwatch.domain.routing import Route


def tell(connection: Connection, routes: Sequence[Route], now: datetime) -> int:
    """Queue a last word on every suspicion whose target left the watchlist; return how many.

    It was neither confirmed nor cleared, and no look will say. Told once: the last word on the
    target is then no suspicion any more.
    """
    told = 0
    for row in _suspected(connection):
        heard = notices.heard_of_suspicion(connection, row.id)
        if heard:
            notice = notices.write(connection, _notice(row, now))
            notices.tell(connection, notice, notices.routes_of(routes, heard), now)
            told += 1
    return told


def _suspected(connection: Connection) -> Sequence[Row[Any]]:
    """Return the targets that were once suspected and are not watched, nor paused."""
    columns = (targets.c.id, targets.c.app_id, targets.c.store, targets.c.listing)
    once = select(notice_rows.c.target_id).where(notice_rows.c.kind == SUSPECTED)
    query: Select[Any] = select(*columns, targets.c.storefront, apps.c.name).join(
        apps, apps.c.id == targets.c.app_id
    )
    gone = (~targets.c.watched, targets.c.paused_at.is_(None), targets.c.id.in_(once))
    return connection.execute(query.where(*gone)).all()


def _notice(row: Row[Any], now: datetime) -> Notice:
    content = {
        "name": row.name,
        "store": row.store,
        "listing": row.listing,
        "storefront": row.storefront,
        "outcome": NOT_WATCHED,
    }
    return Notice.new(CLEARED, now, row.app_id, content, about=(row.id, None))
