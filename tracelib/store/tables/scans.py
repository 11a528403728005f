"""Scans that lines took over from their journals; one row for each reading, append-only."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from tracelib.store.tables.columns import Row, big_column, bytes_column, utc_column


class ScanRow(Row, table=True):
    """One reading and what came of it. (party, station, row id) is the key that the station's journal gave it.

    ``data`` is what the device sent, unverified, never shown as a fact. ``verdict`` is empty where nothing was
    verified; ``unit_id``, ``product_key``, ``lot`` and ``epc`` are set only for verified codes. ``reason`` says why a
    reading was refused. ``packed_to`` is the row id of the last carton on the pallet that this scan closed.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index("ix_scan_packed_to", "party_id", "station", "packed_to"),
        Index("ix_scan_unit", "party_id", "unit_id"),
    )
    party_id: str = Field(primary_key=True)
    station: str = Field(primary_key=True)
    row_id: int = Field(sa_column=big_column(primary_key=True))
    device: str
    kind: str
    data: bytes = Field(sa_column=bytes_column())
    scanned_at: datetime = Field(sa_column=utc_column())
    recorded_at: datetime = Field(sa_column=utc_column())
    source: str
    outcome: str
    verdict: str
    reason: str
    unit_id: str | None = None
    product_key: str | None = None
    lot: str | None = None
    epc: str | None = None
    event_id: str | None = None
    packed_to: int | None = Field(default=None, sa_column=big_column(nullable=True))
