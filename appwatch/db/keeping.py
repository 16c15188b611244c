"""Rows for what is kept: exchanges, last good listings, what became of controls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from appwatch.db import lists
from appwatch.db.tables import controls, exchanges, listings, targets, to_ms
from appwatch.domain.model import Facts, Place
from appwatch.evidence.proof import Exchange


@dataclass(frozen=True, slots=True)
class GoodListing:
    """A listing as it was last seen well; `body` is its own part of the answer."""

    target_id: int
    facts: Facts
    facts_hash: int
    seen_at: datetime
    body: str
    answer: str


def insert_exchanges(
    connection: Connection, place: Place, vantage: str, kept: Mapping[int, Exchange]
) -> dict[int, int]:
    """Write the exchanges and return their row ids by position in the dialogue."""
    rows: dict[int, int] = {}
    for position, exchange in kept.items():
        values = asdict(exchange) | {
            "store": place.store,
            "storefront": place.storefront,
            "vantage": vantage,
            "request_headers": dict(exchange.request_headers),
            "headers": [list(pair) for pair in exchange.headers],
        }
        query = insert(exchanges).values(values).returning(exchanges.c.id)
        rows[position] = int(connection.execute(query).scalar_one())
    return rows


def hash_of(facts: Facts) -> int:
    """Return a hash of the facts that is the same in every process."""
    # The slice is a plain tuple: a list would be made of any other to join it.
    return crc32("\x1f".join(facts[:]).encode("utf-8", "replace"))


def kept_since(connection: Connection, of: Collection[int], since: datetime) -> set[int]:
    """Return which of these targets had their listing kept after that moment."""
    wanted = lists.numbers(connection.dialect.name, "ids")
    query = select(listings.c.target_id).where(
        listings.c.target_id.in_(wanted), listings.c.seen_at > since
    )
    bound = {"ids": msgspec.json.encode(of).decode()}
    return set(connection.execute(query, bound).scalars())


def keep_listings(connection: Connection, good: Sequence[GoodListing]) -> None:
    """Replace the last good listing of these targets, and note what it says."""
    if not good:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    query = dialect.insert(listings)
    fresh = {c.name: query.excluded[c.name] for c in listings.c if not c.primary_key}
    query = query.on_conflict_do_update(index_elements=["target_id"], set_=fresh)
    connection.execute(query, [_row(one) for one in good])
    told = update(targets).where(targets.c.id == bindparam("of"))
    hashes = [{"of": one.target_id, "hash": one.facts_hash} for one in good]
    connection.execute(told.values(facts_hash=bindparam("hash")), hashes)


def _row(good: GoodListing) -> dict[str, Any]:
    return asdict(good) | {"facts": good.facts._asdict()}


def note_controls(
    connection: Connection,
    place: Place,
    seen: Collection[str],
    missed: Collection[str],
    left_out: Collection[str],
    now: datetime,
) -> None:
    """Note which controls a sweep of this storefront saw and missed.

    `left_out` are those missed of which the store said so, while another control was seen.
    """
    sights: dict[str, Any] = {"last_seen_at": now, "missed_since": None, "misses": 0}
    _upsert_controls(connection, place, seen, sights, sights)
    missing = set(missed) - set(seen)
    gone = missing & set(left_out)
    _upsert_controls(
        connection,
        place,
        gone,
        {"last_missed_at": now, "missed_since": now, "misses": 1},
        {
            "last_missed_at": now,
            "missed_since": func.coalesce(controls.c.missed_since, to_ms(now)),
            "misses": controls.c.misses + 1,
        },
    )
    miss = {"last_missed_at": now}
    _upsert_controls(connection, place, missing - gone, miss, miss)


def forget_controls(connection: Connection, place: Place, named: Collection[str]) -> None:
    """Forget that these were missed here: they are controls no more."""
    if named:
        here = (controls.c.store == place.store, controls.c.storefront == place.storefront)
        query = update(controls).where(*here, controls.c.listing.in_(named))
        connection.execute(query.values(missed_since=None, misses=0))


def _upsert_controls(
    connection: Connection,
    place: Place,
    named: Collection[str],
    new: Mapping[str, Any],
    known: Mapping[str, Any],
) -> None:
    if not named:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    query = dialect.insert(controls).on_conflict_do_update(
        index_elements=["store", "storefront", "listing"], set_=dict(known)
    )
    rows = [{**place._asdict(), "listing": one, **new} for one in sorted(named)]
    connection.execute(query, rows)
