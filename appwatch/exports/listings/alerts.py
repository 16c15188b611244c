"""The columns of channels, messages, silences and alarms."""

from appwatch.exports.rows import Column, Listing

CHANNELS = Listing(
    "channels",
    (
        Column("channel", "The channel's name in the watchlist."),
        Column("variable", "The variable that holds its address."),
        Column("scheme", "What kind of address it is; null when the variable is not set."),
        Column("problem", "Why it cannot be used, or null."),
        Column("on", "The kinds of change that it is told of; empty: none."),
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
        Column("language", "The language of its messages."),
    ),
    (
        "channel",
        "variable",
        "scheme",
        "language",
        "on",
        "digest",
        "quiet",
        "operator",
        "last_sent_at",
        "failing_since",
        "off_at",
        "problem",
    ),
)

DELIVERIES = Listing(
    "deliveries",
    (
        Column("id", "The delivery's number."),
        Column("channel", "The channel that it goes to."),
        Column("subject", "What it tells: see the words of deliveries."),
        Column("status", "queued, sending, sent, gathered or withdrawn."),
        Column("created_at", "When there was something to tell."),
        Column(
            "settled_at", "When it was sent, withdrawn, or another took what it tells; null before."
        ),
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
        Column("title", "The title that was sent; null where no text was."),
        Column("body", "The text that was sent; null where none was, or it is not known."),
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
