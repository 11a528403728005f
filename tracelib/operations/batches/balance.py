"""The weight ledger of a batch, read from codes and lineage."""

from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.batches.ledger import Balance

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


def balance_of(uow: "UnitOfWork", batch: Batch) -> Balance:
    """What of a batch is used up; exact within a transaction that holds it (``uow.batches.hold``)."""
    return Balance(batch, uow.codes.issued_weight_g(*batch.key), uow.lineage.taken_g(*batch.key))
