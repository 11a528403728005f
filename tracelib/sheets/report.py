"""The clerk's own sheet once more, with the faults marked in its cells and listed on a sheet of their own.

Written row by row, so that a long sheet costs little memory. Formulas and error values stand there as text.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from tracelib.errors import FormatError
from tracelib.sheets.cells import CellValue, FaultyCell
from tracelib.sheets.column import letters
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.layout import Layout
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.merges import column_of
from tracelib.sheets.raw import open_raw
from tracelib.text import Language, LocalizedText, translator

_RED = PatternFill("solid", fgColor="FFC7CE")
_BOLD = Font(bold=True)
_WIDTH = 16
_WIDE = 64
"""Columns that are given a width, and stay hidden where they were."""
_LINE_CHARACTERS, _LINE_PIXELS = 24, 20
_SUMMARY = LocalizedText("检查结果", "Faults")
_HEADER = (LocalizedText("行", "Row"), LocalizedText("列", "Column"), LocalizedText("说明", "What is wrong"))
_WIDTHS = (8, 24, 110)
_COUNT = LocalizedText("共 {count} 处错误，什么也没有登记。", "{count} faults; nothing was registered.")
_MARKED = LocalizedText("标出了前 {marked} 处。", "The first {marked} are marked.")
_HOW = LocalizedText(
    "请在第一个工作表中改正标红的单元格（鼠标停在上面可看说明），保存后重新登记本文件。",
    "Correct the red cells on the first sheet (rest the pointer on one to read why), save, and register this file.",
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
        table.freeze_panes = None
        written = 0
        for number, cells in raw.rows:
            if not written:  # what stands before the rows is known now
                _set_columns(table, raw.layout)
            if raw.layout.has_row(number):
                table.row_dimensions[number].hidden = True
            for missed in range(written + 1, number):
                table.append(_row(table, {}, marks.pop(missed, {})))
            table.append(_row(table, cells, marks.pop(number, {})))
            written = number
    _write_summary(book.create_sheet(_SUMMARY.pick(language)), faults, count, language)
    book.save(out)


def _set_columns(table: Any, layout: Layout) -> None:  # noqa: ANN401 - openpyxl's types know no widths here
    """What a person did not see in the source is not seen in the copy either, or it would be read from there."""
    for index in range(_WIDE):
        dimension = table.column_dimensions[letters(index)]
        dimension.width, dimension.hidden = _WIDTH, layout.has(index)


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
    table: WriteOnlyWorksheet, cells: dict[int, CellValue | FaultyCell], marks: dict[int, list[str]]
) -> list[object]:
    width = max([-1, *cells, *marks]) + 1
    row: list[object] = [None] * width
    for index in range(width):
        value = cells.get(index)
        plain = value.text if isinstance(value, FaultyCell) else value
        if isinstance(plain, str):
            plain = ILLEGAL_CHARACTERS_RE.sub("\ufffd", plain)
        if index in marks or isinstance(plain, date) or (isinstance(plain, str) and plain.startswith("=")):
            row[index] = _cell(table, plain, marks.get(index, []))
        else:
            row[index] = plain
    return row


def _cell(table: WriteOnlyWorksheet, value: CellValue | None, messages: Sequence[str]) -> Cell:
    cell = WriteOnlyCell(table, value)  # type: ignore[arg-type]  # a day is a value to openpyxl
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, str):
        cell.data_type = "s"  # a formula stays a text to read
    if messages:
        text = "\n".join(messages)
        cell.fill = _RED
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
        message.alignment = Alignment(wrap_text=True, vertical="top")
        column = str(fault.params.get("column", ""))
        sheet.append([fault.params.get("row"), column, message])
