"""Rows for what is kept: exchanges, last good listings, what became of controls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache

import msgspec
from sqlalchemy import Connection, Select, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from appwatch.db import lists
from appwatch.db.tables import Moment, controls, exchanges, listings
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


def outdated_listings(
    connection: Connection, hashes: Mapping[int, int], since: datetime
) -> set[int]:
    """Return which of these targets have no listing kept, or one from before that said other facts.

    `hashes` are those of the facts seen now, by target.
    """
    query = _outdated(connection.dialect.name)
    bound = {"hashes": msgspec.json.encode(hashes).decode(), "since": since}
    return set(connection.execute(query, bound).scalars())


@cache
def _outdated(dialect: str) -> Select[int]:
    told = lists.pairs(dialect, "hashes")
    old = listings.c.seen_at <= bindparam("since", type_=Moment)
    changed = (listings.c.facts_hash != told.c.value) & old
    kept = told.outerjoin(listings, listings.c.target_id == told.c.key)
    return select(told.c.key).select_from(kept).where(listings.c.target_id.is_(None) | changed)


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
    connection: Connection, place: Place, found: Iterable[tuple[str, bool]], now: datetime
) -> None:
    """Note when each control was last seen, or last missed, in this storefront."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for listing, was_seen in sorted(set(found)):
        key = {"store": place.store, "storefront": place.storefront, "listing": listing}
        when = {"last_seen_at" if was_seen else "last_missed_at": now}
        query = dialect.insert(controls).values(**key, **when)
        connection.execute(query.on_conflict_do_update(index_elements=list(key), set_=when))
