"""Split, merge, re-pack and close batches: one transaction each, noted in the book of changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from tracelib.batches.batch import BatchState, kilograms
from tracelib.batches.errors import BatchExistsError, CloseReasonError
from tracelib.batches.ledger import Balance
from tracelib.batches.transformation import NewBatch, Take, Transformation, TransformationKind, transform
from tracelib.errors import NotFoundError
from tracelib.operations.batches.balance import balance_of
from tracelib.operations.batches.find import resolve_batch
from tracelib.operations.batches.lot_events import HomesOf, LotNames, no_homes, write_transformation
from tracelib.operations.recalls.called_back import require_usable

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformRequest:
    """What somebody wants done.

    ``takes`` name batches as people do, with the grams that go in (None: all that is left). ``makes`` are (lot, grams),
    at most one without grams. ``product_id`` is the product of what comes out, None for the same as what goes in.
    """

    kind: TransformationKind
    takes: Sequence[tuple[str, int | None]]
    makes: Sequence[tuple[str, int | None]]
    product_id: str | None = None
    loss_g: int = 0
    reason: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Transformed:
    """What was written: the transformation under its id, and what is left of each batch that went in, in grams.

    ``events``: the id of the event that tells of it; none where the party has no name in events yet.
    """

    id: str
    transformation: Transformation
    left_g: tuple[int, ...]
    events: tuple[str, ...]


class NoProductError(NotFoundError):
    """The product of a new batch is not in the catalogue."""

    code = "batch.no_product"
    template = "{party} has no product {product}: see tracelib product list, or add it with tracelib product add."


def transform_batches(
    store: "Store",
    request: TransformRequest,
    now: datetime,
    *,
    party_default: str | None = None,
    homes: HomesOf = no_homes,
) -> Transformed:
    """Take goods out of batches and register what comes out; batches that are used up close. All or nothing.

    ``homes`` says under which host the party's lots are named in the event that tells of it.

    Raises:
        the errors of ``resolve_batch`` and ``transform``.
        RecalledBatchError: one of them is called back.
        BatchExistsError, NoProductError: what is to come out cannot be registered.
    """
    with store.unit_of_work() as uow:
        named = [(resolve_batch(uow, text, party_default), grams) for text, grams in request.takes]
        held = {batch.key: batch for batch in uow.batches.hold([batch.key for batch, _ in named])}
        require_usable(uow, held.values())
        takes = [Take(balance_of(uow, held[batch.key]), grams) for batch, grams in named]
        parent = named[0][0]
        product_id = request.product_id or parent.product_id
        if uow.catalog.product(parent.party_id, product_id) is None:
            raise NoProductError(party=parent.party_id, product=product_id)
        makes = [NewBatch(product_id, lot, grams) for lot, grams in request.makes]
        made = transform(request.kind, takes, makes, loss_g=request.loss_g, reason=request.reason, day=request.day)
        for taken in uow.batches.existing([batch.key for batch in made.outputs]).values():
            raise BatchExistsError(batch=taken.reference)
        uow.batches.add(made.outputs, now)
        identity = uow.lineage.add(made, now)
        for batch in made.used_up:
            uow.batches.set_state(batch, BatchState.CLOSED)
        events = write_transformation(uow, LotNames(uow, homes(uow)), made, now)
        _note(uow, made, identity, events, now)
    return Transformed(identity, made, tuple(take.balance.left_g - take.grams for take in takes), tuple(events))


def close_batch(store: "Store", text: str, reason: str, now: datetime, *, party_default: str | None = None) -> Balance:
    """Close a batch for good: no more codes, nothing taken out; what is left of it is noted and answered.

    Raises:
        the errors of ``resolve_batch``; CloseReasonError: no reason; BatchStateError: it is closed already.
    """
    with store.unit_of_work() as uow:
        named = resolve_batch(uow, text, party_default)
        if not reason.strip():
            raise CloseReasonError(batch=named.reference)
        (batch,) = uow.batches.hold([named.key])
        balance = balance_of(uow, batch)
        closed = uow.batches.set_state(batch, BatchState.CLOSED)
        detail = {"left_kg": kilograms(balance.left_g), "issued_kg": kilograms(balance.issued_g)}
        uow.changes.add("batch.close", batch.reference, now, party_id=batch.party_id, reason=reason, detail=detail)
    return Balance(closed, balance.issued_g, balance.taken_g)


def _note(uow: "UnitOfWork", made: Transformation, identity: str, events: Sequence[str], now: datetime) -> None:
    """One entry under each batch that went in or came out, so that either leads to the other."""
    verb, party_id = f"batch.{made.kind.value}", made.outputs[0].party_id
    whole: dict[str, object] = {
        "transformation": identity,
        "in_kg": {batch.reference: kilograms(grams) for batch, grams in made.inputs},
        "out_kg": {batch.reference: kilograms(batch.weight_g) for batch in made.outputs},
        "loss_kg": kilograms(made.loss_g),
        "closed": [batch.reference for batch in made.used_up],
        "events": list(events),
    }
    first, *others = [batch for batch, _ in made.inputs] + list(made.outputs)
    uow.changes.add(verb, first.reference, now, party_id=party_id, reason=made.reason, detail=whole)
    for batch in others:  # a split into hundreds is told once, and pointed to by the rest
        pointer = {"transformation": identity, "told_under": first.reference}
        uow.changes.add(verb, batch.reference, now, party_id=party_id, reason=made.reason, detail=pointer)
