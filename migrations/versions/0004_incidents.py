"""What is wrong with the instrument itself; incidents of a developer."""

import sqlalchemy as sa
from alembic import op

revision = "0004_incidents"
down_revision = "0003_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instrument_faults",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("store", sa.String(length=40), nullable=True),
        sa.Column("storefront", sa.String(length=8), nullable=True),
        sa.Column("vantage", sa.String(length=80), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("failing", sa.Integer(), nullable=False),
        sa.Column("watched", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument_faults")),
    )
    op.create_index(
        "ix_instrument_faults_open",
        "instrument_faults",
        ["key"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("lapses", sa.Column("reason", sa.String(length=40), nullable=True))
    op.add_column("lapses", sa.Column("rule", sa.String(length=80), nullable=True))
    op.add_column("lapses", sa.Column("vantage", sa.String(length=80), nullable=True))
    op.add_column("controls", sa.Column("missed_since", sa.BigInteger(), nullable=True))
    op.add_column(
        "controls",
        sa.Column("misses", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("incidents", sa.Column("developer", sa.Text(), nullable=True))
    op.create_index("ix_incidents_developer", "incidents", ["developer", "last_change_at"])
