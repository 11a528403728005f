"""A print order and its rolls, as they were ordered: plain values that never change."""

from dataclasses import dataclass
from datetime import datetime

from tracelib.batches.pieces import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOrder:
    """An order to a print house: who ordered what where, and in which form. ``left_out`` void codes are not in it."""

    party_id: str
    number: str
    product_id: str
    lot: str
    at: datetime
    operator: str
    house: str
    format: str
    template: str
    roll_size: int
    rolls: int
    count: int
    left_out: int
    reason: str

    @property
    def batch(self) -> tuple[str, str, str]:
        """The key of its batch."""
        return self.party_id, self.product_id, self.lot

    @property
    def reference(self) -> str:
        """Its batch as people name it."""
        return "/".join(self.batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRoll:
    """A roll of an order: ``count`` codes in ``pieces``, from the first to the last serial, in ``file``."""

    party_id: str
    number: str
    roll: int
    count: int
    pieces: tuple[Piece, ...]
    first_serial: str
    last_serial: str
    file: str
