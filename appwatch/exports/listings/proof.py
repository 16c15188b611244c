"""The columns of doubt and proof: the doctor, holds, incidents, evidence."""

from appwatch.exports.rows import APP, STORE, STOREFRONT, Column, Listing

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
        STORE,
        Column("storefront", "The storefront that is doubted; null: the whole store."),
        Column("opened_at", "When so much was newly missing at once."),
        Column("missing", "How many targets were newly missing then."),
        Column("available", "Of how many that were held listed."),
        Column("released_at", "When a person let it be confirmed as usual; null before."),
        Column("released_by", "That person, or null."),
        Column("ended_at", "When it ended; null while it is open."),
        Column(
            "ended_how",
            "`over`: nothing of it is missing any more; `renewed`: a newer one took its place; "
            "`dropped`: forgotten; or null.",
        ),
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
        APP,
        STORE,
        STOREFRONT,
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
