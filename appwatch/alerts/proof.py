"""What proves a change, in words: between which moments, by how many looks, past which doubts."""

from collections.abc import Sequence
from datetime import UTC
from types import MappingProxyType
from typing import Final

from appwatch.alerts.content import Content
from appwatch.alerts.language import Language, Plural, marked
from appwatch.alerts.letter import Line
from appwatch.alerts.phrases import ends_of
from appwatch.alerts.wording import Wording, plain
from appwatch.db.deliveries import ChangeRow

# Words of the stores, as a reader knows them.
_SURFACES: Final = MappingProxyType(
    {
        "lookup": marked("lookup"),
        "platform": marked("platform lookup"),
        "product_page": marked("product page"),
        "details": marked("details page"),
    }
)
_WAIVED_IN: Final = Plural(
    "In {count} of them the second surface stayed silent and was waived.",
    "In {count} of them the second surface stayed silent and was waived.",
)
_GAP_IN: Final = Plural(
    "In {count} of them it was seen after a gap in which no look proved anything.",
    "In {count} of them it was seen after a gap in which no look proved anything.",
)
_RETRACTED_IN: Final = Plural(
    "In {count} of them looks in between had shown the same, and were retracted as wrong.",
    "In {count} of them looks in between had shown the same, and were retracted as wrong.",
)
_BY_PERSON: Final = Plural(
    "So much was missing at once that it was held until a person released it.",
    "So much was missing at once that they were held until a person released them.",
)
_BY_CONTROL: Final = Plural(
    "So much was missing at once that it was held until a control was seen in a later sweep.",
    "So much was missing at once that they were held until a control was seen in a later sweep.",
)
_BY_EITHER: Final = marked(
    "So much was missing at once that they were held until a control was seen in a later sweep or"
    " a person released them."
)
_WAIVED: Final = Plural(
    "The second surface stayed silent; after {count} look over {span} it was waived.",
    "The second surface stayed silent; after {count} looks over {span} it was waived.",
)
_GAP: Final = Plural(
    "Seen after a gap of {span}: {count} round of looks in between proved nothing.",
    "Seen after a gap of {span}: {count} rounds of looks in between proved nothing.",
)
_UNSEEN: Final = Plural(
    "Seen after a gap of {span}: nobody looked in between, for {count} round.",
    "Seen after a gap of {span}: nobody looked in between, for {count} rounds.",
)
_RETRACTED_BETWEEN: Final = marked(
    "Looks in between had shown the same; that was retracted as wrong on {at}."
)
_UNSEEN_TOO: Final = Plural(
    "For {count} more round nobody looked.", "For {count} more rounds nobody looked."
)


def details(change: ChangeRow, wording: Wording) -> list[Line]:
    """Return what proves one change, a line each."""
    language = wording.language
    ends = ends_of(change.kind, change.from_state, change.to_state, language)
    when = language.run([_stopped(between([change], language), language), *ends])
    return [
        Line(when, language.say("When")),
        Line(confirmation(change, language), language.say("Confirmed")),
        *(Line(doubt) for doubt in doubts(change, wording)),
        *([Line(held([change], language))] if change.hold else []),
    ]


def line(change: ChangeRow, wording: Wording, head: str = "") -> Line:
    """Return what proves one change of several, in one paragraph that begins with its head."""
    language = wording.language
    told = [
        _stopped(between([change], language), language),
        language.labelled(language.say("Confirmed"), confirmation(change, language)),
        *doubts(change, wording),
    ]
    page = wording.page(change.store, change.listing, change.storefront)
    place = language.place(change.storefront)
    return Line(language.run(told), head or place, page, item=True)


def between(changes: Sequence[ChangeRow], language: Language) -> str:
    """Return the moments between which all of these changes lie, and how far they are apart."""
    first = min(change.before_at for change in changes)
    last = max(change.after_at for change in changes)
    return language.say(
        "between {first} and {last} ({span})",
        first=language.moment(first),
        last=language.moment(last),
        span=language.span(last - first),
    )


def between_in_short(changes: Sequence[ChangeRow]) -> str:
    """Return the same in as few characters as any language can read."""
    first = min(change.before_at for change in changes).astimezone(UTC)
    last = max(change.after_at for change in changes).astimezone(UTC)
    same_day = first.date() == last.date()
    return f"{first:%Y-%m-%d %H:%M} - {last:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}} UTC"


def rest_of(label: str, changes: Sequence[ChangeRow], language: Language) -> Line:
    """Return the line about those that are not told one by one."""
    return Line(_stopped(between(changes, language), language), label, item=True)


def confirmation(change: ChangeRow, language: Language) -> str:
    """Return when and by what a change was confirmed."""
    at = language.moment(change.confirmed_at)
    span = language.span(change.confirmed_at - change.after_at)
    if change.looks > 1:
        several = Plural(
            "{at}, by {count} look over {span}.", "{at}, by {count} looks over {span}."
        )
        told = [language.count(several, change.looks, at=at, span=span)]
    else:
        told = [language.say("{at}, by one look.", at=at)]
    if change.surfaces:
        named = language.listed([surface(one, language) for one in change.surfaces])
        word = Plural("Surface: {surfaces}.", "Surfaces: {surfaces}.")
        told.append(language.count(word, len(change.surfaces), surfaces=named))
    if change.kind == "disappeared":
        # No look shows an absence unless a control was seen: without one it is inconclusive.
        told.append(language.say("A control app was seen beside it each time."))
    return language.run(told)


def doubts(change: ChangeRow, wording: Wording) -> list[str]:
    """Return what a reader must know of the confirmation: a waived surface, a gap."""
    told = _retracted_between(change, wording.language)
    if change.waived:
        told.append(_waived(change, wording))
    if change.missed_rounds > 0:
        told.append(_gap(change, wording.language))
    return told


def doubts_of_several(changes: Sequence[ChangeRow], language: Language) -> list[str]:
    """Return in how many storefronts of one app there is such a doubt."""
    told = [
        (_WAIVED_IN, sum(change.waived for change in changes)),
        (_GAP_IN, sum(change.missed_rounds > 0 for change in changes)),
        (_RETRACTED_IN, sum("retracted_between_at" in (c.context or {}) for c in changes)),
    ]
    return [language.count(message, number) for message, number in told if number]


def held(changes: Sequence[ChangeRow], language: Language) -> str:
    """Return that these changes came out of a hold, and what ended it for them."""
    by_person = [_released(change) for change in changes]
    if any(by_person) and not all(by_person):
        return language.say(_BY_EITHER)
    return language.count(_BY_PERSON if all(by_person) else _BY_CONTROL, len(changes))


def surface(word: str, language: Language) -> str:
    """Return a surface in words: product page."""
    known = _SURFACES.get(word)
    return language.say(known) if known else plain(word).replace("_", " ")


def _stopped(told: str, language: Language) -> str:
    return language.say("{told}.", told=told)


def _released(change: ChangeRow) -> bool:
    """Whether a person had released the hold when the change was confirmed."""
    released_at = change.hold_released_at
    return released_at is not None and released_at <= change.confirmed_at


def _waived(change: ChangeRow, wording: Wording) -> str:
    language = wording.language
    second = [surface(one, language) for one in wording.second.get(change.store, ())]
    span = language.span(change.confirmed_at - change.after_at)
    told = language.count(_WAIVED, change.looks, span=span)
    if not second:
        return told
    named = language.say("It could have been: {surfaces}.", surfaces=language.listed(second))
    return language.run([told, named])


def _retracted_between(change: ChangeRow, language: Language) -> list[str]:
    """Return that looks between the bounds had shown otherwise, which a person took back."""
    at = Content.of(change.context).at("retracted_between_at")
    return [language.say(_RETRACTED_BETWEEN, at=language.moment(at))] if at else []


def _gap(change: ChangeRow, language: Language) -> str:
    """Return how long nothing was seen; changes of long ago do not say how often looks failed."""
    context = Content.of(change.context)
    looked_at = context.at("looked_before_at") or change.before_at
    span = language.span(change.after_at - looked_at)
    in_vain = context.count("looks_in_vain")
    looks = min(change.missed_rounds if in_vain is None else in_vain, change.missed_rounds)
    if not looks:
        return language.count(_UNSEEN, change.missed_rounds, span=span)
    told, unseen = [language.count(_GAP, looks, span=span)], change.missed_rounds - looks
    if unseen:
        told.append(language.count(_UNSEEN_TOO, unseen))
    return language.run(told)
