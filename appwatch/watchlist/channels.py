"""Turns the checked alerts of the tree into channels, and says which variables are missing."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from appwatch.settings import read_secret, refuse_proxy
from appwatch.watchlist.document import ListNode, MapNode, Node, TextNode, texts
from appwatch.watchlist.model import Channel, WatchedApp, Watchlist
from appwatch.watchlist.problems import Mark, Problems, quoted, suggestion
from appwatch.watchlist.storefronts import Storefronts

if TYPE_CHECKING:  # pydantic is slow to import, and here only its types are needed
    from appwatch.watchlist.schema import AlertPart


# What is told by itself to who was told of a disappearance, and to nobody else.
_FOLLOWS = frozenset({"retracted"})


class ChannelReader:
    """Reads one channel after another; a filter that can match nothing is a problem.

    An alert that a misspelt filter swallows would be a removal missed silently.
    """

    def __init__(
        self,
        stores: Sequence[str],
        storefronts: Storefronts,
        apps: Iterable[WatchedApp] | None,
        problems: Problems,
    ) -> None:
        """`apps` are None where some could not be read: then their filters are not judged."""
        self._stores = stores
        self._storefronts = storefronts
        self._problems = problems
        self._names: dict[str, Mark] = {}
        self._ids = None if apps is None else [app.id for app in apps]
        self._tags = None if apps is None else sorted({tag for app in apps for tag in app.tags})

    def read(self, alert: "AlertPart", node: MapNode) -> Channel:
        """Return the channel; what is wrong with it goes to the problems."""
        for key, value in (("name", alert.name), ("to", alert.to)):
            if not value and key not in node.dropped:
                self._problems.add(node.mark, f"the key {key} is missing; expected it with a value")
        if alert.name:
            self._note_name(alert.name, node.mark_of("name"))
        self._check_on(alert, node.get("on"))
        self._check_quiet(node.get("quiet"))
        self._check_apps(node, "apps", "tags")
        self._check(texts(node.get("stores")), self._stores, "there is no store")
        return Channel(
            name=alert.name,
            reference=alert.to,
            on=_once(alert.on),
            apps=_once(alert.apps),
            tags=_once(alert.tags),
            stores=_once(alert.stores),
            storefronts=self._storefronts.resolve_any(texts(node.get("storefronts"))),
            digest=alert.digest,
            group_for=alert.group_for,
            language=alert.language,
            quiet=alert.quiet.hours,
            quiet_unless=_once(alert.quiet.unless),
            quiet_apps=_once(alert.quiet.unless_apps),
            quiet_tags=_once(alert.quiet.unless_tags),
            remind=tuple(sorted(set(alert.remind))),
            pace=alert.pace,
            at_most=alert.at_most,
            operator=alert.operator,
            place=str(node.mark_of("to")),
        )

    def _check_on(self, alert: "AlertPart", node: Node | None) -> None:
        """Tell of a channel that would be told of nothing at all."""
        if not isinstance(node, ListNode) or node.dropped or alert.operator:
            return
        if _FOLLOWS.issuperset(alert.on):
            what = "retracted alone is told to nobody" if alert.on else "the list is empty"
            self._problems.add(
                node.mark,
                f"{what}; expected a kind in it, or operator: true beside it, for a"
                " channel that is told of trouble alone",
            )

    def _check_quiet(self, node: Node | None) -> None:
        """Tell of quiet hours that name no hours: what else stands there would mean nothing."""
        if not isinstance(node, MapNode):
            return
        self._check_apps(node, "unless_apps", "unless_tags")
        if node.get("hours") is None and "hours" not in node.dropped:
            self._problems.add(
                node.mark,
                "the key hours is missing; expected it with a value such as"
                ' "22:00-07:00 Europe/Paris"',
            )

    def _check_apps(self, node: MapNode, apps: str, tags: str) -> None:
        self._check(texts(node.get(apps)), self._ids, "no app has the id")
        self._check(texts(node.get(tags)), self._tags, "no app has the tag")

    def _note_name(self, name: str, mark: Mark) -> None:
        earlier = self._names.setdefault(name, mark)
        if earlier is not mark:
            self._problems.add(
                mark, f"the channel {quoted(name)} stands twice, first at {earlier}; expected once"
            )

    def _check(self, names: list[TextNode], known: Sequence[str] | None, wrong: str) -> None:
        for name in names:
            if known is not None and name.value not in known:
                sentence = f"{wrong} {quoted(name.value)}; {suggestion(name.value, known)}"
                self._problems.add(name.mark, sentence)


def renamed_channels(before: Watchlist, after: Watchlist) -> dict[str, str]:
    """Return the channels that bear a new name, by their old one: the same variable names both.

    A variable that several channels name, before or after, tells nothing.
    """
    old, new = _by_variable(before), _by_variable(after)
    names = {one.name for one in before.channels}, {one.name for one in after.channels}
    pairs = {old[variable]: new[variable] for variable in old.keys() & new.keys()}
    return {a: b for a, b in pairs.items() if a not in names[1] and b not in names[0]}


def _by_variable(watchlist: Watchlist) -> dict[str, str]:
    counted = Counter(channel.reference for channel in watchlist.channels)
    return {c.reference: c.name for c in watchlist.channels if counted[c.reference] == 1}


def nobody_is_told(watchlist: Watchlist) -> str | None:
    """Return a hint in one sentence where no channel is told of any change; else None."""
    if not watchlist.channels:
        return (
            "The watchlist names no channel, so nobody is told of anything; to be told, add one"
            " under alerts:."
        )
    if all(_FOLLOWS.issuperset(channel.on) for channel in watchlist.channels):
        return (
            "No channel of the watchlist is told of any change, for on: is empty, or retracted"
            " alone, in all; to be told, add one under alerts:."
        )
    return None


def channel_problems(watchlist: Watchlist, environment: Mapping[str, str]) -> list[str]:
    """Return a line for each channel whose variable is not set, NAME or NAME_FILE.

    `environment` is the whole one: variables of the process over those of .env.
    """
    return [
        f"{channel.place}: the channel {quoted(channel.name)} cannot be used: {why}"
        for channel in watchlist.channels
        if (why := _missing(channel.reference, environment))
    ]


def proxy_problems(watchlist: Watchlist, environment: Mapping[str, str]) -> list[str]:
    """Return a line for each storefront's proxy whose variable holds no address that can be used.

    Raises SettingError where NAME_FILE cannot be read.
    """
    return [
        f"{watchlist.files[0]}: the proxy of {storefront} cannot be used: {why}"
        for storefront, name in watchlist.proxies.items()
        if (why := _missing(name, environment) or _refused_proxy(name, environment))
    ]


def read_proxies(
    proxies: Mapping[str, str], node: MapNode, storefronts: Storefronts, problems: Problems
) -> dict[str, str]:
    """Return the variable's name for each storefront that has a proxy."""
    written = node.get("proxies")
    for storefront in proxies:
        why = storefronts.refuse_everywhere(storefront)
        if why and isinstance(written, MapNode):
            problems.add(written.entries[storefront].key, why)
    return dict(proxies)


def _missing(name: str, environment: Mapping[str, str]) -> str | None:
    if environment.get(name, "").strip():
        return None
    file = environment.get(f"{name}_FILE")
    if not file:
        return f"the variable {name} is not set; set it, or {name}_FILE, or write it in .env"
    if not os.access(file, os.R_OK):  # is_file raises where a folder may not be searched
        return (
            f"{name}_FILE names no file that can be read; expected the path of one that holds the"
            " address"
        )
    return None


def _refused_proxy(name: str, environment: Mapping[str, str]) -> str | None:
    expected = refuse_proxy(read_secret(environment, name, Path.cwd()))
    return f"what {name} holds is none; expected {expected}" if expected else None


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
