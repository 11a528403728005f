"""A table with known columns: its header found, its rows read one by one, every fault noted with its place.

::

    faults = Faults(path.name)
    with open_table(path, vocabulary, faults) as table:
        for row in table.rows():
            ...
    faults.raise_any()
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from tracelib.sheets import not_data
from tracelib.sheets.cells import (
    FAULTY,
    WEIGHT_KIND,
    Cells,
    CellValue,
    Expectation,
    FaultyCell,
    as_seen,
    unit_grams,
    unit_named,
)
from tracelib.sheets.column import Column, letters
from tracelib.sheets.errors import (
    EmptySheetError,
    Faults,
    MergedCellsError,
    MissingCellError,
    NoColumnError,
    NoHeaderError,
    NoUnitError,
    SheetFault,
    StruckCellError,
    UnknownHeaderError,
    UnreadUnitError,
)
from tracelib.sheets.header import SEARCHED, Header, find_header, match_header
from tracelib.sheets.heading import UNIT_COLUMN, Vocabulary
from tracelib.sheets.layout import SHOWN, Unread
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.merges import Merge
from tracelib.sheets.raw import RawTable, open_raw
from tracelib.sheets.reading import Reader, faults_of, make_reader


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
    """An open table over raw rows; ``faults`` notes what is wrong with it.

    ``fixed``: values by column key for columns that the sheet turned out to lack, once rows are read.
    """

    raw: RawTable
    vocabulary: Vocabulary
    faults: Faults
    header: Header | None = None
    _names: dict[str, str] = field(default_factory=dict)
    _at: dict[str, int] = field(default_factory=dict)
    _readers: dict[int, Reader | None] = field(default_factory=dict)
    _unknown: dict[int, UnknownHeaderError] = field(default_factory=dict)
    _required: dict[int, Column] = field(default_factory=dict)
    fixed: dict[str, object] = field(default_factory=dict)
    _skipped: list[tuple[int, str]] = field(default_factory=list)
    _skipped_count: int = 0
    _idle: set[int] = field(default_factory=set)
    _struck: list[int] = field(default_factory=list)
    _formulas: int = 0
    _told: set[str] = field(default_factory=set)

    @property
    def sheet(self) -> str:
        """The sheet that is read."""
        return self.raw.sheet

    def rows(self) -> Iterator[Row]:
        """Rows under the header; blank ones, totals, notes and repeated headers are left out.

        Raises:
            NoHeaderError, EmptySheetError: there is no table to read.
        """
        first = list(islice(self.raw.rows, SEARCHED))
        if not first:
            raise EmptySheetError(file=self.faults.file, sheet=self.sheet)
        self.header = header = find_header(first, self.raw.merges, self.vocabulary)
        if header is None:
            raise self._no_header(first[0])
        before = self.faults.count
        self._match(header)
        whole = self.faults.count == before
        empty = True
        for number, cells in chain(first, self.raw.rows):
            if number > header.row:
                row = self._row(number, cells, whole)
                empty = empty and row is None
                if row:
                    yield row
        if empty:
            self.faults.raise_any()
            raise EmptySheetError(file=self.faults.file, sheet=self.sheet)

    def place(self, row: int, key: str) -> dict[str, object]:
        """Where a cell stands, as faults name it: parameters ``sheet``, ``row``, ``column``."""
        return {"sheet": self.sheet, "row": row, "column": self._names.get(key, key)}

    def has(self, key: str) -> bool:
        """Whether the header names this column, once rows are read."""
        return key in self._names

    def unread(self) -> Unread:
        """What was not read, once all rows have been."""
        layout = self.raw.layout
        words = self.header.words if self.header else {}
        return Unread(
            sheets=self.raw.hidden_sheets,
            columns=tuple(f"{letters(i)} ({word})" for i, word in sorted(words.items()) if layout.has(i)),
            hidden_rows=tuple(layout.hidden_rows),
            struck_rows=tuple(self._struck),
            rows=tuple(self._skipped),
            row_count=self._skipped_count,
            formulas=self._formulas,
        )

    def _no_header(self, first: tuple[int, Cells]) -> NoHeaderError:
        number, cells = first
        texts = [str(cell) for cell in cells.values() if not isinstance(cell, FaultyCell)]
        required = [column for column in self.vocabulary.columns if column.required]
        expected = ", ".join(f"{column.header.zh}/{column.header.en}" for column in required)
        return NoHeaderError(
            file=self.faults.file, sheet=self.sheet, row=number, found=", ".join(texts), headers=expected
        )

    def _match(self, header: Header) -> None:
        hidden = {i: word for i, word in header.words.items() if self.raw.layout.has(i)}
        seen = Header(header.row, {i: word for i, word in header.words.items() if i not in hidden})
        headings, self._unknown = match_header(seen, hidden, self.sheet, self.vocabulary, self.faults)
        self._readers = {index: make_reader(heading, self.vocabulary) for index, heading in headings.items()}
        for index, reader in self._readers.items():
            if reader:
                self._names[reader.column.key] = f"{letters(index)} ({header.words[index]})"
                self._at[reader.column.key] = index
        self._tie_unit()
        self._readers |= dict.fromkeys(hidden)
        unread = {index for index, reader in self._readers.items() if reader is None and index not in self._unknown}
        self._idle = unread | {at for key, at in self._at.items() if key == UNIT_COLUMN.key}
        self._required = {i: r.column for i, r in self._readers.items() if r and r.column.required}
        self.fixed = {key: value for key, value in self.vocabulary.fixed.items() if key not in self._names}

    def _tie_unit(self) -> None:
        """Where the header names a unit, a column of units must say the same one."""
        at, weight = self._at.get(UNIT_COLUMN.key), self._readers.get(self._at.get("weight_g", -1))
        if at is not None and (reader := self._readers[at]) and weight and weight.unit_g is not None:
            self._readers[at] = replace(reader, parse=partial(unit_grams, header_g=weight.unit_g))

    def _row(self, number: int, cells: Cells, complete: bool) -> Row | None:
        merged = self.raw.merges.at(number) if self.raw.merges else []
        formulas, struck = self.raw.layout.take_formulas(number), self.raw.layout.take_struck(number)
        if self._is_skipped(number, cells, merged, formulas):
            return None
        if struck and self._is_cancelled(number, cells, struck):
            return None
        self._formulas += sum(
            1
            for index in formulas & cells.keys()
            if self._readers.get(index) and not isinstance(cells[index], FaultyCell)
        )
        before = self.faults.count
        values: dict[str, object] = dict(self.fixed)
        if merged:
            self._note_merged(number, merged, values)
        self._read_cells(number, cells, values)
        for column in self._required.values():
            if column.key not in values:
                self.faults.add(MissingCellError(**self.place(number, column.key), expected=column.kind.expected))
        complete = complete and self.faults.count == before and FAULTY not in values.values()
        values.pop(UNIT_COLUMN.key, None)
        return Row(number, values, complete)

    def _is_skipped(self, number: int, cells: Cells, merged: list[Merge], formulas: AbstractSet[int]) -> bool:
        """Whether a row is none of the table; a row with all its required cells is one, unless it is the header.

        A row of nothing but formulas, running numbers, units and cells that are not read was filled down in advance.
        """
        words = self.header.words if self.header else {}
        if self._required.keys() <= cells.keys():
            text = str(next(iter(cells.values()))) if not_data.is_header(cells, words) else None
        elif cells.keys() <= formulas | self._idle:
            text = ", ".join(cell.text if isinstance(cell, FaultyCell) else str(cell) for cell in cells.values())
        else:
            text = not_data.reason(cells, merged)
        if text is None:
            return False
        self._skipped_count += 1
        if len(self._skipped) < SHOWN:
            self._skipped.append((number, text))
        return True

    def _is_cancelled(self, number: int, cells: Cells, struck: AbstractSet[int]) -> bool:
        """Whether all required cells of a row are struck out; a row in which some cells are is a fault."""
        needed = self._required.keys() & cells.keys()
        if needed and needed <= struck:
            self._struck.append(number)
            return True
        for index in sorted(struck & cells.keys()):
            cell, reader = cells[index], self._readers.get(index)
            if reader:
                text = cell.text if isinstance(cell, FaultyCell) else as_seen(cell)
                self.faults.add(StruckCellError(**self.place(number, reader.column.key), value=text))
        return False

    def _read_cells(self, number: int, cells: Cells, values: dict[str, object]) -> None:
        readers = self._readers
        unit_at = self._at.get(UNIT_COLUMN.key)
        if unit_at in cells:  # read first: it says how the weight is read
            cells = {unit_at: cells[unit_at], **cells}
        for index, cell in cells.items():
            reader = readers.get(index)
            if reader is None:
                if index in self._unknown:  # told once; an empty column is no fault
                    self.faults.add(self._unknown.pop(index))
                if index not in readers and not self.raw.layout.has(index):
                    self._stray(number, index, cell)
            elif isinstance(cell, FaultyCell):
                self.faults.add(cell.fault)
                values[reader.column.key] = FAULTY
            else:
                unit = values.get(UNIT_COLUMN.key)
                if reader.column.kind is WEIGHT_KIND and isinstance(unit, int):
                    reader = reader.in_unit(unit)
                self._parse(number, reader, cell, values)
        if self._at.get("weight_g") in cells:
            self._check_unread(number, cells, values)

    def _stray(self, number: int, index: int, cell: CellValue | FaultyCell) -> None:
        place = {"sheet": self.sheet, "row": number, "column": letters(index)}
        text = cell.text if isinstance(cell, FaultyCell) else cell
        self.faults.add(NoColumnError(**place, value=text))

    def _note_merged(self, number: int, merged: list[Merge], values: dict[str, object]) -> None:
        """A merged range among the rows is a fault, told once; its empty cells are none of their own."""
        for merge in merged:
            if merge.ref not in self._told:
                self._told.add(merge.ref)
                self.faults.add(MergedCellsError(sheet=self.sheet, row=number, value=merge.ref))
            for index, reader in self._readers.items():
                if reader and merge.left <= index <= merge.right and (number, index) != (merge.top, merge.left):
                    values[reader.column.key] = FAULTY

    def _parse(self, number: int, reader: Reader, cell: CellValue, values: dict[str, object]) -> None:
        key = reader.column.key
        try:
            values[key] = reader.read(cell)
        except Expectation as found:
            values[key] = FAULTY
            for fault in faults_of(reader, cell, found, self.place(number, key)):
                if not isinstance(fault, NoUnitError):
                    self.faults.add(fault)
                elif UNIT_COLUMN.key not in self._names:
                    self._tell_once(key, fault)
                elif UNIT_COLUMN.key not in values:  # the row says no unit; a faulty one was told
                    place = self.place(number, UNIT_COLUMN.key)
                    self.faults.add(MissingCellError(**place, expected=UNIT_COLUMN.kind.expected))

    def _tell_once(self, what: str, fault: SheetFault) -> None:
        if what not in self._told:
            self._told.add(what)
            self.faults.add(fault)

    def _check_unread(self, number: int, cells: Cells, values: Mapping[str, object]) -> None:
        """Units in a column that is not read must not contradict the unit in which the weight of the row is read."""
        weight = self._readers.get(self._at.get("weight_g", -1))
        named = values.get(UNIT_COLUMN.key, weight and weight.unit_g)
        for index, cell in cells.items() if isinstance(named, int) else ():
            if self._readers.get(index, weight) is None and unit_named(cell) not in (None, named):
                word = self.header.words.get(index, "") if self.header else ""
                place = {"sheet": self.sheet, "row": number, "column": f"{letters(index)} ({word})"}
                self._tell_once(f"unit {index}", UnreadUnitError(**place, value=cell))


@contextmanager
def open_table(
    path: Path, vocabulary: Vocabulary, faults: Faults, *, sheet: str | None = None, limits: Limits = LIMITS
) -> Iterator[Table]:
    """Open a file as a table; ``sheet`` as in :func:`tracelib.sheets.raw.open_raw`, whose errors it raises."""
    with open_raw(path, vocabulary, sheet=sheet, limits=limits) as raw:
        yield Table(raw, vocabulary, faults)
