"""How each kind of notice is told: its sentences, and what of its content is shown."""

from types import MappingProxyType
from typing import Final, NamedTuple

from appwatch.alerts.language import Plural, marked
from appwatch.db.notices import CLEARED, DISPUTED, RETRACTED, SUSPECTED
from appwatch.db.watching import NOT_WATCHED


class NoticePhrase(NamedTuple):
    """How a kind of notice is told.

    `several` counts them in a title; `title` and `opening` may hold {app}, {where} and
    {told}, the change that is taken back; `facts` are pairs of a label and the content's key.
    """

    several: Plural
    title: str
    opening: str
    endings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


_SUSPICIONS: Final = Plural("{count} suspicion", "{count} suspicions")
_WAIT: Final = (
    marked("This is not confirmed yet; nothing may have happened."),
    marked("Another message will say whether it was confirmed or cleared."),
)
_LOOKS: Final = (marked("Looks so far"), "looks")
_MISSED: Final = NoticePhrase(
    _SUSPICIONS,
    marked("Not confirmed: {app} was missed in {where}"),
    marked("{app} was missed in {where}"),
    _WAIT,
    ((marked("First missed"), "first_missed_at"), (marked("Last seen"), "before_at"), _LOOKS),
)
# What speaks against a listing that was not missed but seen otherwise.
_SEEN_SO: Final = (
    (marked("First seen so"), "first_missed_at"),
    (marked("Last seen as before"), "before_at"),
    _LOOKS,
)
_PHRASES: Final = MappingProxyType(
    {
        SUSPECTED: _MISSED,
        f"{SUSPECTED} not_installable": NoticePhrase(
            _SUSPICIONS,
            marked("Not confirmed: {app} was seen as not installable in {where}"),
            marked("{app} was seen as not installable in {where}"),
            _WAIT,
            _SEEN_SO,
        ),
        f"{SUSPECTED} preregistration": NoticePhrase(
            _SUSPICIONS,
            marked("Not confirmed: {app} was seen as announced only in {where}"),
            marked("{app} was seen as announced only in {where}"),
            _WAIT,
            _SEEN_SO,
        ),
        CLEARED: NoticePhrase(
            Plural("{count} cleared suspicion", "{count} cleared suspicions"),
            marked("Cleared: {app} was seen as before in {where}"),
            marked("{app} was seen as before in {where}"),
            (marked("The suspicion is cleared: no change was confirmed."),),
            (
                (marked("Seen as before"), "seen_at"),
                (marked("First suspected"), "first_missed_at"),
            ),
        ),
        f"{CLEARED} {NOT_WATCHED}": NoticePhrase(
            Plural("{count} suspicion left open", "{count} suspicions left open"),
            marked("Not settled: {app} is not watched any more in {where}"),
            marked("{app} is not watched any more in {where}"),
            (
                marked("A suspicion about it there was neither confirmed nor cleared."),
                marked("No look will say which: it has left the watchlist."),
            ),
            ((marked("Not watched since"), "at"),),
        ),
        DISPUTED: NoticePhrase(
            Plural("{count} dispute", "{count} disputes"),
            marked("Two surfaces disagree about {app} in {where}"),
            marked(
                "Two surfaces of the store have contradicted each other for a day about {app} in"
                " {where}"
            ),
            (
                marked("One misses it, another shows it."),
                marked("Nothing is confirmed; a person should look."),
            ),
            (
                (marked("First contradiction"), "first_missed_at"),
                (marked("Last contradiction"), "seen_at"),
                (marked("Looks that disagreed"), "looks"),
            ),
        ),
        RETRACTED: NoticePhrase(
            Plural("{count} retraction", "{count} retractions"),
            marked("An earlier alert was wrong: “{told}”"),
            marked("An earlier alert was wrong. It said: “{told}”"),
            (marked("This is retracted; it is held to have stayed as it was before."),),
            (
                (marked("Retracted"), "at"),
                (marked("Retracted by"), "by"),
                (marked("Why it was wrong"), "why"),
                (marked("Earlier id"), "change"),
            ),
        ),
    }
)
# A kind that a newer appwatch wrote: told all the same.
_OTHER: Final = NoticePhrase(
    Plural("{count} notice", "{count} notices"),
    marked("A notice about {app} in {where}"),
    marked("There is a notice about {app} in {where}"),
    (marked("No more can be said of it here."),),
    ((marked("Noticed"), "at"),),
)
NOTICES: Final = _OTHER.several


def phrase_of(kind: str, outcome: str = "") -> NoticePhrase:
    """Return how a notice of this kind is told, where a look saw this outcome."""
    return _PHRASES.get(f"{kind} {outcome}") or _PHRASES.get(kind, _OTHER)
