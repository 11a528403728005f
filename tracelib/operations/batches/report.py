"""Everything that is known of one batch: its weights, where it came from and went, its codes.

Gathered from the store's repositories into plain values; the command prints them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.batches.ledger import Balance
from tracelib.batches.pieces import Piece
from tracelib.batches.prints import Kind, Print, Verb, print_counts, prints_of
from tracelib.operations.batches.balance import balance_of
from tracelib.store.code_values import IssuedRange

if TYPE_CHECKING:
    from tracelib.store.change_repository import Change
    from tracelib.store.lineage_repository import Step
    from tracelib.store.unit_of_work import UnitOfWork

CHANGES = 50
"""How many entries of the book of changes a report shows unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class CodesOfBatch:
    """What was issued for a batch and what became of it.

    ``voided`` counts void codes by reason; ``replacements`` of the issued codes stand for void ones.
    """

    ranges: tuple[IssuedRange, ...]
    issued: int
    active: int
    voided: Mapping[str, int]
    replacements: int


@dataclass(frozen=True, slots=True)
class PrintsOfBatch:
    """How often which codes were printed (never 0 times), the prints themselves, and how many lists went out."""

    counts: tuple[tuple[Piece, int], ...]
    prints: tuple[Print, ...]
    lists: int


@dataclass(frozen=True, slots=True)
class BatchReport:
    """One batch. ``made_by`` is the step it came out of (None: it was registered from a file), ``went_into`` the steps
    that took from it, ``loss_g`` what was lost in those steps together. ``changes`` are the newest first; with
    ``more_changes`` there are older ones.
    """

    batch: Batch
    balance: Balance
    made_by: "Step | None"
    went_into: tuple["Step", ...]
    codes: CodesOfBatch
    changes: tuple["Change", ...]
    more_changes: bool
    prints: "PrintsOfBatch"

    @property
    def loss_g(self) -> int:
        """Grams lost in the steps that this batch went into; those of several batches are counted whole."""
        return sum(step.loss_g for step in self.went_into)


def batch_report(uow: "UnitOfWork", batch: Batch, limit: int = CHANGES) -> BatchReport:
    """Gather the report, with at most ``limit`` changes."""
    key = (batch.product_id, batch.lot)
    made = uow.lineage.steps(batch.party_id, [key], "out")
    orders = [order.number for order in uow.prints.orders_of_batch(*batch.key)]
    changes = uow.changes.about(batch.party_id, [batch.reference, *orders], limit + 1)
    return BatchReport(
        batch,
        balance_of(uow, batch),
        made[0] if made else None,
        tuple(uow.lineage.steps(batch.party_id, [key], "in")),
        _codes(uow, batch),
        tuple(changes[:limit]),
        len(changes) > limit,
        _prints(uow, batch),
    )


def _prints(uow: "UnitOfWork", batch: Batch) -> PrintsOfBatch:
    entries = uow.prints.entries(*batch.key)
    every = prints_of(entries)
    lists = sum(one.begun.kind is Kind.LIST and one.state is Verb.DONE for one in every)
    return PrintsOfBatch(tuple(print_counts(entries)), tuple(one for one in every if one.counts), lists)


def _codes(uow: "UnitOfWork", batch: Batch) -> CodesOfBatch:
    ranges = tuple(uow.codes.ranges_of(*batch.key))
    active = sum(uow.codes.active_count(batch.party_id, key, batch.lot) for key in {r.product_key for r in ranges})
    return CodesOfBatch(
        ranges,
        issued=sum(range_.count for range_ in ranges),
        active=active,
        voided=uow.voids.count_by_reason(*batch.key),
        replacements=sum(range_.count for range_ in ranges if range_.replaces),
    )
