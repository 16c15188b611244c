"""How each kind of change is told: that it holds, that it happened, and between what it lies."""

from types import MappingProxyType
from typing import Final, NamedTuple

from appwatch.alerts.language import Language, Plural, marked


class Phrase(NamedTuple):
    """How a change is told: of one that holds, of one that another followed, in a title.

    `hold` and `happened_to` tell the same of the many apps that came out of one hold.
    """

    holds: str
    happened: str
    title: str = ""  # as it happened, where that reads well
    hold: Plural = Plural(
        "{count} app has changed in {where}", "{count} apps have changed in {where}"
    )
    happened_to: Plural = Plural(
        "{count} app changed in {where}", "{count} apps changed in {where}"
    )


# By kind, and by kind and the state that followed where that reads differently.
_PHRASES: Final = MappingProxyType(
    {
        "disappeared": Phrase(
            marked("{app} is no longer listed in {where}"),
            marked("{app} disappeared from {where}"),
            hold=Plural(
                "{count} app is no longer listed in {where}",
                "{count} apps are no longer listed in {where}",
            ),
            happened_to=Plural(
                "{count} app disappeared from {where}", "{count} apps disappeared from {where}"
            ),
        ),
        "returned": Phrase(
            marked("{app} is available again in {where}"), marked("{app} returned to {where}")
        ),
        "appeared": Phrase(
            marked("{app} is available in {where}, for the first time since watching began"),
            marked("{app} appeared in {where}"),
        ),
        "restricted": Phrase(
            marked("{app} is still listed in {where}, but can no longer be installed there"),
            marked("{app} could no longer be installed in {where}"),
            marked("{app} can no longer be installed in {where}"),
            hold=Plural(
                "{count} app is still listed in {where}, but can no longer be installed there",
                "{count} apps are still listed in {where}, but can no longer be installed there",
            ),
            happened_to=Plural(
                "{count} app could no longer be installed in {where}",
                "{count} apps could no longer be installed in {where}",
            ),
        ),
        "restricted preregistration": Phrase(
            marked("{app} is still listed in {where}, but can only be pre-registered there"),
            marked("{app} could only be pre-registered in {where}"),
            marked("{app} can only be pre-registered in {where}"),
            hold=Plural(
                "{count} app is still listed in {where}, but can only be pre-registered there",
                "{count} apps are still listed in {where}, but can only be pre-registered there",
            ),
            happened_to=Plural(
                "{count} app could only be pre-registered in {where}",
                "{count} apps could only be pre-registered in {where}",
            ),
        ),
        "listed": Phrase(
            marked("{app} is listed in {where}, but cannot be installed there"),
            marked("{app} was listed, but could not be installed, in {where}"),
            marked("{app} is listed, but not installable, in {where}"),
        ),
        "listed preregistration": Phrase(
            marked("{app} is announced in {where}, and can only be pre-registered there"),
            marked("{app} was announced in {where}"),
        ),
    }
)
# A kind that a newer appwatch wrote: told all the same.
_OTHER: Final = Phrase(marked("{app} has changed in {where}"), marked("{app} changed in {where}"))
_GONE: Final = marked("It was last found missing there at the first of these moments.")
_LAST: Final = MappingProxyType(
    {
        "available": marked("It was last seen there at the first of these moments."),
        "restricted available": marked(
            "It was last seen there as installable at the first of these moments."
        ),
        "gone": _GONE,
        "never_seen": _GONE,
        "not_installable": marked(
            "It was last seen there as not installable at the first of these moments."
        ),
        "preregistration": marked(
            "It was last seen there as announced only at the first of these moments."
        ),
    }
)
_LAST_OTHER: Final = marked("It was last seen as before at the first of these moments.")
_FIRST: Final = MappingProxyType(
    {
        "available": marked("It was first seen there at the second."),
        "gone": marked("It was first missed at the second."),
        "not_installable": marked("It was first seen as not installable at the second."),
        "preregistration": marked("It was first seen as announced only at the second."),
    }
)
_FIRST_OTHER: Final = marked("It was first seen as changed at the second.")
# Of another app of the same developer.
_BESIDE: Final = MappingProxyType(
    {
        "disappeared": marked("{app} disappeared"),
        "returned": marked("{app} returned"),
        "appeared": marked("{app} appeared"),
        "restricted": marked("{app} could no longer be installed"),
        "listed": marked("{app} was listed, but could not be installed"),
    }
)
_BESIDE_OTHER: Final = marked("{app} changed")


def phrase_of(kind: str, to_state: str = "") -> Phrase:
    """Return how a change of this kind, into this state, is told."""
    return _PHRASES.get(f"{kind} {to_state}") or _PHRASES.get(kind, _OTHER)


def ends_of(kind: str, from_state: str, to_state: str, language: Language) -> list[str]:
    """Return what was seen at the two moments between which a change lies, a sentence each."""
    last = _LAST.get(f"{kind} {from_state}") or _LAST.get(from_state, _LAST_OTHER)
    return [language.say(last), language.say(_FIRST.get(to_state, _FIRST_OTHER))]


def beside(app: str, kind: str, language: Language) -> str:
    """Return what became of another app."""
    return language.say(_BESIDE.get(kind, _BESIDE_OTHER), app=app)
