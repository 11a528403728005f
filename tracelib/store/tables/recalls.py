"""Recalls: one row for each that was opened, and everything that was done about it. Append-only, both."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from tracelib.store.tables.columns import Row, big_column, json_column, utc_column


class RecallRow(Row, table=True):
    """A batch is called back, or (``drill``) it is tried whether it could be. ``number`` is unique within the party."""

    __tablename__ = "recall"
    __table_args__ = (Index(None, "party_id", "lot", "product_id"),)
    party_id: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    product_id: str
    lot: str
    reason: str
    drill: bool
    at: datetime = Field(sa_column=utc_column())
    operator: str


class RecallEntryRow(Row, table=True):
    """What was done about a recall: ``verb`` as in ``tracelib.trace.recall``; ``seq`` counts from 1.

    ``units`` and ``weight_g`` are what was counted, if anything; ``place`` is where or from whom.
    """

    __tablename__ = "recall_entry"
    party_id: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=utc_column())
    operator: str
    verb: str
    units: int | None = Field(sa_column=big_column(nullable=True))
    weight_g: int | None = Field(sa_column=big_column(nullable=True))
    place: str
    note: str
    detail: dict[str, object] = Field(sa_column=json_column())
