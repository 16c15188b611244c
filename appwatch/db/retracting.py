"""Takes back a disappearance that was wrong: the log keeps it, the timeline goes on as before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from appwatch.db import notices, pinning, reach
from appwatch.db.notices import RETRACTED, Notice
from appwatch.db.standing import forgotten_text, tallies_of
from appwatch.db.tables import changes, periods, targets
from appwatch.domain.model import Outcome
from appwatch.domain.routing import Route
from appwatch.domain.state import DEPARTURES
from appwatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Retraction:
    """What was taken back: the change, and the return that only it had made one.

    `channels` may have been told and are told of this; for the `untold` ones the alert itself
    still waits, and says by then that it was retracted.
    """

    notices: list[Notice]
    channels: list[str]
    untold: list[str]


def retract(
    connection: Connection,
    change_id: str,
    by: str,
    why: str,
    now: datetime,
    routes: Sequence[Route] = (),
) -> Retraction:
    """Mark a disappearance (and the return after it) as wrong, and tell everyone who was told.

    The period before it goes on as if nothing had been; the one of the absence is kept, marked.
    Raises UsageError for a change that is none, is no disappearance, or was retracted before.
    """
    gone = _retractable(connection, change_id)
    absence = connection.execute(
        select(periods).where(periods.c.start_change == change_id, ~periods.c.retracted)
    ).one()
    before = connection.execute(select(periods).where(*_ended_by(gone))).one()
    after = _return_from(connection, before, absence)
    _prolong(connection, before, absence, after)
    wrong = [absence] if after is None else [absence, after]
    for period in wrong:
        query = update(periods).where(periods.c.id == period.id)
        connection.execute(query.values(retracted=True))
    written: list[Notice] = []
    heard, waiting = set[str](), set[str]()
    for taken_back in dict.fromkeys(period.start_change for period in wrong):
        notice = _mark(connection, taken_back, by, why, now)
        told, untold = notices.told_of_change(connection, taken_back)
        notices.tell(connection, notice, notices.routes_of(routes, told), now)
        written.append(notice)
        heard.update(told)
        waiting.update(untold)
    return Retraction(written, sorted(heard), sorted(waiting - heard))


def _retractable(connection: Connection, change_id: str) -> Row[Any]:
    row = connection.execute(select(changes).where(changes.c.id == change_id)).first()
    if row is None:
        raise UsageError(f"There is no change {change_id!r}; see `appwatch changes`.")
    if row.kind not in DEPARTURES:
        raise UsageError(f"{change_id} is no disappearance but {row.kind}: nothing to retract.")
    if row.retracted_at is not None:
        raise UsageError(f"{change_id} was retracted already, on {row.retracted_at:%Y-%m-%d}.")
    return row


def _return_from(connection: Connection, before: Row[Any], absence: Row[Any]) -> Row[Any] | None:
    """Return the period in which the state was again what it was before, if it came next."""
    query = select(periods).where(
        periods.c.target_id == absence.target_id,
        periods.c.id > absence.id,
        ~periods.c.retracted,
    )
    after = connection.execute(query.order_by(periods.c.id).limit(1)).first()
    back = after is not None and after.state == before.state and after.start_change is not None
    return after if back else None


def _prolong(
    connection: Connection, before: Row[Any], absence: Row[Any], after: Row[Any] | None
) -> None:
    """Let the period before the absence last until the wrong ones ended, if they did."""
    last = absence if after is None else after
    over = last.ended_at is not None
    looks = last.looks_before + (last.looks or 0) - before.looks_before
    inconclusive = last.inconclusive_before + (last.inconclusive_looks or 0)
    connection.execute(
        update(periods)
        .where(periods.c.id == before.id)
        .values(
            ended_earliest_at=last.ended_earliest_at,
            ended_at=last.ended_at,
            end_change=last.end_change,
            looks=looks if over else None,
            inconclusive_looks=inconclusive - before.inconclusive_before if over else None,
        )
    )
    if not over:
        held = _held_before(connection, before, absence) if last is absence else {}
        query = update(targets).where(targets.c.id == before.target_id)
        connection.execute(query.values(since=before.started_at, **held))


def _ended_by(gone: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for the period that stands and that the change ended."""
    return periods.c.end_change == gone.id, ~periods.c.retracted


def _held_before(connection: Connection, before: Row[Any], absence: Row[Any]) -> dict[str, Any]:
    """Return the columns of a target that is held for what it was, last seen so as before.

    Whoever heard since that it may be gone hears what that comes to.
    """
    target_id = before.target_id
    left = _left_last(connection, before, absence)
    pinning.unpin(connection, target_id)  # as the look saw it that is wrong
    text = connection.execute(select(targets.c.tallies).where(targets.c.id == target_id)).scalar()
    missed = [tally for tally in tallies_of(text) if tally.outcome is Outcome.NOT_FOUND]
    heard = notices.heard_of_suspicion(connection, target_id)
    return {
        "state": before.state,
        "last_settled_at": left.before_at,
        "last_answer": pinning.answer_before(connection, left.id),
        "tallies": forgotten_text(missed) if heard else None,
        "dispute": None,
    }


def _left_last(connection: Connection, before: Row[Any], absence: Row[Any]) -> Row[Any]:
    """Return the last change that led out of the state before: until then it was seen to hold.

    It is an earlier one than that of the absence where this led on from what was wrong already.
    """
    query = (
        select(changes)
        .join(periods, periods.c.start_change == changes.c.id)
        .where(
            periods.c.target_id == before.target_id,
            periods.c.id > before.id,
            periods.c.id <= absence.id,
            changes.c.from_state == before.state,
        )
    )
    return connection.execute(query.order_by(periods.c.id.desc()).limit(1)).one()


def _mark(connection: Connection, change_id: str, by: str, why: str, now: datetime) -> Notice:
    query = update(changes).where(changes.c.id == change_id)
    connection.execute(query.values(retracted_at=now, retracted_by=by, retracted_why=why))
    row = connection.execute(select(changes).where(changes.c.id == change_id)).one()
    reach.doubt_rates(connection, row)
    content = {
        "name": row.name,
        "store": row.store,
        "listing": row.listing,
        "storefront": row.storefront,
        "kind": row.kind,
        "to_state": row.to_state,
        "why": why,
        "by": by,
        "change": row.id,
    }
    about = (row.target_id, row.id)
    return notices.write(connection, Notice.new(RETRACTED, now, row.app_id, content, about=about))
