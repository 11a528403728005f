"""From the ranges of a batch to pieces, from pieces to units, and back.

Serials are a keyed permutation of counters, so units need the issuer key.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from tracelib.batches.pieces import Piece, shared
from tracelib.operations.issuing.issuer import Issuer
from tracelib.store.code_values import IssuedRange

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

IssuerOf = Callable[[bytes], Issuer]
"""Opens the issuer key with a full hash."""
AT_ONCE = 20_000


def range_of(ranges: Iterable[IssuedRange], piece: Piece) -> IssuedRange:
    """The range that holds a piece, which must be one of ``ranges``."""
    return next(r for r in ranges if r.prefix == piece.prefix and r.first <= piece.first and piece.last <= r.last)


def numbered(ranges: "Iterable[IssuedRange]") -> tuple[Piece, ...]:
    """The registered ranges of a batch, in the order of issue, with their positions."""
    made: list[Piece] = []
    position = 1
    for range_ in ranges:
        if range_.seq is not None:
            made.append(Piece(range_.prefix, range_.first, range_.count, position))
            position += range_.count
    return tuple(made)


def pieces_of(uow: "UnitOfWork", parts: "Iterable[IssuedRange]") -> tuple[Piece, ...]:
    """Parts of registered ranges of one batch as pieces with their positions, in the order of issue."""
    wanted = [Piece(part.prefix, part.first, part.count, 0) for part in parts]
    first = next(iter(parts), None)
    if first is None:
        return ()
    ranges = uow.codes.ranges_of(first.party_id, first.product_id, first.lot)
    return tuple(part for piece in numbered(ranges) for part in shared([piece], wanted))


def parts_of(ranges: Sequence[IssuedRange], pieces: Iterable[Piece]) -> list[IssuedRange]:
    """The pieces as parts of their ranges, in the same order, joined where one follows the other."""
    parts: list[IssuedRange] = []
    for piece in pieces:
        part = replace(range_of(ranges, piece), first=piece.first, count=piece.count)
        before = parts[-1] if parts else None
        if before is not None and replace(before, first=part.first, count=part.count) == part == _after(before, part):
            parts[-1] = replace(before, count=before.count + part.count)
        else:
            parts.append(part)
    return parts


def _after(before: IssuedRange, part: IssuedRange) -> IssuedRange | None:
    return part if before.last + 1 == part.first else None


def serials_of(
    issuer_of: IssuerOf, ranges: Sequence[IssuedRange], pieces: Iterable[Piece]
) -> Iterator[tuple[Piece, list[str]]]:
    """The serials of pieces, in parts of some ten thousand: each part and its serials in the order of counters."""
    for piece in pieces:
        cipher = issuer_of(range_of(ranges, piece).issuer_key).cipher
        for first in range(piece.first, piece.last + 1, AT_ONCE):
            part = piece.part(first, min(first + AT_ONCE - 1, piece.last))
            yield part, cipher.serials(part.first, part.count)


def those_of(part: Piece, serials: Sequence[str], chosen: set[str]) -> list[Piece]:
    """The codes of ``part`` whose serial is among ``chosen``."""
    if not chosen:
        return []
    places = [n for n, serial in enumerate(serials) if serial in chosen]
    if not places:
        return []
    ends = [0, *(i for i, (a, b) in enumerate(pairwise(places), 1) if b != a + 1), len(places)]
    return [part.part(part.first + places[low], part.first + places[high - 1]) for low, high in pairwise(ends)]


def void_pieces(
    uow: "UnitOfWork", issuer_of: IssuerOf, ranges: Sequence[IssuedRange], pieces: Iterable[Piece]
) -> list[Piece]:
    """The codes of pieces that are void; ``ranges`` of one party hold the pieces."""
    found: list[Piece] = []
    for part, serials in serials_of(issuer_of, ranges, pieces):
        found += those_of(part, serials, uow.prints.void_among(ranges[0].party_id, serials))
    return found
