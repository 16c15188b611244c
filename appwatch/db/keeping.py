"""Rows for what is kept: exchanges, last good listings, what became of controls."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from appwatch.db.tables import controls, exchanges, listings
from appwatch.domain.model import Facts, Place


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as rows have it; `body` is the SHA-256 it is kept under."""

    surface: str
    url: str
    final_url: str
    request_headers: Mapping[str, str]
    status: int
    headers: Sequence[tuple[str, str]]
    fault: str | None
    detail: str
    started_at: datetime
    finished_at: datetime
    body: str
    size: int


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


def known_listings(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """Return the hash of the facts last kept of these targets, and when they were kept."""
    query = select(listings.c.target_id, listings.c.facts_hash, listings.c.seen_at)
    rows = connection.execute(query.where(listings.c.target_id.in_(ids)))
    return {row.target_id: (row.facts_hash, row.seen_at) for row in rows}


def keep_listings(connection: Connection, good: Sequence[GoodListing]) -> None:
    """Replace the last good listing of these targets."""
    if not good:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    query = dialect.insert(listings)
    fresh = {c.name: query.excluded[c.name] for c in listings.c if not c.primary_key}
    query = query.on_conflict_do_update(index_elements=["target_id"], set_=fresh)
    connection.execute(query, [asdict(one) for one in good])


def note_controls(
    connection: Connection, place: Place, seen: Mapping[str, bool], now: datetime
) -> None:
    """Note when each control was last seen, or last missed, in this storefront."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for listing, was_seen in seen.items():
        key = {"store": place.store, "storefront": place.storefront, "listing": listing}
        when = {"last_seen_at" if was_seen else "last_missed_at": now}
        query = dialect.insert(controls).values(**key, **when)
        connection.execute(query.on_conflict_do_update(index_elements=list(key), set_=when))
