"""Tables of batches, and of the files that they were registered from."""

from datetime import datetime

from sqlalchemy import Column, Index, String
from sqlmodel import Field

from tracelib.batches.batch import BatchFields, BatchState
from tracelib.store.tables.columns import Row, big_column, bytes_column, utc_column


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
