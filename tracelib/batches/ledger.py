"""The weight ledger of a batch: codes may not state more weight than the batch has."""

from tracelib.batches.batch import Batch, kilograms
from tracelib.batches.errors import BatchWeightError

WEIGHT_UNIT_G = 10
"""The weight field of a code counts in 10 g (docs/code-format.md)."""


def check_issue(batch: Batch, already_issued_g: int, weight_10g: int, count: int) -> None:
    """Refuse codes whose nominal weight does not fit into what is left of the batch.

    Args:
        batch: the batch that the codes are for; must not be closed.
        already_issued_g: nominal weight of all codes issued for it before, in grams (voided codes count: their
            labels may still be on a carton).
        weight_10g: nominal net weight of one code in 10 g, as the code states it; 0 (not stated) needs no weight.
        count: number of codes to issue.

    Raises:
        BatchClosedError: the batch is closed.
        BatchWeightError: the codes would state more weight than the batch has.
    """
    batch.require_issuing()
    unit_g = weight_10g * WEIGHT_UNIT_G
    needed_g = unit_g * count
    left_g = batch.weight_g - already_issued_g
    if needed_g > left_g:
        raise BatchWeightError(
            batch=batch.reference,
            weight_kg=kilograms(batch.weight_g),
            issued_kg=kilograms(already_issued_g),
            count=count,
            unit_kg=kilograms(unit_g),
            needed_kg=kilograms(needed_g),
            left_kg=kilograms(max(left_g, 0)),
            possible=max(left_g, 0) // unit_g if unit_g else count,
        )
