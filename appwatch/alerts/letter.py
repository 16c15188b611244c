"""A message before it takes a form: its lines, in the order in which every form tells them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appwatch.alerts.language import Language


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a text, or a label and what it says; a link may follow, or stand in its place.

    `leads` marks the sentences that say what happened, `item` one of a list.
    """

    text: str = ""
    label: str = ""
    link: str = ""
    leads: bool = False
    item: bool = False


Block = Sequence[Line]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message says. `ids` end it, and tell a repeat.

    Where there is little room: `brief` are titles, the fullest first; `when` says in a line
    when it was; `link` is the one page that says more; `more` is what lists every id:
    a page, or a command.
    """

    title: str
    blocks: Sequence[Block]
    ids: Sequence[str]
    language: Language
    brief: Sequence[str] = ()
    when: str = ""
    link: str = ""
    more: str = ""

    @property
    def last(self) -> str:
        """The line that ends it."""
        return f"appwatch: {' '.join(self.ids)}"

    def adding(self, blocks: Sequence[Block]) -> "Letter":
        """Return the letter with more at its end."""
        return replace(self, blocks=[*self.blocks, *blocks])


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title and a plain text; the body's last line names what it tells of.

    `html` is the same as a mail shows it. `short` are texts for services that take little, the
    fullest first: each holds its title, and ends as the body does, or says where more ids are.
    """

    title: str
    body: str
    html: str = ""
    short: tuple[str, ...] = ()
