"""A saved mapping: what the header words of somebody's spreadsheet mean, said once by a person and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydantic import BaseModel

from tracelib.batches.weight import UNITS, fold_unit
from tracelib.errors import FormatError
from tracelib.sheets.batch_sheet import COLUMNS
from tracelib.sheets.cells import Cells, CellValue, Expectation, FaultyCell, WriteInstead, as_seen, clean
from tracelib.sheets.column import fold, letters
from tracelib.sheets.errors import NoHeaderError, SheetFault
from tracelib.sheets.header import SEARCHED, Header, RawRow, find_header
from tracelib.sheets.heading import UNIT_COLUMN, Heading, Vocabulary
from tracelib.sheets.raw import open_raw

SAMPLES = 3
LONGEST_NAME = 40
_NOT_READ = frozenset({"", "ignore", "忽略", "不读"})
_NEVER_FIXED = frozenset({"lot", "weight_g"})
"""Every row has its own."""


class MappingFieldError(FormatError):
    """A field that a mapping names is none."""

    code = "sheet.mapping_field"
    template = "«{given}» is no field of a batch: expected one of {fields}, or «ignore» for a column that is not read."


class MappingValueError(SheetFault):
    """A fixed value that its field cannot hold."""

    code = "sheet.mapping_value"
    template = "«{value}» cannot be fixed for «{field}»: expected {expected}."


class MappingUnitError(FormatError):
    """A unit that is none of weight."""

    code = "sheet.mapping_unit"
    template = "«{given}» is no unit of weight: expected 公斤, 千克, kg, 斤, 吨, t, 克 or g."


class MappingUnitHeaderError(FormatError):
    """A unit is said for weights whose header names another one."""

    code = "sheet.mapping_unit_header"
    template = (
        "The header «{header}» names its unit, and «{given}» is another one: leave --unit out, "
        "or correct the header in the file."
    )


class MappingHeaderError(FormatError):
    """A header that a mapping is to name does not stand in the file."""

    code = "sheet.mapping_header"
    template = "«{given}» stands in no header of {file}: the headers are {headers}."


class MappingIncompleteError(FormatError):
    """A mapping that leaves required fields without a column or a fixed value."""

    code = "sheet.mapping_incomplete"
    template = (
        "The mapping is not saved: nothing says where {fields} stand. "
        'Name the column with --set "HEADER=field", or one value for the whole file with --fix "field=value".'
    )


class SheetMapping(BaseModel, frozen=True, extra="forbid"):
    """What the words mean. ``words``: header as it stands to column key, empty for one that is not read. ``fixed``:
    column key to the text of a cell, for columns that such sheets lack. ``values``: column key to what the texts of its
    cells stand for (the name of a product to its number). ``unit``: for a weight whose header names none.
    ``year``: for days that are written without one.
    """

    words: dict[str, str] = {}
    fixed: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    unit: str = ""
    year: int | None = None

    def vocabulary(self) -> Vocabulary:
        """The mapping as it is used for reading. Raises MappingUnitError, MappingValueError, MappingFieldError."""
        if self.unit and fold_unit(self.unit) not in UNITS:
            raise MappingUnitError(given=self.unit)
        return Vocabulary(
            COLUMNS,
            {fold(word): key for word, key in self.words.items()},
            {key: fixed_value(key, text) for key, text in self.fixed.items()},
            self.values,
            UNITS[fold_unit(self.unit)] if self.unit else None,
            self.year,
        )

    def fits(self, header: Header) -> bool:
        """Whether every word of the mapping stands in a header, and with it nothing required is missing or unknown."""
        present = {fold(word) for word in header.words.values()}
        words = self.vocabulary()
        known = all(words.find(word) for word in header.words.values())
        return known and {fold(word) for word in self.words} <= present and not words.missing(header.words.values())

    def names_all(self, header: Header) -> bool:
        """Whether the words of a header are exactly those of the mapping."""
        return {fold(word) for word in self.words} == {fold(word) for word in header.words.values()}


def field_name(key: str) -> str:
    """The name of a field as people say it in --set and --fix; ``field_named`` understands it."""
    return "weight" if key == "weight_g" else key


def field_named(text: str) -> str:
    """The column key for a field as people name it; empty for «not read». Raises MappingFieldError."""
    if clean(text).casefold() in _NOT_READ:
        return ""
    by_key = {column.key: column for column in COLUMNS} | {"weight": next(c for c in COLUMNS if c.key == "weight_g")}
    column = by_key.get(clean(text))
    heading = Heading(column) if column else Vocabulary(COLUMNS).find(text)
    if heading is None or heading.column is None:
        raise MappingFieldError(given=text, fields=", ".join(field_name(c.key) for c in (*COLUMNS, UNIT_COLUMN)))
    return heading.column.key


def fixed_value(key: str, text: str) -> object:
    """A fixed value, read as a cell of its column. Raises MappingValueError."""
    column = next((column for column in COLUMNS if column.key == key and key not in _NEVER_FIXED), None)
    if column is None:
        raise MappingFieldError(given=key, fields=", ".join(c.key for c in COLUMNS if c.key not in _NEVER_FIXED))
    try:
        return column.kind.parse(clean(text))
    except WriteInstead as found:
        raise MappingValueError(value=text, field=key, expected=found.instead) from None
    except Expectation as expectation:
        raise MappingValueError(value=text, field=key, expected=str(expectation)) from None


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """One column of a file as a person sees it: where, its header, some cells, what it is taken for.

    ``key`` is empty where it is not read, None where nobody knows; then ``nearest`` is a guess to be confirmed.
    """

    letter: str
    header: str
    samples: tuple[str, ...]
    key: str | None
    nearest: str
    unit_g: int | None


@dataclass(frozen=True, slots=True)
class SheetLook:
    """A file as it was looked at: its sheet, the row of its header, its columns, the fields that nothing gives."""

    file: str
    sheet: str
    header: Header
    columns: tuple[ColumnLook, ...]
    missing: tuple[str, ...]

    @property
    def needs_unit(self) -> bool:
        """Whether neither the header of the weights nor a column of units says what they are in."""
        weighs = any(column.key == "weight_g" and column.unit_g is None for column in self.columns)
        return weighs and not any(column.key == UNIT_COLUMN.key for column in self.columns)


def look_at(path: Path, vocabulary: Vocabulary, *, sheet: str | None = None) -> SheetLook:
    """Look at the first rows of a file. Where no word of its header is known, the row with most words is taken for it.

    Raises:
        SheetFault: a leaf that says why the file is no table.
        MappingUnitHeaderError: the header of the weights names another unit than the vocabulary.
    """
    with open_raw(path, vocabulary, sheet=sheet) as raw:
        first = list(islice(raw.rows, SEARCHED))
        header = find_header(first, raw.merges, vocabulary) or _likely_header(first)
    if header is None:
        raise NoHeaderError(file=path.name, sheet=raw.sheet, row=1, found="-", headers=COLUMNS[2].header.zh)
    below = [cells for number, cells in first if number > header.row][:SAMPLES]
    columns = tuple(
        _look(index, word, below, vocabulary)
        for index, word in sorted(header.words.items())
        if not raw.layout.has(index)
    )
    missing = tuple(column.key for column in vocabulary.missing(look.header for look in columns))
    if vocabulary.unit_g is not None:
        for look in columns:
            if look.key == "weight_g" and look.unit_g != vocabulary.unit_g:
                given = next(name for name, unit_g in UNITS.items() if unit_g == vocabulary.unit_g)
                raise MappingUnitHeaderError(header=look.header, given=given)
    return SheetLook(path.name, raw.sheet, header, columns, missing)


def header_of(path: Path, vocabulary: Vocabulary, sheet: str | None) -> Header | None:
    """The shown words of a file's header; None where there is none or it cannot be read (reading says why)."""
    try:
        with open_raw(path, vocabulary, sheet=sheet) as raw:
            found = find_header(list(islice(raw.rows, SEARCHED)), raw.merges, vocabulary)
    except SheetFault:
        return None
    seen = {index: word for index, word in found.words.items() if not raw.layout.has(index)} if found else {}
    return Header(found.row, seen) if found else None


def _likely_header(rows: Sequence[RawRow]) -> Header | None:
    """The first of the rows with the most texts that hold no digit."""
    words = {
        number: {i: cell for i, cell in cells.items() if isinstance(cell, str) and not any(c.isdigit() for c in cell)}
        for number, cells in rows
    }
    best = max(words, key=lambda number: len(words[number]), default=None)
    return Header(best, words[best]) if best is not None and len(words[best]) > 1 else None


def _look(index: int, word: str, below: Sequence[Cells], vocabulary: Vocabulary) -> ColumnLook:
    heading = vocabulary.find(word)
    samples = tuple(_sample(cells[index]) for cells in below if index in cells)
    key = None if heading is None else heading.column.key if heading.column else ""
    nearest = vocabulary.nearest(word).key if heading is None else ""
    return ColumnLook(letters(index), word, samples, key, nearest, heading.unit_g if heading else None)


def _sample(cell: CellValue | FaultyCell) -> str:
    return cell.text if isinstance(cell, FaultyCell) else str(as_seen(cell))


def make_mapping(look: SheetLook, said: SheetMapping) -> SheetMapping:
    """The mapping for files like the one that was looked at: words as a person said, the others as known; a column that
    nobody knows is not read.

    Raises:
        MappingHeaderError, MappingIncompleteError, MappingUnitError, MappingValueError: it cannot be used.
    """
    present = {fold(column.header): column for column in look.columns}
    for word in said.words:
        if fold(word) not in present:
            headers = ", ".join(column.header for column in look.columns)
            raise MappingHeaderError(given=word, file=look.file, headers=headers)
    words = {fold(word): key for word, key in said.words.items()}
    meanings = {column.header: words.get(folded, column.key or "") for folded, column in present.items()}
    made = said.model_copy(update={"words": meanings})
    missing = made.vocabulary().missing(meanings)
    if missing:
        raise MappingIncompleteError(fields=", ".join(field_name(column.key) for column in missing))
    return made
