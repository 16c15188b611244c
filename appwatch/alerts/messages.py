"""Says of changes what an alert tells, from their rows alone: the same row, the same text."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Final

from appwatch.alerts.context import context_lines, rates_lines, scope_line
from appwatch.alerts.forms import finished
from appwatch.alerts.grouping import NAME_LENGTH, RETRACTED, Group, grouped, name_of
from appwatch.alerts.language import ENGLISH, Language, Plural, speaking
from appwatch.alerts.letter import Block, Letter, Line, Message
from appwatch.alerts.proof import (
    between,
    between_in_short,
    details,
    doubts_of_several,
    held,
    line,
    rest_of,
)
from appwatch.alerts.wording import Wording, plain
from appwatch.db.deliveries import ChangeRow

DETAILED: Final = 25  # storefronts, or apps of a hold, told one by one in each group of a message
NAMED: Final = 60  # storefronts named in a sentence
_NAMED_BESIDE: Final = 12  # storefronts named for each of many apps
_SHORT_NAME: Final = 24  # characters of an app's name where there is little room
_GROUPS_IN_SHORT: Final = 3
_MORE_STOREFRONTS: Final = Plural("and {count} more storefront", "and {count} more storefronts")
_MORE_APPS: Final = Plural("and {count} more app", "and {count} more apps")
_EACH_CONFIRMED: Final = Plural(
    "Each confirmed by {count} look or more.", "Each confirmed by {count} looks or more."
)
_CHANGES_OF_APPS: Final = Plural("{count} change of {apps} apps", "{count} changes of {apps} apps")
_CHANGES: Final = Plural("{app}: {count} change in {stores}", "{app}: {count} changes in {stores}")


def changes_message(
    changes: Sequence[ChangeRow],
    wording: Wording,
    *,
    language: str = ENGLISH,
    possible_repeat: bool = False,
) -> Message:
    """Return the message that tells of these changes (at least one), in one of LANGUAGES.

    Changes of one app read as one text, grouped by kind and store; so do those of many apps
    that came out of one hold. No sentence says who caused a change or why. The body's last
    line is `appwatch: ID ID ...`.
    """
    return finished(changes_letter(changes, wording.spoken(language)), repeat=possible_repeat)


def changes_letter(changes: Sequence[ChangeRow], wording: Wording) -> Letter:
    """Return what there is to say of these changes, before it takes a form."""
    groups = grouped(changes)
    incidents = list(dict.fromkeys(change.incident for change in changes))
    links = [link for link in map(wording.incident, incidents) if link]
    label = wording.language.say("Incident")
    blocks = [block for group in groups for block in _blocks(group, wording)]
    blocks += [[Line(label=label, link=link) for link in links]] if links else []
    one = groups[0].one
    page = wording.page(one.store, one.listing, one.storefront) if len(changes) == 1 else ""
    return Letter(
        title=_title(groups, wording),
        blocks=blocks,
        ids=[change.id for change in changes],
        language=wording.language,
        brief=_brief(groups, wording),
        when=between_in_short([one for one in changes if not one.retracted_at] or changes),
        link=links[0] if links else page,
        more=_more(changes, incidents, links),
    )


def test_message(channel: str, *, language: str = ENGLISH) -> Message:  # noqa: PT028 - no test
    """Return the message by which a channel is tried."""
    name, spoken = plain(channel, NAME_LENGTH), speaking(language)
    told = [
        spoken.say("This is a test of the channel {channel}.", channel=name),
        spoken.say("Alerts of appwatch will arrive here."),
    ]
    title = spoken.say("appwatch: test of {channel}", channel=name)
    blocks = [[Line(spoken.run(told), leads=True)]]
    return finished(Letter(title, blocks, ["test"], spoken, brief=[title]))


def _title(groups: Sequence[Group], wording: Wording) -> str:
    """Return what the message is about; what was retracted is not counted beside what stands."""
    standing = [group for group in groups if group.stands]
    if 0 < len(standing) < len(groups):
        return _title(standing, wording)
    if len(groups) == 1:
        return groups[0].titled(wording)
    counted = _counted(groups, wording)
    return counted if standing else wording.language.say(RETRACTED, told=counted)


def _counted(groups: Sequence[Group], wording: Wording) -> str:
    changes = [change for group in groups for change in group.changes]
    apps = {change.app for change in changes}
    if len(apps) > 1:
        return wording.language.count(_CHANGES_OF_APPS, len(changes), apps=len(apps))
    stores = dict.fromkeys(wording.store(change.store) for change in changes)
    named = wording.language.listed(list(stores))
    return wording.language.count(_CHANGES, len(changes), app=name_of(changes[0]), stores=named)


def _more(changes: Sequence[ChangeRow], incidents: Sequence[str], links: Sequence[str]) -> str:
    """Return the page or the command that shows all of these changes."""
    if len(incidents) == 1:
        return links[0] if links else f"appwatch incidents show {incidents[0]}"
    first = min(change.confirmed_at for change in changes).astimezone(UTC)
    return f"appwatch changes --since {first:%Y-%m-%d}"


def _brief(groups: Sequence[Group], wording: Wording) -> list[str]:
    """Return titles for where there is little room: what of whom where, then only how many."""
    lengths = (NAME_LENGTH, _SHORT_NAME)
    each = [[group.titled(wording, length) for group in groups] for length in lengths]
    several = [*map("\n".join, each)] if len(groups) <= _GROUPS_IN_SHORT else []
    return list(dict.fromkeys([*several, *([_title(groups, wording)] if len(groups) > 1 else [])]))


def _blocks(group: Group, wording: Wording) -> list[Block]:
    """Return the group's text: one sentence, then what proves it, then its context."""
    if group.many:
        return _of_many_apps(group, wording)
    around = _around(group, wording.language)
    opening = [Line(_sentence(group, wording), leads=True)]
    if len(group.changes) == 1:
        page = wording.page(group.one.store, group.one.listing, group.one.storefront)
        link = Line(label=wording.language.say("Store page"), link=page)
        return [opening, [*details(group.one, wording), *around, link]]
    lines = [line(change, wording) for change in group.changes[:DETAILED]]
    rest = group.changes[DETAILED:]
    if rest:
        label = wording.language.count(_MORE_STOREFRONTS, len(rest))
        lines.append(rest_of(label, rest, wording.language))
    if group.one.hold:
        around.insert(0, Line(held(group.changes, wording.language)))
    return [opening, lines, *([around] if around else [])]


def _sentence(group: Group, wording: Wording) -> str:
    """Return what happened as a sentence, with the storefronts where there are several."""
    language, told = wording.language, group.says(wording)
    if len(group.storefronts) > 1:
        places = language.listed([language.place(one) for one in group.storefronts], NAMED)
        told = language.say("{told}: {places}", told=told, places=places)
    sentences = [language.say("{told}.", told=told)]
    if group.overtaken and not group.one.retracted_at:
        sentences.append(language.say("It has changed again since."))
    return language.run(sentences)


def _around(group: Group, language: Language) -> list[Line]:
    """Return the context; of what was retracted, that it was."""
    retracted_at = group.one.retracted_at
    if retracted_at is None:
        return context_lines(group.changes, language)
    told = language.say(
        "{at}. It is held to have stayed as it was before.", at=language.moment(retracted_at)
    )
    return [Line(told, language.say("Retracted"))]


def _of_many_apps(group: Group, wording: Wording) -> list[Block]:
    """Return one text about the many apps that came out of a hold, a line each."""
    language = wording.language
    apps = group.by_app
    scopes = [scope_line(found, language) for found in apps]
    alike = len(set(scopes)) == 1
    beside = [Line()] * len(apps) if alike or group.one.retracted_at else scopes
    told = zip(apps[:DETAILED], beside, strict=False)
    lines = [_app(found, scope, wording) for found, scope in told]
    rest = [change for found in apps[DETAILED:] for change in found]
    if rest:
        label = language.count(_MORE_APPS, len(apps) - DETAILED)
        lines.append(rest_of(label, rest, language))
    retracted = group.one.retracted_at
    around = _around(group, language) if retracted else rates_lines(group.changes, language)
    if alike and scopes[0].text and not retracted:
        label = language.say("Scope of each app when it was confirmed")
        around.insert(0, replace(scopes[0], label=label))
    opening = [Line(_sentence(group, wording), leads=True), Line(held(group.changes, language))]
    return [opening, lines, *([around] if around else [])]


def _app(changes: Sequence[ChangeRow], scope: Line, wording: Wording) -> Line:
    """Return what proves the changes of one app among many, and how far they reach."""
    language, name = wording.language, name_of(changes[0])
    far = [language.labelled(scope.label, scope.text)] if scope.text else []
    if len(changes) == 1:
        proof = line(changes[0], wording, name)
        return replace(proof, text=language.run([proof.text, *far]))
    places = [language.place(change.storefront) for change in changes]
    told = [
        language.say(
            "{places}; {between}.",
            places=language.listed(places, _NAMED_BESIDE),
            between=between(changes, language),
        ),
        language.count(_EACH_CONFIRMED, min(change.looks for change in changes)),
        *doubts_of_several(changes, language),
        *far,
    ]
    return Line(language.run(told), name, item=True)
