"""The way in: open a CSV or XLSX file as a table with known columns and read its rows one by one.

::

    faults = Faults(path.name)
    with open_table(path, columns, faults) as table:
        for row in table.rows():
            ...
    faults.raise_any()
"""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

from tracelib.sheets.cells import FAULTY, Cells, CellValue, Expectation, half_width
from tracelib.sheets.column import Column, known_headers, letters, match_header
from tracelib.sheets.container import kind_of, open_archive
from tracelib.sheets.csv_text import read_csv
from tracelib.sheets.errors import (
    CellError,
    EmptySheetError,
    Faults,
    FullWidthCellError,
    HiddenSheetError,
    MissingCellError,
    NoColumnError,
    NoHeaderError,
    NoSuchSheetError,
    SeveralSheetsError,
)
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.workbook import SheetPart, Workbook, read_workbook
from tracelib.sheets.xlsx import read_sheet

RawRows = Iterator[tuple[int, Cells]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the spreadsheet shows it, and its values by column key (empty cells are left out).

    ``complete`` is False where a fault was noted for a cell of the row or for the header; ``FAULTY`` stands for each
    such cell.
    """

    number: int
    values: Mapping[str, object]
    complete: bool


@dataclass
class Table:
    """An open table: the file's SHA-256, the sheet that is read, the hidden sheets that are not."""

    sha256: bytes
    sheet: str
    hidden_sheets: tuple[str, ...]
    faults: Faults
    _columns: Sequence[Column]
    _raw: RawRows
    _names: dict[str, str] = field(default_factory=dict)

    def raw_rows(self) -> RawRows:
        """Every row as it stands, the header included; for lists that have but one column to read."""
        return self._raw

    def rows(self) -> Iterator[Row]:
        """Rows under the header, blank ones left out; every fault is noted in ``faults``.

        Raises:
            NoHeaderError, EmptySheetError: there is no table to read.
        """
        header_row, cells = next(self._raw, (1, {}))
        if not cells:
            raise EmptySheetError(file=self.faults.file, sheet=self.sheet)
        before = self.faults.count
        columns = self._match(header_row, cells)
        whole = self.faults.count == before
        empty = True
        for number, row in self._raw:
            empty = False
            yield self._row(number, row, columns, whole)
        if empty:
            self.faults.raise_any()
            raise EmptySheetError(file=self.faults.file, sheet=self.sheet)

    def place(self, row: int, key: str) -> dict[str, object]:
        """Where a cell stands, as faults name it: parameters ``sheet``, ``row``, ``column``."""
        return {"sheet": self.sheet, "row": row, "column": self._names.get(key, key)}

    def has(self, key: str) -> bool:
        """Whether the header names this column, once rows are read."""
        return key in self._names

    def _match(self, row: int, cells: Cells) -> dict[int, Column | None]:
        header = {index: cell if isinstance(cell, str | date) else "?" for index, cell in cells.items()}
        texts = [str(cell) for cell in header.values()]
        if not known_headers(texts, self._columns):
            expected = ", ".join(
                f"{column.header.zh}/{column.header.en}" for column in self._columns if column.required
            )
            raise NoHeaderError(
                file=self.faults.file, sheet=self.sheet, row=row, found=", ".join(texts), headers=expected
            )
        columns = match_header(header, row, self.sheet, self._columns, self.faults)
        for index, column in columns.items():
            if column:
                self._names[column.key] = f"{letters(index)} ({header[index]})"
        return columns

    def _row(self, number: int, cells: Cells, columns: Mapping[int, Column | None], complete: bool) -> Row:
        before = self.faults.count
        values: dict[str, object] = {}
        for index, cell in cells.items():
            column = columns.get(index)
            if cell is FAULTY:
                complete = False
                if column:
                    values[column.key] = FAULTY
            elif column and isinstance(cell, str | date):
                self._parse(number, column, cell, values)
            elif index not in columns:
                place = {"sheet": self.sheet, "row": number, "column": letters(index)}
                self.faults.add(NoColumnError(**place, value=cell))
        for column in columns.values():
            if column and column.required and column.key not in values:
                self.faults.add(MissingCellError(**self.place(number, column.key), expected=column.kind.expected))
        return Row(number, values, complete and self.faults.count == before)

    def _parse(self, number: int, column: Column, cell: CellValue, values: dict[str, object]) -> None:
        try:
            values[column.key] = column.kind.parse(cell)
        except Expectation as expectation:
            values[column.key] = FAULTY
            place = {**self.place(number, column.key), "value": cell, "expected": str(expectation)}
            narrow = half_width(cell) if column.kind.plain else None
            if narrow is not None:
                self.faults.add(FullWidthCellError(**place, half_width=narrow))
            else:
                self.faults.add(CellError(**place))


@contextmanager
def open_table(
    path: Path, columns: Sequence[Column], faults: Faults, *, sheet: str | None = None, limits: Limits = LIMITS
) -> Iterator[Table]:
    """Open a file as a table. ``sheet`` names the sheet of a workbook; without it there must be one with content,
    apart from hidden ones and those whose first row is no header of these columns.

    Raises:
        SheetFault: a leaf that says why the file is no table that can be read.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as stream:
        kind = kind_of(stream, faults.file, limits)
        sha256 = hashlib.file_digest(stream, "sha256").digest()
        stream.seek(0)
        if kind == "csv":
            if sheet is not None:
                raise NoSuchSheetError(file=faults.file, sheet=sheet, sheets="CSV")
            raw = read_csv(stream, columns, faults.file, faults, limits)
            yield Table(sha256, faults.file, (), faults, columns, raw)
            return
        with _open_workbook(stream, columns, faults, sheet, limits) as (name, hidden, raw):
            yield Table(sha256, name, hidden, faults, columns, raw)


@contextmanager
def _open_workbook(
    stream: BinaryIO, columns: Sequence[Column], faults: Faults, sheet: str | None, limits: Limits
) -> Iterator[tuple[str, tuple[str, ...], RawRows]]:
    with open_archive(stream, faults.file, limits) as archive:
        book = read_workbook(archive, faults.file)
        hidden = tuple(part.name for part in book.sheets if not part.visible)
        part = (
            _named(book, sheet, faults.file)
            if sheet is not None
            else _meant(archive, book, columns, faults.file, limits)
        )
        yield part.name, hidden, read_sheet(archive, book, part, faults, limits)


def _meant(archive: zipfile.ZipFile, book: Workbook, columns: Sequence[Column], file: str, limits: Limits) -> SheetPart:
    """The visible sheet that has a header of these columns, or else the only one with content."""
    filled: list[SheetPart] = []
    with_header: list[SheetPart] = []
    for part in book.sheets:
        if part.visible:
            first = next(read_sheet(archive, book, part, Faults(file), limits), None)
            if first:
                filled.append(part)
                if known_headers([str(cell) for cell in first[1].values()], columns) > 1:
                    with_header.append(part)
    wanted = with_header or filled
    if len(wanted) == 1:
        return wanted[0]
    if wanted:
        raise SeveralSheetsError(file=file, sheets=", ".join(f"«{part.name}»" for part in wanted))
    hidden = next((part for part in book.sheets if not part.visible), None)
    if hidden:
        raise HiddenSheetError(file=file, sheet=hidden.name)
    raise EmptySheetError(file=file, sheet=", ".join(part.name for part in book.sheets))


def _named(book: Workbook, sheet: str, file: str) -> SheetPart:
    part = next((part for part in book.sheets if part.name == sheet), None)
    if part is None:
        names = ", ".join(f"«{part.name}»" for part in book.sheets)
        raise NoSuchSheetError(file=file, sheet=sheet, sheets=names)
    if not part.visible:
        raise HiddenSheetError(file=file, sheet=sheet)
    return part
