"""The tables of what changed: changes, incidents, holds, and what people say of them."""

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
    UniqueConstraint,
    false,
    text,
)

from appwatch.db.tables.kept import Moment, RowId, metadata, only_where

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("app_id", ForeignKey("apps.id"), nullable=False),
    # The hold that it came out of: then it is one incident of many apps.
    Column("hold_id", String(40)),
    # Whose apps it gathers, where the watchlist asks for incidents by developer.
    Column("developer", Text),
    Column("opened_at", Moment, nullable=False),
    Column("last_change_at", Moment, nullable=False),
    # "Is there a recent incident of this app?": asked for every change.
    Index("ix_incidents_app_id", "app_id", "last_change_at"),
    # The same of a developer.
    Index("ix_incidents_developer", "developer", "last_change_at"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("app_id", String(200), nullable=False),
    # As they were then: a message is made from this row alone, never from today's names.
    Column("name", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("store", String(40), nullable=False),
    Column("listing", String(200), nullable=False),
    Column("storefront", String(8), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("from_state", String(20), nullable=False),
    Column("to_state", String(20), nullable=False),
    Column("before_at", Moment, nullable=False),
    Column("after_at", Moment, nullable=False),
    Column("confirmed_at", Moment, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("rules", JSON, nullable=False),
    Column("surfaces", JSON, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("missed_rounds", Integer, nullable=False, server_default=text("0")),
    Column("scope", Text),
    # Confirmed without the second surface, which stayed silent.
    Column("waived", Boolean, nullable=False, server_default=false()),
    # The context at the time: base rates, the developer's other apps, the last update.
    Column("context", JSON),
    # A disappearance found to have been wrong, by whom and why.
    Column("retracted_at", Moment),
    Column("retracted_by", Text),
    Column("retracted_why", Text),
    # "Changes since T", newest first.
    Index("ix_changes_confirmed_at", "confirmed_at"),
    # "The changes of this app".
    Index("ix_changes_app_id", "app_id", "confirmed_at"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("store", String(40), nullable=False),
    # None: the whole store.
    Column("storefront", String(8)),
    Column("opened_at", Moment, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("available", Integer, nullable=False),
    Column("released_at", Moment),
    Column("released_by", Text),
    Column("ended_at", Moment),
    Column("ended_how", String(20)),
    # "Which holds are open?": asked for every batch.
    Index("ix_holds_open", "store", "storefront", **only_where("ended_at IS NULL")),
)

last_good = Table(
    "last_good",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    # None while the target is only suspected.
    Column("change_id", ForeignKey("changes.id")),
    # SHA-256 of the answer to the last look in the old state.
    Column("last_answer", String(64)),
    # The listing as it was kept then; none where it never could be kept.
    Column("facts", JSON),
    Column("seen_at", Moment),
    Column("body", String(64)),
    Column("answer", String(64)),
    # "How was it before this change?"
    Index("ix_last_good_change_id", "change_id"),
    # "What is pinned for this suspicion?", and what tidying must leave.
    Index("ix_last_good_target_id", "target_id"),
)

captures = Table(
    "captures",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("change_id", ForeignKey("changes.id"), nullable=False),
    # What is captured: the page of the storefront that it left, or one that still lists it.
    Column("page", String(20), nullable=False),
    Column("storefront", String(8), nullable=False),
    Column("url", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("not_before", Moment, nullable=False),
    # The archive's number for what it was asked, and since when it works on it.
    Column("job", String(200)),
    Column("asked_at", Moment),
    Column("settled_at", Moment),
    Column("capture_url", Text),
    # What the archive said last.
    Column("words", Text),
    # "Which captures has this change?", and no page of it twice.
    UniqueConstraint("change_id", "page"),
    # "What is to be asked now?"
    Index("ix_captures_waiting", "not_before", **only_where("settled_at IS NULL")),
)

claims = Table(
    "claims",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    # What somebody says of the cause, and where it can be read: never what was observed.
    Column("text", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    # "What is claimed of this incident?"
    Index("ix_claims_incident_id", "incident_id", "added_at"),
)
