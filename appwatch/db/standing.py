"""A target's row as the domain's Standing, and back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row

from appwatch.db.tables import targets
from appwatch.domain.model import State
from appwatch.domain.state import Dispute, Standing, Tally

COLUMNS = (
    *targets.c[
        "id", "app_id", "listing", "state", "since", "last_looked_at", "last_conclusive_at",
        "last_settled_at", "been_available", "tallies", "dispute", "looks", "inconclusive_looks",
        "first_looked_at", "next_look_at", "lapse_id", "last_answer",
    ],
)  # fmt: skip
_TALLIES = msgspec.json.Decoder(tuple[Tally, ...])
_DISPUTE = msgspec.json.Decoder(Dispute)


def standing_of(row: Row[Any]) -> Standing:
    """Return what is held true of the target of this row."""
    return Standing(
        State(row.state),
        row.since,
        row.last_looked_at,
        row.last_conclusive_at,
        row.last_settled_at,
        row.been_available,
        tallies_of(row.tallies),
        _DISPUTE.decode(row.dispute) if row.dispute else None,
    )


def tallies_of(text: str | None) -> tuple[Tally, ...]:
    """Return the tallies that a column holds."""
    return _TALLIES.decode(text) if text else ()


def tallies_text(tallies: Sequence[Tally]) -> str | None:
    """Return what the column holds for these tallies."""
    return msgspec.json.encode(tallies).decode() if tallies else None


def forgotten_text(tallies: Sequence[Tally]) -> str | None:
    """Return what the column holds once none of their looks counts any more.

    The suspicion is kept without them, and without the surfaces that they asked: whoever heard of
    it hears what it comes to.
    """
    return tallies_text([Tally(one.outcome, one.first_at, one.last_at, looks=0) for one in tallies])


def values_of(standing: Standing) -> dict[str, datetime | str | bool | None]:
    """Return the columns that hold this standing."""
    dispute = msgspec.json.encode(standing.dispute).decode() if standing.dispute else None
    return {
        "state": standing.state.value,
        "since": standing.since,
        "last_looked_at": standing.last_looked_at,
        "last_conclusive_at": standing.last_conclusive_at,
        "last_settled_at": standing.last_settled_at,
        "been_available": standing.been_available,
        "tallies": tallies_text(standing.tallies),
        "dispute": dispute,
    }
