"""Write the catalogue as a folder: a table for each kind of entry, the names of divisions, pictures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tracelib.catalog.snapshot import KINDS, Snapshot
from tracelib.errors import RuleError, StoreError
from tracelib.identifiers.division import DIVISIONS, DivisionTable
from tracelib.operations.catalog.divisions import table_file
from tracelib.operations.catalog.pictures import copy_pictures, same_file, used_pictures
from tracelib.sheets.catalog_folder import PICTURES, file_name, table_bytes
from tracelib.text import Language

_STAGE = ".export.new"


class OtherTablesError(RuleError):
    """The folder holds the same tables in the other format, which an import would refuse."""

    code = "catalogue.other_tables"
    template = "{file} is there already: export in the same format, or to another folder, or take the file away."


class ExportWriteError(StoreError):
    """The folder of the catalogue could not be written."""

    code = "catalogue.write"
    template = (
        "The catalogue could not be written to {folder}: {detail}. Nothing half-written is left, and no table was "
        "replaced. Make room, or name another folder, and export again."
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote: files that are new or different, and pictures that entries name and nobody has."""

    files: tuple[str, ...]
    missing_pictures: tuple[str, ...]


def export_catalog(
    catalog: Snapshot,
    folder: Path,
    pictures: Path,
    language: Language,
    divisions: DivisionTable | None = None,
    *,
    xlsx: bool = False,
    contacts: bool = False,
) -> Written:
    """Write every kind's table into ``folder``, also an empty one, which serves as a form to fill in.

    A file whose bytes are the same already is not touched. Everything is written beside its place first, and takes it
    when all of it is on the disk. ``contacts`` writes the column for contacts, which may be personal data: a folder in
    version control had better not have it.

    Raises OtherTablesError, ExportWriteError.
    """
    for kind in KINDS:
        other = folder / file_name(kind, xlsx=not xlsx)
        if other.exists():
            raise OtherTablesError(file=other)
    tables = {
        file_name(kind, xlsx=xlsx): table_bytes(
            kind, list(catalog.kind(kind).values()), language, xlsx=xlsx, contacts=contacts
        )
        for kind in KINDS
    }
    if divisions:
        tables[DIVISIONS] = table_file(divisions)
    names = used_pictures(catalog)
    there = [name for name in names if (pictures / name).is_file()]
    with _stage(folder) as stage:
        written = [name for name, data in tables.items() if not _says(folder / name, data)]
        for name in written:
            (stage / name).write_bytes(tables[name])
        brought = [name for name in there if not same_file(pictures / name, folder / PICTURES / name)]
        if brought:
            copy_pictures(brought, pictures, stage / PICTURES)
            (folder / PICTURES).mkdir(exist_ok=True)
        for name in (*(f"{PICTURES}/{name}" for name in brought), *written):
            (stage / name).replace(folder / name)
    return Written(tuple(written), tuple(sorted(set(names) - set(there))))


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """An empty folder inside ``folder`` to write into; after a failure neither it nor a new ``folder`` is left."""
    stage = folder / _STAGE
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        yield stage
    except OSError as error:
        shutil.rmtree(stage, ignore_errors=True)
        for path in (folder / PICTURES, *made):
            with suppress(OSError):
                path.rmdir()  # an empty one that this export made; what holds anything stays
        raise ExportWriteError(folder=folder, detail=error.strerror or error) from None
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _says(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data
