"""How each kind of notice is told: its sentences, and what of its content is shown."""

from types import MappingProxyType
from typing import Final, NamedTuple

from appwatch.db.notices import CLEARED, DISPUTED, RETRACTED, SUSPECTED


class NoticePhrase(NamedTuple):
    """How a kind of notice is told.

    `noun` is counted, `opening` goes on with the storefronts where there are several, and
    `facts` are pairs of a label and the content's key.
    """

    noun: str
    title: str
    opening: str
    ending: str
    facts: tuple[tuple[str, str], ...]


_PHRASES: Final = MappingProxyType(
    {
        SUSPECTED: NoticePhrase(
            "suspicion",
            "{name} {missed} in {where}; not confirmed",
            "{name} {missed} in {where}",
            "This is not confirmed yet; nothing may have happened. Another message will say"
            " whether it was confirmed or cleared.",
            (
                ("First missed", "first_missed_at"),
                ("Last seen", "before_at"),
                ("Looks so far", "looks"),
            ),
        ),
        CLEARED: NoticePhrase(
            "cleared suspicion",
            "{name} was seen again in {where}; nothing had disappeared",
            "{name} was seen again in {where}",
            "The suspicion is cleared; nothing had disappeared.",
            (
                ("Seen again", "seen_at"),
                ("First missed", "first_missed_at"),
                ("Looks that missed it", "looks"),
            ),
        ),
        DISPUTED: NoticePhrase(
            "dispute",
            "{name} in {where}: two surfaces disagree",
            "Two surfaces of the store have contradicted each other for a day about {name} in"
            " {where}",
            "One misses it, another shows it. Nothing is confirmed; a person should look.",
            (
                ("First contradiction", "first_missed_at"),
                ("Last contradiction", "seen_at"),
                ("Looks that disagreed", "looks"),
            ),
        ),
        RETRACTED: NoticePhrase(
            "retraction",
            "An earlier alert was wrong: that {name} {happened}",
            "An earlier alert was wrong: it said that {name} {happened}",
            "This is retracted; the listing is held to have been there all along.",
            (
                ("Retracted", "at"),
                ("Retracted by", "by"),
                ("Why it was wrong", "why"),
                ("Earlier id", "change"),
            ),
        ),
    }
)
# A kind that a newer appwatch wrote: told all the same.
_OTHER: Final = NoticePhrase(
    "notice",
    "{name} in {where}: a notice",
    "There is a notice about {name} in {where}",
    "No more can be said of it here.",
    (("Noticed", "at"),),
)
_MISSED: Final = MappingProxyType(
    {
        "not_installable": "was seen as not installable",
        "preregistration": "was seen as announced only",
    }
)
# The labels of a suspicion where the listing was not missed but changed.
_LABELS: Final = MappingProxyType(
    {"First missed": "First seen so", "Last seen": "Last seen as before"}
)


def phrase_of(kind: str) -> NoticePhrase:
    """Return how a notice of this kind is told."""
    return _PHRASES.get(kind, _OTHER)


def missed(outcome: str) -> str:
    """Return what a look saw that speaks against a listing."""
    return _MISSED.get(outcome, "was missed")


def label_of(label: str, outcome: str) -> str:
    """Return the label of a fact, as it reads for what was seen."""
    return _LABELS.get(label, label) if outcome in _MISSED else label
