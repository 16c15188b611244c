"""What is wrong with the instrument: faults across apps, with beginning and end; lost controls."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from appwatch.db.ids import make_id
from appwatch.db.sweeping import Sweep
from appwatch.db.tables import controls, instrument_faults, lapses, targets
from appwatch.domain.instrument import (
    IN_A_ROW,
    NONSENSE_FOUND,
    Failing,
    FaultKind,
    Trouble,
    is_lost,
    judge,
    says,
)
from appwatch.domain.model import Place, Reason


@dataclass(frozen=True, slots=True)
class InstrumentFault:
    """Correlated trouble while it lasted; `ended_at` is None while it does."""

    id: str
    trouble: Trouble
    opened_at: datetime
    ended_at: datetime | None = None

    @property
    def says(self) -> str:
        """What is wrong, in one sentence."""
        return says(self.trouble)

    @property
    def since(self) -> str:
        """What is wrong, and since when, in one sentence."""
        return f"{self.says.removesuffix('.')}, since {self.opened_at:%Y-%m-%d %H:%M} UTC."

    @property
    def lasted(self) -> str:
        """What was wrong, and from when to when, in one sentence."""
        if self.ended_at is None:
            return self.since
        return f"{self.since.removesuffix('.')}, until {self.ended_at:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class LostControl:
    """A control that a storefront has left out since then, while another was seen there."""

    place: Place
    listing: str
    since: datetime
    misses: int

    @property
    def says(self) -> str:
        """What became of it, in one sentence."""
        return (
            f"The control {self.listing} is gone from {self.place} since "
            f"{self.since:%Y-%m-%d %H:%M} UTC; others vouch there."
        )


@dataclass(frozen=True, slots=True)
class Doubts:
    """What speaks against the instrument in one storefront before a sweep.

    `lost` are controls that are gone there; `nonsense`: an app that cannot exist was found.
    """

    lost: frozenset[str] = frozenset()
    nonsense: bool = False


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a sweep found new: faults that began, those that ended, controls that are now lost."""

    opened: Sequence[InstrumentFault] = ()
    ended: Sequence[InstrumentFault] = ()
    lost: Sequence[LostControl] = ()


def open_faults(connection: Connection) -> list[InstrumentFault]:
    """Return what is wrong with the instrument now, the oldest first."""
    return listed(connection, ended=False)[::-1]


def listed(
    connection: Connection, since: datetime | None = None, *, ended: bool = True
) -> list[InstrumentFault]:
    """Return the faults that had not ended by then, the newest first."""
    order = (instrument_faults.c.opened_at.desc(), instrument_faults.c.id.desc())
    query = select(instrument_faults).order_by(*order)
    lasting = instrument_faults.c.ended_at.is_(None)
    if not ended:
        query = query.where(lasting)
    elif since is not None:
        query = query.where(or_(lasting, instrument_faults.c.ended_at >= since))
    return [_fault(row) for row in connection.execute(query)]


def doubts(connection: Connection, place: Place) -> Doubts:
    """Return what speaks against the instrument in this storefront."""
    found = instrument_faults.c
    query = select(found.id).where(
        found.ended_at.is_(None),
        found.kind == FaultKind.NONSENSE.value,
        found.store == place.store,
        func.coalesce(found.storefront, place.storefront) == place.storefront,
    )
    nonsense = connection.execute(query.limit(1)).first() is not None
    return Doubts(frozenset(one.listing for one in lost_controls(connection, place)), nonsense)


def conclude(
    connection: Connection, sweep: Sweep, before: Collection[str], now: datetime
) -> Concluded:
    """Judge the instrument at the end of a sweep: begin the faults that are new, end the others.

    `before` are the controls that were lost when it began.
    """
    opened = {fault.trouble.key: fault for fault in open_faults(connection)}
    lost = [one for one in lost_controls(connection, sweep.place) if one.listing not in before]
    if not sweep.inconclusive and not opened:
        return Concluded(lost=lost)
    judged = judge(_failing(connection), watched_targets(connection), opened)
    found = {one.key: one for one in judged}
    for key in found.keys() & opened.keys():
        _note_worst(connection, opened[key], found[key])
    ended = [fault for key, fault in opened.items() if key not in found]
    _end(connection, ended, now)
    new = (_open(connection, one, now) for key, one in found.items() if key not in opened)
    return Concluded([fault for fault in new if fault is not None], ended, lost)


def settle(connection: Connection, now: datetime) -> None:
    """End the faults that do not last since the watchlist changed: no sweep may come to it."""
    opened = {fault.trouble.key: fault for fault in open_faults(connection)}
    if opened:
        last = {one.key for one in judge(_failing(connection), watched_targets(connection), opened)}
        _end(connection, [fault for key, fault in opened.items() if key not in last], now)


def lost_controls(connection: Connection, place: Place | None = None) -> list[LostControl]:
    """Return the controls that are gone from a storefront themselves, here or everywhere."""
    here = (targets.c.store == controls.c.store, targets.c.storefront == controls.c.storefront)
    asked = select(targets.c.id).where(*here, targets.c.watched).exists()
    query = select(controls).where(controls.c.misses > 0, asked)
    if place is not None:
        query = query.where(
            controls.c.store == place.store, controls.c.storefront == place.storefront
        )
    rows = connection.execute(
        query.order_by(controls.c.store, controls.c.storefront, controls.c.listing)
    )
    return [
        LostControl(Place(row.store, row.storefront), row.listing, row.missed_since, row.misses)
        for row in rows
        if is_lost(row.misses, row.missed_since, row.last_missed_at)
    ]


def _failing(connection: Connection) -> list[Failing]:
    """Return the targets whose last looks proved nothing, by storefront, vantage and rule.

    One look that failed says little; of what cannot be, one is enough.
    """
    alike: tuple[Any, ...] = (
        *targets.c["store", "storefront"],
        *lapses.c["vantage", "rule", "reason"],
    )
    query: Select[Any] = select(*alike, func.count()).join(
        lapses, lapses.c.id == targets.c.lapse_id
    )
    failing = query.where(
        targets.c.watched,
        lapses.c.rule.is_not(None),
        or_(lapses.c.looks >= IN_A_ROW, lapses.c.rule == NONSENSE_FOUND.id),
    )
    rows = connection.execute(failing.group_by(*alike))
    return [
        Failing(Place(store, storefront), vantage, rule, Reason(reason), int(count))
        for store, storefront, vantage, rule, reason, count in rows
    ]


def watched_targets(connection: Connection) -> dict[Place, int]:
    """Return how many targets are looked at in each storefront."""
    query = select(targets.c.store, targets.c.storefront, func.count()).where(targets.c.watched)
    rows = connection.execute(query.group_by(targets.c.store, targets.c.storefront))
    return {Place(store, storefront): int(count) for store, storefront, count in rows}


def _open(connection: Connection, trouble: Trouble, now: datetime) -> InstrumentFault | None:
    """Begin a fault; return None if another process has begun the same one meanwhile."""
    fault = InstrumentFault(make_id("f", now), trouble, now)
    values = {
        "id": fault.id,
        "key": trouble.key,
        "kind": trouble.kind.value,
        "store": trouble.store,
        "storefront": trouble.storefront,
        "vantage": trouble.vantage,
        "rule": trouble.rule,
        "reason": trouble.reason.value,
        "failing": trouble.failing,
        "watched": trouble.of,
        "opened_at": now,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    query = dialect.insert(instrument_faults).values(values).on_conflict_do_nothing()
    return fault if connection.execute(query).rowcount == 1 else None


def _end(connection: Connection, faults: Sequence[InstrumentFault], now: datetime) -> None:
    mine = instrument_faults.c.id.in_([fault.id for fault in faults])
    if faults:
        connection.execute(update(instrument_faults).where(mine).values(ended_at=now))


def _note_worst(connection: Connection, fault: InstrumentFault, found: Trouble) -> None:
    if found.failing > fault.trouble.failing:
        worst = {"failing": found.failing, "watched": found.of}
        mine = instrument_faults.c.id == fault.id
        connection.execute(update(instrument_faults).where(mine).values(worst))


def _fault(row: Row[Any]) -> InstrumentFault:
    trouble = Trouble(
        FaultKind(row.kind),
        row.store,
        row.storefront,
        row.vantage,
        row.rule,
        Reason(row.reason),
        row.failing,
        row.watched,
    )
    return InstrumentFault(row.id, trouble, row.opened_at, row.ended_at)
