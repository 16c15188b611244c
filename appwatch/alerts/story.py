"""An incident as a text to paste: what was observed, and apart from it what others claim."""

from collections.abc import Sequence
from dataclasses import replace

from appwatch.alerts.forms import plain_of
from appwatch.alerts.language import ENGLISH, Language, marked
from appwatch.alerts.letter import Block, Letter, Line
from appwatch.alerts.mail import html_of
from appwatch.alerts.messages import changes_letter
from appwatch.alerts.wording import Wording, plain
from appwatch.db.incidents import Claim, IncidentChange

_LONGEST = 2000  # characters of a claim
_SAYS_NO_MORE = marked(
    "appwatch observes what the stores show. It does not know who caused a change, or why."
)


def incident_text(
    changes: Sequence[IncidentChange],
    claims: Sequence[Claim],
    wording: Wording,
    *,
    language: str = ENGLISH,
) -> str:
    """Return the text of an incident (at least one change), its title first.

    It ends as alerts do: `appwatch: ID ID ...`.
    """
    letter = incident_letter(changes, claims, wording.spoken(language))
    return f"{letter.title}\n\n{plain_of(letter)}"


def incident_page(
    changes: Sequence[IncidentChange],
    claims: Sequence[Claim],
    wording: Wording,
    *,
    language: str = ENGLISH,
) -> str:
    """Return the same as a whole HTML document that fetches nothing; every text is escaped."""
    letter = incident_letter(changes, claims, wording.spoken(language))
    title = Line(letter.title, leads=True)
    return html_of(replace(letter, blocks=[[title], *letter.blocks]))


def incident_letter(
    changes: Sequence[IncidentChange], claims: Sequence[Claim], wording: Wording
) -> Letter:
    """Return what there is to say of an incident, before it takes a form."""
    spoken = wording.language
    letter = changes_letter([one.change for one in changes], wording)
    more = [
        *_retractions(changes, spoken),
        *_claims(claims, spoken),
        [Line(spoken.say(_SAYS_NO_MORE))],
    ]
    return letter.adding(more)


def _retractions(changes: Sequence[IncidentChange], language: Language) -> list[Block]:
    """Return who took back what, and why."""
    told: list[Block] = []
    for one in changes:
        if one.change.retracted_at:
            facts = [
                (language.say("Earlier id"), one.change.id),
                (language.say("Retracted by"), plain(one.retracted_by or "")),
                (language.say("Why it was wrong"), plain(one.retracted_why or "")),
            ]
            told.append([Line(fact, label) for label, fact in facts if fact])
    return told


def _claims(claims: Sequence[Claim], language: Language) -> list[Block]:
    """Return what others say of the cause, each with its source."""
    if not claims:
        return []
    heading = language.say("Claimed by others, not observed by appwatch")
    lines: list[Line] = []
    for one in claims:
        lines.append(Line(plain(one.text, _LONGEST), item=True))
        lines.append(Line(label=language.say("Source"), link=plain(one.source, _LONGEST)))
    return [[Line(language.labelled(heading, "").rstrip()), *lines]]
