"""Edits the text of a watchlist where an app stands, and leaves every other character as it is.

ruamel.yaml says where things stand, and writes what is new; nothing else is written anew, so
that comments, quotes and the order of keys survive.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # the YAML library is slow to import, and here only its types are needed
    from ruamel.yaml.nodes import CollectionNode, Node

_KEY = "apps"
_TO_DASH = re.compile(r"(?:\s|#[^\r\n]*)*(?=-)")  # comments may hold dashes too
_ALONE = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?\r?\n")
NewApp = Mapping[str, Any]  # Any: texts, lists of texts, lists of texts by store


class _Apps(NamedTuple):
    """Where the list of apps stands: `flow` in brackets, `items` with their nodes."""

    key: "Node | None"
    node: "CollectionNode | None"
    items: "Sequence[CollectionNode]"
    flow: bool


def add(text: str, apps: Sequence[NewApp]) -> str:
    """Return the text with these apps at the end of its list, written like the last of them."""
    root = _compose(text)
    found = _apps(root)
    if found.items and found.flow:
        at = _end(text, found.items[-1])
        return _spliced(text, at, at, "".join(f", {_flow(app)}" for app in apps))
    if found.flow and root.flow_style and found.node is not None:
        written = f"[{', '.join(map(_flow, apps))}]"
        return _spliced(text, _start(found.node), _end(text, found.node), written)
    if found.items:
        last, dash = found.items[-1], _dash(text, found, len(found.items) - 1)
        indent = dash - _line_start(text, dash)
        one_line = bool(last.flow_style)
        at = _line_end(text, _end(text, last))
        return _inserted(text, at, _block(apps, indent, one_line=one_line))
    written = _block(apps, 2, one_line=False)
    if found.node is None or found.key is None:
        return _inserted(text, len(text), f"{_KEY}:\n{written}")
    colon = _colon(text, found.key)
    # Brackets go; where nothing at all is written, the node's own place is the next key's.
    bare = _spliced(text, colon, _end(text, found.node), "") if found.flow else text
    return _inserted(bare, _line_end(bare, colon), written)


def remove(text: str, line: int, column: int) -> str:
    """Return the text without the app that stands there; lines and columns count from 1."""
    found = _apps(_compose(text))
    at = _index(found, line, column)
    item = found.items[at]
    if found.node is not None and found.flow and len(found.items) == 1:
        return _spliced(text, _start(found.node), _end(text, found.node), "[]")
    if not found.flow:
        start, end = _line_start(text, _dash(text, found, at)), _line_end(text, _end(text, item))
        rest = _spliced(text, start, end, "")
        if found.key is None or len(found.items) > 1:
            return rest
        colon = _colon(text, found.key)  # an empty list must be written to be meant
        return _spliced(rest, colon, colon, " []")
    if lines := _own_lines(text, item, is_last=at + 1 == len(found.items)):
        return _spliced(text, *lines, "")
    if at:
        return _spliced(text, _end(text, found.items[at - 1]), _end(text, item), "")
    return _spliced(text, _start(item), _start(found.items[1]), "")


def attach(text: str, line: int, column: int, keys: NewApp) -> str:
    """Return the text with more keys for the app that stands there; a map that it has grows."""
    found = _apps(_compose(text))
    item = found.items[_index(found, line, column)]
    for key, value in item.value:
        if isinstance(keys.get(key.value), Mapping):
            text = _grown(text, value, keys[key.value], _colon(text, key))
            left = {name: more for name, more in keys.items() if name != key.value}
            return attach(text, line, column, left)
    return _grown(text, item, keys, _start(item))


def _grown(text: str, node: "CollectionNode", keys: NewApp, colon: int) -> str:
    """Return the text with more keys in a map; an empty one is written behind its colon."""
    if not keys:
        return text
    if not node.value:
        end = colon if _is_blank(node) else _end(text, node)
        return _spliced(text, colon, end, f" {_flow(keys)}")
    if node.flow_style:
        at = _end(text, node.value[-1][1])
        return _spliced(text, at, at, f", {_flow(keys)[1:-1]}")
    indent = " " * int(node.start_mark.column)
    written = "".join(f"{indent}{row}\n" for row in _dump(keys).splitlines())
    return _inserted(text, _line_end(text, _end(text, node)), written)


def _compose(text: str) -> "CollectionNode":
    from ruamel.yaml import YAML

    node: CollectionNode = YAML(typ="rt", pure=True).compose(text)
    return node


def _apps(root: "CollectionNode") -> _Apps:
    for key, value in root.value:
        if key.value == _KEY:
            items = value.value if isinstance(value.value, list) else []
            return _Apps(key, value, items, bool(getattr(value, "flow_style", False)))
    return _Apps(None, None, [], bool(root.flow_style))


def _index(found: _Apps, line: int, column: int) -> int:
    marks = [(item.start_mark.line + 1, item.start_mark.column + 1) for item in found.items]
    return marks.index((line, column))


def _start(node: "Node") -> int:
    at: int = node.start_mark.index
    return at


def _end(text: str, node: "Node") -> int:
    """Return where the node's last character stands; a block's own end lies behind comments."""
    if isinstance(node.value, list) and node.value and not getattr(node, "flow_style", False):
        last = node.value[-1]
        if not isinstance(last, tuple):
            return _end(text, last)
        key, value = last
        return _colon(text, key) if _is_blank(value) else _end(text, value)
    at: int = node.end_mark.index
    return at


def _is_blank(node: "Node") -> bool:
    """Whether nothing is written: the place of nothing is that of what comes next."""
    return node.value == "" and getattr(node, "style", None) not in ("'", '"')


def _own_lines(text: str, item: "Node", *, is_last: bool) -> tuple[int, int] | None:
    """Return where lines begin and end that hold one app in brackets alone, with its comment."""
    start, after = _line_start(text, _start(item)), _ALONE.match(text, _end(text, item))
    if after is None or not (after[1] or is_last) or text[start : _start(item)].strip():
        return None
    return start, after.end()


def _dash(text: str, found: _Apps, at: int) -> int:
    """Return where the dash of one of the apps stands; comments may stand around it."""
    if not at and found.node is not None:
        return _start(found.node)
    there = _TO_DASH.match(text, _end(text, found.items[at - 1]))
    return there.end() if there else _start(found.items[at])


def _colon(text: str, key: "Node") -> int:
    """Return the place behind the colon of a key."""
    return text.index(":", key.end_mark.index) + 1


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Return where the line after this place begins; what ends with its line is that line's."""
    at = len(text[:at].rstrip())
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _spliced(text: str, start: int, end: int, written: str) -> str:
    return text[:start] + written + text[end:]


def _inserted(text: str, at: int, lines: str) -> str:
    """Return the text with whole lines more, in its own kind of line break."""
    lines = lines if "\r\n" not in text else lines.replace("\n", "\r\n")
    before = text[:at]
    if before and not before.endswith("\n"):
        before += "\r\n" if "\r\n" in text else "\n"
    return before + lines + text[at:]


def _block(apps: Sequence[NewApp], indent: int, *, one_line: bool) -> str:
    space = " " * indent
    rows: list[str] = []
    for app in apps:
        written = [_flow(app)] if one_line else _dump(app).splitlines()
        rows += [f"{space}- {written[0]}", *(f"{space}  {row}" for row in written[1:])]
    return "".join(f"{row}\n" for row in rows)


def _flow(app: NewApp) -> str:
    return _dump(app, flow=True).strip()


def _dump(app: NewApp, *, flow: bool = False) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width = 1_000_000
    out = io.StringIO()
    yaml.dump(_node(app, flow=flow), out)
    return out.getvalue()


def _node(value: Any, *, flow: bool) -> Any:  # noqa: ANN401 - what ruamel makes of YAML
    """Return the value as ruamel's own maps and lists, lists and inner maps in brackets."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        made = CommentedMap({key: _node(inner, flow=True) for key, inner in value.items()})
        if flow:
            made.fa.set_flow_style()
        return made
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and value[0] != "0" else value
    items = CommentedSeq(value)
    items.fa.set_flow_style()
    return items
