"""What a line is asked and what it answers: a journalled reading, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracelib.codes.verify import Inspection
from tracelib.errors import TraceError


class Outcome(StrEnum):
    """What came of a reading."""

    ACTIVATED = "activated"
    PACKED = "packed"
    CHECKED = "checked"
    SHIPPED = "shipped"
    RECEIVED = "received"
    RETURNED = "returned"
    VOIDED = "voided"
    REFUSED = "refused"
    REPEAT = "repeat"
    """The same device read the same code a moment ago; nothing was done twice."""
    NOTHING = "nothing"
    """No text: nothing read, unreadable image, torn or overlong data; the reason is the scan's kind."""


@dataclass(frozen=True, slots=True)
class LineScan:
    """A journalled reading. ``text`` is None where there is none to verify; ``repeat`` as the debouncer judged it;
    ``weight_g`` are the net grams on the scale at that moment, None for none.
    """

    row_id: int
    device: str
    kind: str
    data: bytes
    at: datetime
    text: str | None
    source: str = ""
    repeat: bool = False
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer for one reading, durable in the store.

    ``reason`` is empty, a verdict (``bad_signature``), the code of an error (``activation.already_active``) or the
    scan's kind (``torn``); ``error`` holds the rule that refused it. ``cartons`` counts what went onto a pallet.
    """

    scan: LineScan
    outcome: Outcome
    reason: str = ""
    inspection: Inspection | None = None
    error: TraceError | None = None
    unit_id: str | None = None
    product_key: str | None = None
    lot: str | None = None
    grade: int = 0
    epc: str | None = None
    event_id: str | None = None
    cartons: int = 0
    packed_to: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the line may go on with what was read."""
        return self.outcome not in (Outcome.REFUSED, Outcome.REPEAT, Outcome.NOTHING)

    @property
    def verdict(self) -> str:
        """The verifier's answer, empty where nothing was verified."""
        return self.inspection.verdict.value if self.inspection is not None else ""
