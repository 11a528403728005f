"""The clerk's own sheet once more, with the faults marked in its cells, said beside each row, and listed on a sheet.

Written row by row, so that a long sheet costs little memory. Columns are as wide as in the source, and the cells above
the rows are merged as there. A formula stands there as its result; one without, and an error value, as text.
"""

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.cell_range import MultiCellRange

from tracelib.errors import FormatError
from tracelib.sheets.cells import CellValue, FaultyCell, FormattedNumber
from tracelib.sheets.column import letters
from tracelib.sheets.header import SEARCHED, RawRow, find_header
from tracelib.sheets.heading import MESSAGES, Vocabulary
from tracelib.sheets.layout import Layout
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.merges import column_of
from tracelib.sheets.raw import RawTable, open_raw
from tracelib.text import Language, LocalizedText, translator

_RED = PatternFill("solid", fgColor="FFC7CE")
_ALARM = Font(bold=True, color="9C0006")
_BOLD = Font(bold=True)
_GREY = PatternFill("solid", fgColor="E7E6E6")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTH = 16
_MESSAGES_WIDTH = 60
_WIDE = 64
"""Columns that are given a width, and stay hidden where they were."""
_LINE_CHARACTERS, _LINE_PIXELS = 24, 20
_SUMMARY = LocalizedText("检查结果", "Faults")
_HEADER = (LocalizedText("行", "Row"), LocalizedText("列", "Column"), LocalizedText("说明", "What is wrong"))
_WIDTHS = (8, 24, 110)
_COUNT = LocalizedText("共 {count} 处错误，什么也没有登记。", "{count} faults; nothing was registered.")
_MARKED = LocalizedText("标出了前 {marked} 处。", "The first {marked} are marked.")
_HOW = LocalizedText(
    "请在第一个工作表中改正标红的单元格（说明在最右一列，鼠标停在红格上也能看），保存后重新登记本文件。最右一列不用删。",
    "Correct the red cells on the first sheet (the last column says why, and so does each cell under the pointer), "
    "save, and register this file. The last column may stay.",
)
_AUTHOR = "tracelib"

Marks = dict[int, dict[int, list[str]]]
"""Row to zero-based column to messages."""


def write_report(
    source: Path,
    out: BinaryIO,
    faults: Sequence[FormatError],
    count: int,
    *,
    vocabulary: Vocabulary,
    sheet: str | None,
    language: Language,
    limits: Limits = LIMITS,
) -> None:
    """Write the marked workbook to a stream that is open for writing.

    Args:
        source: the file that was checked; CSV or XLSX.
        out: where the workbook goes.
        faults: what was found, in the order of the rows; ``count`` is how many there were in all.
        vocabulary: the words with which the file was read.
        sheet: the sheet that was asked for, None for the one that is meant.
        language: of the messages.
    """
    marks = _marks(faults, language)
    book = Workbook(write_only=True)
    with open_raw(source, vocabulary, sheet=sheet, see_hidden=True, limits=limits) as raw:
        table = book.create_sheet("".join(c for c in raw.sheet if c not in "\\/*?:[]")[:31] or "1")
        first = list(islice(raw.rows, SEARCHED))
        head = _head(raw, first, vocabulary, marks, language)
        _set_columns(table, raw.layout, head)
        written = 0
        for number, cells in chain(first, raw.rows):
            raw.layout.take_formulas(number)
            struck = raw.layout.take_struck(number)
            if raw.layout.has_row(number):
                table.row_dimensions[number].hidden = True
            for row in range(written + 1, number + 1):
                written_row = _row(table, cells if row == number else {}, marks.pop(row, {}), head.of(row))
                table.append(_struck(table, written_row, struck) if struck and row == number else written_row)
            written = number
        _merge(table, raw, head)
    _write_summary(book.create_sheet(_SUMMARY.pick(language)), faults, count, language)
    book.save(out)


@dataclass(frozen=True, slots=True)
class _Head:
    """The rows above those of the table: ``row`` is the last of the header.

    ``messages`` is the zero-based column of the messages, right of everything, and ``title`` its header.
    """

    row: int
    messages: int
    title: str

    def of(self, row: int) -> "_Place":
        """What a row is."""
        return _Place(self.messages, row <= self.row, self.title if row == self.row else "")


@dataclass(frozen=True, slots=True)
class _Place:
    """How a row is written: the column of its messages, whether it is emphasised, the title of that column in it."""

    messages: int
    bold: bool
    title: str


def _head(raw: RawTable, first: Sequence[RawRow], vocabulary: Vocabulary, marks: Marks, language: Language) -> _Head:
    header = find_header(first, raw.merges, vocabulary)
    words = header.words if header else {}
    used = chain(words, *(cells for _, cells in first), *marks.values())
    return _Head(header.row if header else 0, max(used, default=0) + 1, MESSAGES.pick(language))


def _set_columns(table: Any, layout: Layout, head: _Head) -> None:  # noqa: ANN401 - openpyxl's types know no widths here
    """What a person did not see in the source is not seen in the copy either, or it would be read from there."""
    for index in range(max(_WIDE, head.messages)):
        dimension = table.column_dimensions[letters(index)]
        dimension.width, dimension.hidden = layout.widths.get(index, _WIDTH), layout.has(index)
    table.column_dimensions[letters(head.messages)].width = _MESSAGES_WIDTH
    table.freeze_panes = f"A{head.row + 1}"


def _merge(table: Any, raw: RawTable, head: _Head) -> None:  # noqa: ANN401 - openpyxl's types know no merges here
    """Merge what is merged in titles and header; merged cells among the rows are a fault, and split in the copy."""
    merged = MultiCellRange()
    for top, merges in raw.merges.by_top.items():
        for merge in merges:
            if top <= merge.bottom <= head.row:
                merged.add(merge.ref)
    table.merged_cells = merged


def _marks(faults: Sequence[FormatError], language: Language) -> Marks:
    """A fault of a whole row is marked in its first cell."""
    translate = translator(language)
    marks: Marks = defaultdict(lambda: defaultdict(list))
    for fault in faults:
        row = fault.params.get("row")
        if isinstance(row, int) and row > 0:
            marks[row][_column(fault)].append(fault.message(translate))
    return marks


def _column(fault: FormatError) -> int:
    letter = str(fault.params.get("column", "")).partition(" ")[0]
    return column_of(letter) if letter.isascii() and letter.isalpha() and letter.isupper() and len(letter) < 4 else 0


def _row(
    table: WriteOnlyWorksheet, cells: dict[int, CellValue | FaultyCell], marks: dict[int, list[str]], place: _Place
) -> list[object]:
    width = max([-1, *cells, *marks]) + 1
    row: list[object] = [None] * width
    for index in range(width):
        value = cells.get(index)
        plain = value.text if isinstance(value, FaultyCell) else value
        if isinstance(plain, str) and not isinstance(plain, FormattedNumber):
            plain = ILLEGAL_CHARACTERS_RE.sub("\ufffd", plain)
        special = isinstance(plain, date | FormattedNumber) or (isinstance(plain, str) and plain.startswith("="))
        if index in marks or special or (place.bold and plain is not None):
            row[index] = _cell(table, plain, marks.get(index, []), place.bold)
        else:
            row[index] = plain
    if marks or place.title:
        said = [message for _, messages in sorted(marks.items()) for message in messages]
        row += [None] * (place.messages + 1 - width)
        row[place.messages] = _message(
            table, "\n".join([place.title, *said] if place.title else said), bool(place.title)
        )
    return row


def _struck(table: WriteOnlyWorksheet, row: list[object], struck: AbstractSet[int]) -> list[object]:
    """What is struck out stays so, or it would be registered from the copy."""
    for index in struck:
        cell = row[index]
        if not isinstance(cell, Cell):
            cell = row[index] = _cell(table, cell, [], bold=False)  # type: ignore[arg-type]  # a value of a cell
        cell.font = Font(bold=cell.font.bold, color=cell.font.color, strike=True)
    return row


def _message(table: WriteOnlyWorksheet, text: str, bold: bool) -> Cell:
    """What is wrong in a row, as text beside it: a phone shows no comments."""
    cell = WriteOnlyCell(table, text)
    cell.data_type = "s"
    cell.alignment, cell.font = _WRAPPED, (_BOLD if bold else Font(color="9C0006"))
    return cell


def _cell(table: WriteOnlyWorksheet, value: CellValue | None, messages: Sequence[str], bold: bool) -> Cell:
    cell = WriteOnlyCell(table, value)  # type: ignore[arg-type]  # a day is a value to openpyxl
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, FormattedNumber):  # with its words, or it would be another weight
        cell.value, cell.number_format = Decimal(value), value.code
    elif isinstance(value, str):
        cell.data_type = "s"  # a formula stays a text to read
    if bold:
        cell.font, cell.fill = _BOLD, _GREY
    if messages:
        text = "\n".join(messages)
        cell.fill, cell.font = _RED, _ALARM
        lines = len(text) // _LINE_CHARACTERS + len(messages) + 1
        cell.comment = Comment(text, _AUTHOR, height=max(60, lines * _LINE_PIXELS), width=340)
    return cell


def _write_summary(
    sheet: Any,  # noqa: ANN401 - openpyxl's types know no widths here
    faults: Sequence[FormatError],
    count: int,
    language: Language,
) -> None:
    translate = translator(language)
    for letter, width in zip("ABC", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([None, None, _COUNT.pick(language).format(count=count)])
    if count > len(faults):
        sheet.append([None, None, _MARKED.pick(language).format(marked=len(faults))])
    sheet.append([None, None, _HOW.pick(language)])
    header = [WriteOnlyCell(sheet, text.pick(language)) for text in _HEADER]
    for cell in header:
        cell.font = _BOLD
    sheet.append(header)
    for fault in faults:
        message = WriteOnlyCell(sheet, fault.message(translate))
        message.data_type = "s"
        message.alignment = _WRAPPED
        column = str(fault.params.get("column", ""))
        sheet.append([fault.params.get("row"), column, message])
