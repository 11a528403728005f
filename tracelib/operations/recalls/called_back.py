"""Whether goods are called back: then nothing is made of them, and they leave only to come back or to be destroyed.

A batch is called back by a recall of its own, or of one that it was made of; drills call nothing back. Closing a recall
changes nothing about that: whoever closed it has said what became of the goods.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.operations.recalls.errors import RecalledBatchError, RecalledGoodsError
from tracelib.trace.recall import Recall

if TYPE_CHECKING:
    from tracelib.batches.batch import Batch
    from tracelib.store.lineage_repository import ProductLot
    from tracelib.store.unit_of_work import UnitOfWork

MOST = 10_000
"""Recalls of one party that are looked at."""


def require_usable(uow: "UnitOfWork", batches: Iterable["Batch"]) -> None:
    """Raise RecalledBatchError where one of the batches, all of one party, is called back."""
    by_lot = {(batch.product_id, batch.lot): batch for batch in batches}
    for party_id in {batch.party_id for batch in by_lot.values()}:
        for lot, recall in called_back(uow, party_id, by_lot).items():
            raise RecalledBatchError(batch=by_lot[lot].reference, number=recall.number, reason=recall.reason)


def require_sellable(
    uow: "UnitOfWork", party_id: str, lots: Collection["ProductLot"], units: Sequence[str], at: datetime
) -> None:
    """Raise RecalledGoodsError where goods of a party would leave at ``at``, after they were called back.

    ``units`` were activated, or hold nothing of their own. What left before may still be told.
    """
    if not _recalls(uow, party_id):
        return
    lot_of = uow.reach.lots_of(party_id, units)
    recalled = called_back(uow, party_id, {*lots, *lot_of.values()})
    late = {lot: recall for lot, recall in recalled.items() if recall.at <= at}
    for lot, recall in late.items():
        named = next((unit for unit, of in lot_of.items() if of == lot), "")
        count = sum(1 for of in lot_of.values() if of in late)
        batch = "/".join((party_id, *lot))
        raise RecalledGoodsError(what=named or batch, batch=batch, number=recall.number, count=count)


def called_back(uow: "UnitOfWork", party_id: str, lots: Collection["ProductLot"]) -> dict["ProductLot", Recall]:
    """Those of the batches that are called back, and under which recall."""
    recalled = _recalls(uow, party_id)
    if not recalled:
        return {}
    made_of: dict[ProductLot, set[ProductLot]] = {}
    generation = set(lots)
    while generation:
        made_of |= {lot: set() for lot in generation}
        for step in uow.lineage.steps(party_id, generation, "out"):
            for lot in step.outputs.keys() & generation:
                made_of[lot] |= step.inputs.keys()
        generation = {parent for lot in generation for parent in made_of[lot]} - made_of.keys()
    found = {lot: _first(lot, made_of, recalled) for lot in sorted(lots)}
    return {lot: recall for lot, recall in found.items() if recall is not None}


def _recalls(uow: "UnitOfWork", party_id: str) -> dict["ProductLot", Recall]:
    return {
        (one.product_id, one.lot): one for one in uow.recalls.find(party_id, limit=MOST) if not one.drill
    }  # the newest comes first, so the oldest stays


def _first(
    lot: "ProductLot", made_of: Mapping["ProductLot", set["ProductLot"]], recalled: Mapping["ProductLot", Recall]
) -> Recall | None:
    seen, rest = {lot}, [lot]
    while rest:
        here = rest.pop()
        if here in recalled:
            return recalled[here]
        rest += sorted(made_of[here] - seen)
        seen |= made_of[here]
    return None
