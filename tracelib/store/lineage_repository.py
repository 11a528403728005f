"""What went into what: transformations of batches and their flows, append-only, found from either side."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from sqlalchemy import func, insert, select, tuple_
from sqlmodel import Session, col

from tracelib.batches.transformation import Transformation
from tracelib.store.change_repository import time_ordered_id
from tracelib.store.tables.batches import BatchFlowRow, BatchTransformationRow

Direction = Literal["in", "out"]
ProductLot = tuple[str, str]
"""(product_id, lot): a batch within its party."""
AT_ONCE = 250
"""Keys in one statement; each takes two parameters."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One transformation as it was written. ``inputs`` and ``outputs``: (product_id, lot) to grams."""

    party_id: str
    id: str
    kind: str
    at: datetime
    loss_g: int
    reason: str
    operator: str
    inputs: dict[ProductLot, int]
    outputs: dict[ProductLot, int]


class LineageRepository:
    """Adds and finds transformations in the caller's transaction (``uow.lineage``)."""

    def __init__(self, session: Session, operator: str) -> None:
        self._session = session
        self._operator = operator

    def add(self, made: Transformation, at: datetime) -> str:
        """Write a transformation and what flowed; its id. The new batches themselves are ``uow.batches.add``'s."""
        party_id = made.inputs[0][0].party_id
        identity = time_ordered_id(at)
        row = {
            "party_id": party_id,
            "id": identity,
            "kind": made.kind.value,
            "at": at,
            "loss_g": made.loss_g,
            "reason": made.reason,
            "operator": self._operator,
        }
        self._session.execute(insert(BatchTransformationRow), [row])
        flows = [("in", batch, grams) for batch, grams in made.inputs]
        flows += [("out", batch, batch.weight_g) for batch in made.outputs]
        rows = [
            {
                "party_id": party_id,
                "transformation_id": identity,
                "direction": direction,
                "product_id": batch.product_id,
                "lot": batch.lot,
                "weight_g": grams,
            }
            for direction, batch, grams in flows
        ]
        self._session.execute(insert(BatchFlowRow), rows)
        return identity

    def taken_g(self, party_id: str, product_id: str, lot: str) -> int:
        """Grams that were taken out of a batch."""
        flow = BatchFlowRow
        query = select(func.coalesce(func.sum(col(flow.weight_g)), 0)).where(
            col(flow.party_id) == party_id,
            col(flow.product_id) == product_id,
            col(flow.lot) == lot,
            col(flow.direction) == "in",
        )
        return int(self._session.execute(query).scalar_one())

    def steps(self, party_id: str, keys: Collection[ProductLot], direction: Direction) -> list[Step]:
        """The transformations of a party that these batches went into (``in``) or came out of (``out``), by time."""
        ids: set[str] = set()
        flow = BatchFlowRow
        for chunk in _chunks(sorted(keys)):
            query = select(col(flow.transformation_id)).where(
                col(flow.party_id) == party_id,
                col(flow.direction) == direction,
                tuple_(col(flow.product_id), col(flow.lot)).in_(chunk),
            )
            ids.update(self._session.execute(query).scalars())
        return self._steps(party_id, sorted(ids))

    def _steps(self, party_id: str, ids: Sequence[str]) -> list[Step]:
        flows: dict[tuple[str, str], dict[ProductLot, int]] = defaultdict(dict)
        found: list[BatchTransformationRow] = []
        for chunk in _chunks(ids):
            flow, row = BatchFlowRow, BatchTransformationRow
            wanted = select(flow).where(col(flow.party_id) == party_id, col(flow.transformation_id).in_(chunk))
            for held in self._session.execute(wanted).scalars():
                flows[held.transformation_id, held.direction][held.product_id, held.lot] = held.weight_g
            query = select(row).where(col(row.party_id) == party_id, col(row.id).in_(chunk)).order_by(col(row.id))
            found += self._session.execute(query).scalars()
        return [
            Step(
                row.party_id,
                row.id,
                row.kind,
                row.at,
                row.loss_g,
                row.reason,
                row.operator,
                flows[row.id, "in"],
                flows[row.id, "out"],
            )
            for row in found
        ]


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
