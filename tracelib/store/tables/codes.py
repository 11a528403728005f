"""Codes: one row for a range, one for a manifest, and a row for a unit only when something happens to it.

``prefix`` is the serial's prefix (4 characters), or ``(00)`` and the SSCC prefix; ``first`` and ``count`` are counters
under it, for SSCC the first 17 digits as a number. ``unit_id`` is a 15-character serial or an
18-digit SSCC. ``product_key`` is a 14-digit GTIN or ``P/NUMBER``; it, ``product_id`` and ``lot`` are empty for logistic
units.
"""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from tracelib.store.tables.columns import Row, big_column, bytes_column, utc_column


class SerialPrefixRow(Row, table=True):
    """Whose prefix it is: one row for a delegation, so that a code leads to its party. Small; copied to every node.

    A prefix is unique under one root; a workspace that has used several roots may have it for several parties.
    """

    __tablename__ = "serial_prefix"
    prefix: str = Field(primary_key=True)
    party_id: str = Field(primary_key=True)
    issuer_key: bytes = Field(sa_column=bytes_column(primary_key=True))
    k_hash: bytes | None = Field(default=None, sa_column=bytes_column(nullable=True))


class CodeCounterRow(Row, table=True):
    """The next counter that was never reserved, for a prefix and the counter window that a delegation allows."""

    __tablename__ = "code_counter"
    party_id: str = Field(primary_key=True)
    prefix: str = Field(primary_key=True)
    window_first: int = Field(sa_column=big_column(primary_key=True))
    next_counter: int = Field(sa_column=big_column())


class CodeRangeRow(Row, table=True):
    """Counters that were reserved, and everything that is needed to make their codes again. Never deleted.

    ``seq`` is the manifest that registers the range; it is set once, when that manifest is stored. ``replaces``: every
    code of it stands for a void one, so that its weight is none of the batch's that was not stated before.
    """

    __tablename__ = "code_range"
    __table_args__ = (
        Index("ix_code_range_lot", "party_id", "lot", "product_id"),
        Index(
            "ix_code_range_pending",
            "party_id",
            "issuer_key",
            sqlite_where=text("seq IS NULL"),
            postgresql_where=text("seq IS NULL"),
        ),
    )
    party_id: str = Field(primary_key=True)
    prefix: str = Field(primary_key=True)
    first: int = Field(sa_column=big_column(primary_key=True))
    count: int = Field(sa_column=big_column())
    issuer_key: bytes = Field(sa_column=bytes_column())
    profile: str
    product_id: str
    product_key: str
    lot: str
    day: int
    attrs: int
    weight_g: int = Field(sa_column=big_column())
    host: str
    path: str
    reserved_at: datetime = Field(sa_column=utc_column())
    seq: int | None = Field(default=None, sa_column=big_column(nullable=True))
    replaces: bool = False


class CodeManifestRow(Row, table=True):
    """A signed manifest, append-only; it registers the range that begins at (prefix, first).

    Manifests of one issuer key are chained by ``seq``.
    """

    __tablename__ = "code_manifest"
    __table_args__ = (UniqueConstraint("party_id", "prefix", "first"),)
    party_id: str = Field(primary_key=True)
    issuer_key: bytes = Field(sa_column=bytes_column(primary_key=True))
    seq: int = Field(sa_column=big_column(primary_key=True))
    prefix: str
    first: int = Field(sa_column=big_column())
    cum_units: int = Field(sa_column=big_column())
    cum_weight_g: int = Field(sa_column=big_column())
    hash: bytes = Field(sa_column=bytes_column())
    document: bytes = Field(sa_column=bytes_column())
    registered_at: datetime = Field(sa_column=utc_column())


class CodeActivationRow(Row, table=True):
    """A unit became active: once, never changed."""

    __tablename__ = "code_activation"
    __table_args__ = (Index("ix_code_activation_lot", "party_id", "product_key", "lot"),)
    party_id: str = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    product_key: str
    lot: str
    activated_at: datetime = Field(sa_column=utc_column())
    station: str
    weight_g: int | None = None
    event_id: str | None = None


class CodeVoidRow(Row, table=True):
    """A unit became void: final, append-only. ``product_id`` and ``lot`` are those of its range."""

    __tablename__ = "code_void"
    __table_args__ = (Index("ix_code_void_lot", "party_id", "lot", "product_id"),)
    party_id: str = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    reason: str
    voided_at: datetime = Field(sa_column=utc_column())
    operator: str
    note: str
    product_id: str
    lot: str


class CodeReplacementRow(Row, table=True):
    """The unit ``replaced_by`` was issued in the place of the void unit ``unit_id``; append-only.

    ``prefix`` and ``first`` name the range that was reserved for it, in the transaction that wrote this row.
    """

    __tablename__ = "code_replacement"
    __table_args__ = (UniqueConstraint("party_id", "replaced_by"),)
    party_id: str = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    replaced_by: str
    prefix: str
    first: int = Field(sa_column=big_column())


class CodeCheckRow(Row, table=True):
    """How often people have checked a unit."""

    __tablename__ = "code_check"
    party_id: str = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    count: int = Field(sa_column=big_column())
    first_at: datetime = Field(sa_column=utc_column())
    last_at: datetime = Field(sa_column=utc_column())
