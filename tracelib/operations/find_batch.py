"""Find the batch that a person named."""

from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


def resolve_batch(uow: "UnitOfWork", text: str, party_default: str | None = None) -> Batch:
    """The one batch that ``LOT``, ``PRODUCT/LOT`` or ``PARTY/PRODUCT/LOT`` names.

    ``party_default`` (the setting ``party``; empty or None: any) binds where the text names no party.

    Raises:
        BatchReferenceError: not such a name (status 3).
        AmbiguousBatchError: several batches fit; it lists them (status 5).
        BatchNotFoundError: none fits; it names the nearest (status 6).
    """
    raise NotImplementedError
