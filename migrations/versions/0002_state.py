"""Targets belong to their app, and may be paused."""

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
