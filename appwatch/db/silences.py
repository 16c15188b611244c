"""Silences that people declare: what they are about, by whom, why and until when."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from appwatch.db.ids import make_id
from appwatch.db.tables import silences
from appwatch.domain.routing import SilenceScope
from appwatch.domain.timing import SKEW
from appwatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence; null in `app`, `tag`, `store` or `storefront` stands for any."""

    id: str
    author: str
    reason: str
    added_at: datetime
    ends_at: datetime
    ended_by: str | None = None
    app: str | None = None
    tag: str | None = None
    store: str | None = None
    storefront: str | None = None

    @property
    def scope(self) -> SilenceScope:
        """What it is about."""
        return SilenceScope(self.app, self.tag, self.store, self.storefront)


def add(
    connection: Connection,
    scope: SilenceScope,
    by: tuple[str, str],
    ends_at: datetime,
    now: datetime,
) -> Silence:
    """Declare a silence from now on, and return it; `by` is its author and the reason.

    Raises UsageError without a scope or a reason, or for an end that is past.
    """
    author, reason = (" ".join(text.replace("\0", "").split()) for text in by)
    if scope == SilenceScope():
        raise UsageError(
            "A silence of everything would hide everything; name at least one of --app, --tag, "
            "--store and --storefront."
        )
    if not reason:
        raise UsageError("--reason is empty; say in a sentence why nothing is to be told.")
    if ends_at <= now:
        raise UsageError(f"The end {ends_at:%Y-%m-%d %H:%M} UTC is past; expected one to come.")
    made = Silence(make_id("s", now), author, reason, now, ends_at, None, **asdict(scope))
    connection.execute(insert(silences).values(**asdict(made)))
    return made


def end(connection: Connection, silence_id: str, by: str, now: datetime) -> Silence:
    """End a silence now, and return it as it was. Raises UsageError, naming those that hold."""
    holding = {one.id: one for one in listed(connection, now)}
    if silence_id not in holding:
        there = ", ".join(holding) or "none"
        raise UsageError(f"There is no silence {silence_id!r} that holds; there is: {there}.")
    query = update(silences).where(silences.c.id == silence_id)
    connection.execute(query.values(ends_at=now, ended_by=by))
    return holding[silence_id]


def listed(connection: Connection, now: datetime, *, ended: bool = False) -> list[Silence]:
    """Return the silences that hold, the newest first; with `ended`, all."""
    query = select(silences).order_by(silences.c.added_at.desc(), silences.c.id.desc())
    if not ended:
        query = query.where(_holds(now))
    return [Silence(**row) for row in connection.execute(query).mappings()]


def active(connection: Connection, now: datetime) -> list[SilenceScope]:
    """Return what is silenced now."""
    query = select(silences.c.app, silences.c.tag, silences.c.store, silences.c.storefront)
    rows = connection.execute(query.where(_holds(now)))
    return [SilenceScope(*row) for row in rows]


def _holds(now: datetime) -> ColumnElement[bool]:
    """Return whether a silence holds: one that was declared later than now has ended.

    The clock was ahead then: nothing may stay untold for as long as it was.
    """
    return and_(silences.c.ends_at > now, silences.c.added_at <= now + SKEW)
