"""The counter guard: what keeps a counter from being used twice when a database or a folder comes back from the past.

Beside the keys lie two files. ``counters.json`` holds the identity of the workspace, of the machine and of the place
(the file number of the lock, which a folder copied to a new place has not; one copied over itself has it), and for each
party, prefix and window the next counter that was never reserved, and the windows that were given to line keys; it is
written with temp file, fsync and rename.
``counters.lock`` is locked by the one process that reserves counters, signs manifests or grants delegations at the
moment; the operating system frees it when that process dies, whatever it dies of.

Order of a reservation: the database commits first, then the guard is written, and only then a code is made; the same
for a window, before its holder is told how to open the grant. So:

* database ahead of the guard: a run died between the two; harmless, no code of that range was made by it;
* database behind the guard: the database is older than codes, or line keys, that are out there. Nothing is issued;
* guard missing while the database knows counters; other workspace, machine or place: nothing is issued.

Whatever is refused here is refused for issuing and for granting delegations alike. The guard also remembers which
delegations a key granted (a database that lost one would grant its prefix twice), which keys are closed here because
they came out of a backup, and whether the workspace was handed over to another machine. The program's own backups leave
the guard out, and restoring one never takes it back (ADR 10).

A folder from the past that is copied over itself brings back database and guard together. That the guard is older than
it was on this machine is told by a mark outside of the folder (``machine_mark``, ADR 16).

Not defended: the same where that mark could not be kept, or was put back too.
"""

import os
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tracelib.errors import StoreError
from tracelib.store.guard_state import CounterWindow, GuardState, read_state
from tracelib.store.machine_mark import MachineMark

FILE_NAME = "counters.json"
LOCK_NAME = "counters.lock"
LOCK_TIMEOUT_S = 600.0
"""A million codes take the lock for some seconds; ten minutes mean that something hangs."""
_RETRY_S = 0.02
KEY_ID_DIGITS = 10
"""A key id is the first 5 bytes of the full hash; people know keys by it (tracelib key list)."""


class RestoredDatabaseError(StoreError):
    """The database knows fewer counters than the guard: it was restored from an older backup."""

    code = "guard.restored"
    template = (
        "The database is older than the codes: under prefix {prefix} it has counters up to {database}, but up to "
        "{guard} are in use ({file}). Nothing was issued. Restore the newest backup of the database; if there is none, "
        "retire this key and enrol a new one with a prefix of its own: tracelib key new, tracelib delegate request"
    )


class CopiedWorkspaceError(StoreError):
    """The workspace is a copy, or came to another machine."""

    code = "guard.copied"
    template = (
        "This workspace was copied or moved: its counters belong to {expected}, this is {found}. Nothing was "
        "issued, for the original may go on issuing the same counters. Issue in the original, hand it over with "
        "tracelib workspace move, or enrol a new key here: tracelib key new, tracelib delegate request"
    )


class OldGuardError(StoreError):
    """The guard, and the folder with it, came back from the past: it was written to since on this machine."""

    code = "guard.old"
    template = (
        "This folder is an older copy: on this machine it was ahead (steps: {behind}), so codes or grants are out that "
        "it does not know. Nothing was issued. Put the newer folder back if there is one. If not: tracelib backup "
        "NOW.backup, tracelib restore NOW.backup --into DIR, and in DIR a new key: tracelib key new, tracelib delegate "
        "request"
    )


class GuardMissingError(StoreError):
    """The guard's file is gone although counters are in use."""

    code = "guard.missing"
    template = (
        "{file} is missing, but the database has counters in use under prefix {prefix}. Nothing was issued, for an "
        "older copy of either would not know the newest counters. Enrol a new key: "
        "tracelib key new, tracelib delegate request"
    )


class WorkspaceMovedError(StoreError):
    """The workspace was handed over to another machine."""

    code = "guard.moved"
    template = (
        "This workspace was handed over to another machine, where its books go on: nothing was written, and nothing is "
        "issued or granted here for ever. Reading and backup still work. Go on in the new place. If it never got the "
        "file, write it once more: tracelib workspace move out FILE --for REQUEST"
    )


class KeyClosedError(StoreError):
    """The key came out of a backup: nobody knows how far its original went on."""

    code = "guard.key_closed"
    template = (
        "The key {key} came out of a backup, and nobody can tell here what it issued or granted since. Nothing was "
        "issued or granted. Use it where it was used last, or a new key: tracelib key new, tracelib delegate request. "
        "A key that only grants, such as a root's, goes on after: tracelib workspace resume NAME"
    )


class GrantsLostError(StoreError):
    """The database does not know every delegation that the key has granted."""

    code = "guard.grants_lost"
    template = (
        "The database is older than what was granted: {count} delegations that key {key} signed are not in it, and "
        "their prefixes and quotas could be given twice. Nothing was granted. Take them over from the newest bundle or "
        "the grant files: tracelib bundle import FILE"
    )


class GuardBusyError(StoreError):
    """Another process holds the lock for longer than anything should take."""

    code = "guard.busy"
    retryable = True
    template = "Another process has been issuing codes in this workspace for {seconds} s ({file}): try again later."


class CounterGuard:
    """The guard while this process holds its lock. Made by :func:`hold_guard`.

    A copied workspace is refused (CopiedWorkspaceError), and one that was handed over (WorkspaceMovedError) unless
    ``handed_over`` says that this is known. Older than its ``mark`` on this machine it is refused (OldGuardError),
    unless it is not there and ``anew`` says that its keys will be closed.
    """

    def __init__(
        self,
        file: Path,
        workspace: str,
        machine: str,
        place: str,
        *,
        handed_over: bool = False,
        mark: MachineMark | None = None,
        anew: bool = False,
    ) -> None:
        self.file = file
        self.existed = file.exists()
        self.state = GuardState(workspace, machine, place)
        self.mark = mark or MachineMark(None, workspace)
        if self.existed:
            self._read(handed_over)
        behind = self.mark.read() - self.state.writes
        if behind > 0 and (self.existed or not anew):
            raise OldGuardError(behind=behind)

    def check(self, party_id: str, prefix: str, window_first: int, database_next: int | None) -> None:
        """Raise unless the database knows at least every counter that the guard knows.

        ``database_next`` is the next counter in the database, None where it has none for this prefix and window.
        """
        if not self.existed and database_next is not None:
            raise GuardMissingError(file=self.file, prefix=prefix)
        known = self.state.counters.get(counter_name(party_id, prefix, window_first), window_first)
        behind = window_first if database_next is None else database_next
        if behind < known:
            raise RestoredDatabaseError(prefix=prefix, database=behind - 1, guard=known - 1, file=self.file)
        self.establish()

    def establish(self) -> None:
        """Write the file where there is none, so that a copy of the folder, and the loss of the file, are noticed."""
        if not self.existed:
            self.write()

    def check_windows(
        self, party_id: str, prefix: str, window_first: int, database_windows: Collection[CounterWindow]
    ) -> None:
        """Raise unless the database knows every window that was given to line keys out of this one."""
        if not self.existed and database_windows:
            raise GuardMissingError(file=self.file, prefix=prefix)
        kept = self.state.granted.get(counter_name(party_id, prefix, window_first), set())
        lost = kept.difference(database_windows)
        if lost:
            before, last = min(lost)[0] - 1, max(last for _, last in lost)
            raise RestoredDatabaseError(prefix=prefix, database=before, guard=last, file=self.file)

    def record_windows(self, party_id: str, prefix: str, window_first: int, windows: Collection[CounterWindow]) -> None:
        """Keep windows (first, last) that were given to line keys, on disk when this returns. None is forgotten."""
        kept = self.state.granted.setdefault(counter_name(party_id, prefix, window_first), set())
        if not kept.issuperset(windows):
            kept.update(windows)
            self.write()

    def record(self, party_id: str, prefix: str, window_first: int, next_counter: int) -> None:
        """Keep the next counter, on disk when this returns. Never goes back."""
        name = counter_name(party_id, prefix, window_first)
        if self.state.counters.get(name, -1) < next_counter:
            self.state.counters[name] = next_counter
            self.write()

    def require_open(self, key_hash: bytes) -> None:
        """KeyClosedError for a key that may neither issue nor grant here."""
        if key_hash.hex() in self.state.closed:
            raise KeyClosedError(key=key_hash.hex()[:KEY_ID_DIGITS])

    def check_children(self, key_hash: bytes, known: Collection[bytes]) -> None:
        """GrantsLostError unless ``known`` holds every delegation (by hash) that the key has granted."""
        lost = self.state.children.get(key_hash.hex(), set()).difference(one.hex() for one in known)
        if lost:
            raise GrantsLostError(count=len(lost), key=key_hash.hex()[:KEY_ID_DIGITS])

    def record_child(self, key_hash: bytes, delegation: bytes) -> None:
        """Keep the hash of a delegation that the key granted, on disk when this returns."""
        kept = self.state.children.setdefault(key_hash.hex(), set())
        if delegation.hex() not in kept:
            kept.add(delegation.hex())
            self.write()

    def write(self) -> None:
        """Put the state on the disk, then the mark: killed between the two, the mark is behind, which is harmless."""
        self.state.writes = max(self.state.writes, self.mark.read()) + 1
        self.state.write(self.file)
        self.existed = True
        self.mark.keep(self.state.writes)

    def _read(self, handed_over: bool) -> None:
        mine, self.state = self.state.identity, read_state(self.file)
        for name, kept in self.state.identity.items():
            if kept != mine[name]:
                raise CopiedWorkspaceError(expected=f"{name} {kept}", found=f"{name} {mine[name]}")
        if self.state.sealed_for and not handed_over:
            raise WorkspaceMovedError()


def read_counters(file: Path) -> dict[str, int]:
    """``PARTY/PREFIX/WINDOW`` to the next counter as a guard's file has it; empty where there is none. No lock."""
    return read_state(file).counters if file.exists() else {}


@contextmanager
def hold_guard(
    folder: Path,
    *,
    workspace: str,
    machine: str,
    timeout_s: float = LOCK_TIMEOUT_S,
    handed_over: bool = False,
    marks: Path | None = None,
    anew: bool = False,
) -> Iterator[CounterGuard]:
    """Lock the guard in the key folder, waiting for other processes, and read it. ``handed_over`` opens also the guard
    of a workspace that was moved. ``marks`` is the folder where this machine remembers guards, None for none; ``anew``
    takes a guard that is gone as one that begins anew.

    Raises ``GuardBusyError``, ``CopiedWorkspaceError``, ``WorkspaceMovedError``, ``GuardDamagedError``,
    ``OldGuardError``.
    """
    lock = folder / LOCK_NAME
    with lock.open("a+b") as stream:
        _wait_for(stream, lock, timeout_s)
        try:
            place = str(os.fstat(stream.fileno()).st_ino)
            mark = MachineMark(marks, workspace)
            yield CounterGuard(
                folder / FILE_NAME, workspace, machine, place, handed_over=handed_over, mark=mark, anew=anew
            )
        finally:
            _unlock(stream)


def refuse_closed(folder: Path, key_hashes: Iterable[bytes]) -> None:
    """For what keys do without counters, such as signing a bundle: WorkspaceMovedError, KeyClosedError. No lock."""
    file = folder / FILE_NAME
    if file.exists():
        state = read_state(file)
        guard = CounterGuard(file, state.workspace, state.machine, state.place)
        for key_hash in key_hashes:
            guard.require_open(key_hash)


def is_moved(folder: Path) -> bool:
    """Whether the workspace was handed over, and nothing may be written into its books. GuardDamagedError. No lock."""
    file = folder / FILE_NAME
    return file.exists() and bool(read_state(file).sealed_for)


def refuse_moved(folder: Path) -> None:
    """For everything that writes into the workspace's books: WorkspaceMovedError, GuardDamagedError. No lock."""
    if is_moved(folder):
        raise WorkspaceMovedError()


def _wait_for(stream: IO[Any], lock: Path, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while not _try_lock(stream):
        if time.monotonic() >= end:
            raise GuardBusyError(seconds=int(timeout_s), file=lock)
        time.sleep(_RETRY_S)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(stream: IO[Any]) -> bool:
        stream.seek(0)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(stream: IO[Any]) -> None:
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(stream: IO[Any]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(stream: IO[Any]) -> None:
        fcntl.flock(stream, fcntl.LOCK_UN)


def counter_name(party_id: str, prefix: str, window_first: int) -> str:
    """How guard and checks name a counter: ``PARTY/PREFIX/WINDOW``."""
    return f"{party_id}/{prefix}/{window_first}"
