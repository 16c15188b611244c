"""What listings, exports and health pages read: values whose fields are the public columns."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    union_all,
)

from appwatch.db import holds
from appwatch.db.deliveries import ChangeRow, change_row
from appwatch.db.holds import Hold
from appwatch.db.rollup import DAY
from appwatch.db.rows import value_of
from appwatch.db.standing import COLUMNS, standing_of
from appwatch.db.tables import (
    apps,
    changes,
    lapses,
    periods,
    places,
    sweep_days,
    sweeps,
    targets,
    watchlists,
)
from appwatch.db.watching import NOT_WATCHED
from appwatch.domain.timing import rounds_missed


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows a person asked for; None lets everything through."""

    app: str | None = None
    tag: str | None = None
    store: str | None = None
    storefront: str | None = None
    kind: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """What is held true of one target."""

    app: str
    name: str
    store: str
    listing: str
    storefront: str
    state: str
    since: datetime | None
    last_looked_at: datetime | None
    last_conclusive_at: datetime | None
    next_look_at: datetime | None
    held: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """One stretch of a target's timeline; an open end is None."""

    app: str
    store: str
    listing: str
    storefront: str
    state: str
    started_earliest_at: datetime | None
    started_at: datetime
    ended_earliest_at: datetime | None
    ended_at: datetime | None
    looks: int
    inconclusive_looks: int
    start_change: str | None
    end_change: str | None
    pauses: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of the looks in one storefront."""

    store: str
    storefront: str
    planned: int
    done: int
    conclusive: int
    inconclusive: dict[str, int]
    late: int
    missed_rounds: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a filter may name."""

    apps: Sequence[str]
    tags: Sequence[str]
    stores: Sequence[str]
    storefronts: Sequence[str]


class Readiness(NamedTuple):
    """Since when the watchlist holds, and which stores are silent.

    `silent` maps a store to its last conclusive look, or to None where there never was one,
    if looks were made since.
    """

    watchlist_at: datetime | None
    silent: dict[str, tuple[datetime | None, datetime]]


def known(connection: Connection) -> Known:
    """Return the apps, tags, stores and storefronts that were ever watched."""
    rows = connection.execute(select(apps.c.id, apps.c.tags).order_by(apps.c.id)).all()
    spots = connection.execute(select(places.c.store, places.c.storefront)).all()
    return Known(
        [row.id for row in rows],
        sorted({tag for row in rows for tag in row.tags}),
        sorted({spot.store for spot in spots}),
        sorted({spot.storefront for spot in spots}),
    )


def statuses(connection: Connection, chosen: Chosen) -> list[TargetStatus]:
    """Return every target that is watched, and those of paused apps, app by app."""
    shown = or_(targets.c.watched, targets.c.paused_at.is_not(None))
    columns: tuple[Any, ...] = (*COLUMNS, targets.c.store, targets.c.storefront, targets.c.watched)
    query: Select[Any] = select(*columns, apps.c.name, apps.c.tags).join(
        apps, apps.c.id == targets.c.app_id
    )
    query = _where(query.where(shown), targets, chosen)
    order = (targets.c.app_id, targets.c.store, targets.c.storefront, targets.c.listing)
    held = holds.keeping_back(connection)
    return [
        _status(row, held)
        for row in connection.execute(query.order_by(*order))
        if chosen.tag is None or chosen.tag in row.tags
    ]


def _where(query: Select[Any], table: Table, chosen: Chosen) -> Select[Any]:
    """Return the query for the app, the store and the storefront that were asked for."""
    asked = {
        table.c.app_id: chosen.app,
        table.c.store: chosen.store,
        table.c.storefront: chosen.storefront,
    }
    return query.where(*(column == value for column, value in asked.items() if value is not None))


def _status(row: Row[Any], held: Sequence[Hold]) -> TargetStatus:
    doubted = row.watched and row.tallies is not None
    over = (h.id for h in held if h.store == row.store and h.storefront in (None, row.storefront))
    return value_of(
        TargetStatus,
        row,
        app=row.app_id,
        state=standing_of(row).shown if row.watched else NOT_WATCHED,
        since=row.since if row.watched else None,
        next_look_at=row.next_look_at if row.watched else None,
        held=next(over, None) if doubted else None,
    )


def apps_without_targets(connection: Connection) -> tuple[list[str], list[str]]:
    """Return the ids of the apps without any listing to look at, and of those paused."""
    watched = select(targets.c.id).where(targets.c.app_id == apps.c.id, targets.c.watched)
    rows = connection.execute(
        select(apps.c.id, apps.c.paused)
        .where(apps.c.archived_at.is_(None), ~watched.exists())
        .order_by(apps.c.id)
    ).all()
    return [r.id for r in rows if not r.paused], [r.id for r in rows if r.paused]


def changes_listed(connection: Connection, chosen: Chosen) -> list[ChangeRow]:
    """Return the changes confirmed since then, the newest first."""
    query = select(changes).order_by(changes.c.confirmed_at.desc(), changes.c.id.desc())
    query = _where(query, changes, chosen)
    if chosen.kind is not None:
        query = query.where(changes.c.kind == chosen.kind)
    if chosen.since is not None:
        query = query.where(changes.c.confirmed_at >= chosen.since)
    rows = connection.execute(query)
    return [change_row(row) for row in rows if chosen.tag is None or chosen.tag in row.tags]


def timeline(connection: Connection, chosen: Chosen) -> Iterator[Period]:
    """Yield the periods of every target ever watched, target by target, oldest first.

    Those that were retracted are in none. With `since`, those that had not ended by then. Rows
    are read as they are yielded.
    """
    names = (targets.c.app_id, targets.c.store, targets.c.listing, targets.c.storefront)
    counters = (
        targets.c.looks.label("looks_now"),
        targets.c.inconclusive_looks.label("inconclusive_now"),
    )
    query = _where(
        select(periods, *names, *counters, apps.c.tags, _pauses().label("pauses"))
        .join(targets, targets.c.id == periods.c.target_id)
        .join(apps, apps.c.id == targets.c.app_id)
        .where(~periods.c.retracted)
        .order_by(*names, periods.c.started_at, periods.c.id),
        targets,
        chosen,
    )
    if chosen.since is not None:
        lasting = or_(periods.c.ended_at.is_(None), periods.c.ended_at >= chosen.since)
        query = query.where(lasting)
    for row in connection.execute(query.execution_options(yield_per=1000)):
        if chosen.tag is None or chosen.tag in row.tags:
            yield _period(row)


def _pauses() -> ScalarSelect[int]:
    """Return how many gaps without a look begin within a period."""
    within = or_(periods.c.ended_at.is_(None), lapses.c.started_at < periods.c.ended_at)
    mine = (lapses.c.target_id == periods.c.target_id, lapses.c.looks == 0)
    query = select(func.count()).where(*mine, lapses.c.started_at > periods.c.started_at, within)
    return query.correlate(periods).scalar_subquery()


def _period(row: Row[Any]) -> Period:
    """Return the period; the looks of one that lasts are those counted since it began."""
    now = (row.looks_now - row.looks_before, row.inconclusive_now - row.inconclusive_before)
    looks, inconclusive = now if row.looks is None else (row.looks, row.inconclusive_looks)
    return value_of(Period, row, app=row.app_id, looks=looks, inconclusive_looks=inconclusive)


def coverage(
    connection: Connection, since: datetime, until: datetime, every: timedelta | None = None
) -> list[Coverage]:
    """Return what became of the looks between two moments, storefront by storefront.

    With `every`, the rounds that are missing at the second one count as missed too. Of what is
    older than 90 days, whole days (UTC) are counted.
    """
    sums = {(row.store, row.storefront): row for row in connection.execute(_sums(since, until))}
    reasons = _reasons(connection, since, until)
    watched = {(row.store, row.storefront): row for row in connection.execute(_watched())}
    found = []
    for key in sorted({*sums, *watched}):
        gap, behind = _running_gap(watched.get(key), since, until, every)
        found.append(_covered(key, sums.get(key), reasons.get(key, {}), gap, behind))
    return found


def _sums(since: datetime, until: datetime) -> Select[Any]:
    """Return the sums of the sweeps of that time, and of the days that were added up."""
    names = ("store", "storefront", "planned", "done", "late", "missed_rounds")
    left_out = (sweeps.c.planned * sweeps.c.missed_rounds).label("left_out")
    recent = select(*(sweeps.c[name] for name in names), left_out)
    old = select(*(sweep_days.c[name] for name in names), sweep_days.c.left_out)
    both = union_all(
        recent.where(sweeps.c.started_at.between(since, until)),
        old.where(sweep_days.c.day > since - DAY, sweep_days.c.day <= until),
    ).subquery()
    place, counters = both.c[names[:2]], both.c[(*names[2:], "left_out")]
    sums = (func.sum(column).label(column.name) for column in counters)
    return select(*place, *sums).group_by(*place)


def _reasons(
    connection: Connection, since: datetime, until: datetime
) -> dict[tuple[str, str], dict[str, int]]:
    """Return the inconclusive looks by reason; most sweeps have none, and are not read."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for table, within in (
        (sweeps, sweeps.c.started_at.between(since, until)),
        (sweep_days, and_(sweep_days.c.day > since - DAY, sweep_days.c.day <= until)),
    ):
        query = select(table.c.store, table.c.storefront, table.c.inconclusive).where(
            within, cast(table.c.inconclusive, Text) != "{}"
        )
        for store, storefront, reasons in connection.execute(query):
            found.setdefault((store, storefront), Counter()).update(reasons)
    return {key: dict(sorted(counts.items())) for key, counts in found.items()}


def _watched() -> Select[Any]:
    return (
        select(
            targets.c.store,
            targets.c.storefront,
            func.count().label("targets"),
            func.min(targets.c.next_look_at).label("due_at"),
        )
        .where(targets.c.watched)
        .group_by(targets.c.store, targets.c.storefront)
    )


def _running_gap(
    row: Row[Any] | None, since: datetime, now: datetime, every: timedelta | None
) -> tuple[int, int]:
    """Return how many rounds are missing right now, and how many looks that is."""
    if row is None or every is None:
        return 0, 0
    gap = rounds_missed(max(row.due_at, since), now, every)
    return gap, gap * row.targets


def _covered(
    key: tuple[str, str], row: Row[Any] | None, reasons: dict[str, int], gap: int, behind: int
) -> Coverage:
    numbers: Sequence[Any] = row[2:] if row else (0,) * 5
    # PostgreSQL sums whole numbers into decimals.
    planned, done, late, missed, left_out = map(int, numbers)
    conclusive = done - sum(reasons.values())
    due = planned + left_out + behind
    share = round(conclusive / due, 4) if due else None
    return Coverage(*key, planned, done, conclusive, reasons, late, missed + gap, share)


def readiness(connection: Connection) -> Readiness:
    """Return what a health page must know of the looks and of the watchlist."""
    accepted = select(func.max(watchlists.c.accepted_at))
    looked = (
        select(
            targets.c.store,
            func.max(targets.c.last_conclusive_at, type_=targets.c.since.type).label("proved"),
            func.min(targets.c.first_looked_at, type_=targets.c.since.type).label("first"),
            func.max(targets.c.last_looked_at, type_=targets.c.since.type).label("last"),
        )
        .where(targets.c.watched, targets.c.last_looked_at.is_not(None))
        .group_by(targets.c.store)
    )
    silent = {
        row.store: (row.proved, row.first)
        for row in connection.execute(looked)
        if row.proved is None or row.proved < row.last
    }
    return Readiness(connection.execute(accepted).scalar(), silent)
