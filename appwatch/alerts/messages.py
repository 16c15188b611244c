"""Makes the text of an alert from the rows of its changes alone: the same row, the same text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from appwatch.alerts.wording import Wording, counted, in_place, listed, moment, place, plain, span
from appwatch.db.deliveries import ChangeRow

DETAILED: Final = 25  # storefronts told one by one in each group of a message
NAMED: Final = 60  # storefronts named in a sentence
NAME_LENGTH: Final = 80
REPEAT: Final = "This message may be a repeat: the line below is the same in both."


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title and a plain text; the body's last line names what it tells of."""

    title: str
    body: str


class Phrase(NamedTuple):
    """How a change is told: of one that holds, of one that another followed, in a title."""

    holds: str
    happened: str
    title: str = ""  # as it happened, where that reads well


# By kind, and by kind and the state that followed where that reads differently.
_PHRASES: Final = MappingProxyType(
    {
        "disappeared": Phrase("is no longer listed in {where}", "disappeared from {where}"),
        "returned": Phrase("is available again in {where}", "returned to {where}"),
        "appeared": Phrase(
            "is available in {where}, for the first time since watching began",
            "appeared in {where}",
        ),
        "restricted": Phrase(
            "is still listed in {where}, but can no longer be installed there",
            "could no longer be installed in {where}",
            "can no longer be installed in {where}",
        ),
        "restricted preregistration": Phrase(
            "is still listed in {where}, but can only be pre-registered there",
            "could only be pre-registered in {where}",
            "can only be pre-registered in {where}",
        ),
        "listed": Phrase(
            "is listed in {where}, but cannot be installed there",
            "was listed, but could not be installed, in {where}",
            "is listed, but not installable, in {where}",
        ),
        "listed preregistration": Phrase(
            "is announced in {where}, and can only be pre-registered there",
            "was announced in {where}",
        ),
    }
)
# A kind that a newer appwatch wrote: told all the same.
_OTHER: Final = Phrase("has changed in {where}", "changed in {where}")
_LAST: Final = MappingProxyType(
    {
        "available": "last seen there",
        "restricted available": "last seen there as installable",
        "gone": "last found missing there",
        "never_seen": "last found missing there",
        "not_installable": "last seen there as not installable",
        "preregistration": "last seen there as announced only",
    }
)
_FIRST: Final = MappingProxyType(
    {
        "available": "first seen there",
        "gone": "first missed",
        "not_installable": "first seen as not installable",
        "preregistration": "first seen as announced only",
    }
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Changes of one app that read as one sentence; `overtaken` by a later change below."""

    changes: tuple[ChangeRow, ...]
    overtaken: bool

    @property
    def one(self) -> ChangeRow:
        return self.changes[0]

    def says(self, wording: Wording) -> str:
        """Return what happened, and where."""
        phrase = _phrase(self.one)
        where = _where(self.changes, wording)
        if self.overtaken:
            return phrase.happened.format(where=where) + ", and changed again since"
        return phrase.holds.format(where=where)


def changes_message(
    changes: Sequence[ChangeRow], wording: Wording, *, possible_repeat: bool = False
) -> Message:
    """Return the message that tells of these changes (at least one).

    Changes of one app read as one text, grouped by kind and store. No sentence says who
    caused a change or why. The body's last line is `appwatch: ID ID ...`.
    """
    groups = _groups(changes)
    sections = [_section(group, wording) for group in groups]
    incidents = dict.fromkeys(change.incident for change in changes)
    links = [link for link in map(wording.incident, incidents) if link]
    if links:
        sections.append("\n".join(f"Incident: {link}" for link in links))
    ids = "appwatch: " + " ".join(change.id for change in changes)
    return Message(_title(groups, wording), finished(sections, ids, repeat=possible_repeat))


def test_message(channel: str) -> Message:
    """Return the message by which a channel is tried."""
    name = plain(channel, NAME_LENGTH)
    text = f"This is a test of the channel {name}. Alerts of appwatch will arrive here."
    return Message(f"appwatch: test of {name}", finished([text], "appwatch: test"))


def finished(sections: Iterable[str], last_line: str, *, repeat: bool = False) -> str:
    """Return the body: its sections, whether it may be a repeat, the line that names it."""
    return "\n\n".join([*sections, *([REPEAT] if repeat else []), last_line])


def _groups(changes: Sequence[ChangeRow]) -> list[_Group]:
    """Part the changes by app, kind and store, each group and each app in order of time."""
    latest = {_target(change): change.id for change in sorted(changes, key=_when)}
    parted: dict[tuple[str, ...], list[ChangeRow]] = {}
    for change in sorted(changes, key=_when):
        overtaken = latest[_target(change)] != change.id
        # A target that moved to and fro is told move by move.
        move = change.id if overtaken else ""
        key = (change.app, change.store, change.kind, change.to_state, move)
        parted.setdefault(key, []).append(change)
    apps = list(dict.fromkeys(change.app for change in sorted(changes, key=_when)))
    groups = [_Group(tuple(found), bool(key[-1])) for key, found in parted.items()]
    return sorted(groups, key=lambda group: apps.index(group.one.app))


def _target(change: ChangeRow) -> tuple[str, str, str]:
    return (change.store, change.listing, change.storefront)


def _when(change: ChangeRow) -> tuple[float, str]:
    return (change.confirmed_at.timestamp(), change.id)


def _name(change: ChangeRow) -> str:
    return plain(change.name, NAME_LENGTH) or change.app


def _phrase(change: ChangeRow) -> Phrase:
    exact = _PHRASES.get(f"{change.kind} {change.to_state}")
    return exact or _PHRASES.get(change.kind, _OTHER)


def _where(changes: Sequence[ChangeRow], wording: Wording) -> str:
    store = wording.store(changes[0].store)
    if len(changes) == 1:
        return f"{store} {in_place(changes[0].storefront)}"
    return f"{store} in {counted(len(changes), 'storefront')}"


def _title(groups: Sequence[_Group], wording: Wording) -> str:
    changes = [change for group in groups for change in group.changes]
    apps = {change.app for change in changes}
    if len(apps) > 1:
        return f"{counted(len(changes), 'change')} of {len(apps)} apps"
    name = _name(changes[0])
    if len(groups) > 1:
        stores = dict.fromkeys(wording.store(change.store) for change in changes)
        return f"{name}: {counted(len(changes), 'change')} in {' and '.join(stores)}"
    phrase = _phrase(changes[0])
    return f"{name} {(phrase.title or phrase.happened).format(where=_where(changes, wording))}"


def _section(group: _Group, wording: Wording) -> str:
    """Return the group's text: one sentence, then what proves it."""
    sentence = f"{_name(group.one)} {group.says(wording)}"
    if len(group.changes) == 1:
        return "\n".join([f"{sentence}.", "", *_details(group.one, wording)])
    places = listed([place(change.storefront) for change in group.changes], NAMED)
    lines = [f"{sentence}: {places}.", "", *(_line(c, wording) for c in group.changes[:DETAILED])]
    rest = group.changes[DETAILED:]
    if rest:
        lines.append(f"- and {counted(len(rest), 'more storefront')}, {_between(rest)}.")
    return "\n".join(lines)


def _details(change: ChangeRow, wording: Wording) -> list[str]:
    """Return what proves one change, a line each."""
    lines = [
        f"When: {_between([change])}. It was {_ends(change)}.",
        f"Confirmed: {moment(change.confirmed_at)}, {_confirmation(change)}.",
    ]
    if change.missed_rounds > 0:
        lines.append(_gap(change))
    if change.scope:
        lines.append(f"Scope: {plain(change.scope)}")
    page = wording.page(change.store, change.listing, change.storefront)
    return [*lines, f"Store page: {page}"]


def _line(change: ChangeRow, wording: Wording) -> str:
    """Return what proves one change of several, in one paragraph."""
    told = [
        f"{place(change.storefront)}: {_between([change])}.",
        f"Confirmed {moment(change.confirmed_at)}, {_confirmation(change)}.",
    ]
    if change.missed_rounds > 0:
        told.append(_gap(change))
    told.append(wording.page(change.store, change.listing, change.storefront))
    return "- " + " ".join(told)


def _between(changes: Sequence[ChangeRow]) -> str:
    first = min(change.before_at for change in changes)
    last = max(change.after_at for change in changes)
    return f"between {moment(first)} and {moment(last)} ({span(last - first)})"


def _ends(change: ChangeRow) -> str:
    exact = _LAST.get(f"{change.kind} {change.from_state}")
    last = exact or _LAST.get(change.from_state, "last seen as before")
    first = _FIRST.get(change.to_state, "first seen as changed")
    return f"{last} at the first of these moments, and {first} at the second"


def _confirmation(change: ChangeRow) -> str:
    """Return by what a change was confirmed."""
    over = change.confirmed_at - change.after_at
    told = f"by {counted(change.looks, 'look')}"
    if change.looks > 1:
        told += f" over {span(over)}"
    if change.surfaces:
        word = "surface" if len(change.surfaces) == 1 else "surfaces"
        told += f" ({word}: {', '.join(plain(s).replace('_', ' ') for s in change.surfaces)})"
    if change.kind == "disappeared":
        # No look shows an absence unless a control was seen: without one it is inconclusive.
        told += ", with a control app seen beside it each time"
    return told


def _gap(change: ChangeRow) -> str:
    rounds = counted(change.missed_rounds, "round")
    length = span(change.after_at - change.before_at)
    return f"Seen after a gap of {length}: {rounds} of looks in between proved nothing."
