"""Move a workspace to another machine or disk in mid-season: the rest of its counters goes with it (ADR 10).

1. The new place **asks**: it gets an id, a guard and a number that nobody else knows, and writes a request.
2. The old one goes **out**: first its guard is sealed for that request, synced, within a transaction, so that whoever
   was writing is done and nobody writes or issues again; then the file is written, the keys in it as they are at rest.
   Killed or lost, the file can be written again, for the same request only.
3. The new one takes it **in**: the guard that asked, on the machine and in the place where it asked, takes over
   counters, windows and grants, and its number is used up. The settings come last, so before that there is no workspace
   that could issue. Killed in between, it is run again.

So at no moment two places may issue: the file fits one guard alone, and that guard takes it once.
"""

import secrets
import shutil
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tracelib.errors import RuleError
from tracelib.operations.backup.backup import Origin, copy_database, scratch_folder
from tracelib.operations.backup.files import (
    DATABASE,
    KEYS,
    SETTINGS,
    CheckSettings,
    WorkspaceFiles,
    checked_settings,
    settings_at_home,
)
from tracelib.operations.backup.move_request import MoveRequest, MoveRequestError, is_request, request_from
from tracelib.operations.backup.unpack import Unpacked, put, unpack, writing
from tracelib.store.archive import Advance, Manifest
from tracelib.store.archive_write import require_free, write_archive
from tracelib.store.backup_errors import ArchiveFormatError
from tracelib.store.counter_guard import CounterGuard, hold_guard
from tracelib.store.handed_over import MOVE_OUT, SUBJECT
from tracelib.store.snapshot import database_file
from tracelib.trust.keystore import write_synced
from tracelib.trust.workspace_id import create_workspace_id, workspace_id

SCRATCH = ".move-in"
_NONCE_BYTES = 16


class AskedInWorkspaceError(RuleError):
    """The folder that shall be the new place is a workspace or holds something else."""

    code = "move.folder_taken"
    template = "{folder} is not empty: name a new folder for the workspace that shall come."


class SealedForOtherError(RuleError):
    """The workspace was handed over for another request before."""

    code = "move.sealed"
    template = (
        "This workspace was handed over before, to the place that made another request: a second one would issue the "
        "same counters. Take the request file of the first move ({given} is another one). If that place is lost, "
        "nobody can tell what it issued: make a new key with tracelib key new"
    )


class MoveForOtherError(RuleError):
    """The file of a move was made for another place."""

    code = "move.other_place"
    template = (
        "{file} was not made for this place: {reason}. It can be taken in only in the folder, on the disk and machine "
        "that asked for it. Nothing was changed."
    )


class RequestGivenError(RuleError):
    """The request was given where the file of the move is wanted."""

    code = "move.request_given"
    template = (
        "{file} is the request of the new machine, not the file of the move. Take it to the old machine, and run "
        "there: tracelib workspace move out MOVE --for {file}; the file MOVE comes back here. Nothing was changed."
    )


class MoveTakenError(RuleError):
    """The file was taken in before."""

    code = "move.taken"
    template = "{folder} is a workspace already: a move is taken in once. Nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place in the making: its folder and the machine's id."""

    folder: Path
    machine: str

    @property
    def keys(self) -> Path:
        """Where its guard is."""
        return self.folder / KEYS

    def guard(self) -> AbstractContextManager[CounterGuard]:
        """Its guard, locked."""
        return hold_guard(self.keys, workspace=workspace_id(self.folder), machine=self.machine)


def ask(seat: Seat) -> MoveRequest:
    """Make a place that a workspace can move to; asked again, it gives the same request.

    AskedInWorkspaceError for a folder with anything else in it; CopiedWorkspaceError for a copied one.
    """
    folder = seat.folder
    if folder.exists() and {path.name for path in folder.iterdir()} - {"workspace.id", KEYS}:
        raise AskedInWorkspaceError(folder=folder)
    with writing(folder):
        seat.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_workspace_id(folder)
        with seat.guard() as guard:
            state = guard.state
            if state.counters or state.adopted or any(seat.keys.glob("*.key")):
                raise AskedInWorkspaceError(folder=folder)
            if not state.awaiting:
                state.awaiting = secrets.token_hex(_NONCE_BYTES)
                guard.write()
            return MoveRequest(state.workspace, state.machine, state.place, state.awaiting)


def hand_over(
    origin: Origin,
    out: Path,
    request: MoveRequest,
    *,
    machine: str,
    now: datetime,
    advance: Advance,
    marks: Path | None = None,
) -> Manifest:
    """Seal the workspace for the place that asked, and write everything that this place needs to ``out``.

    Raises SealedForOtherError, ArchiveExistsError and the store's errors before anything is done; ArchiveWriteError,
    NoRoomError after the workspace was sealed: it is run again for the same request.
    """
    require_free(out, replace=False)
    files = origin.files
    if request.workspace == origin.workspace:
        raise MoveRequestError(file="the request")
    with hold_guard(files.keys, workspace=origin.workspace, machine=machine, handed_over=True, marks=marks) as guard:
        state = guard.state
        if state.sealed_for not in ("", request.hash):
            raise SealedForOtherError(given=request.hash[:8])
        along = database_file(origin.store) is not None  # a server's database stays where it is
        with writing(files.keys), origin.store.unit_of_work(sealed=True) as uow:
            detail = {"file": out.name, "from": origin.workspace, **({"to": request.workspace} if along else {})}
            uow.changes.add(MOVE_OUT, SUBJECT, now, detail=detail)
            state.sealed_for = request.hash
            guard.write()
        with scratch_folder(files.folder) as scratch:
            sources = list(files.members(keys=True))
            schema = ""
            if along:
                schema = copy_database(origin, scratch / DATABASE)
                sources.insert(0, (DATABASE, scratch / DATABASE))
            manifest = Manifest(
                kind="move",
                created=now.isoformat(timespec="seconds"),
                program=origin.program,
                workspace=origin.workspace,
                schema=schema,
                keys=True,
                handed_over={"request": asdict(request), "memory": state.memory()},
            )
            return write_archive(out, manifest, sources, replace=False, advance=advance)


def take_in(file: Path, seat: Seat, *, advance: Advance, check_settings: CheckSettings) -> Manifest:
    """Make the place that asked the workspace; it issues from exactly the next counter on.

    Raises MoveTakenError, RequestGivenError, MoveForOtherError, CopiedWorkspaceError, RestoreWriteError, and what
    ``unpack`` and ``check_settings`` raise. Until its settings are there, the folder is no workspace, and it can be run
    again.
    """
    folder = seat.folder
    if (folder / SETTINGS).exists():
        raise MoveTakenError(folder=folder)
    if is_request(file):
        raise RequestGivenError(file=file)
    if not (folder / "workspace.id").is_file() or not seat.keys.is_dir():
        raise MoveForOtherError(file=file, reason="nothing was asked for here")
    with writing(folder), seat.guard() as guard:
        try:
            unpacked = unpack(file, folder / SCRATCH, kind="move", advance=advance)
            _adopt(guard, file, unpacked, seat, check_settings)
        finally:
            shutil.rmtree(folder / SCRATCH, ignore_errors=True)
    return unpacked.manifest


def _adopt(guard: CounterGuard, file: Path, unpacked: Unpacked, seat: Seat, check_settings: CheckSettings) -> None:
    state, handed_over = guard.state, unpacked.manifest.handed_over
    try:
        request = request_from(dict(handed_over["request"]))
        _require_mine(guard, file, request)
        state.learn(handed_over["memory"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ArchiveFormatError(file=file, reason="it does not say what it hands over") from None
    settings = unpacked.folder / SETTINGS
    if not settings.is_file():
        raise ArchiveFormatError(file=file, reason=f"it holds no {SETTINGS}")
    if unpacked.database is not None:
        text = settings_at_home(file, settings, check_settings)
    else:
        text = checked_settings(file, settings, check_settings)
    places = WorkspaceFiles.usual(seat.folder)
    if unpacked.database is not None:
        put(unpacked.database, seat.folder / DATABASE, replace=True)
    for name, source in unpacked.files():
        if name != SETTINGS:
            put(source, places.place_of(name), replace=True)
    state.ancestors = (*state.ancestors, unpacked.manifest.workspace)
    state.awaiting, state.adopted = "", request.hash
    guard.write()
    write_synced(seat.folder / SETTINGS, text.encode(), private=False)


def _require_mine(guard: CounterGuard, file: Path, request: MoveRequest) -> None:
    """MoveForOtherError unless this guard made the request and has not been answered, or was by the same move."""
    state = guard.state
    if request.hash == state.adopted:
        return
    mine = MoveRequest(state.workspace, state.machine, state.place, state.awaiting)
    if not state.awaiting or request != mine:
        raise MoveForOtherError(file=file, reason="another place asked, or what was asked here has been answered")
