"""Which prints are under way: a lock for each, held by the process that prints and freed when it dies.

On PostgreSQL it is an advisory lock of the server, so that desks on several machines see each other; on SQLite a byte
of a file beside the database, locked by the operating system. Neither leaves anything that must be cleared away.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, text

from tracelib.store.errors import ReadOnlyError

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store

WAIT_S = 1.0
"""A server notices after a moment that a process has died; who holds the lock for longer is alive."""
_RETRY_S = 0.05
_NOTICE = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
"""So the server notices within a minute that a machine is gone, and frees what it held."""
_PLACES = 2**31 - 1
"""Bytes that can be locked; Windows counts no further. None is ever written."""


class PrintLocks(Protocol):
    """The locks that this process holds; all are given up when :func:`holding_prints` ends."""

    def take(self, print_id: str) -> bool:
        """Hold the lock of a print; False where another process holds it."""

    def give_up(self, print_id: str) -> None:
        """Free a lock that was taken."""


@contextmanager
def holding_prints(store: "Store") -> Iterator[PrintLocks]:
    """Locks in the store's database, or beside it. Raises the errors of the store."""
    with ExitStack() as stack:
        if store.dialect == "postgresql":
            connection = stack.enter_context(store.engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
            # A connection that goes back to the pool would keep its locks.
            stack.callback(connection.invalidate)
            connection.exec_driver_sql(_NOTICE)
            yield _OnServer(connection)
        else:
            yield stack.enter_context(_locked_bytes(store))


def take_or_wait(locks: PrintLocks, print_id: str) -> bool:
    """Take a lock, waiting a moment for a process that has just died."""
    end = time.monotonic() + WAIT_S
    while not locks.take(print_id):
        if time.monotonic() >= end:
            return False
        time.sleep(_RETRY_S)
    return True


class _OnServer:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, print_id: str) -> bool:
        """Take the lock of a print; False where somebody holds it."""
        return bool(self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), _key(print_id)).scalar_one())

    def give_up(self, print_id: str) -> None:
        """Free the lock of a print."""
        self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), _key(print_id))


def _key(print_id: str) -> dict[str, int]:
    return {"key": int.from_bytes(hashlib.sha256(print_id.encode()).digest()[:8], signed=True)}


@contextmanager
def _locked_bytes(store: "Store") -> Iterator["_InFile"]:
    path = Path(f"{Path(store.engine.url.database or '').resolve()}.printing")
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise ReadOnlyError(database=path, seconds=0, detail=error.strerror or error) from None
    try:
        yield _InFile(number)
    finally:
        os.close(number)  # which frees every lock


class _InFile:
    def __init__(self, number: int) -> None:
        self._number = number

    def take(self, print_id: str) -> bool:
        """Take the lock of a print; False where somebody holds it."""
        return _try_lock(self._number, _place(print_id))

    def give_up(self, print_id: str) -> None:
        """Free the lock of a print."""
        _unlock(self._number, _place(print_id))


def _place(print_id: str) -> int:
    return int.from_bytes(hashlib.sha256(print_id.encode()).digest()[:8]) % _PLACES


if sys.platform == "win32":
    import msvcrt

    def _try_lock(number: int, place: int) -> bool:
        os.lseek(number, place, os.SEEK_SET)
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(number: int, place: int) -> None:
        os.lseek(number, place, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    # Of the process, unlike flock: the processes that sign codes for it, and outlive it, do not keep its locks.
    def _try_lock(number: int, place: int) -> bool:
        try:
            fcntl.lockf(number, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place, os.SEEK_SET)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _unlock(number: int, place: int) -> None:
        fcntl.lockf(number, fcntl.LOCK_UN, 1, place, os.SEEK_SET)
