"""What looks have ever seen of the apps that are watched: by app, by storefront, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from appwatch.db.tables import listings, targets
from appwatch.domain.model import Place, State

# What proves that a listing is there, whether or not it can be installed.
_THERE = (
    State.AVAILABLE.value,
    State.NOT_INSTALLABLE.value,
    State.PREREGISTRATION.value,
    State.GONE.value,  # and was there before
)


@dataclass(frozen=True, slots=True)
class Seen:
    """`never` are apps that conclusive looks were made at, all of them absences.

    `empty` are storefronts in which that is so of every app, with how many apps that are.
    `names` are the names and developers that an app's listings gave themselves.
    """

    never: frozenset[str] = frozenset()
    empty: Mapping[Place, int] = field(default_factory=dict)
    names: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)


def seen(connection: Connection) -> Seen:
    """Return what was ever seen of the targets that are watched."""
    there: dict[str, bool] = {}
    places: dict[Place, list[bool]] = {}
    known = targets.c.been_available | targets.c.state.in_(_THERE)
    query = (
        select(
            targets.c.app_id,
            targets.c.store,
            targets.c.storefront,
            func.max(known.cast(targets.c.looks.type)).label("there"),
        )
        .where(targets.c.watched, targets.c.last_conclusive_at.is_not(None))
        .group_by(targets.c.app_id, targets.c.store, targets.c.storefront)
    )
    for row in connection.execute(query):
        there[row.app_id] = there.get(row.app_id, False) or bool(row.there)
        places.setdefault(Place(row.store, row.storefront), []).append(bool(row.there))
    never = frozenset(app for app, was in there.items() if not was)
    empty = {place: len(apps) for place, apps in places.items() if not any(apps)}
    return Seen(never, empty, _names(connection))


def _names(connection: Connection) -> dict[str, frozenset[tuple[str, str]]]:
    query = select(targets.c.app_id, listings.c.facts).join(
        targets, targets.c.id == listings.c.target_id
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(query.where(targets.c.watched)):
        told = (row.facts.get("name", ""), row.facts.get("developer", ""))
        found.setdefault(row.app_id, set()).add(told)
    return {app: frozenset(names) for app, names in found.items()}
