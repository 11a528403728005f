"""A batch (批次): what one party made or harvested of one product, under one lot number."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from tracelib.batches.errors import (
    BatchClosedAlreadyError,
    BatchClosedError,
    BatchClosedForTakingError,
    BatchDayError,
    BatchStateError,
)
from tracelib.catalog.fields import DivisionText, Fields, PartyId, ProductId, number_from, own_number, text_of

EARLIEST = date(2000, 1, 1)
LATEST = date(2099, 12, 31)
HEAVIEST_G = 10_000_000_000
"""10,000 t: no batch of one party weighs more; a larger number is a wrong unit."""
LONGEST_TEXT = 200


def kilograms(grams: int) -> str:
    """Grams as people write them: kilograms with as many decimals as are needed, at most three."""
    whole, rest = divmod(grams, 1000)
    return f"{whole}.{rest:03}".rstrip("0") if rest else str(whole)


def _check_day(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise BatchDayError(given=day, earliest=EARLIEST, latest=LATEST)
    return day


class BatchState(StrEnum):
    """Where a batch stands. ``TRANSITIONS`` says what may follow."""

    REGISTERED = "registered"
    """In the book; no code issued yet."""
    OPEN = "open"
    """Codes have been issued, and more may be."""
    CLOSED = "closed"
    """Nothing more may be issued or taken out; codes stay valid."""


TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    BatchState.REGISTERED: frozenset({BatchState.OPEN, BatchState.CLOSED}),
    BatchState.OPEN: frozenset({BatchState.CLOSED}),
    BatchState.CLOSED: frozenset(),
}
"""The pure transition table: state to the states that may follow it."""


class BatchFields(Fields):
    """Fields of a batch.

    ``produced_on`` is the day of harvest or production. ``weight_g`` is the net weight of the whole batch in grams.
    ``origin`` is a division code of 6, 9 or 12 digits, None when unknown; ``plot``, ``grower`` and ``note`` are free
    text of one line, empty when unknown.
    """

    party_id: PartyId
    product_id: ProductId
    lot: Annotated[str, own_number("lot")]
    produced_on: Annotated[date, AfterValidator(_check_day)]
    weight_g: Annotated[int, number_from("batch weight in grams", 1, HEAVIEST_G)]
    origin: DivisionText | None = None
    plot: Annotated[str, text_of("plot", 0, LONGEST_TEXT)] = ""
    grower: Annotated[str, text_of("grower", 0, LONGEST_TEXT)] = ""
    note: Annotated[str, text_of("note", 0, LONGEST_TEXT)] = ""
    state: BatchState = BatchState.REGISTERED


class Batch(BatchFields, frozen=True):
    """A batch that has checked itself. ``(party_id, product_id, lot)`` is unique in the store."""

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
            BatchClosedAlreadyError, BatchStateError: the transition is not in ``TRANSITIONS``.
        """
        if self.state is state is BatchState.CLOSED:
            raise BatchClosedAlreadyError(batch=self.reference)
        if state not in TRANSITIONS[self.state]:
            raise BatchStateError(batch=self.reference, state=self.state.value, wanted=state.value)
        return self.model_copy(update={"state": state})

    def require_issuing(self) -> None:
        """Raise ``BatchClosedError`` unless codes may be issued for this batch (registered or open)."""
        if self.state is BatchState.CLOSED:
            raise BatchClosedError(batch=self.reference)

    def require_taking(self) -> None:
        """Raise ``BatchClosedForTakingError`` unless goods may be taken out of this batch (registered or open)."""
        if self.state is BatchState.CLOSED:
            raise BatchClosedForTakingError(batch=self.reference)

    def differences(self, other: "Batch") -> list[tuple[str, object, object]]:
        """Fields in which two batches differ, the state aside: (field, own value, other's value)."""
        return [
            (name, getattr(self, name), getattr(other, name))
            for name in type(self).model_fields
            if name != "state" and getattr(self, name) != getattr(other, name)
        ]
