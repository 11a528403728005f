"""Unpack a backup into a scratch folder and judge it, before anything of the workspace is touched."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tracelib.errors import RuleError, StoreError
from tracelib.operations.backup.files import DATABASE, KEYS, require_known, require_room
from tracelib.store.archive import Advance, Manifest
from tracelib.store.archive_read import open_archive
from tracelib.store.backup_errors import ArchiveFormatError
from tracelib.store.guard_state import sync_folder
from tracelib.store.snapshot import examine_snapshot, key_hashes
from tracelib.trust.keystore import KeyStore

_BINARY = getattr(os, "O_BINARY", 0)
DATABASE_NEEDS = 2
"""Room for the database of a backup, as a multiple: the copy, and what replacing the other takes."""


class WrongKindError(RuleError):
    """A backup was given where the file of a move is wanted, or the other way round."""

    code = "backup.kind"
    template = (
        "{file} is the file of a {given}, not of a {expected}: a backup comes back with tracelib restore, a move is "
        "taken in with tracelib workspace move in."
    )


class RestoreWriteError(StoreError):
    """A file could not be put in its place."""

    code = "restore.write"
    template = "{file} could not be written: {detail}. Make room, then run it again: it begins anew."


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup's files in a scratch folder, every byte as its manifest says, the database at the program's schema.

    ``keys`` are full hashes (hex) of all keys that it knows, whether their files are in it or not.
    """

    folder: Path
    manifest: Manifest
    keys: frozenset[str]

    @property
    def database(self) -> Path | None:
        """The database's file, None where the backup has none (it stayed on its server)."""
        file = self.folder / DATABASE
        return file if file.is_file() else None

    def files(self) -> Iterator[tuple[str, Path]]:
        """Every member but the database: name, file."""
        for member in self.manifest.members:
            if member.name != DATABASE:
                yield member.name, self.folder / member.name


def unpack(file: Path, folder: Path, *, kind: str, advance: Advance) -> Unpacked:
    """Unpack ``file`` into ``folder``, made anew.

    Raises ArchiveFormatError, ArchiveNewerError, WrongKindError, NoRoomError, DamagedError, SchemaNewerError.
    """
    with open_archive(file) as reader:
        manifest = reader.manifest
        if manifest.kind != kind:
            raise WrongKindError(file=file, given=manifest.kind, expected=kind)
        require_known(file, manifest)
        require_room(folder.parent, DATABASE_NEEDS * manifest.size)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)

        def place(name: str) -> IO[bytes]:
            target = folder / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = 0o600 if name.startswith(f"{KEYS}/") else 0o666
            return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode), "wb")

        reader.copy_to(place, advance)
    return Unpacked(folder, manifest, _judged(file, folder, manifest))


def _judged(file: Path, folder: Path, manifest: Manifest) -> frozenset[str]:
    known = {info.public.hash.hex() for info in KeyStore(folder / KEYS).list()}
    if any(member.name == DATABASE for member in manifest.members):
        found = examine_snapshot(folder / DATABASE)
        if found != manifest.schema:
            raise ArchiveFormatError(
                file=file, reason=f"its database has schema {found}, and it says {manifest.schema or '-'}"
            )
        known |= key_hashes(folder / DATABASE)
    elif manifest.kind == "backup":
        raise ArchiveFormatError(file=file, reason="it has no database")
    return frozenset(known)


@contextmanager
def writing(what: Path) -> Iterator[None]:
    """A failure of the disk as RestoreWriteError."""
    try:
        yield
    except OSError as error:
        raise RestoreWriteError(file=error.filename or what, detail=error.strerror or error) from None


def put(source: Path, target: Path, *, replace: bool) -> bool:
    """Move an unpacked (and synced) file to its place; False where something is there that may not be replaced."""
    if target.exists() and not replace:
        return False
    with writing(target):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            source.replace(target)
        except OSError:  # another disk
            scratch = target.with_name(f".{target.name}.part")
            shutil.copy(source, scratch)
            scratch.replace(target)
        sync_folder(target.parent)
    return True
