"""What was ever seen, for those who look over a watchlist."""

from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from appwatch.db import seen, watching
from appwatch.db.engine import Database
from appwatch.db.tables import listings, targets
from appwatch.domain.model import Place

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CN, US = Place("app_store", "cn"), Place("app_store", "us")


def test_apps_and_storefronts_without_any_sight_are_told_apart(migrated_url: str) -> None:
    database = Database(migrated_url)
    with database.write() as connection:
        apps = [
            watching.WatchedApp(i, i, (), "", "", paused=False, targets=[(CN, i), (US, i)])
            for i in ("here", "gone", "unasked")
        ]
        watching.sync(connection, apps, "digest", "", NOW)
        asked = targets.c.app_id != "unasked"
        looked = {"state": "never_seen", "last_conclusive_at": NOW}
        connection.execute(update(targets).where(asked).values(looked))
        here = (targets.c.app_id == "here") & (targets.c.storefront == "us")
        connection.execute(update(targets).where(here).values(state="gone", been_available=True))
        kept = {
            "target_id": connection.execute(select(targets.c.id).where(here)).scalar_one(),
            "facts": {"name": "Here", "developer": "Us"},
            "facts_hash": 1,
            "seen_at": NOW,
            "body": "",
            "answer": "",
        }
        connection.execute(insert(listings).values(kept))
        found = seen.seen(connection)
    database.close()
    assert found.never == {"gone"}
    assert found.empty == {CN: 2}
    assert found.names == {"here": {("Here", "Us")}}


def test_what_could_never_be_installed_and_is_gone_was_seen(migrated_url: str) -> None:
    database = Database(migrated_url)
    with database.write() as connection:
        app = watching.WatchedApp("a", "A", (), "", "", paused=False, targets=[(CN, "1")])
        watching.sync(connection, [app], "digest", "", NOW)
        connection.execute(update(targets).values(state="gone", last_conclusive_at=NOW))
        found = seen.seen(connection)
    database.close()
    assert found == seen.Seen()
