"""The life of an event on its way to a target, as values: what the store keeps and what a push decides.

::

    pending ──► sent ──► accepted
       ▲         │  └──► rejected (with reason)
       └─────────┘ the target says that it has not got it

``sent`` means: a request left, and its outcome is not known yet. Whoever finds a row in this state asks the target
before anything is sent again.
"""

from dataclasses import dataclass
from enum import StrEnum

from tracelib.trace.event import EventKey


class Delivery(StrEnum):
    """How far an event has come on its way to a target."""

    PENDING = "pending"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """A row of the queue with its event. ``document`` is EPCIS 2.0 JSON, ``receipt`` the name of a running delivery."""

    key: EventKey
    state: Delivery
    attempts: int
    receipt: str
    document: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event at a target. ``reason`` says why it was refused."""

    key: EventKey
    accepted: bool
    reason: str = ""
    receipt: str = ""
