"""The end of a shift: what a station did since the last one was closed, and whether the labels on the rolls add up.

A shift is a stretch of the station's rows, so nothing is counted twice or left out, whatever the clocks say. Closing
notes it in the book of changes; the next shift begins behind it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.pieces import count_of
from tracelib.batches.prints import print_counts
from tracelib.errors import NotFoundError, RuleError
from tracelib.operations.line_answer import Outcome
from tracelib.operations.line_facts import LineFacts

if TYPE_CHECKING:
    from tracelib.store.scan_repository import ScanCount
    from tracelib.store.unit_of_work import UnitOfWork

VERB = "line.shift"


class EmptyShiftError(NotFoundError):
    """A shift without a single reading."""

    code = "line.shift_empty"
    template = "Line {station} has read nothing since its last shift was closed: there is nothing to close."


class NotInShiftError(NotFoundError):
    """A batch was counted that the shift did not touch."""

    code = "line.shift_batch"
    template = "The shift of {station} activated or made void nothing of {given}. Its batches: {batches}."


class LabelsDifferError(RuleError):
    """The labels that were counted on the rolls are not those that should be there."""

    code = "line.shift_differs"
    template = (
        "The labels do not add up: {differences}. Count again, note what was torn or lost "
        "(tracelib print account), or close the shift with --reason TEXT."
    )


@dataclass(frozen=True, slots=True)
class BatchOfShift:
    """What a shift did with the labels of a batch: ``activated`` and ``voided`` in the shift; ``printed`` (codes that
    were printed at least once), ``active`` and ``void`` of all times.
    """

    product_id: str
    lot: str
    activated: int
    voided: int
    printed: int
    active: int
    void: int

    @property
    def name(self) -> str:
        """As people write it: PRODUCT/LOT."""
        return f"{self.product_id}/{self.lot}"

    @property
    def left(self) -> int:
        """Labels that should still be there: printed, and neither active nor void."""
        return self.printed - self.active - self.void


@dataclass(frozen=True, slots=True)
class Shift:
    """Rows above ``after_row`` up to ``last_row`` of a station. ``outcomes`` and ``reasons`` count readings.

    ``waiting`` cartons wait for a pallet. ``began`` and ``ended`` are the times of the first and last reading, if any.
    """

    party_id: str
    station: str
    after_row: int
    last_row: int
    began: datetime | None
    ended: datetime | None
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    batches: tuple[BatchOfShift, ...]
    waiting: int


def open_shift(uow: "UnitOfWork", party_id: str, station: str) -> Shift:
    """The shift since the last one was closed."""
    closed = uow.changes.list(party_id, station, VERB, 1)
    after = int(str(closed[0].detail["last_row"])) if closed else 0
    last = uow.scans.last_row_id(party_id, station)
    counts = uow.scans.stretch(party_id, station, after, last)
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for one in counts:
        outcomes[one.outcome] += one.count
        if one.reason:
            reasons[one.reason] += one.count
    return Shift(
        party_id,
        station,
        after,
        last,
        min((one.first_at for one in counts), default=None),
        max((one.last_at for one in counts), default=None),
        outcomes,
        dict(reasons.most_common()),
        _batches(uow, party_id, counts),
        len(uow.scans.not_packed(party_id, station)),
    )


def close_shift(uow: "UnitOfWork", shift: Shift, counted: Mapping[str, int], reason: str, now: datetime) -> None:
    """Note the end of a shift. ``counted``: labels that somebody counted on the rolls, by PRODUCT/LOT or LOT.

    Raises:
        EmptyShiftError, NotInShiftError.
        LabelsDifferError: a count is another than ``left``, and no reason is given.
    """
    if not shift.outcomes:
        raise EmptyShiftError(station=shift.station)
    found = {_named(shift, given): count for given, count in counted.items()}
    differences = {batch.name: count - batch.left for batch, count in found.items() if count != batch.left}
    if differences and not reason.strip():
        told = ", ".join(f"{name} {number:+d}" for name, number in differences.items())
        raise LabelsDifferError(differences=told)
    detail = {
        "first_row": shift.after_row + 1,
        "last_row": shift.last_row,
        "counts": dict(shift.outcomes),
        "left": {batch.name: count for batch, count in found.items()},
        "differences": differences,
    }
    uow.changes.add(VERB, shift.station, now, party_id=shift.party_id, reason=reason.strip(), detail=detail)


def _named(shift: Shift, given: str) -> BatchOfShift:
    found = [batch for batch in shift.batches if given in (batch.name, batch.lot)]
    if len(found) != 1:
        batches = ", ".join(batch.name for batch in shift.batches) or "-"
        raise NotInShiftError(station=shift.station, given=given, batches=batches)
    return found[0]


def _batches(uow: "UnitOfWork", party_id: str, counts: "list[ScanCount]") -> tuple[BatchOfShift, ...]:
    done: dict[tuple[str, str], Counter[str]] = {}
    for one in counts:
        if one.product_key and one.lot and one.outcome in (Outcome.ACTIVATED, Outcome.VOIDED):
            done.setdefault((one.product_key, one.lot), Counter())[one.outcome] += one.count
    facts, batches = LineFacts(uow), []
    for (product_key, lot), outcomes in done.items():
        product = facts.product_of_batch(party_id, product_key, lot)
        if product is None:
            continue  # a batch of another party: its labels are not ours to count
        printed = print_counts(uow.prints.entries(party_id, product.id, lot))
        batches.append(
            BatchOfShift(
                product.id,
                lot,
                outcomes[Outcome.ACTIVATED],
                outcomes[Outcome.VOIDED],
                count_of(piece for piece, _ in printed),
                uow.codes.active_count(party_id, product_key, lot),
                sum(uow.voids.count_by_reason(party_id, product.id, lot).values()),
            )
        )
    return tuple(batches)
