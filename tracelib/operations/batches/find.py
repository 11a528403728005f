"""Find the batch that a person named."""

from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.batches.reference import BatchReference
from tracelib.errors import NotFoundError, RuleError, TraceError, Translate, shown

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

LISTED = 10
NEAREST = 3


def _whole(error: TraceError, name: str, translate: Translate | None) -> str:
    """An error's text with one parameter, a list of references, shown in full."""
    words = {key: shown(value) for key, value in error.params.items()} | {name: str(error.params[name])}
    template = translate(error.code, error.template) if translate else error.template
    return template.format(**words)


class AmbiguousBatchError(RuleError):
    """Several batches have the name that was given."""

    code = "batch.ambiguous"
    template = "«{given}» names {count} batches: {candidates}. Write one of these."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return _whole(self, "candidates", translate)


class BatchNotFoundError(NotFoundError):
    """No batch has the name that was given, and none looks like it."""

    code = "batch.not_found"
    template = "There is no batch «{given}». Registered batches are shown by: tracelib batch list"


class NearestBatchError(BatchNotFoundError):
    """No batch has the name that was given, but some look like it."""

    code = "batch.not_found_nearest"
    template = "There is no batch «{given}». The nearest are: {nearest}."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return _whole(self, "nearest", translate)


def resolve_batch(uow: "UnitOfWork", text: str, party_default: str | None = None) -> Batch:
    """The one batch that ``LOT``, ``PRODUCT/LOT`` or ``PARTY/PRODUCT/LOT`` names.

    ``party_default`` (the setting ``party``; empty or None: any) binds where the text names no party.

    Raises:
        BatchReferenceError: not such a name (status 3).
        AmbiguousBatchError: several batches fit; ``params["batches"]`` lists their references (status 5).
        BatchNotFoundError: none fits; NearestBatchError where some are like it (status 6).
    """
    reference = BatchReference.parse(text)
    party_id = reference.party_id or party_default or None
    found = uow.batches.find(reference.lot, reference.product_id, party_id)
    if len(found) == 1:
        return found[0]
    if found:
        references = [batch.reference for batch in found]
        listed = ", ".join(references[:LISTED]) + (" …" if len(references) > LISTED else "")
        raise AmbiguousBatchError(given=text, count=len(references), candidates=listed, batches=references)
    nearest = _nearest(uow, reference.lot, party_id)
    if nearest:
        raise NearestBatchError(given=text, nearest=", ".join(nearest))
    raise BatchNotFoundError(given=text)


def _nearest(uow: "UnitOfWork", lot: str, party_id: str | None) -> list[str]:
    """The same lot elsewhere, else the likest lots of the party, else those of anybody."""
    elsewhere = [batch.reference for batch in uow.batches.find(lot)[:NEAREST]]
    return elsewhere or uow.batches.nearest(lot, party_id) or uow.batches.nearest(lot)
