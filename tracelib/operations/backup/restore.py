"""Restore (恢复): a backup comes home, and no counter becomes usable again by it (ADR 10).

* Into a new folder: a workspace with an id of its own. Nobody can tell how far the original went on, so every key that
  the backup knows is closed there: all works but issuing and granting with those.
* Into the workspace that it was made from: the guard beside the keys stays as it is and refuses what a database from
  before would do twice. Where the present database can be read and has anything that the backup lacks, nothing is
  restored: codes, voids and events are out in the world, and no restore calls them back. Where the database is damaged
  or missing, the backup takes its place. Where the guard is gone too, keys are closed.

The guard is written before anything that could issue is in its place; what is killed in between is run again.
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracelib.clock import wall_text
from tracelib.errors import NotFoundError, RuleError, TraceError
from tracelib.operations.backup.files import DATABASE, SETTINGS, CheckSettings, WorkspaceFiles, settings_at_home
from tracelib.operations.backup.unpack import Unpacked, put, unpack, writing
from tracelib.store.archive import Advance, Manifest
from tracelib.store.counter_guard import CounterGuard, hold_guard
from tracelib.store.engine import parse_url
from tracelib.store.errors import DamagedError, NoDatabaseError, SchemaMissingError
from tracelib.store.guard_state import sync_folder
from tracelib.store.handed_over import RESTORE, handed_to, require_mine
from tracelib.store.newer import newer_than
from tracelib.store.snapshot import exchange, is_empty
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


class NewerHereError(RuleError):
    """The workspace's database is well and has what the backup lacks."""

    code = "restore.newer"
    template = (
        "The books here are well, and newer than {file} (of {created}). It lacks what was entered since {since}: "
        "batches {batches}, codes {codes}, activations {activations}, events {events}, voids {voids}, labels and "
        "orders printed {prints}, other entries {others}. Nothing was restored, for what went out into the world "
        "cannot be taken back: correct the books by a new entry. To look at the old state: "
        "tracelib restore FILE --into DIR"
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
    """A workspace that is there: its files, its id, the machine's, its database, who works in it, and where the machine
    remembers guards (None for nowhere).
    """

    files: WorkspaceFiles
    workspace: str
    machine: str
    database: str
    operator: str
    marks: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored: into which folder, what the backup held, keys (full hashes in hex) that were closed, where the
    database that was there before is kept (None for none), and whether that one could be read.
    """

    folder: Path
    manifest: Manifest
    closed: tuple[str, ...]
    before: Path | None = None
    readable: bool = True


def restore_new(
    file: Path,
    folder: Path,
    *,
    machine: str,
    operator: str,
    now: datetime,
    advance: Advance,
    check_settings: CheckSettings,
    server: Store | None = None,
) -> Restored:
    """Make a workspace in ``folder`` (not there, or empty) out of a backup. With ``server``, which must be empty, its
    database goes there.

    Raises FolderTakenError, ServerTakenError, NoSettingsError, NoRoomError, RestoreWriteError, and what ``unpack`` and
    ``check_settings`` raise; the folder is then as it was.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(folder=folder)
    if server is not None and not is_empty(server):
        raise ServerTakenError(database=server.name)
    scratch = folder.with_name(f".{folder.name}{SCRATCH}")
    try:
        with writing(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            unpacked = unpack(file, scratch, kind="backup", advance=advance)
            text = _settings(file, unpacked, check_settings, server)
            write_synced(unpacked.folder / SETTINGS, text.encode(), private=server is not None)
            _furnish(unpacked, machine)
            database = scratch / DATABASE
            with Store.open(f"sqlite:///{database}", operator=operator) as store:
                _note(store, file, unpacked.manifest, now)
            if server is not None:
                exchange(server, database)
                database.unlink()
            if folder.exists():
                folder.rmdir()
            scratch.rename(folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Restored(folder=folder, manifest=unpacked.manifest, closed=tuple(sorted(unpacked.keys)))


def _settings(file: Path, unpacked: Unpacked, check: CheckSettings, server: Store | None) -> str:
    settings = unpacked.folder / SETTINGS
    if not settings.is_file():
        raise NoSettingsError(file=file)
    url = None if server is None else server.engine.url.render_as_string(hide_password=False)
    return settings_at_home(file, settings, check, url)


def _furnish(unpacked: Unpacked, machine: str) -> None:
    """Make the scratch folder a whole workspace whose keys are closed."""
    folder = unpacked.folder
    keys = folder / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    workspace = create_workspace_id(folder)
    with hold_guard(keys, workspace=workspace, machine=machine) as guard:
        guard.state.restored_from = unpacked.manifest.workspace
        _close(guard, unpacked.keys)


def _close(guard: CounterGuard, keys: Iterable[str]) -> None:
    for key in keys:
        guard.state.closed.setdefault(key, RESTORED)
    guard.write()


def _note(store: Store, file: Path, manifest: Manifest, now: datetime) -> None:
    """Write into the book of changes that the workspace was restored: also where it was handed over, for this copy."""
    with store.unit_of_work(sealed=True) as uow:
        detail = {"file": file.name, "created": manifest.created, "workspace": manifest.workspace}
        uow.changes.note_arrival(RESTORE, now, {**detail, "opened": handed_to(uow.session)})


def restore_over(file: Path, present: Present, *, now: datetime, advance: Advance) -> Restored:
    """Put a backup of this workspace in place of its database; files that are missing come back, others stay.

    Raises NewerHereError, WorkspaceMovedError, OtherWorkspaceError, CopiedWorkspaceError, GuardBusyError, NoRoomError,
    RestoreWriteError, what ``unpack`` raises, and the store's errors. Until the one transaction that exchanges the
    contents, all is as it was.
    """
    files = present.files
    scratch = files.folder / SCRATCH
    with writing(files.folder):
        try:
            unpacked = unpack(file, scratch, kind="backup", advance=advance)
            files.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
            with hold_guard(
                files.keys, workspace=present.workspace, machine=present.machine, marks=present.marks, anew=True
            ) as guard:
                closing = _closing(guard, file, unpacked, present)
                aside = files.folder / f"before-restore-{now:%Y%m%d-%H%M%S}.db"
                before, readable = _exchange(file, present, unpacked, aside, lambda: _close(guard, closing))
                for name, source in unpacked.files():
                    put(source, files.place_of(name), replace=False)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    with Store.open(present.database, operator=present.operator) as store:
        _note(store, file, unpacked.manifest, now)
    return Restored(
        folder=files.folder, manifest=unpacked.manifest, closed=tuple(sorted(closing)), before=before, readable=readable
    )


def _closing(guard: CounterGuard, file: Path, unpacked: Unpacked, present: Present) -> set[str]:
    """Judge where the backup is from; the keys to close, for which the guard cannot vouch."""
    state, origin = guard.state, unpacked.manifest.workspace
    own = origin in (present.workspace, *state.ancestors)
    if not own and origin != state.restored_from:
        raise OtherWorkspaceError(file=file, given=origin, expected=present.workspace)
    if own and guard.existed:
        return set()
    closing = {info.public.hash.hex() for info in KeyStore(present.files.keys).list()} if own else set()
    return closing | unpacked.keys


def _exchange(
    file: Path, present: Present, unpacked: Unpacked, aside: Path, close: Callable[[], None]
) -> tuple[Path | None, bool]:
    """The backup's database in place of the present one: where that is kept, and whether it could be read. ``close``
    is called once nothing can refuse any more and before anything is changed.
    """
    database = unpacked.database
    if database is None:
        raise NoDatabaseError(database=unpacked.folder)

    def judge() -> None:
        """Refuse what is newer; after that nothing refuses any more."""
        _refuse_newer(file, unpacked, aside)
        close()

    try:
        with Store.open(present.database, operator=present.operator) as store:
            with store.reading() as uow:
                require_mine(uow.session, present.workspace)
            aside.unlink(missing_ok=True)
            exchange(store, database, aside, judge)
            return aside, True
    except TraceError as error:
        aside.unlink(missing_ok=True)
        if not isinstance(error, (DamagedError, NoDatabaseError, SchemaMissingError)):
            raise
    close()
    url = parse_url(present.database)
    if url.drivername == "sqlite":
        return _swap(Path(url.database or ""), database, aside), False
    with Store.create_or_upgrade(present.database) as server:
        exchange(server, database)
    return None, False


def _refuse_newer(file: Path, unpacked: Unpacked, there: Path) -> None:
    """NewerHereError where the database in ``there`` has anything that the backup lacks."""
    newer = newer_than(there, unpacked.folder / DATABASE)
    if not newer.rows:
        return
    told = {"batches": "batch", "activations": "code_activation", "events": "event", "voids": "code_void",
            "prints": "print_entry"}  # fmt: skip
    counts = {word: newer.rows.pop(name, 0) for word, name in told.items()}
    newer.rows.pop("code_range", None)
    created = datetime.fromisoformat(unpacked.manifest.created)
    raise NewerHereError(
        file=file,
        created=wall_text(created),
        since=wall_text(newer.since or created),
        codes=newer.codes,
        others=sum(newer.rows.values()),
        **counts,
    )


def _swap(old: Path, database: Path, aside: Path) -> Path | None:
    """Lay a file in place of a database that cannot be read; the log goes first: it never meets the new file."""
    for ending in ("-wal", "-shm", ""):
        part = old.with_name(old.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    put(database, old, replace=True)
    return aside if aside.exists() else None
