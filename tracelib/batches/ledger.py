"""The weight ledger of a batch: what is on codes and what went into other batches never exceeds its weight."""

from dataclasses import dataclass

from tracelib.batches.batch import Batch, kilograms
from tracelib.batches.errors import BatchWeightError

WEIGHT_UNIT_G = 10
"""The weight field of a code counts in 10 g (docs/code-format.md)."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What of a batch is used up, in grams.

    ``issued_g`` is the nominal weight of all codes issued for it (voided codes count: their labels may still be on a
    carton); ``taken_g`` what was taken out of it by splitting, merging and re-packing.
    """

    batch: Batch
    issued_g: int = 0
    taken_g: int = 0

    @property
    def left_g(self) -> int:
        """What is still free; never below nothing."""
        return max(self.batch.weight_g - self.issued_g - self.taken_g, 0)


def check_issue(balance: Balance, weight_10g: int, count: int) -> None:
    """Refuse codes whose nominal weight does not fit into what is left of the batch.

    Args:
        balance: the batch that the codes are for, and what of it is used up.
        weight_10g: nominal net weight of one code in 10 g, as the code states it; 0 (not stated) needs no weight.
        count: number of codes to issue.

    Raises:
        BatchClosedError: the batch is closed.
        BatchWeightError: the codes would state more weight than the batch has.
    """
    batch = balance.batch
    batch.require_issuing()
    unit_g = weight_10g * WEIGHT_UNIT_G
    needed_g = unit_g * count
    if needed_g > balance.left_g:
        raise BatchWeightError(
            batch=batch.reference,
            weight_kg=kilograms(batch.weight_g),
            issued_kg=kilograms(balance.issued_g),
            taken_kg=kilograms(balance.taken_g),
            count=count,
            unit_kg=kilograms(unit_g),
            needed_kg=kilograms(needed_g),
            left_kg=kilograms(balance.left_g),
            possible=balance.left_g // unit_g if unit_g else count,
        )
