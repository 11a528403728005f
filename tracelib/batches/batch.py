"""A batch (批次): what one party made or harvested of one product, under one lot number."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tracelib.batches.errors import BatchStateError

LATEST = date(2099, 12, 31)
EARLIEST = date(2000, 1, 1)
HEAVIEST_G = 100_000_000_000
"""100,000 t: no harvest of one party weighs more; a larger number is a wrong unit."""
LONGEST_TEXT = 200

OwnNumber = Annotated[str, Field(pattern=r"\A[0-9A-Z]([0-9A-Z.-]{0,18}[0-9A-Z])?\Z")]
"""Party, product and lot numbers: 1 to 20 of ``0-9 A-Z . -``, ends no punctuation (docs/code-format.md)."""
_DIVISION = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3}){0,2}")


class BatchState(StrEnum):
    """Where a batch stands. ``TRANSITIONS`` says what may follow."""

    REGISTERED = "registered"
    """In the book; no code issued yet."""
    OPEN = "open"
    """Codes have been issued, and more may be."""
    CLOSED = "closed"
    """Nothing more may be issued; codes stay valid."""


TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    BatchState.REGISTERED: frozenset({BatchState.OPEN, BatchState.CLOSED}),
    BatchState.OPEN: frozenset({BatchState.CLOSED}),
    BatchState.CLOSED: frozenset(),
}
"""The pure transition table: state to the states that may follow it."""


class Batch(BaseModel):
    """One registered batch. Keyed by (party_id, product_id, lot); immutable except for its state.

    ``weight_g`` is the net weight of the whole batch in grams. ``origin`` is a division code of 6, 9 or 12 digits
    (GB/T 2260, GB/T 10114) or empty; ``plot``, ``grower`` and ``note`` are free text of one line, empty when unknown.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", strict=True)

    party_id: OwnNumber
    product_id: OwnNumber
    lot: OwnNumber
    produced_on: Annotated[date, Field(ge=EARLIEST, le=LATEST)]
    weight_g: Annotated[int, Field(gt=0, le=HEAVIEST_G)]
    origin: str = ""
    plot: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    grower: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    note: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    state: BatchState = BatchState.REGISTERED

    @field_validator("origin")
    @classmethod
    def _division_code(cls, origin: str) -> str:
        if origin and not _DIVISION.fullmatch(origin):
            raise ValueError("expected a division code of 6, 9 or 12 digits")
        return origin

    @property
    def key(self) -> tuple[str, str, str]:
        """(party_id, product_id, lot)."""
        return self.party_id, self.product_id, self.lot

    @property
    def reference(self) -> str:
        """``PARTY/PRODUCT/LOT``, the spelling that is never ambiguous."""
        return f"{self.party_id}/{self.product_id}/{self.lot}"

    def moved_to(self, state: BatchState) -> "Batch":
        """The same batch in another state.

        Raises:
            BatchStateError: the transition is not in ``TRANSITIONS``.
        """
        if state not in TRANSITIONS[self.state]:
            raise BatchStateError(
                batch=self.reference,
                state=self.state.value,
                action=f"to become {state.value}",
                allowed=", ".join(sorted(TRANSITIONS[self.state])) or "nothing else",
            )
        return self.model_copy(update={"state": state})

    def require_issuing(self) -> None:
        """Raise ``BatchStateError`` unless codes may be issued for this batch (registered or open)."""
        if self.state is BatchState.CLOSED:
            raise BatchStateError(
                batch=self.reference, state=self.state.value, action="issuing codes", allowed="nothing else"
            )

    def differences(self, other: "Batch") -> list[tuple[str, object, object]]:
        """Fields in which two batches differ, the state aside: (field, own value, other's value)."""
        return [
            (name, getattr(self, name), getattr(other, name))
            for name in type(self).model_fields
            if name != "state" and getattr(self, name) != getattr(other, name)
        ]
