"""Channels switched off, silences, reminders, queues, and a log of attempts that only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0005_delivery"
down_revision = "0004_incidents"
branch_labels = None
depends_on = None

_WORDS = "the log of attempts is append-only"
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _widen()
    _add_tables()
    _carry_over()
    _guard_the_log()


def _widen() -> None:
    with op.batch_alter_table("deliveries") as table:
        table.add_column(
            sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        table.add_column(sa.Column("first_tried_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("gathered_into", _ROW, nullable=True))
        table.create_foreign_key(
            op.f("fk_deliveries_gathered_into"), "deliveries", ["gathered_into"], ["id"]
        )
    with op.batch_alter_table("attempts") as table:
        table.add_column(sa.Column("title", sa.Text(), nullable=True))
        table.add_column(sa.Column("body", sa.Text(), nullable=True))
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.drop_index("ix_deliveries_waiting", "deliveries")
    waiting = sa.text("status IN ('queued', 'sending')")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["channel", "created_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _add_tables() -> None:
    op.create_table(
        "delivery_queues",
        sa.Column("delivery_id", _ROW, nullable=False),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_queues_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "queue", name=op.f("pk_delivery_queues")),
    )
    op.create_index("ix_delivery_queues_queue", "delivery_queues", ["queue", "delivery_id"])
    op.create_table(
        "channels",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("strikes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("last_sent_at", sa.BigInteger(), nullable=True),
        sa.Column("off_at", sa.BigInteger(), nullable=True),
        sa.Column("off_cause", sa.String(length=20), nullable=True),
        sa.Column("off_words", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channels")),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("app", sa.String(length=200), nullable=True),
        sa.Column("tag", sa.String(length=200), nullable=True),
        sa.Column("store", sa.String(length=40), nullable=True),
        sa.Column("storefront", sa.String(length=8), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_index("ix_silences_ends_at", "silences", ["ends_at"])
    op.create_table(
        "silenced",
        sa.Column("id", _ROW, nullable=False),
        sa.Column("target_id", _ROW, nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=True),
        sa.Column("notice_id", sa.String(length=40), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("heard", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_silenced_target_id")),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_silenced_change_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_silenced_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silenced")),
    )
    op.create_table(
        "reminders",
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_reminders_change_id")),
        sa.PrimaryKeyConstraint("channel", "change_id", name=op.f("pk_reminders")),
    )
    op.create_index("ix_reminders_due_at", "reminders", ["due_at"])


def _carry_over() -> None:
    """Queue again what was given up, and put what waits into the queues it stands in."""
    op.execute("UPDATE deliveries SET status = 'queued', settled_at = NULL WHERE status = 'failed'")
    op.execute(
        "UPDATE deliveries SET first_tried_at ="
        " (SELECT min(attempts.at) FROM attempts WHERE attempts.delivery_id = deliveries.id)"
    )
    waiting = "JOIN deliveries d ON d.id = l.delivery_id AND d.status IN ('queued', 'sending')"
    by_target = "'t' || CAST(told.target_id AS VARCHAR(20))"
    changes = f"FROM delivery_changes l {waiting} JOIN changes told ON told.id = l.change_id"
    notices = (
        f"FROM delivery_notices l {waiting} JOIN notices told ON told.id = l.notice_id"
        " WHERE told.target_id IS NOT NULL"
    )
    op.execute(
        "INSERT INTO delivery_queues (delivery_id, queue)"
        f" SELECT l.delivery_id, {by_target} {changes}"
        f" UNION SELECT l.delivery_id, told.incident_id {changes}"
        f" UNION SELECT l.delivery_id, {by_target} {notices}"
    )


def _guard_the_log() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER attempts_no_{what.lower()} BEFORE {what} ON attempts"
                f" BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION attempts_only_grow() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER attempts_only_grow BEFORE UPDATE OR DELETE ON attempts"
        " FOR EACH STATEMENT EXECUTE FUNCTION attempts_only_grow()"
    )
