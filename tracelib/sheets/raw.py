"""Raw rows of a CSV or XLSX file: which sheet is meant, its cells as they are, what of it is hidden or merged."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tracelib.sheets.container import kind_of, open_archive
from tracelib.sheets.csv_text import read_csv
from tracelib.sheets.errors import EmptySheetError, HiddenSheetError, NoSuchSheetError, SeveralSheetsError
from tracelib.sheets.header import SEARCHED, RawRow, find_header
from tracelib.sheets.heading import MESSAGES, Vocabulary
from tracelib.sheets.layout import Layout
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.merges import Merges, read_merges
from tracelib.sheets.workbook import SheetPart, Workbook, read_workbook
from tracelib.sheets.xlsx import read_sheet


@dataclass(slots=True)
class RawTable:
    """One sheet of a file. ``rows`` can be read once; ``layout`` is complete when it has been."""

    file: str
    sha256: bytes
    sheet: str
    rows: Iterator[RawRow]
    hidden_sheets: tuple[str, ...] = ()
    layout: Layout = field(default_factory=Layout)
    merges: Merges = field(default_factory=Merges)


@contextmanager
def open_raw(
    path: Path, vocabulary: Vocabulary, *, sheet: str | None = None, see_hidden: bool = False, limits: Limits = LIMITS
) -> Iterator[RawTable]:
    """Open a file as raw rows. ``sheet`` names the sheet of a workbook; without it there must be one with content,
    apart from hidden ones and those without a header that ``vocabulary`` knows. ``see_hidden`` gives hidden rows too.

    Raises:
        SheetFault: a leaf that says why the file is no table that can be read.
        OSError: the file cannot be opened.
    """
    file = path.name
    with path.open("rb") as stream:
        kind = kind_of(stream, file, limits)
        sha256 = hashlib.file_digest(stream, "sha256").digest()
        stream.seek(0)
        if kind == "csv":
            if sheet is not None:
                raise NoSuchSheetError(file=file, sheet=sheet, sheets="CSV")
            yield RawTable(file, sha256, file, _without_messages(read_csv(stream, vocabulary, file, limits)))
        else:
            with open_archive(stream, file, limits) as archive:
                raw = RawTable(file, sha256, sheet or "", iter(()))
                yield _open_workbook(archive, vocabulary, raw, see_hidden, limits)


def _open_workbook(
    archive: zipfile.ZipFile, vocabulary: Vocabulary, raw: RawTable, see_hidden: bool, limits: Limits
) -> RawTable:
    book = read_workbook(archive, raw.file)
    part = _named(book, raw.sheet, raw.file) if raw.sheet else _meant(archive, book, vocabulary, raw.file, limits)
    raw.sheet = part.name
    raw.hidden_sheets = tuple(other.name for other in book.sheets if not other.visible)
    raw.layout.see_hidden = see_hidden
    raw.merges = read_merges(archive, part.part, raw.file, limits)
    raw.rows = _without_messages(read_sheet(archive, book, part, raw.file, limits, raw.layout))
    return raw


def _without_messages(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """Rows without the column in which a report of this program said what is wrong with them."""
    titles = (MESSAGES.zh, MESSAGES.en)
    column = None
    for count, (number, cells) in enumerate(rows):
        if column is None and count < SEARCHED:
            column = next((i for i, cell in cells.items() if isinstance(cell, str) and cell.startswith(titles)), None)
        if column is not None:
            cells.pop(column, None)
        if cells:
            yield number, cells


def _meant(archive: zipfile.ZipFile, book: Workbook, vocabulary: Vocabulary, file: str, limits: Limits) -> SheetPart:
    """The visible sheet that has a header of these columns, or else the only one with content."""
    filled: list[SheetPart] = []
    with_header: list[SheetPart] = []
    for part in book.sheets:
        if part.visible:
            first = list(islice(read_sheet(archive, book, part, file, limits, Layout()), SEARCHED))
            if first:
                filled.append(part)
                header = find_header(first, Merges(), vocabulary)
                if header and vocabulary.count(header.words.values()) > 1:
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
