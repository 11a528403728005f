"""What a push needs of a platform, whatever its dialect."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from tracelib.trace.event import EventKey


class Verdict(Enum):
    """What a platform said about one delivery."""

    STORED = "stored"
    """It has every event."""
    REFUSED = "refused"
    """It refused the delivery; with several events, one of them may be the reason."""
    TOO_LARGE = "too large"
    """Fewer or smaller events, please."""
    UNDERWAY = "underway"
    """Accepted for work; ``receipt`` is where to ask for the outcome."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A platform's word on a delivery. ``reason``: its own words, for people.

    ``duplicate``: refused because it has the events already. ``unsure``: refused, but some may be stored all the same.
    """

    verdict: Verdict
    reason: str = ""
    receipt: str = ""
    duplicate: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one delivery may hold."""

    events: int
    bytes: int


class Platform(Protocol):
    """A target of events. All methods raise leaves of ``tracelib.sync.errors``.

    ``UnreachableError`` and ``BusyError``: nothing was taken. Other retryable errors: the outcome is not known.
    Errors that are not retryable: nothing was taken, and it makes no sense to go on.
    """

    @property
    def name(self) -> str:
        """How messages name it."""
        ...

    def capacity(self) -> Capacity:
        """What one delivery may hold, as far as the platform says."""
        ...

    def send(self, documents: Sequence[str]) -> Reply:
        """Deliver events (EPCIS 2.0 JSON texts) in one request."""
        ...

    def outcome(self, receipt: str) -> Reply | None:
        """What became of a delivery; ``UNDERWAY`` while it runs, None where the platform no longer knows of it."""
        ...

    def known(self, keys: Sequence[EventKey]) -> set[EventKey]:
        """Which of these events the platform has."""
        ...
