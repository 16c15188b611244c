"""Channels that take, refuse or lose what they are told, at a clock that stands until moved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any

from sqlalchemy import insert, select, update

from appwatch.alerts.letter import Message
from appwatch.alerts.outbox import Delivered, Outbox, deliver
from appwatch.alerts.outcomes import Sent
from appwatch.db import deliveries, notices, silenced, silences, tables, telling
from appwatch.db.deliveries import DeliveryRow
from appwatch.db.engine import Database
from appwatch.db.outbox import Result
from appwatch.domain.routing import Route, SilenceScope
from tests.alerts.rows import CHANGE, START, WORDING, noticed


@dataclass(frozen=True)
class Taken:
    """A message as a channel took it."""

    channel: str
    message: Message
    at: datetime

    @property
    def ids(self) -> list[str]:
        """The ids in its last line."""
        return self.message.body.splitlines()[-1].split()[1:]


@dataclass
class Newsroom:
    """An outbox and its channels; `results` says how a channel answers, taken unless named."""

    database: Database
    routes: Sequence[Route]
    at: datetime = START
    results: dict[str, Result] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    retry_after: timedelta | None = None
    changes: int = 0
    lock: Lock = field(default_factory=Lock)

    def box(self, owner: str = "a") -> Outbox:
        urls = {route.channel: f"json://127.0.0.1/{route.channel}" for route in self.routes}
        now = lambda: self.at  # noqa: E731 - the clock
        return Outbox(self.database, urls, WORDING, now, owner, self.send, self.routes)

    def send(self, url: str, message: Message, stop: Event) -> Sent:
        assert not stop.is_set()
        channel = url.rpartition("/")[2]
        result = self.results.get(channel, Result.SENT)
        with self.lock:
            if result in (Result.SENT, Result.AMBIGUOUS):
                self.taken.append(Taken(channel, message, self.at))
        return Sent(result, f"{result.value}, it said.", self.retry_after)

    def deliver(self, later: timedelta = timedelta(0)) -> Delivered:
        self.at += later
        return deliver(self.box())

    def told(self, channel: str = "newsroom") -> list[Taken]:
        return [one for one in self.taken if one.channel == channel]

    def rows(self, channel: str = "newsroom") -> list[DeliveryRow]:
        with self.database.read() as connection:
            return deliveries.listing(connection, channel=channel)[::-1]

    def silence(self, ends_in: timedelta, **scope: str) -> str:
        with self.database.write() as connection:
            by = ("Ada", "A test")
            made = silences.add(connection, SilenceScope(**scope), by, self.at + ends_in, self.at)
        return made.id

    def change(
        self, app: str = "jike", kind: str = "disappeared", moved: str = "available gone"
    ) -> str:
        """Write a change of the app's only target, as a look would; return its id."""
        self.changes += 1
        from_state, to_state = moved.split()
        with self.database.write() as connection:
            target = self._target(connection, app, to_state)
            incident = telling.incident_for(connection, telling.Whose(app), self.at)
            change = replace(CHANGE, id=f"c-{self.changes}", app=app, incident=incident)
            values: dict[str, Any] = {
                "id": change.id,
                "target_id": target,
                "incident_id": incident,
                "app_id": app,
                "name": app.title(),
                "tags": ["social"],
                "store": "app_store",
                "listing": app,
                "storefront": "cn",
                "kind": kind,
                "from_state": from_state,
                "to_state": to_state,
                "before_at": self.at - timedelta(hours=1),
                "after_at": self.at - timedelta(minutes=30),
                "confirmed_at": self.at,
                "looks": 3,
                "rules": [],
                "surfaces": [],
                "rules_version": 1,
            }
            heard = notices.heard_of_suspicion(connection, target)
            connection.execute(insert(tables.changes).values(values))
            scopes = silences.active(connection, self.at)
            silenced.tell_or_keep(connection, values, (self.routes, scopes), self.at, heard)
        return change.id

    def notice(self, kind: str, app: str = "jike") -> str:
        """Write a notice about the app's only target, as a look would; return its id.

        One that clears a suspicion is for those who heard it: "" if nobody did.
        """
        targets = tables.targets
        mine, content = targets.c.app_id == app, noticed(kind).content
        with self.database.write() as connection:
            target = connection.execute(select(targets.c.id).where(mine)).scalar_one()
            heard = notices.heard_of_suspicion(connection, target)
            to = notices.routes_of(self.routes, heard) if kind == "cleared" else self.routes
            new = notices.Notice.new(kind, self.at, app, content, about=(target, None))
            if to:
                notices.write(connection, new)
                routing = (self.routes, silences.active(connection, self.at))
                silenced.tell_or_keep_notice(connection, new, to, routing, self.at)
            doubt = "[]" if kind == "suspected" else None
            connection.execute(update(targets).where(mine).values(tallies=doubt))
        return new.id if to else ""

    def _target(self, connection: Any, app: str, state: str) -> int:  # noqa: ANN401
        targets = tables.targets
        found = connection.execute(select(targets.c.id).where(targets.c.app_id == app)).scalar()
        if found is None:
            blank = {"tags": ["social"], "reason": "", "source": ""}
            connection.execute(insert(tables.apps).values(id=app, name=app.title(), **blank))
            place = {"store": "app_store", "storefront": "cn", "listing": app}
            # Nobody looks here, and no look is left out.
            next_at = self.at + timedelta(days=400)
            values = {"app_id": app, **place, "state": state, "next_look_at": next_at}
            made = connection.execute(insert(targets).values(values).returning(targets.c.id))
            return int(made.scalar_one())
        moved = update(targets).where(targets.c.id == found)
        connection.execute(moved.values(state=state, tallies=None))
        return int(found)


Open = Callable[..., Newsroom]


def ids(room: Newsroom, channel: str = "newsroom") -> list[list[str]]:
    """Return the ids in each message that the channel took."""
    return [one.ids for one in room.told(channel)]
