"""Incidents as people read them: their changes, and what others claim of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, insert, select

from appwatch.db.deliveries import ChangeRow, change_and_hold, with_holds
from appwatch.db.ids import make_id
from appwatch.db.rows import value_of
from appwatch.db.tables import changes, claims, incidents
from appwatch.domain.model import ChangeKind
from appwatch.domain.scope import Disappearance, incident_words
from appwatch.errors import UsageError

_TEXT_AT_MOST = 2000  # characters


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident in one row; `hold` is the hold that it came out of, or None.

    `reach` are words on how far it reaches; `developer` is set where it gathers a developer's.
    """

    id: str
    apps: tuple[str, ...]
    kinds: tuple[str, ...]
    stores: tuple[str, ...]
    storefronts: tuple[str, ...]
    first_change_at: datetime
    last_change_at: datetime
    changes: int
    retracted: int
    claims: int
    hold: str | None
    reach: tuple[str, ...] = ()
    developer: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """A change of an incident and, where it was retracted, by whom and why."""

    change: ChangeRow
    retracted_by: str | None
    retracted_why: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says of the cause, and where it can be read: never what was observed."""

    id: str
    incident: str
    text: str
    source: str
    author: str
    added_at: datetime


def listed(connection: Connection, since: datetime | None = None) -> list[Incident]:
    """Return the incidents that changed since then, the newest first."""
    query = select(incidents).order_by(incidents.c.last_change_at.desc(), incidents.c.id.desc())
    of = select(changes).order_by(changes.c.confirmed_at, changes.c.id)
    if since is not None:
        query = query.where(incidents.c.last_change_at >= since)
        recent = select(incidents.c.id).where(incidents.c.last_change_at >= since)
        of = of.where(changes.c.incident_id.in_(recent))
    found: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(of):
        found.setdefault(row.incident_id, []).append(row)
    counted = select(claims.c.incident_id, func.count()).group_by(claims.c.incident_id)
    claimed = {incident: int(count) for incident, count in connection.execute(counted)}
    return [
        _incident(row, found.get(row.id, ()), claimed.get(row.id, 0))
        for row in connection.execute(query)
    ]


def require(connection: Connection, incident_id: str) -> Incident:
    """Return the incident of this id. Raises UsageError, naming the newest ones."""
    row = connection.execute(select(incidents).where(incidents.c.id == incident_id)).first()
    if row is None:
        newest = select(incidents.c.id).order_by(incidents.c.last_change_at.desc()).limit(5)
        there = ", ".join(connection.execute(newest).scalars()) or "none"
        raise UsageError(f"There is no incident {incident_id!r}; the newest: {there}.")
    of = select(changes).where(changes.c.incident_id == incident_id)
    rows = connection.execute(of.order_by(changes.c.confirmed_at, changes.c.id)).all()
    counted = select(func.count()).where(claims.c.incident_id == incident_id)
    return _incident(row, rows, int(connection.execute(counted).scalar_one()))


def changes_of(connection: Connection, incident_id: str) -> list[IncidentChange]:
    """Return the changes of an incident, the oldest first."""
    rows = connection.execute(with_holds().where(changes.c.incident_id == incident_id))
    return [
        IncidentChange(change_and_hold(row), row.retracted_by, row.retracted_why) for row in rows
    ]


def standing_changes(connection: Connection, since: datetime | None = None) -> list[str]:
    """Return the ids of the changes confirmed since then and not retracted, the oldest first."""
    query = select(changes.c.id).where(changes.c.retracted_at.is_(None))
    if since is not None:
        query = query.where(changes.c.confirmed_at >= since)
    return list(connection.execute(query.order_by(changes.c.confirmed_at, changes.c.id)).scalars())


def claims_of(connection: Connection, incident_id: str) -> list[Claim]:
    """Return what is claimed of an incident, the oldest first."""
    query = select(claims).where(claims.c.incident_id == incident_id)
    rows = connection.execute(query.order_by(claims.c.added_at, claims.c.id))
    return [value_of(Claim, row, incident=row.incident_id) for row in rows]


def claim(
    connection: Connection, incident_id: str, text: str, source: str, author: str, now: datetime
) -> Claim:
    """Attach a claim to an incident and return it.

    Raises UsageError for an incident that is none, an empty or endless text, or a source that
    is no http(s) address: what cannot be read anywhere is no claim but a rumour.
    """
    incident = require(connection, incident_id)
    made = Claim(
        make_id("cl", now), incident.id, _worded(text), _address(source), _one_line(author), now
    )
    values = asdict(made)
    connection.execute(insert(claims).values(incident_id=values.pop("incident"), **values))
    return made


def _incident(row: Row[Any], of: Sequence[Row[Any]], claimed: int) -> Incident:
    return Incident(
        row.id,
        tuple(dict.fromkeys(change.app_id for change in of)) or (row.app_id,),
        tuple(dict.fromkeys(change.kind for change in of)),
        tuple(dict.fromkeys(change.store for change in of)),
        tuple(sorted({change.storefront for change in of})),
        row.opened_at,
        row.last_change_at,
        len(of),
        sum(change.retracted_at is not None for change in of),
        claimed,
        row.hold_id,
        incident_words([_disappearance(c) for c in of if _stands_gone(c)]),
        row.developer,
    )


def _stands_gone(change: Row[Any]) -> bool:
    return change.kind == ChangeKind.DISAPPEARED.value and change.retracted_at is None


def _disappearance(change: Row[Any]) -> Disappearance:
    told = change.context or {}
    gone = {n["name"] for n in told.get("neighbours", ()) if n["kind"] == change.kind}
    return Disappearance(
        change.app_id,
        change.store,
        told.get("reach", ""),
        told.get("group", ""),
        tuple(told.get("stores_beside", ())),
        told.get("siblings", 0),
        len(gone),
    )


def _worded(text: str) -> str:
    said = _one_line(text)
    if not said:
        raise UsageError("A claim needs a text: what is said, in a sentence.")
    if len(said) > _TEXT_AT_MOST:
        raise UsageError(
            f"A claim is at most {_TEXT_AT_MOST} characters long and this one is {len(said)}; "
            "its source may say the rest."
        )
    return said


def _address(source: str) -> str:
    """Return the source, an http(s) address. Raises UsageError."""
    bare = source.strip()
    try:
        parts = urlsplit(bare)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not bare.isprintable() or " " in bare:
        raise UsageError(
            f"The source {bare[:100]!r} is no web address; a claim needs one that can be read, "
            "such as https://example.org/story."
        )
    return bare


def _one_line(text: str) -> str:
    """Return the text on one line, with nothing in it that no database keeps."""
    return " ".join(text.replace("\0", "").split())
