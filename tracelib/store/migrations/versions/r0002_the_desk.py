"""The co-operative's desk: who changed what; one function for each table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of the desk."""
    _make_change_entry()
    _make_batch_lineage()
    _make_batch_mapping()


def _make_change_entry() -> None:
    op.create_table(
        "change_entry",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "id", name=op.f("pk_change_entry")),
    )
    op.create_index(
        op.f("ix_change_entry_party_id_subject_id"), "change_entry", ["party_id", "subject", "id"], unique=False
    )


def _make_batch_lineage() -> None:
    op.create_table(
        "batch_transformation",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loss_g", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "id", name=op.f("pk_batch_transformation")),
    )
    op.create_table(
        "batch_flow",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("transformation_id", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id", "transformation_id"],
            ["batch_transformation.party_id", "batch_transformation.id"],
            name=op.f("fk_batch_flow_party_id_transformation_id"),
        ),
        sa.PrimaryKeyConstraint(
            "party_id", "transformation_id", "direction", "product_id", "lot", name=op.f("pk_batch_flow")
        ),
    )
    op.create_index(
        op.f("ix_batch_flow_party_id_product_id_lot_direction"),
        "batch_flow",
        ["party_id", "product_id", "lot", "direction"],
        unique=False,
    )


def _make_batch_mapping() -> None:
    op.create_table(
        "batch_mapping",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("party_id", "name", "id", name=op.f("pk_batch_mapping")),
    )


def downgrade() -> None:
    """There is no way back: restore the backup."""
    raise NotImplementedError("restore the backup that was made before the upgrade")
