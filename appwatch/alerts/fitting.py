"""Fits a message to a service: which form it gets, and how long that may be."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from appwatch.alerts.letter import Message
from appwatch.alerts.schemes import MAILS, PLAIN, TEXT_MESSAGES
from appwatch.alerts.wording import cut

# A service that takes less gets the short form when the whole does not fit; another gets parts.
LITTLE: Final = 1200
# In a chat no message comes in more parts than this: the short form says where the rest is.
MOST_PARTS: Final = 8
# What calls people in chats: @everyone, @name, <!channel>. An invisible joiner keeps it a text.
# A chat hears @everyone within a word too; me@example.org calls nobody. What a chat would show
# as a link with a text of its own, [text](address) or <address|text>, is shown as it is.
_CALLS: Final = re.compile(
    r"@(?=(?:everyone|here|channel|all)\b)|(?<![\w/.])@(?=\w)|<(?=[!@#]|\w+:)|\](?=\()",
    re.IGNORECASE,
)
_JOINER: Final = "\u2060"


class Room(NamedTuple):
    """What a service takes: characters of a text and of a title (0: none), and whether HTML."""

    scheme: str
    text: int
    title: int
    html: bool


def stretch(text: str, most: int) -> int:
    """Return how many characters fit into so many bytes of UTF-8 wherever the text is cut."""
    sizes = [len(character.encode()) for character in text]
    fits, first, total = len(text), 0, 0
    for last, size in enumerate(sizes):
        total += size
        while total > most:
            fits = min(fits, last - first)
            total, first = total - sizes[first], first + 1
    return fits


def fitted(message: Message, room: Room) -> Message:
    """Return the message in the one form that the service gets; fitting it again changes nothing.

    No form loses the last line with the ids, or what leads to those it has no room for.
    """
    if message.short and _is_short(message, room):
        return Message("", _called(_shortest(message.short, room.text), room))
    title = _called(message.title, room)
    if room.title:  # else it stands before the text
        title = cut(title, room.title)
    if room.scheme in MAILS and room.html and message.html and len(message.html) <= room.text:
        return Message(title, message.body, message.html)
    return Message(title, _called(message.body, room))


def _is_short(message: Message, room: Room) -> bool:
    if room.scheme in TEXT_MESSAGES:
        return True
    whole = len(message.body) + (0 if room.title else len(message.title) + 2)
    if room.text <= LITTLE:
        return whole > room.text
    return room.scheme not in PLAIN and whole > room.text * MOST_PARTS


def _shortest(texts: Sequence[str], longest: int) -> str:
    """Return the fullest text that fits; else the shortest, its first line cut or left out."""
    for text in texts:
        if len(text) <= longest:
            return text
    head, _, rest = min(texts, key=len).partition("\n")
    room = longest - len(rest) - 1
    if room > 1:
        return f"{cut(head, room)}\n{rest}"
    return rest if len(rest) <= longest else rest.rpartition("\n")[2]


def _called(text: str, room: Room) -> str:
    """Return the text so that it calls nobody: a name may hold @everyone."""
    if room.scheme in PLAIN:
        return text
    return _CALLS.sub(lambda found: f"{found[0]}{_JOINER}", text)
