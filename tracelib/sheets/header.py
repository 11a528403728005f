"""Where the header of a table stands, over how many rows, and which column is which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracelib.batches.weight import UNITS, fold_unit
from tracelib.sheets.cells import Cells
from tracelib.sheets.column import letters
from tracelib.sheets.errors import (
    Faults,
    HiddenColumnError,
    MissingHeaderError,
    RepeatedHeaderError,
    UnknownHeaderError,
)
from tracelib.sheets.heading import Heading, Vocabulary
from tracelib.sheets.merges import Merges
from tracelib.text import Language

SEARCHED = 30
"""In how many rows with content the header is looked for."""
_FEWEST = 2
"""One known word may stand in any title."""
RawRow = tuple[int, Cells]


@dataclass(frozen=True, slots=True)
class Header:
    """A header: the last row it takes (data begins below it), and its words by zero-based column."""

    row: int
    words: Mapping[int, str]


def find_header(rows: Sequence[RawRow], merges: Merges, vocabulary: Vocabulary) -> Header | None:
    """The header among the first rows: the first of those with the most known words; None where no row has two.

    Rows that merged cells tie to it belong to it, and so does a row of nothing but units below it.
    """
    counts = [vocabulary.count(_words(cells).values()) for _, cells in rows]
    best = max(counts, default=0)
    if best < _FEWEST:
        return None
    number = rows[counts.index(best)][0]
    first, last = merges.rows_tied_to(number)
    by_number = dict(rows)
    words: dict[int, str] = {}
    for row in range(first, last + 1):
        _lay_under(words, _words(by_number.get(row, {})), merges, first, row, vocabulary)
    below = by_number.get(last + 1)
    if below and all(_unit(word) for word in _words(below).values()) and set(below) <= set(words):
        words |= {index: f"{words[index]}({_unit(word)})" for index, word in _words(below).items()}
        last += 1
    return Header(last, words)


def _words(cells: Cells) -> dict[int, str]:
    return {index: cell if isinstance(cell, str) else _shown(cell) for index, cell in cells.items()}


def _shown(cell: object) -> str:
    return cell.isoformat() if isinstance(cell, date) else "?"


def _unit(word: str) -> str:
    """The unit that a word is, without brackets; empty where it is none."""
    unit = fold_unit(word).strip("()[]")
    return unit if unit in UNITS else ""


def _lay_under(
    words: dict[int, str], lower: Mapping[int, str], merges: Merges, first: int, row: int, vocabulary: Vocabulary
) -> None:
    """Lay a row of a header under the rows above: a lower word that says nothing alone is read with the upper one."""
    for index, word in lower.items():
        upper = words.get(index) or words.get(merges.left_of(first, index), "")
        choices = [word, f"{upper}({word})", f"{upper}{word}"] if upper and row > first else [word]
        if len(choices) > 1 and _unit(word):  # 斤 under 毛重 is no net weight
            choices = [f"{upper}({_unit(word)})"]
        words[index] = next((choice for choice in choices if vocabulary.find(choice)), choices[0])
    if row > first:  # the upper word of merged columns names none of them by itself
        for index in [i for i in words if i not in lower and merges.spans_columns(first, i)]:
            del words[index]


def match_header(
    header: Header, hidden: Mapping[int, str], sheet: str, vocabulary: Vocabulary, faults: Faults
) -> tuple[dict[int, Heading], dict[int, UnknownHeaderError]]:
    """Which column stands at which index, and the unknown words. Repeated and missing words are noted in ``faults``.

    With a required column missing, unknown words are noted too: one may stand for it. Else they are given back, to be
    noted where a cell stands under them.

    ``hidden`` are the header words of hidden columns, which are not read.
    """
    found: dict[int, Heading] = {}
    unknown: dict[int, UnknownHeaderError] = {}
    first: dict[str, int] = {}
    for index, word in sorted(header.words.items()):
        place = {"sheet": sheet, "row": header.row, "column": letters(index), "value": word}
        heading = vocabulary.find(word)
        found[index] = heading or Heading(None)
        if heading is None:
            language: Language = "en" if word.isascii() else "zh"
            unknown[index] = UnknownHeaderError(**place, nearest=vocabulary.nearest(word).header.pick(language))
        elif heading.column and heading.column.key in first:
            found[index] = Heading(None)
            faults.add(RepeatedHeaderError(**place, first=letters(first[heading.column.key])))
        elif heading.column:
            first[heading.column.key] = index
    if vocabulary.missing(header.words.values()):
        _note_missing(header, hidden, sheet, vocabulary, faults)
        for fault in unknown.values():
            faults.add(fault)
        unknown = {}
    return found, unknown


def _note_missing(
    header: Header, hidden: Mapping[int, str], sheet: str, vocabulary: Vocabulary, faults: Faults
) -> None:
    language: Language = "en" if all(word.isascii() for word in header.words.values()) else "zh"
    for column in vocabulary.missing(header.words.values()):
        unseen = next((i for i, word in hidden.items() if (h := vocabulary.find(word)) and h.column is column), None)
        if unseen is not None:
            place = {"sheet": sheet, "row": header.row, "column": letters(unseen)}
            faults.add(HiddenColumnError(**place, value=hidden[unseen]))
        else:
            faults.add(MissingHeaderError(sheet=sheet, row=header.row, header=column.header.pick(language)))
