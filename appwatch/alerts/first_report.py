"""Makes the text of a first report: what was already absent when watching began."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from appwatch.alerts.grouping import NAME_LENGTH
from appwatch.alerts.messages import Message, finished
from appwatch.alerts.wording import Wording, counted, listed, place, plain

APPS: Final = 20  # apps told one by one under each heading
STOREFRONTS: Final = 12  # storefronts named for each of their listings
_HEADINGS: Final = (
    ("never_seen", "Already absent"),
    ("not_installable", "Listed, but not installable"),
    ("preregistration", "Announced, and only to be pre-registered"),
)


class Absent(NamedTuple):
    """One target that was not available at its first look."""

    app: str
    name: str
    store: str
    storefront: str
    state: str


def first_report_message(
    content: Mapping[str, Any], wording: Wording, *, possible_repeat: bool = False
) -> Message:
    """Return the message of a first report.

    `content` is what the delivery carries: `states` (a count by state) and `absent`
    (rows of app, name, store, storefront, state). The body's last line is
    `appwatch: first report`.
    """
    states: Mapping[str, int] = content["states"]
    absent = [Absent(*row) for row in content["absent"]]
    targets = counted(sum(states.values()), "target")
    missing = states.get("never_seen", 0)
    were = "was" if missing == 1 else "were"
    title = f"appwatch: watching {targets}; {missing} {were} already absent"
    opening = f"appwatch now watches {targets}, each an app in one storefront."
    if absent:
        opening += "\nWhat follows was so at the first look: no change, and no alert."
    sections = [
        opening,
        *(_section(heading, absent, state, wording) for state, heading in _HEADINGS),
        _unread(states.get("unknown", 0)),
    ]
    body = finished(filter(None, sections), "appwatch: first report", repeat=possible_repeat)
    return Message(title, body)


def _unread(count: int) -> str:
    if not count:
        return ""
    return f"{counted(count, 'target')} could not be read yet, and will be looked at again."


def _section(heading: str, absent: Iterable[Absent], state: str, wording: Wording) -> str:
    """Return the targets in this state, grouped by app; nothing if there are none."""
    rows = sorted(row for row in absent if row.state == state)
    if not rows:
        return ""
    apps = [list(found) for _, found in groupby(rows, key=lambda row: row.app)]
    lines = [_app(found, wording) for found in apps[:APPS]]
    if len(apps) > APPS:
        lines.append(f"- and {counted(len(apps) - APPS, 'more app')}")
    return "\n".join([f"{heading} ({counted(len(rows), 'target')}):", *lines])


def _app(rows: Sequence[Absent], wording: Wording) -> str:
    stores = [
        f"{plain(wording.titles.get(store, store))} in "
        + listed([place(row.storefront) for row in found], STOREFRONTS)
        for store, found in ((s, list(f)) for s, f in groupby(rows, key=lambda row: row.store))
    ]
    return f"- {plain(rows[0].name, NAME_LENGTH) or rows[0].app}: {'; '.join(stores)}"
