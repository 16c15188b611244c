"""Targets belong to their app, and may be paused; sweeps of long ago are added up."""

import sqlalchemy as sa
from alembic import op

revision = "0002_state"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sa.BigInteger(), nullable=True))
        batch_op.drop_constraint(op.f("uq_targets_store_listing_storefront"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_targets_app_id_store_listing_storefront"),
            ["app_id", "store", "listing", "storefront"],
        )
        batch_op.create_index(
            "ix_targets_watched",
            ["store", "listing", "storefront"],
            unique=True,
            sqlite_where=sa.text("watched"),
            postgresql_where=sa.text("watched"),
        )
    op.create_table(
        "sweep_days",
        sa.Column("store", sa.String(length=40), nullable=False),
        sa.Column("storefront", sa.String(length=8), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("sweeps", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("inconclusive", sa.JSON(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("missed_rounds", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "storefront", "day", name=op.f("pk_sweep_days")),
    )
    with op.batch_alter_table("sweep_days", schema=None) as batch_op:
        batch_op.create_index("ix_sweep_days_day", ["day"], unique=False)
    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.create_index("ix_observations_sweep_id", ["sweep_id"], unique=False)
