"""Which codes of a batch are meant: pieces of counters, and what can be said of them without looking at a code.

A batch's codes lie in ranges of counters. People count *positions*: 1 for the first code of the batch, on over all its
ranges in the order of issue. The counter is what stays true whatever happens, so records keep both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """``count`` codes under ``prefix`` from counter ``first`` on; ``position`` is the first one's place, from 1."""

    prefix: str
    first: int
    count: int
    position: int

    @property
    def last(self) -> int:
        """The last counter."""
        return self.first + self.count - 1

    @property
    def last_position(self) -> int:
        """The last code's position in the batch."""
        return self.position + self.count - 1

    def part(self, first: int, last: int) -> "Piece":
        """The codes with counters ``first`` to ``last``, which must lie within."""
        return replace(self, first=first, count=last - first + 1, position=self.position + first - self.first)


def count_of(pieces: Iterable[Piece]) -> int:
    """How many codes."""
    return sum(piece.count for piece in pieces)


def places_of(pieces: Iterable[Piece], most: int = 3) -> str:
    """Positions as people write them: ``41-59, 71-91``; of more than ``most`` parts the first ones and ``…``."""
    runs: list[tuple[int, int]] = []
    for piece in sorted(pieces, key=lambda one: one.position):
        if runs and runs[-1][1] + 1 == piece.position:
            runs[-1] = (runs[-1][0], piece.last_position)
        else:
            runs.append((piece.position, piece.last_position))
    shown = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs[:most])
    return shown + (" …" if len(runs) > most else "")


def shared(pieces: Iterable[Piece], others: Iterable[Piece]) -> tuple[Piece, ...]:
    """The codes of ``pieces`` that are in ``others`` too, joined where they touch."""
    known = list(others)
    found = [
        piece.part(max(piece.first, other.first), min(piece.last, other.last))
        for piece in pieces
        for other in known
        if piece.prefix == other.prefix and piece.first <= other.last and other.first <= piece.last
    ]
    return joined(found)


def without(pieces: Iterable[Piece], others: Iterable[Piece]) -> tuple[Piece, ...]:
    """The codes of ``pieces`` that are in none of ``others``, in the same order."""
    left: list[Piece] = []
    taken = list(others)
    for piece in pieces:
        start = piece.first
        for other in sorted(shared([piece], taken)):
            if start < other.first:
                left.append(piece.part(start, other.first - 1))
            start = max(start, other.last + 1)
        if start <= piece.last:
            left.append(piece.part(start, piece.last))
    return tuple(left)


def joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same codes, each once, in as few pieces as possible, in the order of their counters."""
    made: list[Piece] = []
    for piece in sorted(pieces):
        if made and made[-1].prefix == piece.prefix and piece.first <= made[-1].last + 1:
            made[-1] = made[-1].part(made[-1].first, max(made[-1].last, piece.last))
        else:
            made.append(piece)
    return tuple(made)


def at_positions(pieces: Iterable[Piece], first: int, last: int) -> tuple[Piece, ...]:
    """The codes at positions ``first`` to ``last``, both included, as far as they are among ``pieces``."""
    found = []
    for piece in pieces:
        low, high = max(first, piece.position), min(last, piece.last_position)
        if low <= high:
            found.append(piece.part(piece.first + low - piece.position, piece.first + high - piece.position))
    return tuple(found)


def in_order(pieces: Iterable[Piece], first: int, last: int | None) -> tuple[Piece, ...]:
    """The ``first``-th to the ``last``-th of these codes, counted from 1 in their order; None: to the end."""
    found = []
    before = 0
    for piece in pieces:
        low, high = max(first - before, 1), min((last or before + piece.count) - before, piece.count)
        if low <= high:
            found.append(piece.part(piece.first + low - 1, piece.first + high - 1))
        before += piece.count
    return tuple(found)


def cut(pieces: Sequence[Piece], size: int) -> list[tuple[Piece, ...]]:
    """The codes in parts of ``size``, the last one what is left."""
    parts: list[tuple[Piece, ...]] = []
    part: list[Piece] = []
    room = size
    for piece in pieces:
        start = piece.first
        while start <= piece.last:
            end = min(piece.last, start + room - 1)
            part.append(piece.part(start, end))
            room -= end - start + 1
            start = end + 1
            if not room:
                parts.append(tuple(part))
                part, room = [], size
    if part:
        parts.append(tuple(part))
    return parts


def times_covered(coverings: Iterable[Iterable[Piece]]) -> list[tuple[Piece, int]]:
    """How often each code is covered: pieces with the same number, in the order of their positions; never 0 times."""
    pieces = [piece for covering in coverings for piece in joined(covering)]
    made: list[tuple[Piece, int]] = []
    for prefix in dict.fromkeys(piece.prefix for piece in pieces):
        own = [piece for piece in pieces if piece.prefix == prefix]
        edges = sorted({piece.first for piece in own} | {piece.last + 1 for piece in own})
        for low, high in pairwise(edges):
            over = [piece for piece in own if piece.first <= low <= piece.last]
            if not over:
                continue
            here = over[0].part(low, high - 1)
            if made and made[-1][1] == len(over) and made[-1][0].prefix == prefix and made[-1][0].last + 1 == low:
                before = made.pop()[0]
                here = before.part(before.first, high - 1)
            made.append((here, len(over)))
    return sorted(made, key=lambda item: (item[0].position, item[0]))
