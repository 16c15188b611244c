"""Checks what filters name against what the database knows."""

from typing import TYPE_CHECKING

from appwatch.cli.options import require_known
from appwatch.db import queries

if TYPE_CHECKING:
    from appwatch.db.engine import Database


def check_filters(database: "Database", chosen: queries.Chosen) -> None:
    """Raise UsageError, naming what there is, if a filter names what was never watched."""
    with database.read() as connection:
        known = queries.known(connection)
    require_known("app", chosen.app, known.apps)
    require_known("tag", chosen.tag, known.tags)
    require_known("store", chosen.store, known.stores)
    require_known("storefront", chosen.storefront, known.storefronts)
