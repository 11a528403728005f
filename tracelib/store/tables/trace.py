"""Tables of events, of what still has to reach which platform, and of what lies in what."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from tracelib.store.tables.columns import Row, big_column, utc_column


class EventRow(Row, table=True):
    """One captured event, never changed. ``document`` is its EPCIS 2.0 JSON exactly as it is sent.

    ``declaration_time`` is empty, or the time of its error declaration: such an event repeats another's id.
    """

    __tablename__ = "event"
    party_id: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    declaration_time: str = Field(primary_key=True)
    event_type: str
    biz_step: str
    event_time: datetime = Field(sa_column=utc_column())
    recorded_at: datetime = Field(sa_column=utc_column())
    document: str

    __table_args__ = (Index(None, "party_id", "event_time", "event_id"),)


class OutboxRow(Row, table=True):
    """The way of one event to one target: ``pending``, ``sent`` (outcome not known yet), ``accepted``, ``rejected``.

    ``queued_us`` orders the queue (microseconds since 1970). ``receipt`` is the platform's name for the delivery.
    """

    __tablename__ = "outbox"
    party_id: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    declaration_time: str = Field(primary_key=True)
    queued_us: int = Field(sa_column=big_column())
    state: str
    attempts: int
    receipt: str
    reason: str
    changed_at: datetime = Field(sa_column=utc_column())

    __table_args__ = (
        ForeignKeyConstraint(
            ["party_id", "event_id", "declaration_time"],
            ["event.party_id", "event.event_id", "event.declaration_time"],
        ),
        Index(None, "party_id", "target", "state", "queued_us"),
    )


class OutboxLeaseRow(Row, table=True):
    """Who delivers the queue of a party to a target, and until when (once ``until`` is passed: nobody)."""

    __tablename__ = "outbox_lease"
    party_id: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    owner: str
    until: datetime = Field(sa_column=utc_column())


class ContainmentRow(Row, table=True):
    """``unit_id`` lies in ``parent_id`` from ``packed_at`` to ``unpacked_at`` (open where that is empty)."""

    __tablename__ = "containment"
    party_id: str = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    parent_id: str
    packed_at: datetime = Field(sa_column=utc_column())
    unpacked_at: datetime | None = Field(sa_column=utc_column(nullable=True))

    __table_args__ = (
        Index(None, "party_id", "parent_id", "unit_id"),
        # A thing is in one place: at most one open row for each unit.
        Index(
            "uq_containment_open",
            "party_id",
            "unit_id",
            unique=True,
            sqlite_where=text("unpacked_at IS NULL"),
            postgresql_where=text("unpacked_at IS NULL"),
        ),
    )
