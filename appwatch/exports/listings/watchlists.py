"""The columns of what is said about the watchlist and its edits."""

from appwatch.exports.rows import APP, NAME, STORE, Column, Listing

WATCHLIST = Listing(
    "watchlist",
    (
        APP,
        NAME,
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
        STORE,
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
        APP,
        NAME,
        Column(
            "result",
            "`added`; `not_added`, where nothing was written; `already_there` or `wrong`.",
        ),
        Column("says", "Where it is already, or what is wrong; else null."),
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
