"""Pictures of the catalogue: checked when a folder is imported, kept in the workspace under their names."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from tracelib.catalog.snapshot import Entry, Snapshot, key_of, kind_of
from tracelib.sheets.catalog_folder import PICTURES, CatalogFolder
from tracelib.sheets.errors import SheetFault

LARGEST_BYTES = 20 * 1024 * 1024
LARGEST_PIXELS = 60_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")


class PictureMissingError(SheetFault):
    """A row names a picture that is neither in the folder nor kept already."""

    code = "sheet.picture_missing"
    template = "{sheet}, row {row}, column {column}: there is no file {value} in pictures/. Put it there."


class PictureUnreadableError(SheetFault):
    """A row names a file that is no picture."""

    code = "sheet.picture_unreadable"
    template = (
        "{sheet}, row {row}, column {column}: pictures/{value} cannot be used: expected a PNG, JPEG or WebP of at most "
        "20 MB and 60 million pixels, no link. Save it again in a picture program."
    )


class PictureTakenError(SheetFault):
    """A picture of this name, another one, is shown by an entry that the folder does not speak of."""

    code = "sheet.picture_taken"
    template = (
        "{sheet}, row {row}, column {column}: another picture of the name {value} belongs to {other} already. "
        "Give this one another name, in the folder and in the table."
    )


def picture_fault(path: Path) -> bool:
    """Whether a file is something else than a picture within the limits; pixels are not read yet."""
    if path.is_symlink() or path.stat().st_size > LARGEST_BYTES:
        return True
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            return picture.width * picture.height > LARGEST_PIXELS
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return True


def check_pictures(folder: CatalogFolder, current: Snapshot, kept: Path) -> tuple[str, ...]:
    """The names of the pictures that the folder brings; faults for those that rows name and that cannot be used.

    ``current`` is the catalogue before the import, ``kept`` where its pictures are: one that is kept there already need
    not come again, so that a clerk may send the tables alone.
    """
    others = {name: entry for entry, name in _shown(current) if (kind_of(entry), key_of(entry)) not in folder.places}
    home = folder.path / PICTURES
    there: set[str] = {path.name for path in home.iterdir()} if home.is_dir() else set()
    judged: dict[str, bool] = {}
    for entry in folder.entries:
        name = getattr(entry, "picture", "")
        if not name:
            continue
        if name not in there:
            if not (kept / name).is_file():
                folder.add(PictureMissingError(**folder.place(entry, "picture"), value=name))
            continue
        if name not in judged:
            judged[name] = picture_fault(home / name)
        if judged[name]:
            folder.add(PictureUnreadableError(**folder.place(entry, "picture"), value=name))
        elif name in others and (kept / name).is_file() and not same_file(home / name, kept / name):
            place = folder.place(entry, "picture")
            folder.add(PictureTakenError(**place, value=name, other=key_of(others[name])))
    for row in folder.broken:
        named = row.values.get("picture")
        if isinstance(named, str) and named and named not in there and not (kept / named).is_file():
            folder.add(PictureMissingError(**row.at("picture"), value=named))
    return tuple(sorted(judged))


def copy_pictures(names: Iterable[str], source: Path, target: Path) -> None:
    """Copy pictures, each whole or not at all; one that is the same is left alone. No link is followed."""
    target.mkdir(exist_ok=True)
    for name in names:
        wanted, there = source / name, target / name
        if same_file(wanted, there):
            continue
        temporary = target / f".{name}.new"
        temporary.unlink(missing_ok=True)
        shutil.copyfile(wanted, temporary, follow_symlinks=False)
        temporary.replace(there)


def used_pictures(catalog: Snapshot) -> list[str]:
    """The pictures that entries name, in order."""
    return sorted({name for _, name in _shown(catalog)})


def _shown(catalog: Snapshot) -> list[tuple[Entry, str]]:
    """Entries that have a picture, with its name."""
    shown: list[Entry] = [*catalog.parties.values(), *catalog.brands.values(), *catalog.products.values()]
    return [(entry, name) for entry in shown if (name := getattr(entry, "picture", ""))]


def same_file(one: Path, other: Path) -> bool:
    """Whether ``other`` is a file, no link, with the bytes of ``one``."""
    if not other.is_file() or other.is_symlink() or one.stat().st_size != other.stat().st_size:
        return False
    return one.read_bytes() == other.read_bytes()
