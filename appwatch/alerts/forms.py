"""Gives a letter its forms: plain text, the same as HTML for mail, and short texts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from appwatch.alerts.language import Language, marked
from appwatch.alerts.letter import Letter, Line, Message
from appwatch.alerts.mail import html_of
from appwatch.alerts.wording import cut

_REPEAT: Final = marked(
    "This message may be a repeat: all or some of it may have come before, under the same ids."
)
_IDS_IN_SHORT: Final = 2
_HEADS: Final = (1000, 60, 45, 30)  # characters of a title, before the link goes


def finished(letter: Letter, *, repeat: bool = False) -> Message:
    """Return the message in every form, and say if it may be a repeat."""
    if repeat:
        say = letter.language.say
        brief = [say("Possible repeat: {title}", title=title) for title in letter.brief]
        letter = replace(letter.adding([[Line(say(_REPEAT))]]), brief=brief)
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
    for ids in (letter.last, _few(letter, _IDS_IN_SHORT)):
        for head in letter.brief:
            yield _stacked(head, letter.when, letter.link, ids)
    ends = (letter.last, *(_few(letter, most) for most in range(_IDS_IN_SHORT, 0, -1)))
    heads = [cut(letter.brief[-1], length) for length in _HEADS]
    for link in (letter.link, ""):
        for ids in ends:
            for head in heads:
                yield _stacked(head, link, ids)


def _stacked(*lines: str) -> str:
    """Return the lines that say something, one below the other; a link stands there once."""
    *above, ids = filter(None, lines)
    return "\n".join([*(line for line in above if f"{line}\n" not in ids), ids])


def _few(letter: Letter, most: int) -> str:
    """Return the last line with the first ids; where there are more, a line leads to them."""
    more = len(letter.ids) - most
    if more <= 0:
        return letter.last
    rest = letter.language.say("and {count} more: {command}", count=more, command=letter.more)
    return f"{rest}\nappwatch: {' '.join(letter.ids[:most])}"
