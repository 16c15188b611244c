"""Makes the text of a reminder: what was told before and still lasts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from appwatch.alerts.forms import finished
from appwatch.alerts.language import ENGLISH, Plural, marked
from appwatch.alerts.letter import Line, Message
from appwatch.alerts.messages import changes_letter
from appwatch.alerts.wording import Wording
from appwatch.db.deliveries import ChangeRow

_STILL: Final = marked("Still so: {title}")
_SEVERAL: Final = Plural(
    "Still so: {count} change told before", "Still so: {count} changes told before"
)


def reminder_message(
    changes: Sequence[ChangeRow],
    wording: Wording,
    at: datetime,
    *,
    language: str = ENGLISH,
    possible_repeat: bool = False,
) -> Message:
    """Return the message that reminds of these changes (at least one), as known at a moment.

    Its last line bears the ids of the changes, as in the message that told them first.
    """
    told = changes_letter(changes, wording.spoken(language))
    spoken = told.language
    title = spoken.say(_STILL, title=told.title)
    if len(changes) > 1:
        title = spoken.count(_SEVERAL, len(changes))
    opening = spoken.say(
        "Reminder: this was told before, and the latest looks, as of {at}, say that it lasts.",
        at=spoken.moment(at),
    )
    letter = replace(
        told,
        title=title,
        blocks=[[Line(opening, leads=True)], *told.blocks],
        brief=[spoken.say(_STILL, title=brief) for brief in told.brief],
    )
    return finished(letter, repeat=possible_repeat)
