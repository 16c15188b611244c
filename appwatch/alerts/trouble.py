"""Makes the text of what operators are told: appwatch's own trouble, and its end."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from appwatch.alerts.alarms import alarm_letter
from appwatch.alerts.content import Content
from appwatch.alerts.forms import finished
from appwatch.alerts.grouping import NAME_LENGTH
from appwatch.alerts.language import ENGLISH, marked
from appwatch.alerts.letter import Letter, Line, Message
from appwatch.alerts.wording import Wording
from appwatch.db.alarms import ALARM, ALARM_OVER
from appwatch.db.operators import CHANNEL_OFF, CHANNEL_ON

_TITLES: Final = MappingProxyType(
    {
        CHANNEL_OFF: marked("appwatch: the channel {channel} is switched off"),
        CHANNEL_ON: marked("appwatch: the channel {channel} is on again"),
    }
)
_TEXTS: Final = MappingProxyType(
    {
        CHANNEL_OFF: marked(
            "Nothing more is sent to {channel} since {at}: trying again cannot help."
        ),
        CHANNEL_ON: marked(
            "The channel {channel} was switched on at {at}; what waited for it is sent."
        ),
    }
)
_REMEDIES: Final = MappingProxyType(
    {
        CHANNEL_OFF: marked(
            "What is to be told there waits, and nothing of it is lost. Mend its address, its"
            " password or its recipients, then run: appwatch alerts test {channel}"
        )
    }
)


def operator_message(
    content: Mapping[str, Any],
    wording: Wording,
    *,
    language: str = ENGLISH,
    possible_repeat: bool = False,
) -> Message:
    """Return the message of an operators' event, from what its delivery carries.

    The service's own words stay as they are. The body's last line is `appwatch: ID`, the
    event's own id.
    """
    told, worded = Content.of(content), wording.spoken(language)
    event = told.text("event")
    if event in (ALARM, ALARM_OVER):
        letter = alarm_letter(told, worded, over=event == ALARM_OVER)
    else:
        letter = _channel_letter(told, event, worded)
    return finished(letter, repeat=possible_repeat)


def _channel_letter(told: Content, event: str, wording: Wording) -> Letter:
    """Return what there is to say of a channel that was switched off, or on again."""
    spoken, at = wording.language, told.at("at")
    fields = {
        "channel": told.text("channel", NAME_LENGTH),
        "at": spoken.moment(at) if at else spoken.say("an unknown time"),
    }
    title = spoken.say(_TITLES.get(event, marked("appwatch: a note to operators")), **fields)
    text, remedy = (
        spoken.say(part[event], **fields) if event in part else "" for part in (_TEXTS, _REMEDIES)
    )
    lines = [Line(text, leads=True), Line(told.text("words")), Line(remedy)]
    blocks = [[line] for line in lines if line.text]
    return Letter(title, blocks, [told.text("id")], spoken, brief=[title])
