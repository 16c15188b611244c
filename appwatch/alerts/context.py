"""The context of changes, in sentences: how far they reach, how common such absences are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from appwatch.alerts.content import Content, read_moment
from appwatch.alerts.phrases import beside
from appwatch.alerts.wording import counted, day, in_place, listed, moment, place, plain, span
from appwatch.db.deliveries import ChangeRow

RATED: Final = 5  # sentences on base rates, each about one storefront or several alike
NAMED: Final = 12  # storefronts named in one of them
NEIGHBOURS: Final = 5  # changes of the developer's other apps that it names
_NAME_LENGTH: Final = 80
_KINDS: Final = frozenset({"disappeared", "restricted", "returned"})  # that rates put in proportion


def context_lines(changes: Sequence[ChangeRow]) -> list[str]:
    """Return what was known around these changes of one app and kind, a sentence a line."""
    latest = max(changes, key=lambda change: (change.confirmed_at, change.id))
    beside = [_neighbours(changes), _siblings(latest)]
    told = [_scope(changes), *rates_lines(changes), *beside, _updated(latest)]
    return [line for line in told if line]


def rates_lines(changes: Sequence[ChangeRow]) -> list[str]:
    """Return how common such absences are in the storefronts; those alike share a sentence."""
    latest = {change.storefront: change for change in changes if change.kind in _KINDS}
    alike: dict[tuple[str, str], list[str]] = {}
    for storefront, change in latest.items():
        told = _rates(change)
        if told is not None:
            alike.setdefault(told, []).append(storefront)
    return [
        f"{before} {_storefronts(alike[before, after], len(latest))}{after}."
        for before, after in list(alike)[:RATED]
    ]


def _context(change: ChangeRow) -> Content:
    return Content.of(change.context)


def _scope(changes: Sequence[ChangeRow]) -> str:
    """Return how far it reaches, as the latest change that says so found it.

    Beside other changes it is dated by its own: they may have been confirmed after it.
    """
    scoped = [change for change in changes if _scope_of(change)]
    if not scoped:
        return ""
    latest = max(scoped, key=lambda change: (change.confirmed_at, change.id))
    when = f" when {place(latest.storefront)} was confirmed" if len(changes) > 1 else ""
    return f"Scope{when}: {_scope_of(latest)}"


def _scope_of(change: ChangeRow) -> str:
    return plain(change.scope or _context(change).text("scope"))


def _rates(change: ChangeRow) -> tuple[str, str] | None:
    """Return what is said before and after the storefront's name, or None if nothing is.

    The change itself is not among them: they were counted when it was confirmed. Of an app
    that is watched alone there, nothing can be said.
    """
    rates = _context(change).part("rates")
    days, gone, watched = (rates.count(key) for key in ("days", "disappeared", "watched"))
    if not days or gone is None or watched in (0, 1):
        return None
    after = ""
    returned = rates.count("returned")
    if returned is not None:
        after += f" and {returned or 'none'} returned"
    typical = rates.count("typical_absence_s")
    if typical is not None:
        after += f"; absences typically lasted {span(timedelta(seconds=typical))}"
    before = f"In the {counted(days, 'day')} before, {_share(gone, watched)} disappeared from"
    return before, after


def _share(gone: int, watched: int | None) -> str:
    """Return so many of so many apps; what is watched now may be fewer than once left."""
    if watched is None or watched < gone:
        return counted(gone, "watched app") if gone else "no watched app"
    return f"{gone or 'none'} of {counted(watched, 'watched app')}"


def _storefronts(codes: Sequence[str], of: int) -> str:
    if of == 1:
        return "this storefront"
    if len(codes) == 1:
        return in_place(codes[0]).removeprefix("in ")
    return f"each of {listed([place(code) for code in codes], NAMED)}"


def _neighbours(changes: Sequence[ChangeRow]) -> str:
    """Return what became of the developer's other watched apps, each change once."""
    kind = changes[0].kind
    every = (_neighbour(n, kind) for c in changes for n in _context(c).parts("neighbours"))
    told = [one for one in dict.fromkeys(every) if one]
    if not told:
        return ""
    more = len(told) - NEIGHBOURS
    rest = [f"and {counted(more, 'more change')}"] if more > 0 else []
    return f"Of the same developer, {'; '.join([*told[:NEIGHBOURS], *rest])}."


def _siblings(change: ChangeRow) -> str:
    """Return how many of the developer's other watched apps changed likewise, or that none did."""
    context = _context(change)
    siblings = context.count("siblings")
    if not siblings:
        return ""
    others = counted(siblings, "other watched app")
    likewise = {
        n.text("name") for n in context.parts("neighbours") if n.text("kind") == change.kind
    }
    if not likewise:
        return f"The developer's {others} did not: no such change within a day."
    if len(likewise) < siblings:
        return f"That is {len(likewise)} of the developer's {others}."
    return f"That is all of the developer's {others}." if siblings > 1 else ""


def _neighbour(found: Content, kind: str) -> str:
    name, storefront = found.text("name", _NAME_LENGTH), found.text("storefront", 20)
    if not name:
        return ""
    told = f"{name} ({storefront})" if storefront else name
    told += f" {beside(found.text('kind'))}"
    told += " too" if found.text("kind") == kind else ""
    at = found.at("at")
    return f"{told}, on {moment(at)}" if at else told


def _updated(change: ChangeRow) -> str:
    """Return when the listing was last updated, as it said itself when it was last seen."""
    said = _context(change).text("updated", 40)
    at = read_moment(said)
    return f"The listing was last updated on {day(at) if at else said}." if said else ""
