"""Restore (恢复): a backup comes home, and no counter becomes usable again by it (ADR 10).

* Into a new folder: a workspace with an id of its own. Nobody can tell how far the original went on, so every key that
  the backup knows is closed there: all works but issuing and granting with those.
* Into the workspace that it was made from: the guard beside the keys stays as it is and refuses what a database from
  before would do twice. Counters, ranges and manifests that the present database has are kept and united with the
  backup's, so where that database can be read, issuing simply goes on. Where the guard is gone too, keys are closed.

The guard is written before anything that could issue is in its place; what is killed in between is run again.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracelib.errors import NotFoundError, RuleError
from tracelib.operations.unpack import Unpacked, put, unpack, writing
from tracelib.operations.workspace_files import DATABASE, SETTINGS, WorkspaceFiles, settings_at_home
from tracelib.store.archive import Advance, Manifest
from tracelib.store.counter_guard import CounterGuard, hold_guard
from tracelib.store.engine import parse_url
from tracelib.store.errors import DamagedError, NoDatabaseError, SchemaMissingError
from tracelib.store.guard_state import sync_folder
from tracelib.store.snapshot import is_empty, unite
from tracelib.store.unit_of_work import Store
from tracelib.trust.keystore import KeyStore, write_synced
from tracelib.trust.workspace_id import create_workspace_id

RESTORED = "restored"
SCRATCH = ".restore"


class FolderTakenError(RuleError):
    """The folder for a restored workspace has something in it."""

    code = "restore.folder_taken"
    template = (
        "{folder} is not empty: nothing was restored. Name a new folder with --into, or go into the workspace that the "
        "backup was made from and run: tracelib restore FILE"
    )


class OtherWorkspaceError(RuleError):
    """The backup is not one of this workspace."""

    code = "restore.other_workspace"
    template = (
        "{file} is a backup of another workspace ({given}; this is {expected}): nothing was restored. "
        "Restore it into a new folder: tracelib restore FILE --into DIR"
    )


class ServerTakenError(RuleError):
    """The database that a restored workspace shall have holds something."""

    code = "restore.server_taken"
    template = "The database {database} is not empty: nothing was restored. Name an empty one with --database."


class NoSettingsError(NotFoundError):
    """The backup has no settings file, so it makes no new workspace."""

    code = "restore.no_settings"
    template = "{file} holds no tracelib.toml: restore it into the workspace that it was made from."


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A workspace that is there: its files, its id, the machine's, its database and who works in it."""

    files: WorkspaceFiles
    workspace: str
    machine: str
    database: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored: into which folder, what the backup held, keys (full hashes in hex) that were closed, where the
    database that was there before is kept (None for none), and whether its books were united with the backup's.
    """

    folder: Path
    manifest: Manifest
    closed: tuple[str, ...]
    before: Path | None = None
    united: bool = False


def restore_new(
    file: Path,
    folder: Path,
    *,
    machine: str,
    operator: str,
    now: datetime,
    advance: Advance,
    server: Store | None = None,
) -> Restored:
    """Make a workspace in ``folder`` (not there, or empty) out of a backup. With ``server``, which must be empty, its
    database goes there.

    Raises FolderTakenError, ServerTakenError, NoSettingsError, NoRoomError, RestoreWriteError, and what ``unpack``
    raises; the folder is then as it was.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(folder=folder)
    if server is not None and not is_empty(server):
        raise ServerTakenError(database=server.name)
    scratch = folder.with_name(f".{folder.name}{SCRATCH}")
    try:
        with writing(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            unpacked = unpack(file, scratch, kind="backup", advance=advance)
            _furnish(file, unpacked, machine, server)
            if folder.exists():
                folder.rmdir()
            scratch.rename(folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    database = folder / DATABASE
    if server is None:
        with Store.open(f"sqlite:///{database}", operator=operator) as store:
            _note(store, file, unpacked.manifest, now)
    else:
        unite(server, database)
        database.unlink()
        _note(server, file, unpacked.manifest, now)
    return Restored(folder=folder, manifest=unpacked.manifest, closed=tuple(sorted(unpacked.keys)))


def _furnish(file: Path, unpacked: Unpacked, machine: str, server: Store | None) -> None:
    """Make the scratch folder a whole workspace whose keys are closed."""
    folder = unpacked.folder
    settings = folder / SETTINGS
    if not settings.is_file():
        raise NoSettingsError(file=file)
    keys = folder / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    workspace = create_workspace_id(folder)
    with hold_guard(keys, workspace=workspace, machine=machine) as guard:
        guard.state.restored_from = unpacked.manifest.workspace
        _close(guard, unpacked.keys)
    url = None if server is None else server.engine.url.render_as_string(hide_password=False)
    text = settings_at_home(settings.read_text(encoding="utf-8-sig"), url)
    write_synced(settings, text.encode(), private=url is not None)


def _close(guard: CounterGuard, keys: Iterable[str]) -> None:
    for key in keys:
        guard.state.closed.setdefault(key, RESTORED)
    guard.write()


def _note(store: Store, file: Path, manifest: Manifest, now: datetime) -> None:
    """Write into the book of changes that the workspace was restored."""
    with store.unit_of_work() as uow:
        detail = {"created": manifest.created, "workspace": manifest.workspace}
        uow.changes.add("workspace.restore", file.name, now, detail=detail)


def restore_over(file: Path, present: Present, *, now: datetime, advance: Advance) -> Restored:
    """Put a backup of this workspace in place of its database; files that are missing come back, others stay.

    Raises OtherWorkspaceError, CopiedWorkspaceError, GuardBusyError, NoRoomError, RestoreWriteError, what ``unpack``
    raises, and the store's errors. Until the one transaction that exchanges the contents, all is as it was.
    """
    files = present.files
    scratch = files.folder / SCRATCH
    with writing(files.folder):
        try:
            unpacked = unpack(file, scratch, kind="backup", advance=advance)
            files.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
            with hold_guard(
                files.keys, workspace=present.workspace, machine=present.machine, handed_over=True
            ) as guard:
                closed = _prepare(guard, file, unpacked, present)
                before, united = _exchange(present, unpacked, files.folder / f"before-restore-{now:%Y%m%d-%H%M%S}.db")
                for name, source in unpacked.files():
                    put(source, files.place_of(name), replace=False)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    with Store.open(present.database, operator=present.operator) as store:
        _note(store, file, unpacked.manifest, now)
    return Restored(folder=files.folder, manifest=unpacked.manifest, closed=closed, before=before, united=united)


def _prepare(guard: CounterGuard, file: Path, unpacked: Unpacked, present: Present) -> tuple[str, ...]:
    """Judge where the backup is from; where the guard cannot vouch for its keys, close them: those that were closed."""
    state, origin = guard.state, unpacked.manifest.workspace
    own = origin in (present.workspace, *state.ancestors)
    if not own and origin != state.restored_from:
        raise OtherWorkspaceError(file=file, given=origin, expected=present.workspace)
    if own and guard.existed:
        return ()
    closing = {info.public.hash.hex() for info in KeyStore(present.files.keys).list()} if own else set()
    closing |= unpacked.keys
    _close(guard, closing)
    return tuple(sorted(closing))


def _exchange(present: Present, unpacked: Unpacked, aside: Path) -> tuple[Path | None, bool]:
    """The backup's database in place of the present one: where that is kept, and whether the two were united."""
    database = unpacked.database
    if database is None:
        raise NoDatabaseError(database=unpacked.folder)
    try:
        with Store.open(present.database, operator=present.operator) as store:
            aside.unlink(missing_ok=True)
            unite(store, database, aside)
            return aside, True
    except (DamagedError, NoDatabaseError, SchemaMissingError):
        aside.unlink(missing_ok=True)
    url = parse_url(present.database)
    if url.drivername == "sqlite":
        return _swap(Path(url.database or ""), database, aside), False
    with Store.create_or_upgrade(present.database) as server:
        unite(server, database)
    return None, False


def _swap(old: Path, database: Path, aside: Path) -> Path | None:
    """Lay a file in place of a database that cannot be read; the log goes first: it never meets the new file."""
    for ending in ("-wal", "-shm", ""):
        part = old.with_name(old.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    put(database, old, replace=True)
    return aside if aside.exists() else None
