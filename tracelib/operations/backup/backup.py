"""Back up (备份): one file with everything a workspace knows, while others go on working.

The counter guard stays out on purpose: whoever put it back would make counters usable again (ADR 10).
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tracelib.operations.backup.files import DATABASE, WorkspaceFiles, require_room
from tracelib.store.archive import Advance, Manifest
from tracelib.store.archive_read import open_archive
from tracelib.store.archive_write import STALE_S, require_free, write_archive
from tracelib.store.snapshot import database_file, snapshot

if TYPE_CHECKING:
    from datetime import datetime

    from tracelib.store.unit_of_work import Store

SCRATCH = ".backup-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The workspace that is backed up: its files, its id, its database, and the version of the program."""

    files: WorkspaceFiles
    workspace: str
    store: "Store"
    program: str


def back_up(
    origin: Origin, out: Path, *, keys: bool, now: "datetime", advance: Advance, replace: bool = False
) -> Manifest:
    """Write a backup of the workspace to ``out``, whole or not at all; what is in it.

    ``keys`` adds the key files, still under their passphrase. Issuing and everything else goes on meanwhile.

    Raises ArchiveExistsError, ArchiveWriteError, NoRoomError, FileChangedError, DamagedError and the store's errors.
    """
    require_free(out, replace)
    with scratch_folder(origin.files.folder) as scratch:
        schema = copy_database(origin, scratch / DATABASE)
        manifest = Manifest(
            kind="backup",
            created=now.isoformat(timespec="seconds"),
            program=origin.program,
            workspace=origin.workspace,
            schema=schema,
            keys=keys,
        )
        sources = [(DATABASE, scratch / DATABASE), *origin.files.members(keys=keys)]
        return write_archive(out, manifest, sources, replace=replace, advance=advance)


def copy_database(origin: Origin, file: Path) -> str:
    """A consistent copy of the origin's database in ``file``; its schema's revision. NoRoomError before it begins."""
    source = database_file(origin.store)
    if source is not None and source.is_file():
        require_room(file.parent, source.stat().st_size)
    return snapshot(origin.store, file)


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """A folder for the copy of the database, within the workspace; what a killed run left there is removed."""
    _sweep(folder)
    with TemporaryDirectory(prefix=SCRATCH, dir=folder, ignore_cleanup_errors=True) as made:
        yield Path(made)


def _sweep(folder: Path) -> None:
    """Remove what runs left that were killed: nothing in it changed for an hour."""
    for left in folder.glob(f"{SCRATCH}*"):
        newest = max((file.stat().st_mtime for file in (left, *left.rglob("*"))), default=0.0)
        if time.time() - newest > STALE_S:
            shutil.rmtree(left, ignore_errors=True)


def check_backup(file: Path, advance: Advance) -> Manifest:
    """Read a backup to its end and compare every byte with its manifest. ArchiveFormatError, ArchiveNewerError."""
    with open_archive(file) as reader:
        reader.copy_to(lambda _: None, advance)
        return reader.manifest


def read_manifest(file: Path) -> Manifest:
    """What a backup says that it holds; nothing else is read. ArchiveFormatError, ArchiveNewerError."""
    with open_archive(file) as reader:
        return reader.manifest
