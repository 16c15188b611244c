"""The tables, and why each index is there. Times are milliseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Return the moment as whole milliseconds since 1970."""
    return (moment - EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """Return the moment of so many milliseconds since 1970."""
    return EPOCH + ms * _MS


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as whole milliseconds: it never grows when it changes."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Turn a datetime into what is stored."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Turn what is stored into a datetime."""
        return None if value is None else from_ms(value)


# SQLite numbers rows by itself only where the key is an INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

watchlists = Table(
    "watchlists",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("content", Text, nullable=False),
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
    Column("id", _Id, primary_key=True),
    Column("app_id", ForeignKey("apps.id"), nullable=False),
    Column("store", String(40), nullable=False),
    Column("listing", String(200), nullable=False),
    Column("storefront", String(8), nullable=False),
    Column("watched", Boolean, nullable=False, server_default=true()),
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
    Column("lapse_id", _Id),
    Column("tallies", Text),
    # Looks in which a second surface contradicted an absence, since the state last held.
    Column("dispute", Text),
    # A hash of the facts in the kept listing: a look compares it without reading them.
    Column("facts_hash", BigInteger),
    Column("reported", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("store", "listing", "storefront"),
    # "What is due in this storefront?" Without the time: every look would move its entry.
    Index(
        "ix_targets_due",
        "store",
        "storefront",
        sqlite_where=text("watched"),
        postgresql_where=text("watched"),
    ),
    # "Which targets has this app?": the app's page, the sync of the watchlist.
    Index("ix_targets_app_id", "app_id"),
    # "Who has not been told of a first look?": only the rows of a running baseline.
    Index(
        "ix_targets_unreported",
        "id",
        sqlite_where=text("watched AND NOT reported"),
        postgresql_where=text("watched AND NOT reported"),
    ),
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
    Column("id", _Id, primary_key=True),
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

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", _Id, primary_key=True),
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

lapses = Table(
    "lapses",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("target_id", ForeignKey("targets.id"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("looks", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    # "The gaps of this target".
    Index("ix_lapses_target_id", "target_id", "started_at"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", _Id, primary_key=True),
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
    Column("id", _Id, primary_key=True),
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

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("app_id", ForeignKey("apps.id"), nullable=False),
    # The hold that it came out of: then it is one incident of many apps.
    Column("hold_id", String(40)),
    Column("opened_at", Moment, nullable=False),
    Column("last_change_at", Moment, nullable=False),
    # "Is there a recent incident of this app?": asked for every change.
    Index("ix_incidents_app_id", "app_id", "last_change_at"),
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

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Id, primary_key=True),
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
    Index(
        "ix_holds_open",
        "store",
        "storefront",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

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

delivery_notices = Table(
    "delivery_notices",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("notice_id", ForeignKey("notices.id"), primary_key=True),
)

glances = Table(
    "glances",
    metadata,
    Column("id", _Id, primary_key=True),
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

delivery_changes = Table(
    "delivery_changes",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("change_id", ForeignKey("changes.id"), primary_key=True),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("result", String(20), nullable=False),
    # What the service said, without any address.
    Column("words", Text, nullable=False),
    # "Every attempt of this delivery".
    Index("ix_attempts_delivery_id", "delivery_id", "at"),
)
