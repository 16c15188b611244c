"""YAML text as a tree in which every scalar is text as written and knows its line and column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from appwatch.watchlist.problems import UNPRINTABLE, Mark, Problems, quoted, unprintable

if TYPE_CHECKING:  # the YAML library is slow to import, and here only its types are needed
    from ruamel.yaml.error import MarkedYAMLError, StreamMark
    from ruamel.yaml.events import Event

MAX_DEPTH = 20
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True, slots=True)
class TextNode:
    """A scalar as written; `empty` where nothing at all was written."""

    value: str
    mark: Mark
    empty: bool = False


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list; `dropped` says that a part of it was wrong and has been left out."""

    items: tuple["Node", ...]
    mark: Mark
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class MapNode:
    """Keys with values; `dropped` are those of which a part was wrong and has been left out."""

    entries: Mapping[str, "Entry"]
    mark: Mark
    dropped: frozenset[str] = frozenset()

    def get(self, key: str) -> "Node | None":
        """Return the value of a key, or None."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def mark_of(self, *keys: str) -> Mark:
        """Return where the value of the first of these keys stands, else the map's own place."""
        found = (self.entries[key].value.mark for key in keys if key in self.entries)
        return next(found, self.mark)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a map, with its place, and its value."""

    key: Mark
    value: "Node"


Node: TypeAlias = TextNode | ListNode | MapNode


def plain(node: Node) -> Plain:
    """Return the tree as dicts, lists and strings; None where nothing was written."""
    match node:
        case TextNode():
            return None if node.empty else node.value
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {key: plain(entry.value) for key, entry in node.entries.items()}


def texts(node: Node | None) -> list[TextNode]:
    """Return the texts of a list, in order; nothing for anything else."""
    items = node.items if isinstance(node, ListNode) else ()
    return [item for item in items if isinstance(item, TextNode)]


def maps(node: Node | None) -> list[MapNode]:
    """Return the maps of a list, in order; nothing for anything else."""
    items = node.items if isinstance(node, ListNode) else ()
    return [item for item in items if isinstance(item, MapNode)]


def parse(text: str, file: str, problems: Problems) -> Node | None:
    """Return the tree of one YAML document, or None where it cannot be read on.

    Anchors, aliases, tags, second documents, duplicate keys and trees deeper than
    `MAX_DEPTH` are problems. The scanner's own sentences never show what stands in the file.
    """
    # Takes 0.2 s to import, so that only commands that read a watchlist pay for it.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    broken = unprintable(text, file)
    if broken:
        problems.add(*broken)
        return None
    builder = _Builder(file, problems)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _Unreadable as error:
        problems.add(error.mark, error.sentence)
        return None
    except MarkedYAMLError as error:
        problems.add(_mark(file, error.problem_mark), _sentence(error))
        return None
    except (YAMLError, ValueError, OverflowError):
        # Escapes beyond Unicode and characters that YAML forbids come without a place.
        problems.add(builder.last, "a character after this place cannot be read; expected text")
        return None
    return builder.root


def _mark(file: str, mark: "StreamMark | None") -> Mark:
    return Mark(file, mark.line + 1, mark.column + 1) if mark else Mark(file, 1, 1)


def _sentence(error: "MarkedYAMLError") -> str:
    context = f" {error.context}" if error.context else ""
    return f"this is not YAML: {error.problem}{context}; expected key: value, lists and comments"


class _Unreadable(Exception):
    """Reading cannot go on."""

    def __init__(self, mark: Mark, sentence: str) -> None:
        super().__init__(sentence)
        self.mark = mark
        self.sentence = sentence


@dataclass(slots=True)
class _Open:
    """A list or a map whose end has not been met."""

    mark: Mark
    is_map: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: TextNode | None = None

    def closed(self) -> Node:
        if self.is_map:
            return MapNode(self.entries, self.mark)
        return ListNode(tuple(self.items), self.mark)


class _Builder:
    """Builds the tree from events without recursion: depth is counted, not suffered."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.root: Node | None = None
        self.last = Mark(file, 1, 1)
        self._file = file
        self._problems = problems
        self._open: list[_Open] = []

    def take(self, event: "Event") -> None:
        """Take the next event."""
        mark = self.last = _mark(self._file, event.start_mark)
        self._refuse(event, mark)
        match type(event).__name__:
            case "ScalarEvent":
                self._add(self._text(event, mark))
            case "SequenceStartEvent" | "MappingStartEvent" as kind:
                self._begin(mark, is_map=kind == "MappingStartEvent")
            case "SequenceEndEvent" | "MappingEndEvent":
                self._add(self._open.pop().closed())

    def _refuse(self, event: "Event", mark: Mark) -> None:
        kind = type(event).__name__
        if kind == "AliasEvent" or getattr(event, "anchor", None) is not None:
            raise _Unreadable(
                mark, "an anchor (&) or alias (*) stands here; expected the value itself, or quotes"
            )
        if kind == "DocumentStartEvent" and self.root is not None:
            raise _Unreadable(mark, "a second document begins here; expected one in the file")
        if getattr(event, "tag", None) is not None:
            self._problems.add(mark, "a tag (!) stands here; expected the value alone, or quotes")

    def _text(self, event: "Event", mark: Mark) -> TextNode:
        value = str(getattr(event, "value", ""))
        bad = UNPRINTABLE.search(value)
        if bad:
            code = f"U+{ord(bad[0]):04X}"
            self._problems.add(mark, f"the value holds {code}; expected characters that print")
            value = UNPRINTABLE.sub("", value)
        return TextNode(value, mark, empty=value == "" and not getattr(event, "style", None))

    def _begin(self, mark: Mark, *, is_map: bool) -> None:
        if len(self._open) == MAX_DEPTH:
            raise _Unreadable(mark, f"too deep; expected at most {MAX_DEPTH} levels")
        above = self._open[-1] if self._open else None
        if above and above.is_map and above.key is None:
            raise _Unreadable(mark, "a list or map stands as a key; expected a word")
        self._open.append(_Open(mark, is_map))

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        above = self._open[-1]
        if not above.is_map:
            above.items.append(node)
        elif above.key is not None:
            self._put(above, above.key, node)
            above.key = None
        elif isinstance(node, TextNode):
            above.key = node

    def _put(self, above: _Open, key: TextNode, node: Node) -> None:
        earlier = above.entries.get(key.value)
        if earlier is None:
            above.entries[key.value] = Entry(key.mark, node)
            return
        self._problems.add(
            key.mark,
            f"the key {quoted(key.value)} stands twice, first in line {earlier.key.line};"
            " expected it once",
        )
