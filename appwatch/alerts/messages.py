"""Makes the text of an alert from the rows of its changes alone: the same row, the same text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from appwatch.alerts.context import context_lines, rates_lines
from appwatch.alerts.grouping import NAME_LENGTH, Group, grouped, name_of
from appwatch.alerts.proof import between, details, doubts_of_several, held, line
from appwatch.alerts.wording import Wording, counted, listed, moment, place, plain
from appwatch.db.deliveries import ChangeRow

DETAILED: Final = 25  # storefronts, or apps of a hold, told one by one in each group of a message
NAMED: Final = 60  # storefronts named in a sentence
_NAMED_BESIDE: Final = 12  # storefronts named for each of many apps
REPEAT: Final = "This message may be a repeat: the line below is the same in both."


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title and a plain text; the body's last line names what it tells of."""

    title: str
    body: str


def changes_message(
    changes: Sequence[ChangeRow], wording: Wording, *, possible_repeat: bool = False
) -> Message:
    """Return the message that tells of these changes (at least one).

    Changes of one app read as one text, grouped by kind and store; so do those of many apps
    that came out of one hold. No sentence says who caused a change or why. The body's last
    line is `appwatch: ID ID ...`.
    """
    groups = grouped(changes)
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


def _title(groups: Sequence[Group], wording: Wording) -> str:
    if len(groups) == 1:
        return groups[0].titled(wording)
    changes = [change for group in groups for change in group.changes]
    apps = {change.app for change in changes}
    number = counted(len(changes), "change")
    if len(apps) > 1:
        return f"{number} of {len(apps)} apps"
    stores = dict.fromkeys(wording.store(change.store) for change in changes)
    return f"{name_of(changes[0])}: {number} in {' and '.join(stores)}"


def _section(group: Group, wording: Wording) -> str:
    """Return the group's text: one sentence, then what proves it, then its context."""
    if group.many:
        return _of_many_apps(group, wording)
    if len(group.changes) == 1:
        page = wording.page(group.one.store, group.one.listing, group.one.storefront)
        proof = [*details(group.one, wording), *_around(group), f"Store page: {page}"]
        return "\n".join([f"{group.says(wording)}.", "", *proof])
    lines = [line(change, wording) for change in group.changes[:DETAILED]]
    rest = group.changes[DETAILED:]
    if rest:
        lines.append(f"- and {counted(len(rest), 'more storefront')}, {between(rest)}.")
    around = [*([held(group.changes)] if group.one.hold else []), *_around(group)]
    return "\n".join([_sentence(group, wording), "", *lines, *(["", *around] if around else [])])


def _sentence(group: Group, wording: Wording) -> str:
    """Return the first sentence, with the storefronts where there are several."""
    places = listed([place(storefront) for storefront in group.storefronts], NAMED)
    return f"{group.says(wording)}{f': {places}' if len(group.storefronts) > 1 else ''}."


def _around(group: Group) -> list[str]:
    """Return the context; of what was retracted, that it was."""
    retracted_at = group.one.retracted_at
    if retracted_at is None:
        return context_lines(group.changes)
    return [f"Retracted: {moment(retracted_at)}. It is held to have stayed as it was before."]


def _of_many_apps(group: Group, wording: Wording) -> str:
    """Return one text about the many apps that came out of a hold, a line each."""
    parted: dict[str, list[ChangeRow]] = {}
    for change in group.changes:
        parted.setdefault(change.app, []).append(change)
    apps = list(parted.values())
    lines = [_app(found, wording) for found in apps[:DETAILED]]
    rest = [change for found in apps[DETAILED:] for change in found]
    if rest:
        more = counted(len(apps) - DETAILED, "more app")
        lines.append(f"- and {more}, {between(rest)}.")
    rates = _around(group) if group.one.retracted_at else rates_lines(group.changes)
    opening = [_sentence(group, wording), held(group.changes), ""]
    return "\n".join([*opening, *lines, *(["", *rates] if rates else [])])


def _app(changes: Sequence[ChangeRow], wording: Wording) -> str:
    """Return what proves the changes of one app among many."""
    name = name_of(changes[0])
    if len(changes) == 1:
        return line(changes[0], wording, name)
    places = listed([place(change.storefront) for change in changes], _NAMED_BESIDE)
    looks = counted(min(change.looks for change in changes), "look")
    told = [f"{places}; {between(changes)}.", f"Each confirmed by {looks} or more."]
    return f"- {name}: {' '.join([*told, *doubts_of_several(changes)])}"
