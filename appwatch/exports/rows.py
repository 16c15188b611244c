"""The public columns of every listing and export: their names, order and meanings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

# Raised when a column changes its meaning. New columns only ever come last.
VERSION = 1

Cell = str | int | float | bool | datetime | Sequence[str] | Mapping[str, int] | None
Row = Mapping[str, Cell]


class Column(NamedTuple):
    """One column and what stands in it."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The columns of one listing; `short` are those that a table on a terminal shows."""

    name: str
    columns: tuple[Column, ...]
    short: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def row(self, value: object) -> Row:
        """Return the row of a value whose attributes are named like the columns."""
        return {name: getattr(value, name) for name in self.names}


_APP = Column("app", "The app's id in the watchlist.")
_NAME = Column("name", "The app's name.")
_STORE = Column("store", "`app_store` or `google_play`.")
_LISTING = Column("listing", "The app's identity in the store: track id or package name.")
_STOREFRONT = Column("storefront", "The country, ISO 3166-1 alpha-2 in small letters.")
_STATE = Column("state", "What is held true; `suspected` while a departure is unconfirmed.")

CHECK = Listing(
    "check",
    (
        _APP,
        _STORE,
        _LISTING,
        _STOREFRONT,
        Column("outcome", "What the look saw; `inconclusive` proves nothing."),
        Column("reason", "Why the look was inconclusive; null when it was not."),
        Column("rule", "The rule that read the answer."),
        Column("checked_at", "When the answer came."),
        Column("state", "What is held true after the look."),
    ),
    ("app", "store", "storefront", "outcome", "reason", "state"),
)
STATUS = Listing(
    "status",
    (
        _APP,
        _NAME,
        _STORE,
        _LISTING,
        _STOREFRONT,
        _STATE,
        Column("since", "The first look that saw this state; null before there is one."),
        Column("last_looked_at", "The last look, conclusive or not."),
        Column("last_conclusive_at", "The last look that proved anything."),
        Column("next_look_at", "When the next look is due; null while nobody looks."),
        Column("held", "The hold that keeps changes of this target back, or null."),
    ),
    ("app", "store", "storefront", "state", "since", "last_conclusive_at", "next_look_at"),
)
CHANGES = Listing(
    "changes",
    (
        Column("id", "The change's id, as in the last line of its alert."),
        Column("kind", "disappeared, restricted, returned, appeared or listed."),
        _APP,
        Column("name", "The app's name at that time."),
        _STORE,
        _LISTING,
        _STOREFRONT,
        Column("before_at", "The last conclusive look that saw the old state."),
        Column("after_at", "The first conclusive look that saw the new state."),
        Column("confirmed_at", "The look that confirmed the change."),
        Column("rules", "The rules that read the looks that confirmed it."),
        Column("looks", "How many looks confirmed it."),
        Column("surfaces", "The surfaces of the store that those looks saw."),
        Column("scope", "Where else the app was looked for, and seen or not; null if not told."),
        Column("incident", "The incident that the change belongs to."),
    ),
    ("kind", "app", "store", "storefront", "before_at", "after_at", "confirmed_at", "id"),
)
COVERAGE = Listing(
    "coverage",
    (
        _STORE,
        _STOREFRONT,
        Column("planned", "Looks that sweeps were to make."),
        Column("done", "Looks that were made and recorded."),
        Column("conclusive", "Looks that proved something."),
        Column("inconclusive", "Looks that proved nothing, by reason."),
        Column("late", "Looks that began more than half of `every` after they were due."),
        Column("missed_rounds", "Rounds that passed without a sweep, the running gap included."),
        Column(
            "share",
            "Conclusive looks among those that should have been made: the planned ones and "
            "those of missed rounds; null where there were none.",
        ),
    ),
    (
        "store",
        "storefront",
        "planned",
        "done",
        "conclusive",
        "inconclusive",
        "late",
        "missed_rounds",
        "share",
    ),
)
TIMELINE = Listing(
    "timeline",
    (
        _APP,
        _STORE,
        _LISTING,
        _STOREFRONT,
        Column("state", "The state of this period; `not_watched` where nobody looked."),
        Column("started_earliest_at", "The state began after this; empty in the first period."),
        Column("started_at", "The state began no later than this."),
        Column("ended_earliest_at", "The state ended after this; empty while it lasts."),
        Column("ended_at", "The state ended no later than this; empty while it lasts."),
        Column("looks", "Looks within the period."),
        Column("inconclusive_looks", "Those of them that proved nothing."),
        Column("start_change", "The change that began the period; empty for a first period."),
        Column("end_change", "The change that ended it."),
        Column("pauses", "How often the app was paused in it: then nobody looked for a while."),
    ),
    ("app", "store", "storefront", "state", "started_at", "ended_at", "looks"),
)
WATCHLIST = Listing(
    "watchlist",
    (
        _APP,
        _NAME,
        Column("store", "The store of the listing; null for an app without any listing."),
        Column("listing", "The app's identity in the store; null without one."),
        Column("storefronts", "Where it is looked at."),
        Column("tags", "The app's tags."),
        Column("paused", "Whether nobody looks for now."),
    ),
    ("app", "name", "store", "listing", "storefronts", "paused"),
)
VERSIONS = Listing(
    "versions",
    (
        Column("version", "The number of the watchlist, in the order they came into force."),
        Column("accepted_at", "When it came into force."),
        Column("in_force", "Whether it is in force now."),
        Column("files", "The files that it was read from, the watchlist first."),
        Column("lines_added", "Lines that the version before it did not have."),
        Column("lines_removed", "Lines of the version before it that it does not have."),
        Column("sha256", "SHA-256 of what the files held."),
    ),
    ("version", "accepted_at", "in_force", "lines_added", "lines_removed", "files"),
)
CANDIDATES = Listing(
    "candidates",
    (
        _STORE,
        Column("listing", "The listing that the search found."),
        Column("name", "Its name, in the store's words."),
        Column("developer", "Its developer, in the store's words."),
        Column("storefront", "The storefront that was searched."),
        Column("app", "The app in the watchlist that has this listing, or null."),
        Column("url", "The listing's page."),
    ),
    ("store", "listing", "name", "developer", "storefront", "app"),
)
IMPORTED = Listing(
    "imported",
    (
        Column("line", "The line of the list."),
        _APP,
        _NAME,
        Column("result", "`added`, `already_there` or `wrong`."),
        Column("says", "Where it is already, or what is wrong; null for what was added."),
    ),
    ("line", "app", "name", "result", "says"),
)
LINT = Listing(
    "lint",
    (
        Column("place", "FILE:LINE:COLUMN, or FILE:LINE."),
        Column(
            "kind",
            "`invalid`, `repeated`, `same_app`, `never_seen` or `empty_storefront`.",
        ),
        Column("app", "The app's id; null where it is about more than one app."),
        Column("says", "What was found, and what to do about it."),
    ),
    ("place", "kind", "app", "says"),
)
CHANNELS = Listing(
    "channels",
    (
        Column("channel", "The channel's name in the watchlist."),
        Column("variable", "The variable that holds its address."),
        Column("scheme", "What kind of address it is; null when the variable is not set."),
        Column("problem", "Why it cannot be used, or null."),
        Column("on", "The kinds of change that it is told of."),
        Column("apps", "Only these apps; empty means all."),
        Column("tags", "Only apps with one of these tags; empty means all."),
        Column("stores", "Only these stores; empty means all."),
        Column("storefronts", "Only these storefronts; empty means all."),
        Column("digest", "When one message a day is sent, or null: at once."),
        Column("quiet", "The hours in which nothing is sent, or null."),
        Column("operator", "Whether it is told of appwatch's own trouble."),
        Column("off_at", "Since when it is switched off; null while it is on."),
        Column("off_words", "What its service said when it was switched off, or null."),
        Column("failing_since", "Since when every attempt failed; null when the last arrived."),
        Column("last_sent_at", "When a message last arrived; null before the first."),
    ),
    ("channel", "variable", "scheme", "on", "last_sent_at", "failing_since", "off_at", "problem"),
)
DELIVERIES = Listing(
    "deliveries",
    (
        Column("id", "The delivery's number."),
        Column("channel", "The channel that it goes to."),
        Column("subject", "What it tells: see the words of deliveries."),
        Column("status", "queued, sending, sent or gathered."),
        Column("created_at", "When there was something to tell."),
        Column("settled_at", "When it was sent, or another took what it tells; null before."),
        Column("attempts", "How often it was tried."),
        Column("possible_repeat", "Whether it may have been sent twice."),
        Column("changes", "The ids of the changes that it tells."),
        Column("last_words", "What the service said last; null before it was asked."),
        Column("notices", "The ids of the notices that it tells."),
        Column("gathered_into", "The number of the message that tells it instead, or null."),
    ),
    ("id", "channel", "subject", "status", "created_at", "settled_at", "attempts", "last_words"),
)
ATTEMPTS = Listing(
    "attempts",
    (
        Column("delivery", "The number of the delivery that was tried."),
        Column("channel", "The channel that it goes to."),
        Column("at", "When the attempt ended."),
        Column("result", "sent, failed, ambiguous (it may have arrived) or permanent."),
        Column("words", "What the service said, without any address or password."),
    ),
    ("delivery", "channel", "at", "result", "words"),
)
SILENCES = Listing(
    "silences",
    (
        Column("id", "The silence's id."),
        Column("app", "The app that it is about; null: any."),
        Column("tag", "The tag that it is about; null: any."),
        Column("store", "The store that it is about; null: any."),
        Column("storefront", "The storefront that it is about; null: any."),
        Column("author", "Who declared it."),
        Column("reason", "Why."),
        Column("added_at", "When it began."),
        Column("ends_at", "When it ends, or ended."),
        Column("ended_by", "Who ended it before its time, or null."),
    ),
    ("id", "app", "tag", "store", "storefront", "author", "reason", "ends_at"),
)
ALARMS = Listing(
    "alarms",
    (
        Column("id", "The alarm's id."),
        Column("kind", "What kind of trouble of appwatch's own it is."),
        Column("says", "What is wrong, and since when, in one sentence."),
        Column("since", "When the trouble began."),
        Column("opened_at", "When operators were told of it."),
        Column("ended_at", "When the trouble was over; null while it is not."),
    ),
    ("id", "kind", "says", "since", "ended_at"),
)
DOCTOR = Listing(
    "doctor",
    (
        Column("check", "What was looked at."),
        Column("ok", "Whether it is in order."),
        Column("says", "What was found."),
        Column("remedy", "What to do about it; null when it is in order."),
    ),
    ("check", "ok", "says", "remedy"),
)
HOLDS = Listing(
    "holds",
    (
        Column("id", "The hold's id."),
        _STORE,
        Column("storefront", "The storefront that is doubted; null: the whole store."),
        Column("opened_at", "When so much was newly missing at once."),
        Column("missing", "How many targets were newly missing then."),
        Column("available", "Of how many that were held listed."),
        Column("released_at", "When a person let it be confirmed as usual; null before."),
        Column("released_by", "That person, or null."),
        Column("ended_at", "When it ended; null while it is open."),
        Column("ended_how", "`over`: nothing is missing any more; `dropped`: forgotten; or null."),
    ),
    ("id", "store", "storefront", "opened_at", "missing", "available", "released_by", "ended_how"),
)
INCIDENTS = Listing(
    "incidents",
    (
        Column("id", "The incident's id."),
        Column("apps", "The ids of the apps whose changes it gathers."),
        Column("kinds", "The kinds of its changes."),
        Column("stores", "The stores that they happened in."),
        Column("storefronts", "The storefronts that they happened in."),
        Column("first_change_at", "When its first change was confirmed."),
        Column("last_change_at", "When its last change was confirmed."),
        Column("changes", "How many changes it has."),
        Column("retracted", "How many of them were found to have been wrong."),
        Column("claims", "How many claims of others are attached to it."),
        Column("hold", "The hold that it came out of, or null."),
        Column(
            "reach",
            "How far: `storefront`, `several`, `group NAME`, `everywhere` that was looked, `only` "
            "(nowhere else was, or is it known to have been); and `both stores`, `developer` (all "
            "that are watched).",
        ),
    ),
    ("id", "apps", "kinds", "storefronts", "first_change_at", "last_change_at", "changes", "hold"),
)
_SHA256 = "SHA-256 of the body as received: its name in the evidence folder."
EVIDENCE = Listing(
    "evidence",
    (
        Column(
            "role",
            "`before`: the last good listing; `after`: the first look in the new state; "
            "`confirms`; `between`: a look that saw something else; `capture`: a page that the "
            "Wayback Machine is asked to capture.",
        ),
        Column("seen_at", "The moment of the look; of a capture when it was settled."),
        Column(
            "outcome",
            "What the look saw; null for the last good listing; of a capture `waiting`, "
            "`captured` or `failed`.",
        ),
        Column("rule", "The rule that read it; null where none did."),
        Column("exchange", "The number of the answer; null where none was kept."),
        Column("surface", "The surface of the store that was asked, or null."),
        Column("url", "The address that was asked, or that of the capture; else null."),
        Column("status", "The status of the answer, 0 where none came, or null."),
        Column("fault", "Why no whole answer came, or what the archive said; else null."),
        Column("size", "The size of the body in bytes, or null."),
        Column("sha256", _SHA256),
        Column("intact", "Whether the body is there and unchanged; null where none was kept."),
    ),
    ("role", "seen_at", "outcome", "rule", "exchange", "surface", "status", "size", "intact"),
)
VERIFY = Listing(
    "verify",
    (
        Column("check", "What was checked."),
        Column("ok", "Whether it holds."),
        Column("says", "What was found."),
    ),
    ("check", "ok", "says"),
)
REREAD = Listing(
    "reread",
    (
        Column("change", "The change that the look belongs to."),
        Column("kind", "The change's kind."),
        _APP,
        _STORE,
        _STOREFRONT,
        Column("seen_at", "The moment of the look."),
        Column("role", "`after`, `confirms` or `between`."),
        Column("then", "The outcome as it was read then."),
        Column("then_reason", "Why it was inconclusive then, or null."),
        Column("then_rule", "The rule that read it then."),
        Column("now", "The outcome as it reads today; null where it cannot be read again."),
        Column("now_reason", "Why it is inconclusive today, or null."),
        Column("now_rule", "The rule that reads it today, or null."),
        Column("problem", "Why it cannot be read again, or null."),
    ),
    ("change", "storefront", "seen_at", "then", "then_rule", "now", "now_rule", "problem"),
)
LISTINGS: Mapping[str, Listing] = MappingProxyType(
    {
        listing.name: listing
        for listing in (
            CHECK,
            STATUS,
            CHANGES,
            COVERAGE,
            TIMELINE,
            WATCHLIST,
            VERSIONS,
            CANDIDATES,
            IMPORTED,
            LINT,
            CHANNELS,
            DELIVERIES,
            ATTEMPTS,
            SILENCES,
            ALARMS,
            DOCTOR,
            HOLDS,
            INCIDENTS,
            EVIDENCE,
            VERIFY,
            REREAD,
        )
    }
)


def data_dictionary() -> str:
    """Return every public column and its meaning in Markdown, for the documentation."""
    parts = [f"Version {VERSION} of the columns. New columns only ever come last.\n"]
    for listing in LISTINGS.values():
        rows = [f"| `{column.name}` | {column.meaning} |" for column in listing.columns]
        parts.append(
            "\n".join([f"## {listing.name}\n", "| column | meaning |", "|---|---|", *rows])
        )
    return "\n\n".join(parts) + "\n"
