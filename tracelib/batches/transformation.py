"""Splitting, merging and re-packing: batches go in, batches come out, and no gram is gained or forgotten.

What was taken in is the sum of what came out and the loss, to the gram. Pure: :func:`transform` is given the ledger of
each batch that goes in and answers what is to be written: one EPCIS TransformationEvent (``inputs``, ``outputs``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracelib.batches.batch import Batch, BatchState, kilograms
from tracelib.batches.errors import (
    BatchTakeError,
    BatchUsedUpError,
    ConservationError,
    LossReasonError,
    SameBatchError,
    TransformationPartyError,
    TransformationShapeError,
)
from tracelib.batches.ledger import Balance

NOT_SHARED = ""
"""What a batch from several others says about plot or grower where these differ."""


class TransformationKind(StrEnum):
    """What was done. ``SHAPES`` says how many batches go in and come out, and of how many products."""

    SPLIT = "split"
    """One batch in, several of the same product out."""
    MERGE = "merge"
    """Several batches of one product in, one of that product out."""
    REPACK = "repack"
    """Batches of one product in, one of another product out."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Least and most batches that go in and come out; whether the product stays the same."""

    inputs: tuple[int, int]
    outputs: tuple[int, int]
    same_product: bool


MOST = 500
SHAPES = {
    TransformationKind.SPLIT: Shape((1, 1), (1, MOST), True),
    TransformationKind.MERGE: Shape((2, MOST), (1, 1), True),
    TransformationKind.REPACK: Shape((1, MOST), (1, 1), False),
}
"""A split into one batch takes part of a batch out under a lot of its own; the rest stays where it is."""


@dataclass(frozen=True, slots=True)
class Take:
    """A batch that goes in, with what of it is used up, and how many grams of it go in (None: all that is left)."""

    balance: Balance
    weight_g: int | None = None

    @property
    def grams(self) -> int:
        """How much goes in."""
        return self.balance.left_g if self.weight_g is None else self.weight_g


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch that comes out, as a person names it. ``weight_g`` None is what the others and the loss leave."""

    product_id: str
    lot: str
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class Transformation:
    """What is to be written. ``inputs`` are batches with the grams taken; ``used_up`` those of them that close."""

    kind: TransformationKind
    inputs: tuple[tuple[Batch, int], ...]
    outputs: tuple[Batch, ...]
    loss_g: int
    reason: str
    used_up: tuple[Batch, ...]


def transform(
    kind: TransformationKind,
    takes: Sequence[Take],
    makes: Sequence[NewBatch],
    *,
    loss_g: int = 0,
    reason: str = "",
    day: date | None = None,
) -> Transformation:
    """Check a split, merge or re-packing and work out its batches.

    A new batch has the day that was given, or the earliest day of what went in (its goods are as old as the oldest of
    them); origin, plot and grower where all that went in agree.

    Raises:
        TransformationShapeError, TransformationPartyError, SameBatchError: other batches than this kind takes.
        BatchClosedError, BatchUsedUpError, BatchTakeError: a batch does not have what is to be taken.
        LossReasonError: a loss without a reason.
        ConservationError: in and out do not add up.
    """
    _check_shape(kind, takes, makes)
    for take in takes:
        _check_take(take)
    if loss_g and not reason.strip():
        raise LossReasonError(loss_kg=kilograms(loss_g))
    taken_g = sum(take.grams for take in takes)
    weights = _weights(taken_g, loss_g, makes)
    parents = [take.balance.batch for take in takes]
    return Transformation(
        kind,
        tuple((take.balance.batch, take.grams) for take in takes),
        tuple(_child(parents, make, weight, day) for make, weight in zip(makes, weights, strict=True)),
        loss_g,
        reason.strip(),
        tuple(take.balance.batch for take in takes if take.grams == take.balance.left_g),
    )


def _check_shape(kind: TransformationKind, takes: Sequence[Take], makes: Sequence[NewBatch]) -> None:
    shape = SHAPES[kind]
    parents = [take.balance.batch for take in takes]
    for count, (least, most) in ((len(takes), shape.inputs), (len(makes), shape.outputs)):
        if not least <= count <= most:
            raise TransformationShapeError(count=count, least=least, most=most)
    party_id, product_id = parents[0].party_id, parents[0].product_id
    for parent in parents:
        if parent.party_id != party_id or parent.product_id != product_id:
            raise TransformationPartyError(batch=parent.reference, other=parents[0].reference)
    if any((make.product_id == product_id) is not shape.same_product for make in makes):
        raise TransformationPartyError(batch=f"{party_id}/{makes[0].product_id}/{makes[0].lot}", other=product_id)
    keys = [parent.key for parent in parents] + [(party_id, make.product_id, make.lot) for make in makes]
    for key in keys:
        if keys.count(key) > 1:
            raise SameBatchError(batch="/".join(key))


def _check_take(take: Take) -> None:
    balance = take.balance
    balance.batch.require_taking()
    words = {
        "batch": balance.batch.reference,
        "left_kg": kilograms(balance.left_g),
        "issued_kg": kilograms(balance.issued_g),
        "taken_kg": kilograms(balance.taken_g),
    }
    if balance.left_g == 0:
        raise BatchUsedUpError(**words)
    if not 0 < take.grams <= balance.left_g:
        raise BatchTakeError(**words, wanted_kg=kilograms(take.grams))


def _weights(taken_g: int, loss_g: int, makes: Sequence[NewBatch]) -> list[int]:
    """The weight of each new batch; at most one may be left open, and takes the rest."""
    said_g = sum(make.weight_g or 0 for make in makes)
    rest_g = taken_g - loss_g - said_g
    open_ones = sum(make.weight_g is None for make in makes)
    if open_ones > 1 or loss_g < 0 or (rest_g <= 0 if open_ones else rest_g != 0):
        raise ConservationError(
            taken_kg=kilograms(taken_g), out_kg=kilograms(said_g), loss_kg=kilograms(max(loss_g, 0))
        )
    return [rest_g if make.weight_g is None else make.weight_g for make in makes]


def _child(parents: Sequence[Batch], make: NewBatch, weight_g: int, day: date | None) -> Batch:
    origins = {parent.origin for parent in parents}
    return Batch(
        party_id=parents[0].party_id,
        product_id=make.product_id,
        lot=make.lot,
        produced_on=day or min(parent.produced_on for parent in parents),
        weight_g=weight_g,
        origin=origins.pop() if len(origins) == 1 else None,
        plot=_shared([parent.plot for parent in parents]),
        grower=_shared([parent.grower for parent in parents]),
        state=BatchState.REGISTERED,
    )


def _shared(texts: Sequence[str]) -> str:
    return texts[0] if len(set(texts)) == 1 else NOT_SHARED
