"""Names of divisions: the table ``divisions.csv`` of the workspace, and what a catalogue's folder brings to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracelib.errors import FormatError, StoreError
from tracelib.identifiers.division import DIVISIONS, DivisionColumnsError, DivisionTable, DivisionTableError
from tracelib.labels.errors import LabelFileError
from tracelib.labels.files import whole_file
from tracelib.sheets.catalog_folder import CatalogFolder

LARGEST_BYTES = 50 * 1024 * 1024
"""Every village of the country fits into less."""


class DivisionFileError(FormatError):
    """The table of divisions is not UTF-8 text."""

    code = "division.encoding"
    template = "{file} is not UTF-8 text: save it as CSV in UTF-8."


class DivisionSizeError(FormatError):
    """The table of divisions is larger than any table of divisions."""

    code = "division.size"
    template = (
        "{file} is larger than {most} MB: leave in it the divisions that the catalogue names, and those above them."
    )


class DivisionsWriteError(StoreError):
    """The workspace's table of divisions could not be written."""

    code = "division.write"
    template = "{file} could not be written: {detail}. Nothing was imported, and the table is as it was."


@dataclass(frozen=True, slots=True)
class DivisionsChange:
    """What a folder brings to the names of divisions: the table afterwards, and how many rows come and go."""

    table: DivisionTable
    added: int
    removed: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    @property
    def counts(self) -> dict[str, int]:
        """As JSON and the book of changes tell it."""
        return {"added": self.added, "removed": self.removed}


def read_divisions(path: Path) -> DivisionTable:
    """A table of divisions; an empty one where there is no such file.

    Raises DivisionFileError, DivisionSizeError, DivisionColumnsError, DivisionTableError.
    """
    if not path.is_file():
        return DivisionTable()
    if path.stat().st_size > LARGEST_BYTES:
        raise DivisionSizeError(file=path.name, most=LARGEST_BYTES >> 20)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DivisionFileError(file=path) from None
    return DivisionTable.parse(text, path.name)


def plan_divisions(folder: CatalogFolder, recorded: Path) -> DivisionsChange:
    """What a folder's table changes in the one at ``recorded``; its faults go to the folder's.

    A code that the folder's table speaks of gets the rows that stand there; other codes keep theirs.
    """
    before = read_divisions(recorded)
    try:
        after = before.with_table(read_divisions(folder.path / DIVISIONS))
    except DivisionTableError as found:
        for fault in found.faults:
            folder.add(fault)  # type: ignore[arg-type]  # a table's faults are all of format
        after = before
    except (DivisionColumnsError, DivisionFileError, DivisionSizeError) as fault:
        folder.add(fault)
        after = before
    return DivisionsChange(after, len(after.divisions - before.divisions), len(before.divisions - after.divisions))


def table_file(table: DivisionTable) -> bytes:
    """The bytes of ``divisions.csv``: UTF-8 with a mark, so that Excel reads it."""
    return table.as_csv().encode("utf-8-sig")


@contextmanager
def divisions_put_back(path: Path) -> Iterator[None]:
    """Whatever is written to ``path`` inside is undone where the block fails: names and catalogue change together."""
    before = path.read_bytes() if path.is_file() else None
    try:
        yield
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != before:
            write_divisions(path, before)
        raise


def write_divisions(path: Path, data: bytes) -> None:
    """Write a table whole or not at all. Raises DivisionsWriteError."""
    try:
        with whole_file(path) as stream:
            stream.write(data)
    except LabelFileError as error:
        raise DivisionsWriteError(file=path, detail=error.params["detail"]) from None
