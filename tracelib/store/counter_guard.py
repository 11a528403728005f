"""The counter guard: what keeps a counter from being used twice when a database or a folder comes back from the past.

Beside the keys lie two files. ``counters.json`` holds the identity of the workspace, of the machine and of the place
(the file number of the lock, which a copy has not), and for each party, prefix and window the next counter that was
never reserved, and the windows that were given to line keys; it is written with temp file, fsync and rename.
``counters.lock`` is locked by the one process that reserves counters, signs manifests or grants delegations at the
moment; the operating system frees it when that process dies, whatever it dies of.

Order of a reservation: the database commits first, then the guard is written, and only then a code is made; the same
for a window, before its holder is told how to open the grant. So:

* database ahead of the guard: a run died between the two; harmless, no code of that range was made by it;
* database behind the guard: the database is older than codes, or line keys, that are out there. Nothing is issued;
* guard missing while the database knows counters; other workspace, machine or place: nothing is issued.

Whatever is refused here is refused for issuing and for granting delegations alike.

Not defended: a backup tool that puts database and guard back together, into the very same files.
"""

import json
import os
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tracelib.errors import StoreError

FILE_NAME = "counters.json"
LOCK_NAME = "counters.lock"
LOCK_TIMEOUT_S = 600.0
"""A million codes take the lock for some seconds; ten minutes mean that something hangs."""
_RETRY_S = 0.02
CounterWindow = tuple[int, int]
"""First and last counter, both included."""


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
        "issued, for the original may go on issuing the same counters. Issue in the original, or enrol a new key here: "
        "tracelib key new, tracelib delegate request"
    )


class GuardMissingError(StoreError):
    """The guard's file is gone although counters are in use."""

    code = "guard.missing"
    template = (
        "{file} is missing, but the database has counters in use under prefix {prefix}. Nothing was issued. "
        "Put the file back from the backup of the key folder, or enrol a new key: "
        "tracelib key new, tracelib delegate request"
    )


class GuardDamagedError(StoreError):
    """The guard's file cannot be read."""

    code = "guard.damaged"
    template = "{file} is damaged ({detail}). Nothing was issued. Put it back from the backup of the key folder."


class GuardBusyError(StoreError):
    """Another process holds the lock for longer than anything should take."""

    code = "guard.busy"
    retryable = True
    template = "Another process has been issuing codes in this workspace for {seconds} s ({file}): try again later."


class CounterGuard:
    """The guard while this process holds its lock. Made by :func:`hold_guard`."""

    def __init__(self, file: Path, workspace: str, machine: str, place: str) -> None:
        self.file = file
        self._identity = {"workspace": workspace, "machine": machine, "place": place}
        self._counters: dict[str, int] = {}
        self._granted: dict[str, set[CounterWindow]] = {}
        self._existed = file.exists()
        if self._existed:
            self._read()

    def check(self, party_id: str, prefix: str, window_first: int, database_next: int | None) -> None:
        """Raise unless the database knows at least every counter that the guard knows.

        ``database_next`` is the next counter in the database, None where it has none for this prefix and window.
        """
        if not self._existed and database_next is not None:
            raise GuardMissingError(file=self.file, prefix=prefix)
        known = self._counters.get(counter_name(party_id, prefix, window_first), window_first)
        behind = window_first if database_next is None else database_next
        if behind < known:
            raise RestoredDatabaseError(prefix=prefix, database=behind - 1, guard=known - 1, file=self.file)
        self.establish()

    def establish(self) -> None:
        """Write the file where there is none, so that a copy of the folder, and the loss of the file, are noticed."""
        if not self._existed:
            self._write()

    def check_windows(
        self, party_id: str, prefix: str, window_first: int, database_windows: Collection[CounterWindow]
    ) -> None:
        """Raise unless the database knows every window that was given to line keys out of this one."""
        if not self._existed and database_windows:
            raise GuardMissingError(file=self.file, prefix=prefix)
        kept = self._granted.get(counter_name(party_id, prefix, window_first), set())
        lost = kept.difference(database_windows)
        if lost:
            before, last = min(lost)[0] - 1, max(last for _, last in lost)
            raise RestoredDatabaseError(prefix=prefix, database=before, guard=last, file=self.file)

    def record_windows(self, party_id: str, prefix: str, window_first: int, windows: Collection[CounterWindow]) -> None:
        """Keep windows (first, last) that were given to line keys, on disk when this returns. None is forgotten."""
        kept = self._granted.setdefault(counter_name(party_id, prefix, window_first), set())
        if not kept.issuperset(windows):
            kept.update(windows)
            self._write()

    def record(self, party_id: str, prefix: str, window_first: int, next_counter: int) -> None:
        """Keep the next counter, on disk when this returns. Never goes back."""
        name = counter_name(party_id, prefix, window_first)
        if self._counters.get(name, -1) < next_counter:
            self._counters[name] = next_counter
            self._write()

    def _read(self) -> None:
        identity, counters, granted = _parse(self.file)
        for name, mine in self._identity.items():
            if identity[name] != mine:
                raise CopiedWorkspaceError(expected=f"{name} {identity[name]}", found=f"{name} {mine}")
        self._counters, self._granted = counters, granted

    def _write(self) -> None:
        granted = {name: sorted(windows) for name, windows in self._granted.items() if windows}
        values = {**self._identity, "counters": self._counters, "granted": granted}
        body = json.dumps(values, indent=1, sort_keys=True) + "\n"
        temporary = self.file.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self.file)
        _sync_folder(self.file.parent)
        self._existed = True


def read_counters(file: Path) -> dict[str, int]:
    """``PARTY/PREFIX/WINDOW`` to the next counter as a guard's file has it; empty where there is none. No lock."""
    return _parse(file)[1] if file.exists() else {}


def _parse(file: Path) -> tuple[dict[str, str], dict[str, int], dict[str, set[CounterWindow]]]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        counters = {str(name): int(value) for name, value in data["counters"].items()}
        granted = {
            str(name): {(int(first), int(last)) for first, last in windows}
            for name, windows in data.get("granted", {}).items()
        }
        return {name: str(data[name]) for name in ("workspace", "machine", "place")}, counters, granted
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise GuardDamagedError(file=file, detail=error) from None


@contextmanager
def hold_guard(
    folder: Path, *, workspace: str, machine: str, timeout_s: float = LOCK_TIMEOUT_S
) -> Iterator[CounterGuard]:
    """Lock the guard in the key folder, waiting for other processes, and read it.

    Raises ``GuardBusyError``, ``CopiedWorkspaceError``, ``GuardDamagedError``.
    """
    lock = folder / LOCK_NAME
    with lock.open("a+b") as stream:
        _wait_for(stream, lock, timeout_s)
        try:
            place = str(os.fstat(stream.fileno()).st_ino)
            yield CounterGuard(folder / FILE_NAME, workspace, machine, place)
        finally:
            _unlock(stream)


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

    def _sync_folder(folder: Path) -> None:
        """Windows keeps a rename without it."""

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

    def _sync_folder(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def counter_name(party_id: str, prefix: str, window_first: int) -> str:
    """How guard and checks name a counter: ``PARTY/PREFIX/WINDOW``."""
    return f"{party_id}/{prefix}/{window_first}"
