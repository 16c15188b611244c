"""The tables of the looks: rounds, gaps, answers, and what they showed."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from appwatch.db.tables.kept import Moment, RowId, metadata, only_where

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("store", String(40), nullable=False),
    Column("storefront", String(8), nullable=False),
    Column("vantage", String(80), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("planned", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("inconclusive", JSON, nullable=False),
    Column("late", Integer, nullable=False, server_default=text("0")),
    Column("missed_rounds", Integer, nullable=False, server_default=text("0")),
    # "Coverage since T".
    Index("ix_sweeps_started_at", "started_at"),
)

# Sweeps of long ago, added up for each storefront and day.
sweep_days = Table(
    "sweep_days",
    metadata,
    Column("store", String(40), primary_key=True),
    Column("storefront", String(8), primary_key=True),
    # The day's first moment in UTC.
    Column("day", Moment, primary_key=True),
    Column("sweeps", Integer, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("inconclusive", JSON, nullable=False),
    Column("late", Integer, nullable=False),
    Column("missed_rounds", Integer, nullable=False),
    # Looks that the missed rounds would have made.
    Column("left_out", Integer, nullable=False),
    # "Coverage since T".
    Index("ix_sweep_days_day", "day"),
)

lapses = Table(
    "lapses",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("looks", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    # Why and by which rule its last look proved nothing, and from where it looked.
    Column("reason", String(40)),
    Column("rule", String(80)),
    Column("vantage", String(80)),
    # "The gaps of this target".
    Index("ix_lapses_target_id", "target_id", "started_at"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("store", String(40), nullable=False),
    Column("surface", String(40), nullable=False),
    Column("storefront", String(8), nullable=False),
    Column("vantage", String(80), nullable=False),
    Column("url", Text, nullable=False),
    Column("final_url", Text, nullable=False),
    Column("request_headers", JSON, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("fault", String(40)),
    Column("detail", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment, nullable=False),
    # SHA-256 of the body as received: its name in the evidence folder.
    Column("body", String(64), nullable=False),
    Column("size", Integer, nullable=False),
)

observations = Table(
    "observations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    Column("sweep_id", ForeignKey("sweeps.id"), nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", String(40)),
    Column("rule", String(80), nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("surfaces", JSON, nullable=False),
    Column("detail", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    # "What was seen of this target around a change?": the proof of a change.
    Index("ix_observations_target_id", "target_id", "seen_at"),
    # "Does an observation need this sweep?": before it is added up and dropped.
    Index("ix_observations_sweep_id", "sweep_id"),
)

observation_exchanges = Table(
    "observation_exchanges",
    metadata,
    Column("observation_id", ForeignKey("observations.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("exchange_id", ForeignKey("exchanges.id"), nullable=False),
)

listings = Table(
    "listings",
    metadata,
    Column("target_id", ForeignKey("targets.id"), primary_key=True),
    Column("facts", JSON, nullable=False),
    # A hash of the facts: the sweep compares it without reading them.
    Column("facts_hash", BigInteger, nullable=False),
    Column("seen_at", Moment, nullable=False),
    # The listing's own part of the answer, and the whole answer's SHA-256.
    Column("body", String(64), nullable=False),
    Column("answer", String(64), nullable=False),
)

controls = Table(
    "controls",
    metadata,
    Column("store", String(40), primary_key=True),
    Column("storefront", String(8), primary_key=True),
    Column("listing", String(200), primary_key=True),
    Column("last_seen_at", Moment),
    Column("last_missed_at", Moment),
    # Since when, and how often, the store left it out while another control was seen there.
    Column("missed_since", Moment),
    Column("misses", Integer, nullable=False, server_default=text("0")),
)

instrument_faults = Table(
    "instrument_faults",
    metadata,
    Column("id", String(40), primary_key=True),
    # What tells it from others while it lasts: its kind, where it is, and the parser's rule.
    Column("key", String(300), nullable=False),
    Column("kind", String(20), nullable=False),
    # None: several stores; and the whole store.
    Column("store", String(40)),
    Column("storefront", String(8)),
    Column("vantage", String(80), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("reason", String(40), nullable=False),
    # As many targets, of how many, as when it was worst.
    Column("failing", Integer, nullable=False),
    Column("watched", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("ended_at", Moment),
    # "What is wrong now?"; and nothing is told twice.
    Index("ix_instrument_faults_open", "key", unique=True, **only_where("ended_at IS NULL")),
)

rests = Table(
    "rests",
    metadata,
    Column("surface", String(40), primary_key=True),
    Column("host", String(255), primary_key=True),
    Column("vantage", String(80), primary_key=True),
    Column("until", Moment, nullable=False),
    Column("strikes", Integer, nullable=False),
)

glances = Table(
    "glances",
    metadata,
    Column("id", RowId, primary_key=True),
    # A listing looked at once, in a storefront that is not watched, beside a suspicion.
    Column("store", String(40), nullable=False),
    Column("listing", String(200), nullable=False),
    Column("storefront", String(8), nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", String(40)),
    Column("rule", String(80), nullable=False),
    # "Where else was it listed then?"
    Index("ix_glances_listing", "store", "listing", "seen_at"),
)
