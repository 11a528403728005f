"""Everything that is known of one batch: its weights, where it came from and went, its codes.

Gathered from the store's repositories into plain values; the command prints them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.batches.ledger import Balance
from tracelib.codes.serial import SerialCipher
from tracelib.operations.balance import balance_of
from tracelib.store.code_values import IssuedRange, is_sscc_space

if TYPE_CHECKING:
    from tracelib.store.change_repository import Change
    from tracelib.store.lineage_repository import Step
    from tracelib.store.unit_of_work import UnitOfWork

CHANGES = 50
"""How many entries of the book of changes a report shows."""


@dataclass(frozen=True, slots=True)
class CodesOfBatch:
    """What was issued for a batch and what became of it.

    ``voided`` counts void codes by reason. ``unplaced`` void codes lie under the batch's prefixes but were never
    active, and the serial key that says which batch they belong to is locked: they are in nobody's count.
    """

    ranges: tuple[IssuedRange, ...]
    issued: int
    active: int
    voided: Mapping[str, int]
    unplaced: int


@dataclass(frozen=True, slots=True)
class BatchReport:
    """One batch. ``made_by`` is the step it came out of (None: it was registered from a file), ``went_into`` the steps
    that took from it, ``loss_g`` what was lost in those steps together.
    """

    batch: Batch
    balance: Balance
    made_by: "Step | None"
    went_into: tuple["Step", ...]
    codes: CodesOfBatch
    changes: tuple["Change", ...]

    @property
    def loss_g(self) -> int:
        """Grams lost in the steps that this batch went into; those of several batches are counted whole."""
        return sum(step.loss_g for step in self.went_into)


def batch_report(uow: "UnitOfWork", batch: Batch, serial_keys: Mapping[bytes, bytes]) -> BatchReport:
    """Gather the report. ``serial_keys`` maps k_hash to K, for void codes that were never active; may be empty."""
    key = (batch.product_id, batch.lot)
    made = uow.lineage.steps(batch.party_id, [key], "out")
    return BatchReport(
        batch,
        balance_of(uow, batch),
        made[0] if made else None,
        tuple(uow.lineage.steps(batch.party_id, [key], "in")),
        _codes(uow, batch, serial_keys),
        tuple(uow.changes.list(batch.party_id, batch.reference, limit=CHANGES)),
    )


def _codes(uow: "UnitOfWork", batch: Batch, serial_keys: Mapping[bytes, bytes]) -> CodesOfBatch:
    ranges = tuple(uow.codes.ranges_of(*batch.key))
    active = sum(uow.codes.active_count(batch.party_id, key, batch.lot) for key in {r.product_key for r in ranges})
    voided: Counter[str] = Counter()
    unplaced = 0
    for prefix in sorted({range_.prefix for range_ in ranges if not is_sscc_space(range_.prefix)}):
        own = [range_ for range_ in ranges if range_.prefix == prefix]
        keys = {range_.product_key for range_ in own}
        cipher = _cipher(uow, batch.party_id, prefix, own[0], serial_keys)
        for entry, activation in uow.codes.voids_under(batch.party_id, prefix):
            if activation is not None:
                ours = activation.lot == batch.lot and activation.product_key in keys
            elif cipher is None:
                unplaced += 1
                continue
            else:
                counter = cipher.counter_of(entry.unit_id)
                ours = any(range_.first <= counter <= range_.last for range_ in own)
            voided[entry.reason] += ours
    return CodesOfBatch(ranges, sum(r.count for r in ranges), active, dict(+voided), unplaced)


def _cipher(
    uow: "UnitOfWork", party_id: str, prefix: str, range_: IssuedRange, serial_keys: Mapping[bytes, bytes]
) -> SerialCipher | None:
    """The cipher of the key that issued a range, where its K is open."""
    for owner in uow.codes.owners_of(prefix):
        mine = owner.party_id == party_id and owner.issuer_key == range_.issuer_key
        if mine and owner.k_hash is not None and owner.k_hash in serial_keys:
            return SerialCipher(serial_keys[owner.k_hash], prefix)
    return None
