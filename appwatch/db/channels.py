"""What is known of each channel: whether it fails, rests or is switched off, and since when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from appwatch.db.tables import channels, deliveries
from appwatch.domain.clocks import SKEW
from appwatch.domain.routing import LATE_AFTER, LONGEST_ASKED, has_failed_for_days, rests_until


class Cause(StrEnum):
    """Why a channel is off."""

    REFUSED = "refused"  # its service said that trying again cannot help
    UNUSABLE = "unusable"  # its address cannot be used


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel fares. `off_words` are the service's own, without any address."""

    name: str
    strikes: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    last_sent_at: datetime | None = None
    off_at: datetime | None = None
    off_cause: str | None = None
    off_words: str | None = None


def off_sentence(state: ChannelState) -> str:
    """Return in a sentence or two that a channel is off, since when and why, and the remedy."""
    words = state.off_words or ""
    words += "" if words.rstrip('"').endswith((".", "!", "?", "。")) else "."
    return (
        f"The channel {state.name} is switched off since {state.off_at:%Y-%m-%d %H:%M} UTC: "
        f"{words} Mend it, then run: appwatch alerts test {state.name}"
    )


def keep_only(connection: Connection, names: Collection[str]) -> None:
    """Forget how channels fared that the watchlist does not name any more."""
    connection.execute(delete(channels).where(channels.c.name.not_in(names)))


def states(connection: Connection) -> dict[str, ChannelState]:
    """Return how each channel fares that anything was ever sent to, by name."""
    rows = connection.execute(select(channels).order_by(channels.c.name)).mappings()
    return {row["name"]: ChannelState(**row) for row in rows}


def off(connection: Connection) -> set[str]:
    """Return the channels that are switched off."""
    query = select(channels.c.name).where(channels.c.off_at.is_not(None))
    return set(connection.execute(query).scalars())


def state_of(connection: Connection, name: str) -> ChannelState:
    """Return how the channel fares."""
    found = connection.execute(select(channels).where(channels.c.name == name)).mappings().first()
    return ChannelState(**found) if found else ChannelState(name)


def is_closed(connection: Connection, name: str, now: datetime) -> bool:
    """Whether nothing may be sent there now: it is off, or rests after a failure."""
    state = state_of(connection, name)
    furthest = now + LONGEST_ASKED + SKEW  # beyond it: noted while the clock was ahead
    rests = state.rests_until is not None and now < state.rests_until <= furthest
    return rests or state.off_at is not None


def failing_for_days(connection: Connection, now: datetime) -> list[str]:
    """Return the channels that have failed, or been off, for so long that their news is late."""
    trouble = or_(channels.c.failing_since.is_not(None), channels.c.off_at.is_not(None))
    rows = connection.execute(select(channels).where(trouble))
    return [
        row.name
        for row in rows
        if has_failed_for_days(now, row.failing_since, row.strikes)
        or (row.off_at is not None and now - row.off_at >= LATE_AFTER)
    ]


def note_sent(connection: Connection, name: str, now: datetime) -> None:
    """Note that the channel's service took a message; it stays off if it was.

    After an outage of the channel, what failed in it is tried at once.
    """
    failures = state_of(connection, name).strikes
    # What only this service cannot take fails once before the next message arrives.
    if failures > 1 and failures > _count_failed(connection, name):
        hurry(connection, name, now)
    well = {"strikes": 0, "failing_since": None, "rests_until": None, "last_sent_at": now}
    _write(connection, name, well)


def note_failed(
    connection: Connection, name: str, now: datetime, retry_after: timedelta | None = None
) -> None:
    """Note that an attempt failed: the channel rests, the longer the more often in a row."""
    state = state_of(connection, name)
    strikes = state.strikes + 1
    _write(
        connection,
        name,
        {
            "strikes": strikes,
            "failing_since": state.failing_since or now,
            "rests_until": rests_until(now, strikes, retry_after),
        },
    )


def switch_off(connection: Connection, name: str, cause: Cause, words: str, now: datetime) -> bool:
    """Switch the channel off; return whether it was on."""
    _ensure(connection, name)
    on = (channels.c.name == name, channels.c.off_at.is_(None))
    values = {"off_at": now, "off_cause": cause.value, "off_words": words}
    return connection.execute(update(channels).where(*on).values(values)).rowcount == 1


def switch_on(connection: Connection, name: str, now: datetime) -> bool:
    """Let the channel be told again, at once, what waits for it; return whether it was off."""
    was_off = state_of(connection, name).off_at is not None
    well = {"strikes": 0, "failing_since": None, "rests_until": None}
    _write(connection, name, {**well, "off_at": None, "off_cause": None, "off_words": None})
    hurry(connection, name, now)
    return was_off


def hurry(connection: Connection, name: str, now: datetime) -> int:
    """Let what failed and waits for the channel be tried now; return how many messages it is."""
    failed = update(deliveries).where(*_failed(name))
    return connection.execute(failed.values(not_before=now)).rowcount


def end_rests(connection: Connection, names: Collection[str]) -> None:
    """Let these channels be tried at once; what they failed before counts for their next rest."""
    resting = update(channels).where(channels.c.name.in_(names))
    connection.execute(resting.values(rests_until=None))


def _count_failed(connection: Connection, name: str) -> int:
    return connection.execute(select(func.count()).where(*_failed(name))).scalar_one()


def _failed(name: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a message to the channel failed, and waits."""
    queued = deliveries.c.status == "queued"
    return deliveries.c.channel == name, queued, deliveries.c.attempts > 0


def _write(connection: Connection, name: str, values: dict[str, Any]) -> None:
    _ensure(connection, name)
    connection.execute(update(channels).where(channels.c.name == name).values(values))


def _ensure(connection: Connection, name: str) -> None:
    """Let the channel have a row, whoever else makes it at the same moment."""
    if connection.execute(select(channels.c.name).where(channels.c.name == name)).first():
        return
    connection.execute(_new(connection.dialect.name, name))


def _new(dialect: str, name: str) -> Any:  # noqa: ANN401 - two dialects, two types
    made = (postgresql if dialect == "postgresql" else sqlite).insert(channels)
    return made.values(name=name).on_conflict_do_nothing()
