"""A catalogue as a folder: one CSV or XLSX for each kind of entry, ``pictures/`` and ``divisions.csv`` beside them.

Rows stand in the catalogue's stable order and columns in theirs, text is UTF-8 with a mark (so that Excel reads it)
and lines end in a line feed: what did not change does not differ, which is what version control wants.
"""

import csv
import errno
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tracelib.catalog.errors import LicenceWithoutGtinError, ValidityError
from tracelib.catalog.snapshot import KINDS, Entry, Snapshot, key_of, kind_of
from tracelib.errors import FormatError, TraceError, Translate
from tracelib.identifiers.division import DIVISIONS
from tracelib.identifiers.errors import message_in_words
from tracelib.sheets.catalog_columns import CONTACT, SHEETS, Sheet, as_cell
from tracelib.sheets.cells import FAULTY
from tracelib.sheets.errors import DuplicateRowError, EmptySheetError, Faults, SheetError, SheetFault
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.table import Row, Table, open_table
from tracelib.text import Language

PICTURES = "pictures"
_ENDINGS = (".csv", ".xlsx")


class EntryRowError(SheetFault):
    """The cells of a row are right one by one, and wrong together."""

    code = "sheet.entry"
    template = "{sheet}, row {row}: {detail}"

    def message(self, translate: Translate | None = None) -> str:
        """The text for people, the reason in their language too."""
        return message_in_words(self, translate)


class TwoTablesError(SheetFault):
    """Two files of a folder hold the same kind of entries."""

    code = "sheet.two_tables"
    template = "{file} and {other} both hold the {kind} of the catalogue: keep one of them."


class StrangeTableError(SheetFault):
    """A table whose name says nothing."""

    code = "sheet.strange_table"
    template = (
        "{file} is no table of a catalogue; these are: {names} (.csv or .xlsx), and divisions.csv (CSV alone). "
        "Rename it, or take it away."
    )


class NoTablesError(SheetFault):
    """A folder without a catalogue."""

    code = "sheet.no_tables"
    template = "{file} is no folder with tables of a catalogue, such as products.csv: expected one or more of {names}."


class TablesBelowError(SheetFault):
    """The tables stand in folders of the folder that was named."""

    code = "sheet.tables_below"
    template = (
        "{file} has no tables itself; folders in it have: {folders}. Name one: tracelib catalog import {file}/{first}"
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: sheet and row as faults name them, and the names of its columns by field."""

    sheet: str
    row: int
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that is no entry, because a cell of it is wrong; what its other cells name is looked at all the same.

    ``key`` is what it would be called, None where that could not be read.
    """

    kind: str
    values: Mapping[str, object]
    place: Place
    key: str | None

    def at(self, name: str) -> dict[str, object]:
        """Parameters ``sheet``, ``row``, ``column`` for a fault in one field."""
        return {"sheet": self.place.sheet, "row": self.place.row, "column": self.place.columns[name]}


@dataclass
class CatalogFolder:
    """What a folder says. ``kinds`` are those whose table is there; ``faults`` holds everything that is wrong,
    ``faulty`` the kinds whose table has a fault, ``nameless`` those with a row whose name could not be read: what such
    a table lacks is no news.
    """

    path: Path
    kinds: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    faults: list[FormatError] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    nameless: set[str] = field(default_factory=set)
    count: int = 0
    places: dict[tuple[str, str], Place] = field(default_factory=dict)

    @property
    def snapshot(self) -> Snapshot:
        """The entries that could be read."""
        return Snapshot.of(self.entries)

    def may_hold(self, kind: str, key: str) -> bool:
        """Whether a row that is no entry has this name, or may have it."""
        return kind in self.nameless or any(row.kind == kind and row.key == key for row in self.broken)

    def place(self, entry: Entry, name: str) -> dict[str, object]:
        """Parameters ``sheet``, ``row``, ``column`` for a fault in a field of an entry."""
        place = self.places[kind_of(entry), key_of(entry)]
        return {"sheet": place.sheet, "row": place.row, "column": place.columns.get(name, name)}

    def row_of(self, entry: Entry) -> int:
        """The row of an entry, 0 for one that the folder does not hold."""
        place = self.places.get((kind_of(entry), key_of(entry)))
        return place.row if place else 0

    def add(self, fault: FormatError) -> None:
        """Note a fault that was found after reading."""
        self.count += 1
        self.faults.append(fault)


def _tables_in(path: Path) -> Iterator[Path]:
    """The files of a folder that are, by their names, tables of entries."""
    for file in path.iterdir() if path.is_dir() else ():
        if file.suffix.lower() in _ENDINGS and not file.name.startswith((".", "~$")) and file.name != DIVISIONS:
            yield file


def read_folder(path: Path, current: Snapshot, limits: Limits = LIMITS) -> CatalogFolder:
    """Read every table of a folder. An optional column that a header lacks leaves what ``current`` says.

    Raises NoTablesError or TablesBelowError where there is nothing to read, FileNotFoundError where there is no folder;
    every other fault is in ``faults``.
    """
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "", str(path))
    folder = CatalogFolder(path)
    names = ", ".join(sheet.name for sheet in SHEETS.values())
    files = sorted(_tables_in(path))
    if not files and not (path / DIVISIONS).is_file():
        below = sorted(one.name for one in path.glob("*") if one.is_dir() and any(_tables_in(one)))
        if below:
            raise TablesBelowError(file=path, folders=", ".join(below), first=below[0])
        raise NoTablesError(file=path, names=names)
    found: dict[str, Path] = {}
    for file in files:
        kind = next((k for k, s in SHEETS.items() if file.stem.lower() in (s.name, s.chinese_name)), None)
        if kind is None:
            folder.add(StrangeTableError(file=file.name, names=names))
        elif kind in found:
            folder.add(TwoTablesError(file=file.name, other=found[kind].name, kind=SHEETS[kind].name))
        else:
            found[kind] = file
    for kind, file in sorted(found.items(), key=lambda item: list(SHEETS).index(item[0])):
        folder.kinds.append(kind)
        _read(folder, kind, file, current.kind(kind), limits)
    return folder


def _read(folder: CatalogFolder, kind: str, file: Path, current: Mapping[str, Entry], limits: Limits) -> None:
    faults = Faults(file.name)
    first: dict[str, int] = {}
    sheet = ""
    try:
        with open_table(file, Vocabulary(SHEETS[kind].columns), faults, limits=limits) as table:
            sheet = table.sheet if table.sheet == file.name else f"{file.name}, {table.sheet}"
            for row in _rows(table):
                place = Place(sheet, row.number, _names(table, SHEETS[kind]))
                entry = _entry(kind, row, table, current, faults)
                key = key_of(entry) if entry else _key(kind, row.values)
                earlier = row.number if key is None else first.setdefault(key, row.number)
                if earlier != row.number:
                    faults.add(DuplicateRowError(sheet=sheet, row=row.number, value=key, first=earlier))
                _keep(folder, entry, BrokenRow(kind, row.values, place, key), again=earlier != row.number)
    except SheetFault as fault:
        faults.add(fault)
        folder.nameless.add(kind)
    except SheetError:  # a header with faults and nothing under it; they are noted
        folder.nameless.add(kind)
    for noted in faults.sorted():
        if noted.params.get("sheet") and sheet:
            noted.params["sheet"] = sheet  # of a workbook: the file as well
        folder.faults.append(noted)
    if faults.count:
        folder.faulty.add(kind)
    folder.count += faults.count


def _keep(folder: CatalogFolder, entry: Entry | None, row: BrokenRow, *, again: bool) -> None:
    """Put a row where it belongs: among the entries, unless its name was there before, or among the broken rows."""
    if entry is None:
        folder.broken.append(row)
        folder.nameless |= {row.kind} if row.key is None else set()
    elif not again:
        folder.entries.append(entry)
        folder.places[row.kind, key_of(entry)] = row.place


def _rows(table: Table) -> Iterator[Row]:
    """The rows; a header with nothing under it is an empty table here, not a fault."""
    try:
        yield from table.rows()
    except EmptySheetError:
        if not table.has("id") and not table.has("number"):
            raise


def _names(table: Table, sheet: Sheet) -> dict[str, str]:
    return {column.key: str(table.place(0, column.key)["column"]) for column in sheet.columns}


_KEY_FIELDS = {
    "party": ("id",),
    "brand": ("id",),
    "product": ("party_id", "id"),
    "grade": ("party_id", "product_id", "number"),
    "certification": ("party_id", "id"),
    "authorization": ("brand_id", "id"),
}


def _key(kind: str, values: Mapping[str, object]) -> str | None:
    """What a row that is no entry would be called (as ``key_of``); None where that could not be read."""
    parts = [values.get(name, FAULTY) for name in _KEY_FIELDS[kind]]
    return None if FAULTY in parts else "/".join(map(str, parts))


def _broken_rules(values: Mapping[str, object]) -> Iterator[TraceError]:
    """Rules between the cells of a row that it breaks, also where other cells of it are wrong."""
    first, last = values.get("valid_from"), values.get("valid_to")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        yield ValidityError(what="validity", given=last, valid_from=first, valid_to=last)
    if values.get("gtin_licensed") is True and "gtin" not in values:
        yield LicenceWithoutGtinError(product=values.get("id", ""))


def _entry(kind: str, row: Row, table: Table, current: Mapping[str, Entry], faults: Faults) -> Entry | None:
    broken = list(_broken_rules(row.values))
    for fault in broken:
        faults.add(EntryRowError(detail=fault, sheet=table.sheet, row=row.number))
    if broken or not row.complete:
        return None
    model: type[BaseModel] = KINDS[kind]
    try:
        entry: Entry = model.model_validate(dict(row.values))  # type: ignore[assignment]  # one of KINDS
        lacking = [c.key for c in SHEETS[kind].columns if not table.has(c.key)]
        former = current.get(key_of(entry))
        if former is not None and lacking:
            kept = {name: getattr(former, name) for name in lacking}
            entry = model.model_validate({**kept, **row.values})  # type: ignore[assignment]
    except ValidationError as error:  # what no cell can be: a bug would show here as words, not as a trace
        faults.add(EntryRowError(detail=error.errors()[0]["msg"], sheet=table.sheet, row=row.number))
    except TraceError as fault:
        faults.add(EntryRowError(detail=fault, sheet=table.sheet, row=row.number))
    else:
        return entry
    return None


def table_bytes(kind: str, entries: Sequence[Entry], language: Language, *, xlsx: bool, contacts: bool) -> bytes:
    """One kind of entries as the bytes of a CSV or XLSX file: the same entries, the same bytes."""
    columns = [column for column in SHEETS[kind].columns if contacts or column.key != CONTACT]
    rows = [[column.header.pick(language) for column in columns]]
    rows += [[as_cell(getattr(entry, column.key), language) for column in columns] for entry in entries]
    if xlsx:
        from tracelib.sheets.plain_workbook import workbook_bytes

        return workbook_bytes(SHEETS[kind].name, rows)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def file_name(kind: str, *, xlsx: bool) -> str:
    """The name of a kind's table in a folder."""
    return SHEETS[kind].name + (".xlsx" if xlsx else ".csv")
