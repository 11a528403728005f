"""Every batch that was made of a batch, and what was put to it and lost on the way."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch

if TYPE_CHECKING:
    from tracelib.store.lineage_repository import ProductLot, Step
    from tracelib.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Descent:
    """``lots`` of one party, the first is what it began with; ``steps`` took from one of them, by time."""

    lots: tuple["ProductLot", ...]
    steps: tuple["Step", ...]

    @property
    def joined_g(self) -> int:
        """Grams of other batches that went into the same steps: they are in the affected batches now."""
        known = set(self.lots)
        return sum(grams for step in self.steps for lot, grams in step.inputs.items() if lot not in known)

    @property
    def loss_g(self) -> int:
        """Grams that were lost in the steps."""
        return sum(step.loss_g for step in self.steps)

    def taken_g(self, lot: "ProductLot") -> int:
        """Grams that were taken out of a batch."""
        return sum(step.inputs.get(lot, 0) for step in self.steps)


def descent_of(uow: "UnitOfWork", batch: Batch) -> Descent:
    """The batch and everything that was made of it, however many steps away. One query for a generation."""
    first = (batch.product_id, batch.lot)
    lots: dict[ProductLot, None] = {first: None}
    steps: dict[str, Step] = {}
    generation = {first}
    while generation:
        fresh = [step for step in uow.lineage.steps(batch.party_id, generation, "in") if step.id not in steps]
        steps |= {step.id: step for step in fresh}
        generation = {lot for step in fresh for lot in step.outputs} - lots.keys()
        lots |= dict.fromkeys(sorted(generation))
    return Descent(tuple(lots), tuple(sorted(steps.values(), key=lambda step: step.id)))
