"""How each kind of change is told: that it holds, that it happened, and between what it lies."""

from types import MappingProxyType
from typing import Final, NamedTuple


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
# Of another app of the same developer, in half a sentence.
_BESIDE: Final = MappingProxyType(
    {
        "disappeared": "disappeared",
        "returned": "returned",
        "appeared": "appeared",
        "restricted": "could no longer be installed",
        "listed": "was listed, but could not be installed",
    }
)
_PLURALS: Final = MappingProxyType({"is": "are", "has": "have", "was": "were"})


def phrase_of(kind: str, to_state: str = "") -> Phrase:
    """Return how a change of this kind, into this state, is told."""
    return _PHRASES.get(f"{kind} {to_state}") or _PHRASES.get(kind, _OTHER)


def ends_of(kind: str, from_state: str, to_state: str) -> str:
    """Return what was seen at the two moments between which a change lies."""
    last = _LAST.get(f"{kind} {from_state}") or _LAST.get(from_state, "last seen as before")
    first = _FIRST.get(to_state, "first seen as changed")
    return f"{last} at the first of these moments, and {first} at the second"


def beside(kind: str) -> str:
    """Return what became of another app."""
    return _BESIDE.get(kind, "changed")


def of_several(words: str) -> str:
    """Return the words of one app as they are said of several: are no longer listed."""
    verb, _, rest = words.partition(" ")
    return f"{_PLURALS.get(verb, verb)} {rest}"
