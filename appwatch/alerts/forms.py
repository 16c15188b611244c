"""Gives a letter its forms: plain text, the same as HTML for mail, and short texts."""

from collections.abc import Iterator
from typing import Final

from appwatch.alerts.language import Language, marked
from appwatch.alerts.letter import Letter, Line, Message
from appwatch.alerts.mail import html_of

_REPEAT: Final = marked("This message may be a repeat: the line below is the same in both.")
_IDS_IN_SHORT: Final = 2


def finished(letter: Letter, *, repeat: bool = False) -> Message:
    """Return the message in every form, and say if it may be a repeat."""
    if repeat:
        letter = letter.adding([[Line(letter.language.say(_REPEAT))]])
    return Message(
        letter.title, plain_of(letter), html_of(letter), tuple(dict.fromkeys(_short(letter)))
    )


def plain_of(letter: Letter) -> str:
    """Return the letter as plain text; its last line names what it tells of."""
    blocks = ("\n".join(told(line, letter.language) for line in b) for b in letter.blocks)
    return "\n\n".join([*blocks, letter.last])


def told(line: Line, language: Language) -> str:
    """Return the line as plain text."""
    text = " ".join(filter(None, [line.text, line.link]))
    text = language.labelled(line.label, text) if line.label else text
    return f"- {text}" if line.item else text


def _short(letter: Letter) -> Iterator[str]:
    """Yield texts for services that take little, the fullest first; ids and links stay longest."""
    for ids in dict.fromkeys((letter.last, _few(letter))):
        for head in letter.brief:
            yield "\n".join(filter(None, [head, letter.when, letter.link, ids]))
    head = letter.brief[-1]
    yield "\n".join(filter(None, [head, letter.link, _few(letter)]))
    yield f"{head}\n{_few(letter)}"


def _few(letter: Letter) -> str:
    """Return the last line with the first ids; where there are more, a line says how many."""
    more = len(letter.ids) - _IDS_IN_SHORT
    if more <= 0:
        return letter.last
    rest = letter.language.say("and {count} more: {command}", count=more, command=letter.more)
    return f"{rest}\nappwatch: {' '.join(letter.ids[:_IDS_IN_SHORT])}"
