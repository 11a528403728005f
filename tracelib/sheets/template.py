"""Templates to fill in: an XLSX with explanation and validation, or a CSV that Excel opens with the right encoding."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tracelib.batches.batch import EARLIEST, HEAVIEST_G, LATEST, LONGEST_TEXT
from tracelib.sheets.cells import (
    DAY_KIND,
    DIVISION_KIND,
    GRAMS_IN_KILOGRAM,
    LINE_KIND,
    LOT_KIND,
    NUMBER_KIND,
    REGISTERED_KIND,
    WEIGHT_KIND,
    day,
)
from tracelib.sheets.column import Column, letters
from tracelib.sheets.errors import TemplateExistsError, TemplateNameError
from tracelib.sheets.xlsx import serial_of
from tracelib.text import Language, LocalizedText

VALIDATED_ROWS = 20_000
_REQUIRED = PatternFill("solid", fgColor="FFF2CC")
_OPTIONAL = PatternFill("solid", fgColor="E2EFDA")
_EXAMPLE = Font(italic=True, color="808080")
_GUIDE = LocalizedText("填写说明", "Guide")
_GUIDE_HEADER = (
    LocalizedText("列名", "Column"),
    LocalizedText("必填", "Required"),
    LocalizedText("填写要求", "What to write"),
    LocalizedText("示例", "Example"),
    LocalizedText("也可写作", "Other accepted names"),
)
_YES, _NO = LocalizedText("是", "yes"), LocalizedText("否", "no")
_NOTES = (
    LocalizedText(
        "第 2 行是示例，系统不登记，可删除或覆盖。",
        "Row 2 is an example that is never registered; delete or overwrite it.",
    ),
    LocalizedText(
        "不要合并单元格，数字和字母用半角。",
        "No merged cells, no full-width digits or letters.",
    ),
    LocalizedText(
        "整个文件先检查：有一处错误就什么也不登记。",
        "The whole file is checked first: with a single fault nothing is registered.",
    ),
    LocalizedText(
        "同一文件再次登记不会改变任何内容；已登记的批次不能改。",
        "Registering the same file again changes nothing; a registered batch cannot be changed.",
    ),
)


def write_template(path: Path, columns: Sequence[Column], sheet: LocalizedText, language: Language) -> None:
    """Write a template with headers in ``language``; the name's ending (.xlsx or .csv) says which kind.

    Raises:
        TemplateNameError: another ending.
        TemplateExistsError: the file exists; nothing is overwritten.
    """
    ending = path.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise TemplateNameError(file=path.name)
    try:
        stream = path.open("xb")
    except FileExistsError:
        raise TemplateExistsError(file=path.name) from None
    try:
        with stream:
            stream.write(_workbook(columns, sheet, language) if ending == ".xlsx" else _csv(columns, language))
    except OSError:
        path.unlink(missing_ok=True)  # half a template is none
        raise


def _csv(columns: Sequence[Column], language: Language) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(column.header.pick(language) for column in columns)
    writer.writerow(column.example.pick(language) for column in columns)
    return text.getvalue().encode("utf-8-sig")


def _workbook(columns: Sequence[Column], sheet: LocalizedText, language: Language) -> bytes:
    book = Workbook()
    table = book.worksheets[0]
    table.title = sheet.pick(language)
    table.freeze_panes = "A2"
    for index, column in enumerate(columns):
        letter = letters(index)
        table.column_dimensions[letter].width = column.width
        table.column_dimensions[letter].number_format = column.kind.number_format
        header = table.cell(1, index + 1, column.header.pick(language))
        header.font = Font(bold=True)
        header.fill = _REQUIRED if column.required else _OPTIONAL
        example = table.cell(2, index + 1, _example(column, language))
        example.number_format = column.kind.number_format
        example.font = _EXAMPLE
        _validate(table, letter, column, language)
    _guide(book.create_sheet(_GUIDE.pick(language)), columns, language)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def _example(column: Column, language: Language) -> str | date | Decimal:
    text = column.example.pick(language)
    if column.kind is WEIGHT_KIND:
        return Decimal(text)
    return day(text) if column.kind is DAY_KIND else text


def _validate(table: Worksheet, letter: str, column: Column, language: Language) -> None:
    rules: dict[int, DataValidation] = {
        id(NUMBER_KIND): DataValidation("textLength", "1", "20", operator="between", imeMode="disabled"),
        id(LOT_KIND): DataValidation("textLength", "1", "20", operator="between", imeMode="disabled"),
        id(REGISTERED_KIND): DataValidation("textLength", "1", "20", operator="between", imeMode="disabled"),
        id(DAY_KIND): DataValidation("date", str(serial_of(EARLIEST)), str(serial_of(LATEST)), operator="between"),
        id(WEIGHT_KIND): DataValidation(
            "decimal", "0.001", str(HEAVIEST_G // GRAMS_IN_KILOGRAM), operator="between", imeMode="disabled"
        ),
        id(DIVISION_KIND): DataValidation(
            "custom", f"OR(LEN({letter}2)=6,LEN({letter}2)=9,LEN({letter}2)=12)", imeMode="disabled"
        ),
        id(LINE_KIND): DataValidation("textLength", "0", str(LONGEST_TEXT), operator="between"),
    }
    rule = rules[id(column.kind)]
    rule.showErrorMessage = rule.showInputMessage = True
    rule.allowBlank = True
    rule.promptTitle = rule.errorTitle = column.header.pick(language)
    rule.prompt = rule.error = column.explanation.pick(language)
    rule.add(f"{letter}2:{letter}{VALIDATED_ROWS + 1}")
    table.add_data_validation(rule)


def _guide(guide: Worksheet, columns: Sequence[Column], language: Language) -> None:
    guide.append([text.pick(language) for text in _GUIDE_HEADER])
    for cell in guide[1]:
        cell.font = Font(bold=True)
    for column in columns:
        guide.append(
            [
                column.header.pick(language),
                (_YES if column.required else _NO).pick(language),
                column.explanation.pick(language),
                column.example.pick(language),
                ", ".join((column.header.zh, column.header.en, *column.spellings)),
            ]
        )
    guide.append([])
    for note in _NOTES:
        guide.append([note.pick(language)])
    for letter, width in zip("ABCDE", (24, 10, 60, 22, 80), strict=True):
        guide.column_dimensions[letter].width = width
    for row in guide.iter_rows(min_row=2, max_row=len(columns) + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
