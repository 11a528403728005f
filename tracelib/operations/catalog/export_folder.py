"""Write the catalogue as a folder: one table for each kind of entry, and the pictures that entries name."""

import os
from dataclasses import dataclass
from pathlib import Path

from tracelib.catalog.snapshot import KINDS, Snapshot
from tracelib.errors import RuleError
from tracelib.labels.files import whole_file
from tracelib.operations.catalog.pictures import copy_pictures, used_pictures
from tracelib.sheets.catalog_folder import PICTURES, file_name, table_bytes
from tracelib.text import Language


class OtherTablesError(RuleError):
    """The folder holds the same tables in the other format, which an import would refuse."""

    code = "catalogue.other_tables"
    template = "{file} is there already: export in the same format, or to another folder, or take the file away."


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote: files that are new or different, and pictures that entries name and nobody has."""

    files: tuple[str, ...]
    missing_pictures: tuple[str, ...]


def export_catalog(
    catalog: Snapshot, folder: Path, pictures: Path, language: Language, *, xlsx: bool = False, contacts: bool = False
) -> Written:
    """Write every kind's table into ``folder``, also an empty one, which serves as a form to fill in.

    A table whose bytes are the same already is not touched; each file is written whole or not at all. ``contacts``
    writes the column for contacts, which may be personal data: a folder in version control had better not have it.

    Raises OtherTablesError, LabelFileError.
    """
    for kind in KINDS:
        other = folder / file_name(kind, xlsx=not xlsx)
        if other.exists():
            raise OtherTablesError(file=other)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in KINDS:
        data = table_bytes(kind, list(catalog.kind(kind).values()), language, xlsx=xlsx, contacts=contacts)
        path = folder / file_name(kind, xlsx=xlsx)
        if path.is_file() and path.read_bytes() == data:
            continue
        with whole_file(path) as stream:
            stream.write(data)
        written.append(path.name)
    names = used_pictures(catalog)
    there = [name for name in names if (pictures / name).is_file()]
    if there and not (os.path.exists(folder / PICTURES) and os.path.samefile(pictures, folder / PICTURES)):
        copy_pictures(there, pictures, folder / PICTURES)
    return Written(tuple(written), tuple(sorted(set(names) - set(there))))
