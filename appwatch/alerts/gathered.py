"""Makes one text of what many messages were to tell: a summary, or a late digest."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from appwatch.alerts.forms import finished
from appwatch.alerts.grouping import Group, grouped
from appwatch.alerts.language import ENGLISH, Plural, marked
from appwatch.alerts.letter import Block, Letter, Line, Message
from appwatch.alerts.notice_phrases import phrase_of
from appwatch.alerts.notices import notices_letter
from appwatch.alerts.proof import between, between_in_short
from appwatch.alerts.wording import Wording
from appwatch.db.deliveries import ChangeRow
from appwatch.db.notices import RETRACTED, Notice
from appwatch.db.outbox import Subject

_NAMED: Final = 12  # storefronts named in one line
_CHANGES: Final = Plural("{count} change", "{count} changes")
_NOTICES: Final = Plural("{count} notice", "{count} notices")


class _Opening(NamedTuple):
    title: str
    text: str


_OPENINGS: Final[Mapping[str, _Opening]] = MappingProxyType(
    {
        Subject.SUMMARY: _Opening(
            marked("In one message: {counts}"),
            marked(
                "So much changed at once that this channel's limit was reached. What could be told"
                " is here; the ids below name all of it."
            ),
        ),
        Subject.LATE: _Opening(
            marked("Late: {counts}"),
            marked(
                "This could not be sent for days: the channel failed. What could be told is here;"
                " the ids below name all of it. It may have changed since, and what was tried"
                " before may have arrived."
            ),
        ),
    }
)


def gathered_message(
    subject: str,
    news: tuple[Sequence[ChangeRow], Sequence[Notice]],
    wording: Wording,
    *,
    language: str = ENGLISH,
    possible_repeat: bool = False,
) -> Message:
    """Return the message that tells these changes, a line each, and notices (at least one).

    The body's last line is `appwatch: ID ID ...`: the changes, then the notices.
    """
    changes, notices = news
    wording, opening = wording.spoken(language), _OPENINGS[subject]
    spoken = wording.language
    standing = sum(change.retracted_at is None for change in changes)
    told = (
        (_CHANGES, standing),
        (_NOTICES, len(notices)),
        (phrase_of(RETRACTED).several, len(changes) - standing),
    )
    counts = [spoken.count(words, number) for words, number in told if number]
    title = spoken.say(opening.title, counts=spoken.listed(counts))
    blocks: list[Block] = [[Line(spoken.say(opening.text), leads=True)]]
    if changes:
        blocks.append([_line(group, wording) for group in grouped(changes)])
    if notices:
        blocks += notices_letter(notices, wording).blocks
    letter = Letter(
        title,
        blocks,
        [*(change.id for change in changes), *(notice.id for notice in notices)],
        spoken,
        brief=[title],
        when=between_in_short(changes) if changes else "",
        more="appwatch alerts deliveries",
    )
    return finished(letter, repeat=possible_repeat)


def _line(group: Group, wording: Wording) -> Line:
    """Return what the group tells in a line, with the incident's address where there is one."""
    spoken, told = wording.language, group.says(wording)
    if len(group.storefronts) > 1:
        places = spoken.listed([spoken.place(one) for one in group.storefronts], _NAMED)
        told = spoken.say("{told}: {places}", told=told, places=places)
    text = spoken.say("{told}, {between}.", told=told, between=between(group.changes, spoken))
    return Line(text, link=wording.incident(group.one.incident), item=True)
