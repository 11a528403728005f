"""Who changed what: one row for each change that a person made at the desk, append-only."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from tracelib.store.tables.columns import Row, json_column, utc_column


class ChangeRow(Row, table=True):
    """One change, written in the transaction of what it tells. ``id`` sorts by time.

    ``party_id`` is empty for what belongs to no party (roots, brands). ``verb`` is dotted (``batch.split``);
    ``subject`` names what was changed as people name it.
    """

    __tablename__ = "change_entry"
    __table_args__ = (Index(None, "party_id", "subject", "id"),)
    party_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: datetime = Field(sa_column=utc_column())
    operator: str
    verb: str
    subject: str
    reason: str
    detail: dict[str, object] = Field(sa_column=json_column())
