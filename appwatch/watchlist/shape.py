"""Checks a tree against the model of its keys: every fault named, then read without the faulty."""

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from appwatch.watchlist.document import MAX_DEPTH, Entry, ListNode, MapNode, Node, TextNode, plain
from appwatch.watchlist.problems import Mark, Problems, quoted, suggestion

M = TypeVar("M", bound=BaseModel)
Path = tuple[int | str, ...]


def check(model: type[M], root: Node, problems: Problems) -> tuple[M, Node] | None:
    """Return the typed document and the tree that it was read from, or None if nothing is left.

    Faulty values are noted and left out of both, so that what depends on other values can
    still be checked; the map or list above them says `dropped`.
    """
    node: Node | None = root
    for attempt in range(MAX_DEPTH):  # an empty list is only found when its bad items are gone
        if node is None:
            return None
        try:
            return model.model_validate(plain(node)), node
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
        if attempt == 0:
            for fault in faults:
                problems.add(_mark(node, fault), _sentence(model, fault))
        node = _without(node, {_path(fault) for fault in faults})
    return None


def _path(fault: ErrorDetails) -> Path:
    return tuple(step for step in fault["loc"] if step != "[key]")


def _without(node: Node, bad: set[Path], path: Path = ()) -> Node | None:
    """Return the tree without the values at these paths."""
    if path in bad:
        return None
    match node:
        case TextNode():
            return node
        case ListNode():
            kept = [_without(item, bad, (*path, at)) for at, item in enumerate(node.items)]
            items = tuple(item for item in kept if item is not None)
            return ListNode(items, node.mark, dropped=any(map(_is_less, kept)))
        case MapNode():
            values = {k: _without(e.value, bad, (*path, k)) for k, e in node.entries.items()}
            entries = {k: Entry(node.entries[k].key, v) for k, v in values.items() if v is not None}
            lost = {key for key, value in values.items() if _is_less(value)}
            return MapNode(entries, node.mark, node.dropped | lost)


def _is_less(node: Node | None) -> bool:
    """Whether something is missing from a value that was written."""
    return node is None or bool(getattr(node, "dropped", False))


def _mark(root: Node, fault: ErrorDetails) -> Mark:
    """Return where the fault stands: at the key for keys, at the value for values."""
    node, mark = root, root.mark
    at_key = fault["type"] == "extra_forbidden" or fault["loc"][-1:] == ("[key]",)
    for step in fault["loc"]:
        if isinstance(node, MapNode) and step in node.entries:
            entry = node.entries[str(step)]
            node, mark = entry.value, entry.key if at_key else entry.value.mark
        elif isinstance(node, ListNode) and isinstance(step, int):
            node = node.items[step]
            mark = node.mark
    return mark


def _sentence(model: type[BaseModel], fault: ErrorDetails) -> str:
    """Return the fault in our words; a value is repeated by none but its own reader."""
    match fault["type"]:
        case "value_error":
            return str(fault["ctx"]["error"])
        case "extra_forbidden":
            key = str(fault["loc"][-1])
            return f"unknown key {quoted(key)}; {suggestion(key, _keys(model, fault['loc'][:-1]))}"
        case "list_type":
            return "this is no list; expected one, such as [one, two]"
        case "too_short":
            return "the list is empty; expected a value in it, or no such key"
        case "model_type" | "dict_type":
            return "these are no keys with values; expected lines such as key: value"
    return f"this cannot be used: {fault['msg']}; expected another value"


def _keys(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that may stand at a place of the document."""
    kind: Any = model
    for step in path:
        kind = get_args(kind)[0] if isinstance(step, int) else kind.model_fields[step].annotation
    return list(kind.model_fields)
