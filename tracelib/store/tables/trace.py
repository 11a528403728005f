"""Tables of events, of the objects that they name, of what lies in what, and of what still has to reach which platform.

An object's id is that of ``tracelib.trace.objects``: an 18-digit SSCC, one of our serials, or a canonical URI.
"""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
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


class EventObjectRow(Row, table=True):
    """An event names an object in a role (``tracelib.trace.objects.Role``): how all events of an object are found.

    What an AggregationEvent puts in or takes out has no row here: its ``containment`` row names the event.
    """

    __tablename__ = "event_object"
    party_id: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    declaration_time: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    event_time: datetime = Field(sa_column=utc_column())

    __table_args__ = (Index(None, "object_id"),)


class EventFlagRow(Row, table=True):
    """Something in a recorded event does not fit (``tracelib.trace.lifecycle.Flag``). ``other``: what with."""

    __tablename__ = "event_flag"
    party_id: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    flag: str = Field(primary_key=True)
    other: str
    recorded_at: datetime = Field(sa_column=utc_column())

    __table_args__ = (Index(None, "party_id", "object_id"),)


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
    """An event says that ``unit_id`` was put into (``ADD``) or taken out of (``DELETE``) ``parent_id``. Never changed.

    Where a unit lies is computed from these (``tracelib.trace.containment``). ``unit_id`` is ``*`` where the event
    takes out everything.
    """

    __tablename__ = "containment"
    party_id: str = Field(primary_key=True)
    unit_id: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    parent_id: str
    action: str
    event_time: datetime = Field(sa_column=utc_column())
    recorded_at: datetime = Field(sa_column=utc_column())

    __table_args__ = (Index(None, "party_id", "parent_id", "unit_id"),)
