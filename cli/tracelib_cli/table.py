"""A table that fits the terminal: words are never broken; where columns would get too narrow, a row is a block."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

KEPT, READABLE = 22, 12
"""A column up to so many cells (a day and time, a name) is left whole where that fits; one of prose, made narrower than
the second, is no column any more."""

TALLEST = 6
"""A row of more lines than this reads better as a block."""

FRAME = 3
"""Cells that each column costs beside its text: a space on either side and a line."""

_NEVER_FIRST = frozenset("，。；：、！？）》」』”’…,.;:!?)%")
_NEVER_LAST = frozenset("（《「『“‘(")


@dataclass(frozen=True, slots=True)
class Columns:
    """A table laid out: every cell as the lines that its column has room for."""

    widths: tuple[int, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]


def lay_out(rows: Sequence[Sequence[str]], room: int) -> Columns | None:
    """Lay out rows, headers among them, in ``room`` cells; None where they only fit as blocks.

    Pieces between blanks stay whole where that fits; else a path may be broken behind a slash.
    """
    for keep, slashes in ((KEPT, False), (KEPT, True), (READABLE, False), (READABLE, True)):
        columns = list(zip(*rows, strict=True))
        natural = [max(cells(line) for text in column for line in text.split("\n")) for column in columns]
        least = [
            max(min(wide, keep), max((cells(p) for text in column for p in _pieces(text, slashes)), default=0))
            for wide, column in zip(natural, columns, strict=True)
        ]
        free = room - FRAME * len(columns) - 1
        if sum(least) > free:
            continue
        cap = max(natural)
        while sum(widths := [max(low, min(wide, cap)) for low, wide in zip(least, natural, strict=True)]) > free:
            cap -= 1
        laid = tuple(
            tuple(tuple(wrap(text, width, slashes)) for text, width in zip(row, widths, strict=True)) for row in rows
        )
        if max(len(lines) for row in laid for lines in row) <= TALLEST:
            return Columns(tuple(widths), laid)
    return None


def blocks(headers: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[str]:
    """Each row as lines «header  value», empty values left out, a blank line between rows.

    What stands in a column without a header (a mark) is put before the next value.
    """
    label = max((cells(header) for header in headers), default=0)
    lines: list[str] = []
    for row in rows:
        if lines:
            lines.append("")
        mark = ""
        for header, cell in zip(headers, row, strict=True):
            text = f"{mark}{cell}"
            mark = f"{text} " if text and not header and cell is not row[-1] else ""
            if mark or not cell:
                continue
            indent = f"{header}{' ' * (label - cells(header))}  " if label else ""
            for line in wrap(text, max(room - cells(indent), READABLE), slashes=False):
                lines.append(f"{indent}{line}".rstrip())
                indent = " " * cells(indent)
    return lines


def wrap(text: str, width: int, slashes: bool) -> list[str]:
    """Lines of at most ``width`` cells, broken at blanks and between Chinese characters; a longer piece stays whole."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for piece, blank in _with_blanks(paragraph, slashes):
            if line and cells(line) + cells(blank) + cells(piece) > width:
                lines.append(line)
                line = piece
            else:
                line += (blank if line else "") + piece
        lines.append(line)
    return lines


def cells(text: str) -> int:
    """How many cells a text takes on a terminal: Chinese characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pieces(text: str, slashes: bool) -> list[str]:
    return [piece for line in text.split("\n") for piece, _ in _with_blanks(line, slashes)]


def _with_blanks(line: str, slashes: bool) -> list[tuple[str, str]]:
    """The pieces that stay whole, each with the blanks before it."""
    pieces: list[tuple[str, str]] = []
    for blank, word in re.findall(r"(\s*)(\S+)", line):
        for number, piece in enumerate(_split(word, slashes)):
            pieces.append((piece, "" if number else blank))
    return pieces


def _split(word: str, slashes: bool) -> list[str]:
    """A word in pieces: Chinese characters part from each other, but not from the punctuation that belongs to them."""
    pieces = [""]
    for before, character in zip(f" {word}", word, strict=False):
        parts = _is_wide(character) or _is_wide(before) or (slashes and before in "/\\" and character not in "/\\")
        if pieces[-1] and parts and character not in _NEVER_FIRST and before not in _NEVER_LAST:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
