"""The first tables. Released: never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _make_batch()
    _make_batch_file()
    _make_code_activation()
    _make_code_check()
    _make_code_counter()
    _make_code_manifest()
    _make_code_range()
    _make_code_void()
    _make_containment()
    _make_event()
    _make_outbox_lease()
    _make_party()
    _make_scan()
    _make_serial_prefix()
    _make_trust_bundle()
    _make_trust_delegation()
    _make_trust_revocation()
    _make_trust_root()
    _make_brand()
    _make_outbox()
    _make_brand_authorization()
    _make_product()
    _make_certification()
    _make_grade()


def _make_batch() -> None:
    op.create_table(
        "batch",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("plot", sa.String(), nullable=False),
        sa.Column("grower", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "product_id", "lot", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_lot"), "batch", ["lot"], unique=False)
    op.create_index(op.f("ix_batch_party_id_lot"), "batch", ["party_id", "lot"], unique=False)
    op.create_index(op.f("ix_batch_party_id_produced_on"), "batch", ["party_id", "produced_on"], unique=False)


def _make_batch_file() -> None:
    op.create_table(
        "batch_file",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "sha256", name=op.f("pk_batch_file")),
    )


def _make_code_activation() -> None:
    op.create_table(
        "code_activation",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("product_key", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("party_id", "unit_id", name=op.f("pk_code_activation")),
    )
    op.create_index("ix_code_activation_lot", "code_activation", ["party_id", "product_key", "lot"], unique=False)


def _make_code_check() -> None:
    op.create_table(
        "code_check",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "unit_id", name=op.f("pk_code_check")),
    )


def _make_code_counter() -> None:
    op.create_table(
        "code_counter",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("window_first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_counter", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("party_id", "prefix", "window_first", name=op.f("pk_code_counter")),
    )


def _make_code_manifest() -> None:
    op.create_table(
        "code_manifest",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("issuer_key", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cum_units", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cum_weight_g", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "issuer_key", "seq", name=op.f("pk_code_manifest")),
        sa.UniqueConstraint("party_id", "prefix", "first", name=op.f("uq_code_manifest_party_id_prefix_first")),
    )


def _make_code_range() -> None:
    op.create_table(
        "code_range",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("issuer_key", sa.LargeBinary(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("product_key", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("attrs", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("party_id", "prefix", "first", name=op.f("pk_code_range")),
    )
    op.create_index("ix_code_range_lot", "code_range", ["party_id", "lot", "product_id"], unique=False)
    op.create_index(
        "ix_code_range_pending",
        "code_range",
        ["party_id", "issuer_key"],
        unique=False,
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )


def _make_code_void() -> None:
    op.create_table(
        "code_void",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("party_id", "unit_id", name=op.f("pk_code_void")),
    )


def _make_containment() -> None:
    op.create_table(
        "containment",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unpacked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("party_id", "unit_id", "event_id", name=op.f("pk_containment")),
    )
    op.create_index(
        op.f("ix_containment_party_id_parent_id_unit_id"),
        "containment",
        ["party_id", "parent_id", "unit_id"],
        unique=False,
    )
    op.create_index(
        "uq_containment_open",
        "containment",
        ["party_id", "unit_id"],
        unique=True,
        sqlite_where=sa.text("unpacked_at IS NULL"),
        postgresql_where=sa.text("unpacked_at IS NULL"),
    )


def _make_event() -> None:
    op.create_table(
        "event",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("declaration_time", sa.String(), nullable=False),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("biz_step", sa.String(), nullable=False),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "event_id", "declaration_time", name=op.f("pk_event")),
    )
    op.create_index(
        op.f("ix_event_party_id_event_time_event_id"), "event", ["party_id", "event_time", "event_id"], unique=False
    )


def _make_outbox_lease() -> None:
    op.create_table(
        "outbox_lease",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "target", name=op.f("pk_outbox_lease")),
    )


def _make_party() -> None:
    op.create_table(
        "party",
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("uscc", sa.String(), nullable=True),
        sa.Column("gln", sa.String(), nullable=True),
        sa.Column("division", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("uscc", name=op.f("uq_party_uscc")),
    )


def _make_scan() -> None:
    op.create_table(
        "scan",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=True),
        sa.Column("product_key", sa.String(), nullable=True),
        sa.Column("lot", sa.String(), nullable=True),
        sa.Column("epc", sa.String(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("packed_to", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("party_id", "station", "row_id", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_packed_to", "scan", ["party_id", "station", "packed_to"], unique=False)
    op.create_index("ix_scan_unit", "scan", ["party_id", "unit_id"], unique=False)


def _make_serial_prefix() -> None:
    op.create_table(
        "serial_prefix",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("issuer_key", sa.LargeBinary(), nullable=False),
        sa.Column("k_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("prefix", "party_id", "issuer_key", name=op.f("pk_serial_prefix")),
    )


def _make_trust_bundle() -> None:
    op.create_table(
        "trust_bundle",
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("root", "seq", name=op.f("pk_trust_bundle")),
    )


def _make_trust_delegation() -> None:
    op.create_table(
        "trust_delegation",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issuer_hash", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_trust_delegation")),
    )
    op.create_index(op.f("ix_trust_delegation_issuer_hash"), "trust_delegation", ["issuer_hash"], unique=False)
    op.create_index(op.f("ix_trust_delegation_key_hash"), "trust_delegation", ["key_hash"], unique=False)


def _make_trust_revocation() -> None:
    op.create_table(
        "trust_revocation",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_trust_revocation")),
    )


def _make_trust_root() -> None:
    op.create_table(
        "trust_root",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_trust_root")),
    )


def _make_brand() -> None:
    op.create_table(
        "brand",
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["party.id"], name=op.f("fk_brand_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
    )


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("declaration_time", sa.String(), nullable=False),
        sa.Column("queued_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id", "event_id", "declaration_time"],
            ["event.party_id", "event.event_id", "event.declaration_time"],
            name=op.f("fk_outbox_party_id_event_id_declaration_time"),
        ),
        sa.PrimaryKeyConstraint("party_id", "target", "event_id", "declaration_time", name=op.f("pk_outbox")),
    )
    op.create_index(
        op.f("ix_outbox_party_id_target_state_queued_us"),
        "outbox",
        ["party_id", "target", "state", "queued_us"],
        unique=False,
    )


def _make_brand_authorization() -> None:
    op.create_table(
        "brand_authorization",
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("brand_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("product_ids", sa.JSON(), nullable=False),
        sa.Column("max_kg", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_brand_authorization_brand_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_brand_authorization_party_id")),
        sa.PrimaryKeyConstraint("brand_id", "id", name=op.f("pk_brand_authorization")),
    )
    op.create_index(op.f("ix_brand_authorization_party_id"), "brand_authorization", ["party_id"], unique=False)


def _make_product() -> None:
    op.create_table(
        "product",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("gtin", sa.String(), nullable=True),
        sa.Column("gtin_licensed", sa.Boolean(), nullable=False),
        sa.Column("brand_id", sa.String(), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("pack_size", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_product_brand_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_product_party_id")),
        sa.PrimaryKeyConstraint("party_id", "id", name=op.f("pk_product")),
        sa.UniqueConstraint("party_id", "gtin", name=op.f("uq_product_party_id_gtin")),
    )
    op.create_index(op.f("ix_product_gtin"), "product", ["gtin"], unique=False)
    op.create_index(op.f("ix_product_id"), "product", ["id"], unique=False)


def _make_certification() -> None:
    op.create_table(
        "certification",
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id", "product_id"],
            ["product.party_id", "product.id"],
            name=op.f("fk_certification_party_id_product_id"),
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_certification_party_id")),
        sa.PrimaryKeyConstraint("party_id", "id", name=op.f("pk_certification")),
    )


def _make_grade() -> None:
    op.create_table(
        "grade",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id", "product_id"], ["product.party_id", "product.id"], name=op.f("fk_grade_party_id_product_id")
        ),
        sa.PrimaryKeyConstraint("party_id", "product_id", "number", name=op.f("pk_grade")),
    )


def downgrade() -> None:
    """There is no way back: restore the backup."""
    raise NotImplementedError("restore the backup that was made before the upgrade")
