"""The columns of what is watched: looks, states, changes, coverage, timelines."""

from appwatch.exports.rows import APP, LISTING, NAME, STATE, STORE, STOREFRONT, Column, Listing

CHECK = Listing(
    "check",
    (
        APP,
        STORE,
        LISTING,
        STOREFRONT,
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
        APP,
        NAME,
        STORE,
        LISTING,
        STOREFRONT,
        STATE,
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
        APP,
        Column("name", "The app's name at that time."),
        STORE,
        LISTING,
        STOREFRONT,
        Column("before_at", "The last conclusive look that saw the old state."),
        Column("after_at", "The first conclusive look that saw the new state."),
        Column("confirmed_at", "The look that confirmed the change."),
        Column("rules", "The rules that read the looks that confirmed it."),
        Column("looks", "How many looks confirmed it."),
        Column("surfaces", "The surfaces of the store that those looks saw."),
        Column("scope", "Where else the app was looked for, and seen or not; null if not told."),
        Column("incident", "The incident that the change belongs to."),
        Column("retracted_at", "When it was found to have been wrong; null while it stands."),
    ),
    (
        "kind",
        "app",
        "store",
        "storefront",
        "before_at",
        "after_at",
        "confirmed_at",
        "id",
        "retracted_at",
    ),
)

COVERAGE = Listing(
    "coverage",
    (
        STORE,
        STOREFRONT,
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
        APP,
        STORE,
        LISTING,
        STOREFRONT,
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
