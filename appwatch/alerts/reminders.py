"""Makes the text of a reminder: what was told before and still lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from appwatch.alerts.content import Content
from appwatch.alerts.forms import finished
from appwatch.alerts.language import ENGLISH, Plural, marked
from appwatch.alerts.letter import Line, Message
from appwatch.alerts.messages import changes_letter
from appwatch.alerts.wording import Wording
from appwatch.db.deliveries import ChangeRow

_STILL: Final = marked("Still so: {title}")
_UNSURE: Final = marked("At the last look that could tell: {title}")
_SEVERAL: Final = Plural("{count} change told before", "{count} changes told before")
_AS_OF: Final = marked(
    "Reminder: this was told before, and the latest looks that could tell, as of {at}, say that it"
    " lasts."
)
_NO_LOOK_OF: Final = Plural(
    "In {count} of them no look since then could tell.",
    "In {count} of them no look since then could tell.",
)


def reminder_message(
    changes: Sequence[ChangeRow],
    wording: Wording,
    content: Mapping[str, Any],
    *,
    language: str = ENGLISH,
    possible_repeat: bool = False,
) -> Message:
    """Return the message that reminds of these changes (at least one).

    `content` is what the delivery carries: `as_of`, the oldest of the looks that saw them last,
    and `unsure`, of how many no look could tell since. The last line bears the ids of the
    changes, as in the message that told them first.
    """
    told = changes_letter(changes, wording.spoken(language))
    spoken = told.language
    title = spoken.count(_SEVERAL, len(changes)) if len(changes) > 1 else told.title
    known = Content.of(content)
    at = known.at("as_of") or min(change.confirmed_at for change in changes)
    unsure = known.count("unsure") or 0
    opening = [spoken.say(_AS_OF, at=spoken.moment(at))]
    if unsure and len(changes) == 1:
        opening.append(spoken.say("No look since then could tell."))
    elif unsure:
        opening.append(spoken.count(_NO_LOOK_OF, unsure))
    lead = _UNSURE if unsure else _STILL
    letter = replace(
        told,
        title=spoken.say(lead, title=title),
        blocks=[[Line(spoken.run(opening), leads=True)], *told.blocks],
        brief=[spoken.say(lead, title=brief) for brief in told.brief],
    )
    return finished(letter, repeat=possible_repeat)
