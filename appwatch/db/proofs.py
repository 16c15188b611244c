"""Reads everything that proves one change; what a bundle is made from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, true

from appwatch.db.captures import captures_of
from appwatch.db.rows import value_of
from appwatch.db.tables import (
    changes,
    controls,
    exchanges,
    last_good,
    observation_exchanges,
    observations,
    periods,
    sweeps,
)
from appwatch.domain.model import State
from appwatch.domain.state import SETTLED
from appwatch.evidence.proof import (
    ExchangeProof,
    GoodListingProof,
    LookProof,
    PeriodProof,
    Proof,
    ProvenChange,
    SweepProof,
)


def proof_of(connection: Connection, change_id: str) -> Proof | None:
    """Return what proves this change, or None if there is no such change."""
    row = connection.execute(select(changes).where(changes.c.id == change_id)).one_or_none()
    if row is None:
        return None
    looks = _looks(connection, row)
    query = select(last_good).where(last_good.c.change_id == change_id)
    pinned = connection.execute(query).one_or_none()
    wanted = dict.fromkeys(number for look in looks for number in look.exchanges)
    return Proof(
        value_of(ProvenChange, row, app=row.app_id, incident=row.incident_id),
        _period(connection, row, "end_change"),
        _period(connection, row, "start_change"),
        _sweep(connection, row, pinned.last_answer if pinned else None),
        _last_good(pinned),
        looks,
        _exchanges(connection, list(wanted)),
        captures_of(connection, change_id),
    )


def controls_asked(connection: Connection, store: str, storefront: str) -> list[str]:
    """Return every listing that was ever asked as a control in this storefront."""
    here = (controls.c.store == store, controls.c.storefront == storefront)
    return list(connection.execute(select(controls.c.listing).where(*here)).scalars())


def _period(connection: Connection, change: Row[Any], end: str) -> PeriodProof[datetime] | None:
    """Return the period that the change ended (`end_change`) or began (`start_change`)."""
    mine = (periods.c.target_id == change.target_id) & (periods.c[end] == change.id)
    # After a retraction the period before may end with the same change as the one taken back.
    query = select(periods).where(mine).order_by(periods.c.retracted, periods.c.id)
    row = connection.execute(query.limit(1)).first()
    return value_of(PeriodProof, row) if row else None


def _sweep(
    connection: Connection, change: Row[Any], answer: str | None
) -> SweepProof[datetime] | None:
    """Return the latest sweep of the storefront that was under way when it was last seen."""
    query = (
        select(sweeps)
        .where(
            sweeps.c.store == change.store,
            sweeps.c.storefront == change.storefront,
            sweeps.c.started_at <= change.before_at,
            sweeps.c.finished_at.is_(None) | (sweeps.c.finished_at >= change.before_at),
        )
        .order_by(sweeps.c.started_at.desc(), sweeps.c.id.desc())
    )
    row = connection.execute(query.limit(1)).first()
    return value_of(SweepProof, row, answer=answer) if row else None


def _last_good(pinned: Row[Any] | None) -> GoodListingProof[datetime] | None:
    """Return the listing as it was pinned to a departure; None where none was kept by then."""
    if pinned is None or not pinned.body:  # none was kept, or it was tidied away before
        return None
    return value_of(GoodListingProof, pinned)


def _looks(connection: Connection, change: Row[Any]) -> list[LookProof[datetime]]:
    """Return the looks that confirmed the change, and those between them, oldest first.

    The confirming looks are the last so many of this outcome: any earlier ones were cleared.
    What was seen after them may be dated before them, if the clock was set back.
    """
    outcome = SETTLED[State(change.to_state)].value
    mine = observations.c.target_id == change.target_id
    last = select(func.min(observations.c.id)).where(
        mine,
        observations.c.seen_at == change.confirmed_at,
        observations.c.outcome == outcome,
    )
    after = select(func.min(observations.c.id)).where(
        mine, observations.c.id > last.scalar_subquery(), observations.c.outcome != outcome
    )
    until = and_(
        observations.c.seen_at <= change.confirmed_at,
        func.coalesce(observations.c.id < after.scalar_subquery(), true()),
    )
    newest = select(observations.c.id).where(mine, until, observations.c.outcome == outcome)
    newest = newest.order_by(observations.c.id.desc()).limit(change.looks)
    confirming = sorted(connection.execute(newest).scalars())
    if not confirming:
        return []
    between = observations.c.id.between(confirming[0], confirming[-1])
    rows = connection.execute(
        select(observations).where(mine, until, between).order_by(observations.c.id)
    ).all()
    links = _links(connection, [row.id for row in rows])
    return [
        value_of(
            LookProof, row, role=_role(row.id, confirming), exchanges=tuple(links.get(row.id, ()))
        )
        for row in rows
    ]


def _role(number: int, confirming: Sequence[int]) -> str:
    if number == confirming[0]:
        return "after"
    return "confirms" if number in confirming else "between"


def _links(connection: Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the exchanges of each observation, the one that decided it first."""
    query = (
        select(observation_exchanges)
        .where(observation_exchanges.c.observation_id.in_(ids))
        .order_by(observation_exchanges.c.observation_id, observation_exchanges.c.position)
    )
    found: dict[int, list[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.observation_id, []).append(row.exchange_id)
    return found


def _exchanges(connection: Connection, ids: Sequence[int]) -> list[ExchangeProof]:
    query = select(exchanges).where(exchanges.c.id.in_(ids))
    rows = connection.execute(query.order_by(exchanges.c.started_at, exchanges.c.id))
    return [
        value_of(ExchangeProof, row, headers=tuple((name, value) for name, value in row.headers))
        for row in rows
    ]
