"""The tables of what is told: notices, messages, attempts to send one, channels and alarms."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from appwatch.db.tables.kept import Moment, RowId, metadata, only_where

notices = Table(
    "notices",
    metadata,
    Column("id", String(40), primary_key=True),
    # What it says: suspected, cleared, disputed, retracted, or hold.
    Column("kind", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("target_id", ForeignKey("targets.id")),
    Column("change_id", ForeignKey("changes.id")),
    Column("hold_id", ForeignKey("holds.id")),
    Column("app_id", String(200), nullable=False),
    # As it was then: names, times, counts. A message is made from this row alone.
    Column("content", JSON, nullable=False),
    # "Who heard that this target was suspected?"
    Index("ix_notices_target_id", "target_id", "at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("channel", String(200), nullable=False),
    # What it tells: changes, notices, first_report, reminder, summary, late or operator.
    Column("subject", String(20), nullable=False),
    Column("incident_id", String(40)),
    # Notices of one app and kind belong together, as the changes of one incident do.
    Column("group_key", String(260)),
    Column("content", JSON, nullable=False),
    Column("status", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("possible_repeat", Boolean, nullable=False, server_default=false()),
    # It may break the channel's quiet hours.
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("first_tried_at", Moment),
    # The message that tells what this one was to tell.
    Column("gathered_into", ForeignKey("deliveries.id")),
    Column("lease_owner", String(64)),
    Column("lease_until", Moment),
    Column("settled_at", Moment),
    # As last sent, to the letter.
    Column("title", Text),
    Column("body", Text),
    # "What is to be sent now, in the order it was made?"
    Index(
        "ix_deliveries_waiting",
        "channel",
        "created_at",
        "id",
        **only_where("status IN ('queued', 'sending')"),
    ),
    # "Was this incident told to this channel already?"
    Index("ix_deliveries_incident_id", "incident_id", "channel"),
)

delivery_notices = Table(
    "delivery_notices",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("notice_id", ForeignKey("notices.id"), primary_key=True),
)

delivery_changes = Table(
    "delivery_changes",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("change_id", ForeignKey("changes.id"), primary_key=True),
)

# A delivery stands in the queue of each target and each incident that it tells of; within a
# channel, nothing in a queue is told before what stands ahead of it.
delivery_queues = Table(
    "delivery_queues",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("queue", String(60), primary_key=True),
    # "What else stands in this queue?"
    Index("ix_delivery_queues_queue", "queue", "delivery_id"),
)

# Append-only: triggers refuse to change or delete a row.
attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("result", String(20), nullable=False),
    # What the service said, without any address.
    Column("words", Text, nullable=False),
    # What was sent, where it is another text than at the attempt before; empty: nothing was.
    Column("title", Text),
    Column("body", Text),
    # "Every attempt of this delivery".
    Index("ix_attempts_delivery_id", "delivery_id", "at"),
    # "How much was sent within the last minute?"
    Index("ix_attempts_at", "at"),
)

channels = Table(
    "channels",
    metadata,
    Column("name", String(200), primary_key=True),
    # Failures in a row, since when, and until when it is left alone.
    Column("strikes", Integer, nullable=False, server_default=text("0")),
    Column("failing_since", Moment),
    Column("rests_until", Moment),
    Column("last_sent_at", Moment),
    # Switched off: nothing is sent until a person, or a mended address, switches it on.
    Column("off_at", Moment),
    Column("off_cause", String(20)),
    Column("off_words", Text),
)

silences = Table(
    "silences",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("author", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("ended_by", String(200)),
    # What it is about; null stands for any.
    Column("app", String(200)),
    Column("tag", String(200)),
    Column("store", String(40)),
    Column("storefront", String(8)),
    # "Which silences hold now?"
    Index("ix_silences_ends_at", "ends_at"),
)

# What happened inside a silence and waits for its end.
silenced = Table(
    "silenced",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    Column("change_id", ForeignKey("changes.id")),
    Column("notice_id", ForeignKey("notices.id")),
    Column("at", Moment, nullable=False),
    # Who is told whatever their filters say: they heard of the suspicion before it.
    Column("heard", JSON, nullable=False),
)

# When a channel is told again that a departure lasts.
reminders = Table(
    "reminders",
    metadata,
    Column("channel", String(200), primary_key=True),
    Column("change_id", ForeignKey("changes.id"), primary_key=True),
    Column("due_at", Moment, nullable=False),
    # "Which are due?"
    Index("ix_reminders_due_at", "due_at"),
)

# Trouble of appwatch's own; kept once it was told.
alarms = Table(
    "alarms",
    metadata,
    Column("id", String(40), primary_key=True),
    # What tells it from others while it lasts: its kind, and what it is about.
    Column("key", String(300), nullable=False),
    Column("kind", String(20), nullable=False),
    # The vantage that alone knows whether it lasts; None: any does.
    Column("vantage", String(80)),
    # As it was when it was told: a message is made from this row alone.
    Column("content", JSON, nullable=False),
    # When it was first met here, and since when it lasts.
    Column("met_at", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    # When it was told, since when it is gone, and when that was told.
    Column("opened_at", Moment),
    Column("quiet_since", Moment),
    Column("ended_at", Moment),
    # "What stands now?"; and nothing is told twice.
    Index("ix_alarms_open", "key", unique=True, **only_where("ended_at IS NULL")),
)
