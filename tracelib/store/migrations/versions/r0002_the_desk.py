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
    _make_print_tables()
    _make_replacements()
    _make_catalog_version()
    _add_what_the_public_sees()


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


def _make_print_tables() -> None:
    op.create_table(
        "print_order",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("party_id", "number", "product_id", "lot")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("operator", "house", "format", "template")),
        sa.Column("roll_size", sa.Integer(), nullable=False),
        sa.Column("rolls", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("left_out", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "number", name=op.f("pk_print_order")),
    )
    op.create_index(
        op.f("ix_print_order_party_id_lot_product_id"), "print_order", ["party_id", "lot", "product_id"], unique=False
    )
    op.create_table(
        "print_roll",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("roll", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("first_serial", "last_serial", "file")),
        sa.PrimaryKeyConstraint("party_id", "number", "roll", name=op.f("pk_print_roll")),
    )
    op.create_table(
        "print_entry",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("party_id", "product_id", "lot")),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("operator", "verb", "kind", "print_id", "order")),
        sa.Column("roll", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("file", "sha256", "reason")),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "product_id", "lot", "seq", name=op.f("pk_print_entry")),
    )
    op.create_index(
        op.f("ix_print_entry_party_id_order_roll"), "print_entry", ["party_id", "order", "roll"], unique=False
    )
    op.create_index(op.f("ix_print_entry_party_id_sha256"), "print_entry", ["party_id", "sha256"], unique=False)


def _make_replacements() -> None:
    """What replaced a void unit gets a table of its own: a unit may be void long before it is replaced."""
    op.drop_column("code_void", "replaced_by")
    for name in ("note", "product_id", "lot"):
        op.add_column("code_void", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_code_void_lot", "code_void", ["party_id", "lot", "product_id"], unique=False)
    op.add_column("code_range", sa.Column("replaces", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "code_replacement",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "unit_id", name=op.f("pk_code_replacement")),
        sa.UniqueConstraint("party_id", "replaced_by", name=op.f("uq_code_replacement_party_id_replaced_by")),
    )


def _make_catalog_version() -> None:
    op.create_table(
        "catalog_version",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "seq", name=op.f("pk_catalog_version")),
    )
    op.create_index(op.f("ix_catalog_version_effective_from"), "catalog_version", ["effective_from"], unique=False)


def _add_what_the_public_sees() -> None:
    for table in ("party", "brand", "product"):
        for column in ("description_zh", "description_en", "picture"):
            op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=""))
    for column in ("valid_from", "valid_to"):
        op.add_column("product", sa.Column(column, sa.Date(), nullable=True))


def downgrade() -> None:
    """There is no way back: restore the backup."""
    raise NotImplementedError("restore the backup that was made before the upgrade")
