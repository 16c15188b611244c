"""What a change's listing was before it, pinned to it; captures by the Wayback Machine."""

import sqlalchemy as sa
from alembic import op

revision = "0003_evidence"
down_revision = "0002_state"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "last_good",
        sa.Column("id", ROW, nullable=False),
        sa.Column("target_id", ROW, nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=True),
        sa.Column("last_answer", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_last_good_change_id")),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name=op.f("fk_last_good_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_last_good")),
    )
    op.create_index("ix_last_good_change_id", "last_good", ["change_id"], unique=False)
    op.create_index("ix_last_good_target_id", "last_good", ["target_id"], unique=False)
    op.create_table(
        "captures",
        sa.Column("id", ROW, nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("storefront", sa.String(length=8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("job", sa.String(length=200), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("capture_url", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_captures_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
        sa.UniqueConstraint("change_id", "page", name=op.f("uq_captures_change_id_page")),
    )
    op.create_index(
        "ix_captures_waiting",
        "captures",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    _pin_what_is_there()


def _pin_what_is_there() -> None:
    """Pin every listing that was not replaced yet: of past departures, and of what is suspected."""
    op.execute(
        "INSERT INTO last_good (target_id, facts, seen_at, body, answer, change_id)"
        " SELECT l.target_id, l.facts, l.seen_at, l.body, l.answer, c.id FROM listings l"
        " JOIN changes c ON c.target_id = l.target_id"
        " WHERE c.kind IN ('disappeared', 'restricted') AND l.seen_at <= c.before_at"
    )
    op.execute(
        "INSERT INTO last_good (target_id, facts, seen_at, body, answer)"
        " SELECT l.target_id, l.facts, l.seen_at, l.body, l.answer FROM listings l"
        " JOIN targets t ON t.id = l.target_id WHERE t.tallies IS NOT NULL"
    )
