"""Tables of batches: what they were registered from, what went into what, and mappings of header words."""

from datetime import datetime

from sqlalchemy import Column, ForeignKeyConstraint, Index, String
from sqlmodel import Field

from tracelib.batches.batch import BatchFields, BatchState
from tracelib.store.tables.columns import Row, big_column, bytes_column, json_column, utc_column


class BatchRow(BatchFields, Row, table=True):
    """One batch. Fields are those of ``tracelib.batches.batch``; only ``state`` ever changes."""

    model_config = Row.model_config
    __tablename__ = "batch"
    __table_args__ = (
        Index(None, "lot"),
        Index(None, "party_id", "lot"),
        Index(None, "party_id", "produced_on"),
    )

    party_id: str = Field(primary_key=True)
    product_id: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    weight_g: int = Field(sa_column=big_column())
    state: BatchState = Field(sa_column=Column(String, nullable=False))
    registered_at: datetime = Field(sa_column=utc_column())


class BatchFileRow(Row, table=True):
    """A file that batches of a party were registered from, known by the SHA-256 of its bytes. Append-only."""

    __tablename__ = "batch_file"

    party_id: str = Field(primary_key=True)
    sha256: bytes = Field(sa_column=bytes_column(primary_key=True))
    name: str
    rows: int
    registered_at: datetime = Field(sa_column=utc_column())


class BatchTransformationRow(Row, table=True):
    """Batches went in, batches came out (split, merge, repack). Append-only; ``id`` sorts by time.

    One row is one EPCIS TransformationEvent; its input and output quantities are its ``batch_flow`` rows.
    """

    __tablename__ = "batch_transformation"

    party_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    at: datetime = Field(sa_column=utc_column())
    loss_g: int = Field(sa_column=big_column())
    reason: str
    operator: str


class BatchFlowRow(Row, table=True):
    """Grams of one batch that went into a transformation (``direction`` ``in``) or came out of it (``out``)."""

    __tablename__ = "batch_flow"
    __table_args__ = (
        ForeignKeyConstraint(
            ["party_id", "transformation_id"], ["batch_transformation.party_id", "batch_transformation.id"]
        ),
        Index(None, "party_id", "product_id", "lot", "direction"),
    )

    party_id: str = Field(primary_key=True)
    transformation_id: str = Field(primary_key=True)
    direction: str = Field(primary_key=True)
    product_id: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    weight_g: int = Field(sa_column=big_column())


class BatchMappingRow(Row, table=True):
    """One version of a saved mapping of header words; the newest ``id`` of a name counts. Append-only.

    ``party_id`` is empty for a mapping that every party uses. ``content`` is the mapping, or nothing where it was
    removed.
    """

    __tablename__ = "batch_mapping"

    party_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    saved_at: datetime = Field(sa_column=utc_column())
    operator: str
    content: dict[str, object] | None = Field(sa_column=json_column(nullable=True))
