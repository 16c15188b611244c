"""Reads a watchlist and the CSV lists it names: all of it, or every problem at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appwatch.domain.alarms import CoverageRule
from appwatch.domain.confirmation import Confirmation, Policy
from appwatch.domain.holding import HoldRule
from appwatch.errors import WatchlistError
from appwatch.watchlist import csv_lists, document
from appwatch.watchlist.apps import AppReader, read_defaults
from appwatch.watchlist.channels import ChannelReader, read_proxies
from appwatch.watchlist.document import ListNode, MapNode, Node, TextNode, maps, texts
from appwatch.watchlist.files import MAX_BYTES, MAX_CSV_BYTES, Files, Unreadable
from appwatch.watchlist.model import StoreRules, Watchlist
from appwatch.watchlist.problems import Mark, Problems, undecodable
from appwatch.watchlist.storefronts import Storefronts

if TYPE_CHECKING:  # pydantic is slow to import, and here only its types are needed
    from appwatch.watchlist.schema import ConfirmPart, DocumentPart


def load(path: Path, stores: Mapping[str, StoreRules], files: Files | None = None) -> Watchlist:
    """Return the watchlist in this file, for these stores.

    `files` read it and its lists from elsewhere than the disk. Raises WatchlistError with
    every problem, as FILE:LINE:COLUMN: what is wrong; what was expected. FILE is the path as
    it was given.
    """
    problems = Problems(str(path))
    files = files or Files(path)
    root = _tree(files, problems)
    lists = _csv_apps(root, files, stores, problems) if root else []
    checked = _checked(root, lists, stores, problems) if root else None
    whole = None not in lists
    watchlist = _resolved(*checked, stores, problems, whole=whole) if checked else None
    problems.raise_any()
    if watchlist is None:
        raise WatchlistError([f"{path}:1:1: nothing can be read; expected keys such as apps:"])
    return replace(
        watchlist,
        files=tuple(files.paths),
        digest=files.digest(),
        documents=files.documents(),
    )


def row_problems(
    path: Path, stores: Mapping[str, StoreRules], rows: Sequence[MapNode]
) -> dict[str, list[str]]:
    """Return what would be wrong with each of these rows as apps of this watchlist.

    The keys are the rows' places, FILE:LINE; a row that is right has none. The watchlist
    itself must be right.
    """
    problems, files = Problems(str(path)), Files(path)
    root = _tree(files, problems)
    if root is not None:
        lists = [*_csv_apps(root, files, stores, problems), list(rows)]
        checked = _checked(root, lists, stores, problems)
        if checked:
            _resolved(*checked, stores, problems, whole=True)
    return problems.by_line()


def json_schema(stores: Mapping[str, StoreRules]) -> dict[str, Any]:
    """Return the JSON Schema of a watchlist, for editors that help while writing."""
    from appwatch.watchlist import schema

    return schema.json_schema(stores)


def _tree(files: Files, problems: Problems) -> MapNode | None:
    """Return the tree of the watchlist itself."""
    file = str(files.watchlist)
    try:
        data = files.read(files.watchlist, MAX_BYTES)
        text = data.decode("utf-8-sig")
    except Unreadable as error:
        remedy = "create or mend it, or set APPWATCH_WATCHLIST to the file that is meant"
        raise WatchlistError([f"{file}: {error}: {remedy}"]) from error
    except UnicodeDecodeError as error:
        problems.add(*undecodable(error, error.object, file))
        return None
    return _whole(document.parse(text, file, problems), file, problems)


def _whole(root: Node | None, file: str, problems: Problems) -> MapNode | None:
    """Return the tree if it is one of a watchlist; what was cut off must not look like one."""
    if root is None and problems:
        return None
    if root is None or _is_empty(root):
        problems.add(Mark(file, 1, 1), "the file is empty; expected keys such as every: and apps:")
        return None
    if not isinstance(root, MapNode):
        problems.add(root.mark, "these are no keys with values; expected lines such as every: 15m")
        return None
    apps = root.entries.get("apps")
    if "from_csv" not in root.entries and (apps is None or _is_empty(apps.value)):
        mark = apps.key if apps else root.mark
        problems.add(mark, "no apps are named; expected apps: with a list, or []")
    return root


def _is_empty(node: Node) -> bool:
    return isinstance(node, TextNode) and node.empty


def _csv_apps(
    root: MapNode, files: Files, stores: Mapping[str, StoreRules], problems: Problems
) -> list[list[MapNode] | None]:
    """Return the apps of each CSV list, None for a list that cannot be read."""
    found: list[list[MapNode] | None] = []
    for name in texts(root.get("from_csv")):
        path = files.watchlist.parent / name.value
        if path in files.paths:
            problems.add(name.mark, f"{path}: this list stands twice; expected it once")
            continue
        try:
            data = files.read(path, MAX_CSV_BYTES)
        except Unreadable as error:
            problems.add(name.mark, f"{path}: {error}")
            found.append(None)
        else:
            found.append(csv_lists.read(data, str(path), list(stores), problems))
    return found


def _checked(
    root: MapNode,
    lists: list[list[MapNode] | None],
    stores: Mapping[str, StoreRules],
    problems: Problems,
) -> "tuple[DocumentPart, MapNode] | None":
    """Return the typed document, CSV apps included, and the tree that it was read from."""
    # pydantic takes 0.2 s to import, so that only commands that read a watchlist pay for it.
    from appwatch.watchlist import schema, shape

    more = tuple(app for apps in lists for app in apps or ())
    checked = shape.check(schema.document_model(stores), _with_apps(root, more), problems)
    if checked is None or not isinstance(checked[1], MapNode):
        return None
    return checked[0], checked[1]


def _with_apps(root: MapNode, more: tuple[MapNode, ...]) -> MapNode:
    apps = root.get("apps")
    replaceable = apps is None or isinstance(apps, ListNode) or _is_empty(apps)
    if not more or not replaceable:
        return root
    own = apps.items if isinstance(apps, ListNode) else ()
    both = ListNode((*own, *more), apps.mark if apps else more[0].mark)
    entry = document.Entry(both.mark, both)
    return replace(root, entries={**root.entries, "apps": entry})


def _resolved(
    part: "DocumentPart",
    node: MapNode,
    stores: Mapping[str, StoreRules],
    problems: Problems,
    *,
    whole: bool,
) -> Watchlist:
    """Return the watchlist, its files not yet named. `whole`: every CSV list could be read."""
    written = node.get("groups")
    groups = written.entries if isinstance(written, MapNode) else {}
    named = {name: texts(entry.value) for name, entry in groups.items()}
    storefronts = Storefronts(stores, named, problems)
    defaults = read_defaults(list(stores), storefronts, node)
    reader = AppReader(stores, storefronts, defaults, problems)
    parts = zip(part.apps, maps(node.get("apps")), strict=True)
    apps = tuple(reader.read(app, app_node) for app, app_node in parts)
    channels = ChannelReader(list(stores), storefronts, apps if whole else None, problems)
    alerts = zip(part.alerts, maps(node.get("alerts")), strict=True)
    return Watchlist(
        every=part.every,
        policy=_policy(part.confirm),
        hold=HoldRule(part.hold.share, part.hold.at_least),
        groups=storefronts.groups,
        storefronts={store: found or () for store, found in defaults.items()},
        controls={store: tuple(asked) for store, asked in part.controls.model_dump().items()},
        apps=apps,
        channels=tuple(channels.read(alert, alert_node) for alert, alert_node in alerts),
        proxies=read_proxies(part.proxies, node, storefronts, problems),
        files=(),
        digest="",
        incidents=part.incidents,
        coverage=CoverageRule(part.coverage.least, part.coverage.over),
        repeats=tuple((str(mark), says) for mark, says in storefronts.repeats.items()),
    )


def _policy(confirm: "ConfirmPart") -> Policy:
    departures, arrivals = confirm.disappeared, confirm.returned
    return Policy(
        Confirmation(departures.looks, departures.over), Confirmation(arrivals.looks, arrivals.over)
    )
