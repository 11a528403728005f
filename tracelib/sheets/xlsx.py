"""The cells of one XLSX sheet as a stream, row by row."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Context, Decimal

from tracelib.sheets.cells import Cells, CellValue, Decimals, FaultyCell, FormattedNumber, clean
from tracelib.sheets.column import letters
from tracelib.sheets.container import damage_named
from tracelib.sheets.errors import (
    ChangingFormulaError,
    DamagedSheetError,
    ErrorValueError,
    FormulaError,
    SheetFault,
    TooLargeError,
)
from tracelib.sheets.layout import Layout
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.merges import column_of
from tracelib.sheets.workbook import SheetPart, TextBuilder, Workbook
from tracelib.sheets.xml_parts import Attributes, local, safe_parser, whole

_CHUNK = 1 << 16
_HIGHEST_ROW = 1 << 20
_HIGHEST_COLUMN = 1 << 14
_WIDEST = 255
"""Characters; spreadsheet programs allow no wider column."""
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_AS_SHOWN = Context(prec=15)
"""Spreadsheets keep binary fractions and show 15 digits: 0.1 + 0.2 is 0.3 for whoever looks at it."""
_CHANGING = re.compile(r"\b(?:TODAY|NOW|RAND|RANDBETWEEN|RANDARRAY)\(", re.IGNORECASE)
"""Functions whose result is another one the next day, or the next time the file is opened."""
_QUOTED = re.compile(r'"[^"]*"')
_LAST_DAY = 2_958_465
"""Serial number of 9999-12-31."""
_FAKE_LEAP_DAY = 60
"""Serial number of 1900-02-29, a day that spreadsheets count and that never was."""


def read_sheet(
    archive: zipfile.ZipFile,
    book: Workbook,
    sheet: SheetPart,
    file: str,
    limits: Limits = LIMITS,
    layout: Layout | None = None,
) -> Iterator[tuple[int, Cells]]:
    """Rows with content: (row number, cells by zero-based column). A formula is the result that the file keeps
    for it; one without a result that holds, and an error value, are ``FaultyCell``.

    With ``layout``, hidden rows are noted there and left out (unless ``layout.see_hidden``), and so are hidden columns,
    widths and formulas.
    """
    reader = _SheetReader(book, sheet.name, file, limits, layout)
    parser = safe_parser(file, sheet.part)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    rows = 0
    with damage_named(file), archive.open(sheet.part) as stream:
        while True:
            chunk = stream.read(_CHUNK)
            parser.Parse(chunk, not chunk)
            rows += len(reader.rows)
            if rows > limits.rows + 1:
                raise TooLargeError(file=file, found=f"> {limits.rows}", kind="rows", limit=limits.rows)
            yield from reader.rows
            reader.rows.clear()
            if not chunk:
                return


class _SheetReader:
    """Expat handlers for ``cols`` and ``sheetData``; finished rows wait in ``rows``."""

    def __init__(self, book: Workbook, sheet: str, file: str, limits: Limits, layout: Layout | None) -> None:
        self.rows: list[tuple[int, Cells]] = []
        self._book, self._sheet, self._file, self._limits, self._layout = book, sheet, file, limits, layout
        self._row_hidden = False
        self._in_data = False
        self._row = 0
        self._cells: Cells = {}
        self._column = -1
        self._type = ""
        self._style = 0
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._shared_formula = ""
        self._changing: set[str] = set()
        self._collect: list[str] | None = None
        self._inline = TextBuilder()

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins: a row, a cell, or what is within one."""
        tag = local(name)
        if tag == "c" and self._in_data:
            self._start_cell(attributes)
        elif tag == "sheetData":
            self._in_data = True
        elif not self._in_data:
            if tag == "col" and self._layout is not None:
                self._note_columns(self._layout, attributes)
        elif tag == "v":
            self._value = self._collect = []
        elif tag == "f":
            self._start_formula(attributes)
        elif tag in ("t", "rPh"):
            self._inline.start(tag)
        elif tag == "row":
            self._start_row(attributes)

    def end(self, name: str) -> None:
        """An element is whole: a value, a cell, or a row, which is kept where it is seen."""
        tag = local(name)
        if not self._in_data:
            return
        if tag in ("v", "f"):
            self._collect = None
        elif tag == "c":
            self._end_cell()
        elif tag in ("t", "rPh"):
            self._inline.end(tag)
        elif tag == "sheetData":
            self._in_data = False
        elif tag == "row" and self._cells:
            unseen = self._row_hidden and self._layout is not None
            if unseen and self._layout:
                self._layout.hidden_rows.append(self._row)
            if not unseen or (self._layout and self._layout.see_hidden):
                self.rows.append((self._row, self._cells))
            self._cells = {}

    def characters(self, data: str) -> None:
        """Text of a value, a formula, or a string in the cell."""
        if self._collect is not None:
            self._collect.append(data)
        else:
            self._inline.add(data)

    def _damaged(self, detail: str) -> DamagedSheetError:
        return DamagedSheetError(file=self._file, detail=detail)

    def _note_columns(self, layout: Layout, attributes: Attributes) -> None:
        first, last = whole(attributes.get("min")) - 1, whole(attributes.get("max")) - 1
        layout.add_columns(first, last, _width(attributes.get("width")), _is_true(attributes.get("hidden")))

    def _start_row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        row = self._row + 1 if number is None else whole(number)
        if not self._row < row <= _HIGHEST_ROW:
            raise self._damaged(f"row {number} after row {self._row}")
        self._row, self._column = row, -1
        self._row_hidden = _is_true(attributes.get("hidden"))

    def _start_cell(self, attributes: Attributes) -> None:
        address = attributes.get("r")
        column = self._column + 1 if address is None else _column_of(address)
        if not self._column < column < _HIGHEST_COLUMN:
            raise self._damaged(f"cell {address} in row {self._row}")
        self._column = column
        self._type = attributes.get("t", "n")
        self._style = whole(attributes.get("s"))
        self._value = self._formula = None
        self._inline.clear()

    def _end_cell(self) -> None:
        value = "".join(self._value) if self._value is not None else ""
        fault = self._formula_fault() if self._formula is not None else None
        if self._formula is not None and self._layout is not None:
            self._layout.add_formula(self._row, self._column)
        if fault:
            self._cells[self._column] = FaultyCell(str(fault.params["value"]), fault)
        elif self._type == "e":
            self._cells[self._column] = FaultyCell(value, ErrorValueError(**self._place(), value=value))
        elif (content := self._content(value)) != "":
            if self._column >= self._limits.columns:
                found = self._column + 1
                raise TooLargeError(file=self._file, found=found, kind="columns", limit=self._limits.columns)
            self._cells[self._column] = content
        if self._style in self._book.styles.struck and self._layout is not None and self._column in self._cells:
            self._layout.add_struck(self._row, self._column)

    def _start_formula(self, attributes: Attributes) -> None:
        self._formula = self._collect = []
        self._shared_formula = attributes.get("si", "") if attributes.get("t") == "shared" else ""

    def _formula_fault(self) -> SheetFault | None:
        """Why the result of a formula does not hold; None where it does. An empty text is a result too."""
        text = "".join(self._formula or ())
        if self._shared_formula and text and _CHANGING.search(_QUOTED.sub("", text)):
            self._changing.add(self._shared_formula)
        changes = self._shared_formula in self._changing or _CHANGING.search(_QUOTED.sub("", text))
        place = {**self._place(), "value": f"={text or '…'}"}
        if changes:
            return ChangingFormulaError(**place)
        kept = bool(self._value) or (self._value is not None and self._type == "str")
        return None if kept and not self._book.stale else FormulaError(**place)

    def _place(self) -> dict[str, object]:
        return {"sheet": self._sheet, "row": self._row, "column": letters(self._column)}

    def _content(self, value: str) -> CellValue:
        if self._type == "inlineStr":
            return self._checked(self._inline.text())
        if self._type == "s" and value:
            return self._shared(value)
        if self._type == "b" and value:
            return "FALSE" if value == "0" else "TRUE"
        if self._type == "n" and value:
            return self._number(value)
        return self._checked(value)

    def _number(self, value: str) -> CellValue:
        styles = self._book.styles
        number = as_day(value, self._book.epoch) if self._style in styles.days else as_shown(value)
        if not isinstance(number, str):
            return number
        if self._style in styles.formats and _PLAIN_NUMBER.fullmatch(number):
            shown_by = styles.formats[self._style]
            return FormattedNumber(number, shown_by.shown(number), shown_by.code)
        return Decimals(number) if "." in number and number[-1].isdigit() else number

    def _shared(self, value: str) -> str:
        index = whole(value)
        if index >= len(self._book.texts) or not value.isdigit():
            raise self._damaged(f"text {value} of row {self._row}")
        return self._checked(self._book.texts[index])

    def _checked(self, text: str) -> str:
        if len(text) > self._limits.cell_characters:
            limit = self._limits.cell_characters
            raise TooLargeError(file=self._file, found=len(text), kind="characters in one cell", limit=limit)
        return clean(text)


def _width(text: str | None) -> float | None:
    """The width of a column in characters; None where it is missing, none, or no width that a program allows."""
    try:
        width = float(text or "")
    except ValueError:
        return None
    return width if 0 < width <= _WIDEST else None


def _is_true(attribute: str | None) -> bool:
    return attribute in ("1", "true")


def _column_of(address: str) -> int:
    match = _ADDRESS.fullmatch(address)
    return column_of(match[1]) if match else _HIGHEST_COLUMN


def as_shown(number: str) -> str:
    """A number from the XML as a spreadsheet shows it in a wide enough cell: at most 15 digits.

    A longer one has lost its last digits and is shown as spreadsheets do, as 1.23456789012346E+17.
    """
    try:
        value = _AS_SHOWN.create_decimal(number)
    except ArithmeticError:
        return clean(number)
    if not value.is_finite() or abs(value.adjusted()) > 20:
        return clean(number)
    if value.adjusted() >= _AS_SHOWN.prec:
        return format(value.normalize(), "E")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_day(number: str, epoch: date) -> CellValue:
    """The day of a spreadsheet's serial number; with a time of day, or outside the calendar, it stays text."""
    try:
        serial = Decimal(number)
    except ArithmeticError:
        return clean(number)
    if not serial.is_finite() or not 0 < serial <= _LAST_DAY:
        return as_shown(number)
    days = int(serial)
    correction = 1 if epoch.year == 1899 and days < _FAKE_LEAP_DAY else 0
    day = epoch + timedelta(days=days + correction)
    if serial == days:
        return day
    minutes = round((serial - days) * 24 * 60)
    return f"{day.isoformat()} {minutes // 60:02}:{minutes % 60:02}"


def serial_of(day: date) -> int:
    """The serial number of a day after 1900-02-28 in the 1900 date system."""
    return (day - date(1899, 12, 30)).days
