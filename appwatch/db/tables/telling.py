"""The tables of what is told: notices, messages, and every attempt to send one."""

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

from appwatch.db.tables.kept import Moment, RowId, metadata

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
    # What it tells: "changes", or "first_report".
    Column("subject", String(20), nullable=False),
    Column("incident_id", String(40)),
    # Notices of one app and kind that wait together become one message.
    Column("group_key", String(260)),
    Column("content", JSON, nullable=False),
    Column("status", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("possible_repeat", Boolean, nullable=False, server_default=false()),
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
        "not_before",
        sqlite_where=text("status IN ('queued', 'sending')"),
        postgresql_where=text("status IN ('queued', 'sending')"),
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

attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("result", String(20), nullable=False),
    # What the service said, without any address.
    Column("words", Text, nullable=False),
    # "Every attempt of this delivery".
    Index("ix_attempts_delivery_id", "delivery_id", "at"),
)
