"""Writes what a move of a target means: periods, changes with their context, notices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from appwatch.db import notices, pinning, reach, silenced, silences, telling
from appwatch.db.holds import Hold
from appwatch.db.ids import make_id
from appwatch.db.sweeping import Sweep, Terms
from appwatch.db.tables import Moment, apps, changes, lapses, periods
from appwatch.domain.model import ChangeKind, Place, State
from appwatch.domain.routing import INCIDENT_WINDOW, Route, SilenceScope, Topic, wants
from appwatch.domain.scope import Scope, scope_of
from appwatch.domain.state import DEPARTURES, Cleared, Disputed, Event, Suspected, Transition
from appwatch.domain.timing import rounds_missed
from appwatch.domain.verdict import RULES_VERSION


class Moves:
    """Writes the events of one batch; periods are gathered and written together."""

    def __init__(
        self,
        connection: Connection,
        sweep: Sweep,
        terms: Terms,
        now: datetime,
        holds: Sequence[Hold],
    ) -> None:
        self._connection = connection
        self._sweep = sweep
        self._terms = terms
        self._now = now
        self._holds = holds
        self._closed: list[dict[str, Any]] = []
        self._opened: list[dict[str, Any]] = []
        self._developers: dict[str, dict[str, str]] | None = None

    def take(self, row: Row[Any], event: Event, looks: int) -> None:
        """Write what one event of a target means; `looks` counts this one."""
        match event:
            case Transition():
                self._move(row, event, looks)
            case Suspected():
                self._suspect(row, event)
            case Cleared():
                pinning.unpin(self._connection, row.id)
                heard = self._routes(notices.heard_of_suspicion(self._connection, row.id))
                times = {"first_missed_at": event.first_missed_at, "seen_at": event.seen_at}
                self._notify(row, notices.CLEARED, heard, times)
            case Disputed():
                times = {"first_missed_at": event.first_at, "seen_at": event.last_at}
                wanting = self._wanting(row, notices.DISPUTED)
                self._notify(row, notices.DISPUTED, wanting, times, looks=event.looks)

    def flush(self) -> None:
        """Write the periods that were gathered."""
        if self._closed:
            self._connection.execute(_CLOSE, self._closed)
        if self._opened:
            self._connection.execute(insert(periods), self._opened)

    def _suspect(self, row: Row[Any], event: Suspected) -> None:
        """Pin the listing, tell those who asked to hear early, have it looked at elsewhere.

        While so much is missing that it is held, nobody hears early: the store is doubted.
        """
        pinning.pin(self._connection, row)
        if any(hold.released_at is None for hold in self._holds):
            return
        times = {"before_at": event.before_at, "first_missed_at": event.after_at}
        wanting = self._wanting(row, notices.SUSPECTED)
        self._notify(row, notices.SUSPECTED, wanting, times, outcome=event.outcome.value, looks=1)
        reach.look_elsewhere(self._connection, row.app_id, self._sweep.place.store, self._now)

    def _wanting(self, row: Row[Any], kind: str) -> list[Route]:
        """Return the channels that want to hear of such a notice about this target."""
        if not any(kind in route.kinds for route in self._terms.routes):
            return []
        topic = self._topic(row, kind, self._app(row)["tags"])
        return [route for route in self._terms.routes if wants(route, topic)]

    def _topic(self, row: Row[Any], kind: str, tags: Sequence[str]) -> Topic:
        place = self._sweep.place
        return Topic(kind, row.app_id, tags, place.store, place.storefront)

    def _routes(self, channels: Sequence[str]) -> list[Route]:
        return notices.routes_of(self._terms.routes, channels)

    @cached_property
    def _silences(self) -> list[SilenceScope]:
        return silences.active(self._connection, self._now)

    def _notify(
        self,
        row: Row[Any],
        kind: str,
        routes: Sequence[Route],
        times: Mapping[str, datetime | None],
        **more: str | int,
    ) -> None:
        """Keep a notice and queue it; one that nobody wants to hear is not written."""
        if not routes:
            return
        app = self._app(row)
        content = {
            "name": app["name"],
            "store": self._sweep.place.store,
            "listing": row.listing,
            "storefront": self._sweep.place.storefront,
            **{name: at.isoformat() for name, at in times.items() if at is not None},
            **more,
        }
        about = (row.id, None)
        notice = notices.Notice.new(kind, self._now, row.app_id, content, about=about)
        notices.write(self._connection, notice)
        routing = (self._terms.routes, self._silences)
        silenced.tell_or_keep_notice(self._connection, notice, routes, routing, self._now)

    def _move(self, row: Row[Any], moved: Transition, looks: int) -> None:
        """Write a confirmed transition: the periods it parts, and the change if it is one."""
        change = self._change(row, moved, moved.kind) if moved.kind is not None else None
        before = looks - moved.looks
        if moved.from_state is not State.UNKNOWN:
            self._closed.append(
                {
                    "of": row.id,
                    "ended_earliest_at": moved.before_at,
                    "ended_at": moved.after_at,
                    "looks_now": before,
                    "inconclusive_now": row.inconclusive_looks,
                    "end_change": change,
                }
            )
        self._opened.append(
            {
                "target_id": row.id,
                "state": moved.to_state.value,
                "started_earliest_at": moved.before_at,
                "started_at": moved.after_at,
                "looks_before": before,
                "inconclusive_before": row.inconclusive_looks,
                "start_change": change,
            }
        )

    def _change(self, row: Row[Any], moved: Transition, kind: ChangeKind) -> str:
        """Write the change and put it into the outbox; return its id."""
        connection, place = self._connection, self._sweep.place
        said = reach.last_listing(connection, row.id)
        developer = said.get("developer", "") if self._terms.by_developer else ""
        whose = telling.Whose(row.app_id, self._hold_of(kind), developer or None)
        change = {
            "id": make_id("c", self._now),
            "target_id": row.id,
            "incident_id": telling.incident_for(connection, whose, moved.confirmed_at),
            "app_id": row.app_id,
            **self._app(row),
            "store": place.store,
            "listing": row.listing,
            "storefront": place.storefront,
            "kind": kind.value,
            "from_state": moved.from_state.value,
            "to_state": moved.to_state.value,
            "before_at": moved.before_at,
            "after_at": moved.after_at,
            "confirmed_at": moved.confirmed_at,
            "looks": moved.looks,
            "rules": list(moved.rules),
            "surfaces": list(moved.surfaces),
            "rules_version": RULES_VERSION,
            "missed_rounds": self._missed(moved),
            "waived": moved.waived,
            **self._context(row, moved, kind, said),
        }
        heard = self._heard(row, kind)
        connection.execute(insert(changes).values(change))
        if kind in DEPARTURES:
            pinning.attach(connection, row, str(change["id"]))
        elif row.tallies:
            pinning.unpin(connection, row.id)
        routes, scopes = self._terms.routes, self._silences
        silenced.tell_or_keep(connection, change, (routes, scopes), self._now, heard)
        return str(change["id"])

    def _heard(self, row: Row[Any], kind: ChangeKind) -> list[str]:
        """Return the channels that heard the departure suspected, or would have but for a hold."""
        heard = notices.heard_of_suspicion(self._connection, row.id)
        early = self._wanting(row, notices.SUSPECTED) if self._hold_of(kind) else []
        return [*heard, *(route.channel for route in early)]

    def _app(self, row: Row[Any]) -> dict[str, Any]:
        """Return the app's name and tags, as they are now."""
        query = select(apps.c.name, apps.c.tags).where(apps.c.id == row.app_id)
        app = self._connection.execute(query).one()
        return {"name": app.name, "tags": app.tags}

    def _hold_of(self, kind: ChangeKind) -> str | None:
        """Return the hold that a departure comes out of, if one is open here."""
        departs = kind in DEPARTURES
        return self._holds[0].id if departs and self._holds else None

    def _missed(self, moved: Transition) -> int:
        """Return how many rounds without a conclusive look lie before the change was seen."""
        looked_at = moved.looked_before_at or moved.before_at
        if looked_at is None:
            return 0
        return max(rounds_missed(looked_at, moved.after_at, self._terms.every) - 1, 0)

    def _taken_back(self, row: Row[Any], moved: Transition) -> dict[str, str]:
        """Return when a person retracted what looks between the bounds had shown, if one did."""
        looked_at = moved.looked_before_at
        if looked_at is None or moved.before_at is None or looked_at <= moved.before_at:
            return {}
        query = select(func.max(changes.c.retracted_at, type_=Moment)).where(
            changes.c.app_id == row.app_id,  # there is an index on it
            changes.c.target_id == row.id,
            changes.c.after_at > moved.before_at,
            changes.c.retracted_at <= moved.after_at,
        )
        at = self._connection.execute(query).scalar()
        between = {"retracted_between_at": at.isoformat()} if at else {}
        return {"looked_before_at": looked_at.isoformat(), **between}

    def _in_vain(self, row: Row[Any], moved: Transition) -> int:
        """Return how many looks before the change was seen proved nothing."""
        looked_at = moved.looked_before_at or moved.before_at
        if looked_at is None:
            return 0
        since, until = lapses.c.started_at > looked_at, lapses.c.started_at < moved.after_at
        query = select(func.coalesce(func.sum(lapses.c.looks), 0))
        mine = query.where(lapses.c.target_id == row.id, since, until)
        return int(self._connection.execute(mine).scalar_one())

    def _context(
        self, row: Row[Any], moved: Transition, kind: ChangeKind, said: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return how far it reaches and how common it is, as known at this moment."""
        connection, since = self._connection, self._now - INCIDENT_WINDOW
        place = self._sweep.place
        siblings = self._siblings(row, said.get("developer", ""))
        nearby = reach.neighbours(connection, place.store, siblings, since)
        context = {
            "rates": self._rates(place, moved.after_at),
            "neighbours": [
                {"name": n.name, "kind": n.kind, "storefront": n.storefront, "at": n.at.isoformat()}
                for n in nearby
            ],
            "siblings": len(siblings),
            "updated": said.get("updated", ""),
            "looks_in_vain": self._in_vain(row, moved),
            **self._taken_back(row, moved),
        }
        if kind is not ChangeKind.DISAPPEARED:
            return {"scope": None, "context": context}
        scope = self._scope(row, place, moved.after_at)
        titles = self._terms.titles
        far = {
            "reach": scope.reach.value,
            "group": scope.group,
            "stores_beside": [*scope.beside],
            "seen": scope.seen(titles),
        }
        return {"scope": scope.sentence(titles), "context": context | far}

    def _scope(self, row: Row[Any], place: Place, missed_at: datetime) -> Scope:
        since = self._now - INCIDENT_WINDOW
        elsewhere = reach.sights(self._connection, row.app_id, place, since, missed_at)
        beside = reach.beside(self._connection, row.app_id, place.store, since, missed_at)
        return scope_of(place.storefront, elsewhere, self._terms.groups, beside)

    def _rates(self, place: Place, before: datetime) -> dict[str, Any]:
        rates = reach.rates(self._connection, place, before)
        typical = rates.typical_absence
        return {
            "days": rates.days,
            "watched": rates.watched,
            "disappeared": rates.disappeared,
            "returned": rates.returned,
            "typical_absence_s": int(typical.total_seconds()) if typical else None,
        }

    def _siblings(self, row: Row[Any], developer: str) -> dict[str, str]:
        """Return the developer's other watched apps in this store: names by id."""
        if self._developers is None:
            self._developers = reach.by_developer(self._connection, self._sweep.place.store)
        mine = self._developers.get(developer, {})
        return {app_id: name for app_id, name in mine.items() if app_id != row.app_id}


_CLOSE = (
    update(periods)
    .where(periods.c.target_id == bindparam("of"), periods.c.ended_at.is_(None))
    .values(
        ended_earliest_at=bindparam("ended_earliest_at"),
        ended_at=bindparam("ended_at"),
        looks=bindparam("looks_now") - periods.c.looks_before,
        inconclusive_looks=bindparam("inconclusive_now") - periods.c.inconclusive_before,
        end_change=bindparam("end_change"),
    )
)
