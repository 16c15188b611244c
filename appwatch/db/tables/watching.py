"""The tables of what is watched, and what is held true of it."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from appwatch.db.tables.kept import Moment, RowId, metadata, only_where

watchlists = Table(
    "watchlists",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("content", Text, nullable=False),
    # Each file's name and length in `content`, where a line break parts them.
    Column("files", JSON),
)

watchlist_problems = Table(
    "watchlist_problems",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("digest", String(64)),
    Column("since", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("text", Text, nullable=False),
    # "Is there something wrong with the watchlist?": the open one.
    Index("ix_watchlist_problems_open", "id", **only_where("ended_at IS NULL")),
)

apps = Table(
    "apps",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("archived_at", Moment),
)

targets = Table(
    "targets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("app_id", ForeignKey("apps.id"), nullable=False),
    Column("store", String(40), nullable=False),
    Column("listing", String(200), nullable=False),
    Column("storefront", String(8), nullable=False),
    Column("watched", Boolean, nullable=False, server_default=true()),
    # Since when its app is paused: not watched, and yet its period goes on.
    Column("paused_at", Moment),
    Column("state", String(20), nullable=False),
    Column("since", Moment),
    Column("been_available", Boolean, nullable=False, server_default=false()),
    Column("looks", Integer, nullable=False, server_default=text("0")),
    Column("inconclusive_looks", Integer, nullable=False, server_default=text("0")),
    Column("first_looked_at", Moment),
    Column("last_looked_at", Moment),
    Column("last_conclusive_at", Moment),
    Column("last_settled_at", Moment),
    Column("next_look_at", Moment, nullable=False),
    # SHA-256 of the answer that the last conclusive look rests on.
    Column("last_answer", LargeBinary),
    # The open lapse (a spell of inconclusive looks), and what speaks against the state.
    Column("lapse_id", RowId),
    Column("tallies", Text),
    # Looks in which a second surface contradicted an absence, since the state last held.
    Column("dispute", Text),
    # A hash of the facts in the kept listing: a look compares it without reading them.
    Column("facts_hash", BigInteger),
    Column("reported", Boolean, nullable=False, server_default=false()),
    # An app keeps its past when its listing moves to another app.
    UniqueConstraint("app_id", "store", "listing", "storefront"),
    # "Who watches this listing there?": one app at a time.
    Index(
        "ix_targets_watched", "store", "listing", "storefront", unique=True, **only_where("watched")
    ),
    # "What is due in this storefront?" Without the time: every look would move its entry.
    Index("ix_targets_due", "store", "storefront", **only_where("watched")),
    # "Which targets has this app?": the app's page, the sync of the watchlist.
    Index("ix_targets_app_id", "app_id"),
    # "Who has not been told of a first look?": only the rows of a running baseline.
    Index("ix_targets_unreported", "id", **only_where("watched AND NOT reported")),
)

places = Table(
    "places",
    metadata,
    Column("store", String(40), primary_key=True),
    Column("storefront", String(8), primary_key=True),
    # One process at a time sweeps a storefront; the lease ends by itself if it dies.
    Column("lease_owner", String(64)),
    Column("lease_until", Moment),
    # When something is due here next: it may be too early, never too late.
    Column("next_look_at", Moment),
)

periods = Table(
    "periods",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("started_earliest_at", Moment),
    Column("started_at", Moment, nullable=False),
    Column("ended_earliest_at", Moment),
    Column("ended_at", Moment),
    # The target's own counters when the period began; its looks are the difference.
    Column("looks_before", Integer, nullable=False),
    Column("inconclusive_before", Integer, nullable=False),
    Column("looks", Integer),
    Column("inconclusive_looks", Integer),
    Column("start_change", String(40)),
    Column("end_change", String(40)),
    # Found to have been wrong: kept, and shown as such, but in no timeline.
    Column("retracted", Boolean, nullable=False, server_default=false()),
    # "The timeline of this target", and its open period.
    Index("ix_periods_target_id", "target_id", "started_at"),
)
