"""Makes the text of a first report: what was already absent when watching began."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from appwatch.alerts.forms import finished
from appwatch.alerts.grouping import NAME_LENGTH
from appwatch.alerts.language import ENGLISH, Plural
from appwatch.alerts.letter import Block, Letter, Line, Message
from appwatch.alerts.wording import Wording, plain

APPS: Final = 20  # apps told one by one under each heading
STOREFRONTS: Final = 12  # storefronts named for each of their listings
_HEADINGS: Final = (
    ("never_seen", Plural("Already absent ({count} target)", "Already absent ({count} targets)")),
    (
        "not_installable",
        Plural(
            "Listed, but not installable ({count} target)",
            "Listed, but not installable ({count} targets)",
        ),
    ),
    (
        "preregistration",
        Plural(
            "Announced, and only to be pre-registered ({count} target)",
            "Announced, and only to be pre-registered ({count} targets)",
        ),
    ),
)
_WATCHES: Final = Plural(
    "appwatch has begun to watch {count} target, an app in one storefront.",
    "appwatch has begun to watch {count} targets, each an app in one storefront.",
)
_WATCHING: Final = Plural(
    "appwatch: begins watching {count} target", "appwatch: begins watching {count} targets"
)
_WERE_ABSENT: Final = Plural("{count} was already absent", "{count} were already absent")
_UNREAD: Final = Plural(
    "{count} target could not be read yet, and will be looked at again.",
    "{count} targets could not be read yet, and will be looked at again.",
)
_MORE_APPS: Final = Plural("and {count} more app", "and {count} more apps")


class Absent(NamedTuple):
    """One target that was not available at its first look."""

    app: str
    name: str
    store: str
    storefront: str
    state: str


def first_report_message(
    content: Mapping[str, Any],
    wording: Wording,
    *,
    language: str = ENGLISH,
    possible_repeat: bool = False,
) -> Message:
    """Return the message of a first report, in one of LANGUAGES.

    `content` is what the delivery carries: `states` (a count by state) and `absent`
    (rows of app, name, store, storefront, state). The body's last line is
    `appwatch: first report`.
    """
    wording = wording.spoken(language)
    say, count = wording.language.say, wording.language.count
    states: Mapping[str, int] = content["states"]
    absent = [Absent(*row) for row in content["absent"]]
    targets, unread = sum(states.values()), states.get("unknown", 0)
    title = say(
        "{watching}; {absent}",
        watching=count(_WATCHING, targets),
        absent=count(_WERE_ABSENT, states.get("never_seen", 0)),
    )
    opening = [Line(count(_WATCHES, targets), leads=True)]
    if absent:
        opening.append(Line(say("What follows was so at the first look: no change, and no alert.")))
    blocks: list[Block] = [
        opening,
        *(_section(heading, absent, state, wording) for state, heading in _HEADINGS),
        [Line(count(_UNREAD, unread))] if unread else [],
    ]
    told = [block for block in blocks if block]
    letter = Letter(title, told, ["first report"], wording.language, brief=[title])
    return finished(letter, repeat=possible_repeat)


def _section(heading: Plural, absent: Iterable[Absent], state: str, wording: Wording) -> Block:
    """Return the targets in this state, grouped by app; nothing if there are none."""
    rows = sorted(row for row in absent if row.state == state)
    if not rows:
        return []
    language = wording.language
    apps = [list(found) for _, found in groupby(rows, key=lambda row: row.app)]
    lines = [_app(found, wording) for found in apps[:APPS]]
    if len(apps) > APPS:
        lines.append(Line(language.count(_MORE_APPS, len(apps) - APPS), item=True))
    return [Line(language.labelled(language.count(heading, len(rows)), "").rstrip()), *lines]


def _app(rows: Sequence[Absent], wording: Wording) -> Line:
    language = wording.language
    stores = [
        language.say(
            "{store} in {places}",
            store=plain(wording.titles.get(store, store)),
            places=language.listed([language.place(row.storefront) for row in found], STOREFRONTS),
        )
        for store, found in ((s, list(f)) for s, f in groupby(rows, key=lambda row: row.store))
    ]
    return Line("; ".join(stores), plain(rows[0].name, NAME_LENGTH) or rows[0].app, item=True)
