"""Columns of a table, and how the words in a header find them."""

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracelib.sheets.cells import CellValue, Kind
from tracelib.sheets.errors import Faults, MissingHeaderError, RepeatedHeaderError, UnknownHeaderError
from tracelib.text import Language, LocalizedText

IGNORED_HEADERS = frozenset({"序号", "no", "no.", "#"})
"""Running numbers that people put before the first column; what stands under them is not read."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key, its header in both languages and other spellings, what its cells hold.

    ``explanation``, ``example`` and ``width`` (characters) serve the template.
    """

    key: str
    header: LocalizedText
    spellings: tuple[str, ...]
    kind: Kind
    explanation: LocalizedText
    example: LocalizedText
    required: bool = True
    width: int = 16


def letters(index: int) -> str:
    """Column letters of a spreadsheet for a zero-based index: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def fold(header: str) -> str:
    """A header without case, spaces, hyphens, underscores, asterisks and full-width forms."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return "".join(c for c in plain if not c.isspace() and c not in "-_*")


def spellings(columns: Sequence[Column]) -> dict[str, Column]:
    """Every accepted spelling, folded, to its column."""
    return {
        fold(text): column for column in columns for text in (column.header.zh, column.header.en, *column.spellings)
    }


def known_headers(cells: Sequence[str], columns: Sequence[Column]) -> int:
    """How many of the cells are headers of these columns."""
    known = spellings(columns)
    return sum(fold(cell) in known for cell in cells)


def match_header(
    cells: Mapping[int, CellValue], row: int, sheet: str, columns: Sequence[Column], faults: Faults
) -> dict[int, Column | None]:
    """Which column stands at which index; None for columns that are not read. Unknown, repeated and missing ones are
    noted in ``faults``.
    """
    known = spellings(columns)
    found: dict[int, Column | None] = {}
    first: dict[str, int] = {}
    for index, cell in sorted(cells.items()):
        place = {"sheet": sheet, "row": row, "column": letters(index), "value": cell}
        text = fold(str(cell))
        column = known.get(text)
        found[index] = column
        if column is None:
            if text not in IGNORED_HEADERS:
                faults.add(UnknownHeaderError(**place, nearest=_nearest(text, known)))
        elif column.key in first:
            found[index] = None
            faults.add(RepeatedHeaderError(**place, first=letters(first[column.key])))
        else:
            first[column.key] = index
    language: Language = "en" if all(str(cell).isascii() for cell in cells.values()) else "zh"
    for column in columns:
        if column.required and column.key not in first:
            faults.add(MissingHeaderError(sheet=sheet, row=row, header=column.header.pick(language)))
    return found


def _nearest(text: str, known: Mapping[str, Column]) -> str:
    nearest = known[difflib.get_close_matches(text, known, n=1, cutoff=0)[0]]
    return nearest.header.pick("en" if text.isascii() else "zh")
