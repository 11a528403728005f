"""The family of a batch: what it was made of, back to the harvest, and what was made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracelib.batches.batch import Batch

if TYPE_CHECKING:
    from tracelib.store.lineage_repository import ProductLot, Step
    from tracelib.store.unit_of_work import UnitOfWork

MOST_GENERATIONS = 30
MOST_BATCHES = 2000
"""Where the picture of a family ends."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One batch within a family: ``weight_g`` grams that flowed by a step of ``kind``, and the branches behind it.

    ``cut``: its own branches are shown where it stands first, or lie beyond the limits.
    """

    product_id: str
    lot: str
    kind: str
    weight_g: int
    branches: tuple["Branch", ...]
    cut: bool = False

    def as_dict(self) -> dict[str, object]:
        """As JSON answers show it."""
        return {
            "batch": f"{self.product_id}/{self.lot}",
            "kind": self.kind,
            "weight_g": self.weight_g,
            "batches": [branch.as_dict() for branch in self.branches],
            "cut": self.cut,
        }


def family(uow: "UnitOfWork", batch: Batch, side: Literal["parents", "children"]) -> tuple[Branch, ...]:
    """The branches on one side of a batch. One query for a generation, whatever its size.

    The grams are what passed between the two: its own share for a batch of several that were split off or merged.
    """
    direction: Literal["in", "out"] = "out" if side == "parents" else "in"
    known: dict[ProductLot, list[Step]] = {}
    generation: set[ProductLot] = {(batch.product_id, batch.lot)}
    for _ in range(MOST_GENERATIONS):
        for step in uow.lineage.steps(batch.party_id, generation, direction):
            near = step.outputs if side == "parents" else step.inputs
            for key in generation & near.keys():
                known.setdefault(key, []).append(step)
        beyond = {far for key in generation for step in known.get(key, ()) for far in _far(step, side)}
        generation = beyond - known.keys()
        if not generation or len(known) > MOST_BATCHES:
            break
    return _branches((batch.product_id, batch.lot), known, side, generation)


def _far(step: "Step", side: str) -> "dict[ProductLot, int]":
    return step.inputs if side == "parents" else step.outputs


def _branches(
    key: "ProductLot", known: "dict[ProductLot, list[Step]]", side: str, shown: "set[ProductLot]"
) -> tuple[Branch, ...]:
    """``shown`` batches are not opened: those that were opened elsewhere, and those beyond what was read."""
    shown.add(key)
    return tuple(
        Branch(*far, step.kind, grams, *((), True) if far in shown else (_branches(far, known, side, shown),))
        for step in known.get(key, ())
        for far, grams in _passed(key, step, side)
    )


def _passed(key: "ProductLot", step: "Step", side: str) -> "Iterator[tuple[ProductLot, int]]":
    """The batches on the far side of a step, each with the grams that passed between it and ``key``."""
    near, far = (step.outputs, step.inputs) if side == "parents" else (step.inputs, step.outputs)
    for other, grams in far.items():
        yield other, near[key] if len(near) > 1 and len(far) == 1 else grams
