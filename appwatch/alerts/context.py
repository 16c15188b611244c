"""The context of changes, in sentences: how far they reach, how common such absences are."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from appwatch.alerts.content import Content, read_moment
from appwatch.alerts.language import Language, Plural, marked
from appwatch.alerts.letter import Line
from appwatch.alerts.phrases import beside
from appwatch.alerts.wording import plain
from appwatch.db.deliveries import ChangeRow

RATED: Final = 5  # sentences on base rates, each about one storefront or several alike
NAMED: Final = 12  # storefronts named in one of them
REACHED: Final = 5  # storefronts that a scope names
NEIGHBOURS: Final = 5  # changes of the developer's other apps that it names
_NAME_LENGTH: Final = 80
_KINDS: Final = frozenset({"disappeared", "restricted", "returned"})  # that rates put in proportion
_OF_WATCHED: Final = Plural(
    "In the {days} before, {count} of {watched} watched apps disappeared there.",
    "In the {days} before, {count} of {watched} watched apps disappeared there.",
)
_NONE_OF_WATCHED: Final = marked(
    "In the {days} before, none of {watched} watched apps disappeared there."
)
_OF_MANY: Final = Plural(
    "In the {days} before, {count} watched app disappeared there.",
    "In the {days} before, {count} watched apps disappeared there.",
)
_RETURNED: Final = Plural("In that time {count} returned.", "In that time {count} returned.")
_EVERYWHERE: Final = Plural(
    "Missing everywhere that was looked ({count} storefront).",
    "Missing everywhere that was looked ({count} storefronts).",
)
_STOREFRONTS: Final = Plural("{count} storefront ({named})", "{count} storefronts ({named})")
_ELSEWHERE: Final = MappingProxyType(
    {
        "suspected": marked("Missed but not confirmed in {storefronts}."),
        "listed": marked("Still listed in {storefronts}."),
        "absent": marked("Not found in {storefronts}, where it is not known to have been."),
        "unknown": marked("Unknown in {storefronts}, where no recent look could tell."),
    }
)
_WHOLE_GROUP: Final = marked("Gone from {storefronts} (all of {group} that was looked at).")
_SOME_SIBLINGS: Final = Plural(
    "That is {some} of the developer's {count} other watched app.",
    "That is {some} of the developer's {count} other watched apps.",
)
_ALL_SIBLINGS: Final = Plural(
    "That is all of the developer's {count} other watched app.",
    "That is all of the developer's {count} other watched apps.",
)
_CHANGES_MORE: Final = Plural("{count} more change", "{count} more changes")


def context_lines(changes: Sequence[ChangeRow], language: Language) -> list[Line]:
    """Return what was known around these changes of one app and kind, a line for each matter."""
    latest = max(changes, key=lambda change: (change.confirmed_at, change.id))
    told = [
        scope_line(changes, language),
        *rates_lines(changes, language),
        _neighbours(changes, language),
        _siblings(latest, language),
        _updated(latest, language),
    ]
    return [line for line in told if line.text]


def rates_lines(changes: Sequence[ChangeRow], language: Language) -> list[Line]:
    """Return how common such absences are in the storefronts; those alike share a line."""
    first: dict[str, ChangeRow] = {}
    for change in sorted(changes, key=lambda one: one.after_at):
        if change.kind in _KINDS:
            first.setdefault(change.storefront, change)
    alike: dict[str, list[str]] = {}
    for storefront, change in first.items():
        told = _rates(change, language)
        if told:
            alike.setdefault(told, []).append(storefront)
    return [
        Line(told, _storefronts(alike[told], len(first), language)) for told in list(alike)[:RATED]
    ]


def _context(change: ChangeRow) -> Content:
    return Content.of(change.context)


def scope_line(changes: Sequence[ChangeRow], language: Language) -> Line:
    """Return how far an app's changes reach: as the latest found it, and the others beside it.

    It is empty where none of them knows.
    """
    scoped = [change for change in changes if _context(change).part("seen").words("gone")]
    if not scoped:
        return _in_english(changes, language)
    latest = max(scoped, key=lambda change: (change.confirmed_at, change.id))
    gone = {change.storefront for change in changes if change.kind == latest.kind}
    return Line(_scope_of(latest, gone, language), _dated(latest, language))


def _in_english(changes: Sequence[ChangeRow], language: Language) -> Line:
    """Return the sentence that older rows have."""
    told = {c.id: plain(c.scope or _context(c).text("scope")) for c in changes}
    scoped = [change for change in changes if told[change.id]]
    if not scoped:
        return Line()
    latest = max(scoped, key=lambda change: (change.confirmed_at, change.id))
    return Line(told[latest.id], _dated(latest, language))


def _dated(change: ChangeRow, language: Language) -> str:
    """Return of when the scope is: a digest or a reminder tells it long after."""
    return language.say("Scope when {place} was confirmed", place=language.place(change.storefront))


def _scope_of(change: ChangeRow, told: Collection[str], language: Language) -> str:
    """Return what a change found where; it is gone too from the storefronts that are told of."""
    seen = _context(change).part("seen")
    gone = sorted({*seen.words("gone"), *told})
    group = _context(change).text("group", _NAME_LENGTH) if gone == seen.words("gone") else ""
    sentences = [_gone_from(gone, group, language)]
    others = {key: [code for code in seen.words(key) if code not in gone] for key in _ELSEWHERE}
    sentences += [
        language.say(_ELSEWHERE[key], storefronts=_named(codes, language))
        for key, codes in others.items()
        if codes
    ]
    if not any(codes for key, codes in others.items() if key != "suspected"):
        sentences.append(_everywhere(len(gone) + len(others["suspected"]), language))
    sentences += [_beside(one, language) for one in seen.parts("beside")]
    return language.run(sentences)


def _everywhere(looked: int, language: Language) -> str:
    if looked == 1:
        return language.say("No other storefront was looked at.")
    return language.count(_EVERYWHERE, looked)


def _gone_from(storefronts: Sequence[str], group: str, language: Language) -> str:
    named = _named(storefronts, language)
    if not group:
        return language.say("Gone from {storefronts}.", storefronts=named)
    return language.say(_WHOLE_GROUP, storefronts=named, group=group)


def _beside(found: Content, language: Language) -> str:
    """Return from where the app is gone in another store too."""
    named = _named(found.words("gone"), language)
    return language.say(
        "It is gone from {store} ({storefronts}) as well.",
        store=found.text("store", _NAME_LENGTH),
        storefronts=named,
    )


def _named(storefronts: Sequence[str], language: Language) -> str:
    if len(storefronts) <= REACHED:
        return language.listed(storefronts)
    named = language.listed(storefronts, REACHED)
    return language.count(_STOREFRONTS, len(storefronts), named=named)


def _rates(change: ChangeRow, language: Language) -> str:
    """Return what is said of the storefront, or nothing.

    They are of the time before the change was first seen. Of an app that is watched alone
    there, nothing can be said; nor where a change that was counted has been retracted since.
    """
    rates = _context(change).part("rates")
    days, gone, watched = (rates.count(key) for key in ("days", "disappeared", "watched"))
    if not days or gone is None or watched in (0, 1) or "retracted" in rates.values:
        return ""
    told = [_gone(gone, watched, language.span(timedelta(days=days)), language)]
    returned = rates.count("returned")
    if returned:
        told.append(language.count(_RETURNED, returned))
    elif returned == 0:
        told.append(language.say("In that time none returned."))
    typical = rates.count("typical_absence_s")
    if typical is not None:
        span = language.span(timedelta(seconds=typical))
        told.append(language.say("Absences typically lasted {span}.", span=span))
    return language.run(told)


def _gone(gone: int, watched: int | None, days: str, language: Language) -> str:
    """Return so many of so many apps; what is watched now may be fewer than once left."""
    if watched is None or watched < gone:
        if gone:
            return language.count(_OF_MANY, gone, days=days)
        return language.say("In the {days} before, no watched app disappeared there.", days=days)
    if gone:
        return language.count(_OF_WATCHED, gone, watched=watched, days=days)
    return language.say(_NONE_OF_WATCHED, watched=watched, days=days)


def _storefronts(codes: Sequence[str], of: int, language: Language) -> str:
    """Return what the sentence is about, where the message is about several storefronts."""
    if of == 1:
        return ""
    places = language.listed([language.place(code) for code in codes], NAMED)
    return places if len(codes) == 1 else language.say("Each of {places}", places=places)


def _neighbours(changes: Sequence[ChangeRow], language: Language) -> Line:
    """Return what became of the developer's other watched apps, each change once."""
    every = (_neighbour(n, language) for c in changes for n in _context(c).parts("neighbours"))
    told = [one for one in dict.fromkeys(every) if one]
    more = len(told) - NEIGHBOURS
    rest = [language.count(_CHANGES_MORE, more)] if more > 0 else []
    text = "; ".join([*told[:NEIGHBOURS], *rest])
    label = language.say("Other apps of the same developer")
    return Line(text and language.say("{told}.", told=text), label)


def _siblings(change: ChangeRow, language: Language) -> Line:
    """Return how many of the developer's other watched apps changed likewise, if any is known."""
    context = _context(change)
    siblings = context.count("siblings") or 0
    alike = [n for n in context.parts("neighbours") if n.text("kind") == change.kind]
    likewise = len({one.text("name") for one in alike})
    if not likewise or siblings < 2:
        return Line()
    if likewise < siblings:
        return Line(language.count(_SOME_SIBLINGS, siblings, some=likewise))
    return Line(language.count(_ALL_SIBLINGS, siblings))


def _neighbour(found: Content, language: Language) -> str:
    name, storefront = found.text("name", _NAME_LENGTH), found.text("storefront", 20)
    if not name:
        return ""
    told = beside(f"{name} ({storefront})" if storefront else name, found.text("kind"), language)
    at = found.at("at")
    return language.say("{told} on {at}", told=told, at=language.moment(at)) if at else told


def _updated(change: ChangeRow, language: Language) -> Line:
    """Return when the listing was last updated, as it said itself when it was last seen."""
    said = _context(change).text("updated", 40)
    at = read_moment(said)
    day = language.day(at) if at else said
    return Line(day and language.say("The listing was last updated on {day}.", day=day))
