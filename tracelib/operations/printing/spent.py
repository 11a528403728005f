"""What is to become void of labels that are torn, lost or misprinted, before and when it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.batches.pieces import Piece, joined, without
from tracelib.batches.print_account import REPLACED, SPENT
from tracelib.batches.print_order import PrintOrder
from tracelib.batches.prints import Verb, printed_elsewhere
from tracelib.operations.issuing.unit_pieces import parts_of
from tracelib.operations.issuing.void import Reason, VoidAct, VoidResult, plan_void, write_void
from tracelib.operations.units import Units

if TYPE_CHECKING:
    from datetime import datetime

    from tracelib.store.code_values import IssuedRange
    from tracelib.store.unit_of_work import UnitOfWork

_REASONS = {Verb.TORN: Reason.DAMAGED, Verb.LOST: Reason.LOST, Verb.MISPRINT: Reason.MISPRINT}


@dataclass(frozen=True, slots=True)
class SpentLabels:
    """Parts of ranges that become void, by their reason, and the parts whose labels were printed again later."""

    void: Mapping[Reason, "Sequence[IssuedRange]"]
    again: "Sequence[IssuedRange]"


def spent_labels(uow: "UnitOfWork", order: PrintOrder, spent: Sequence[tuple[Verb, Piece]]) -> SpentLabels:
    """What is spent and named becomes void, but for torn and misprinted labels whose code was printed again later."""
    if not spent:
        return SpentLabels({}, ())
    ranges, entries = uow.codes.ranges_of(*order.batch), uow.prints.entries(*order.batch)
    void: dict[Reason, Sequence[IssuedRange]] = {}
    again: list[IssuedRange] = []
    for verb in SPENT:
        pieces = joined(piece for fate, piece in spent if fate is verb)
        if verb in REPLACED and pieces:
            _, later = printed_elsewhere(entries, order.number, pieces)
            pieces = without(pieces, later)
            again += parts_of(ranges, later)
        if pieces:
            void[_REASONS[verb]] = parts_of(ranges, pieces)
    return SpentLabels(void, again)


def plan_spent(uow: "UnitOfWork", labels: SpentLabels, serial_keys: Mapping[bytes, bytes]) -> VoidResult:
    """What :func:`write_spent` would do; writes nothing."""
    parts = [part for some in labels.void.values() for part in some]
    return plan_void(uow, Units(uow, serial_keys), parts)


def write_spent(
    uow: "UnitOfWork", labels: SpentLabels, note: str, now: "datetime", serial_keys: Mapping[bytes, bytes]
) -> tuple[int, int]:
    """Make them void; how many became so, and how many codes are valid still, for a later label."""
    voided = 0
    for reason, parts in labels.void.items():
        voided += write_void(uow, parts, VoidAct(reason, note), now, serial_keys=serial_keys).voided
    return voided, plan_void(uow, Units(uow, serial_keys), labels.again).voided
