"""One engine for SQLite and PostgreSQL: durable, foreign keys on, and every foreign exception turned into ours.

SQLite: WAL, ``synchronous=FULL`` (a commit survives a power cut), foreign keys on, writers take their lock at the
start (``BEGIN IMMEDIATE``), so that two writers wait for each other instead of failing at the first write.
PostgreSQL: READ COMMITTED for writers (repositories lock the rows they decide on with ``with_for_update``),
REPEATABLE READ and read-only for readers.
"""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from tracelib.errors import MissingExtraError, StoreError
from tracelib.store.errors import (
    ConflictError,
    DamagedError,
    DatabaseError,
    DatabaseUrlError,
    DiskFullError,
    LockedError,
    ReadOnlyError,
    TransactionError,
    UnreachableError,
)

BUSY_TIMEOUT_S = 30
WRITING = "tracelib_writing"
"""Execution option of a connection whose transactions write; without it SQLite refuses writes."""

_PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY")


def parse_url(text: str) -> URL:
    """A database URL; only SQLite files and PostgreSQL through psycopg are known."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError(given=text) from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise DatabaseUrlError(given=name_of(url))
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise DatabaseUrlError(given=text)
    return url


def name_of(url: URL) -> str:
    """A database as messages name it: the file, or the URL without its password."""
    if url.drivername == "sqlite" and url.database:
        return url.database
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


def has_password(url: URL) -> bool:
    """Whether a database URL carries a password, before the host or as a parameter."""
    return url.password is not None or "password" in url.query


def make_engine(text: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """The engine for a URL. Nothing is connected yet."""
    url = parse_url(text)
    try:
        if url.drivername == "sqlite":
            engine = create_engine(url, connect_args={"timeout": busy_timeout_s}, hide_parameters=True)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(url, connect_args={"connect_timeout": 10}, pool_pre_ping=True, hide_parameters=True)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise MissingExtraError(what="PostgreSQL", extra="postgres") from None
    event.listen(engine, "handle_error", _Translation(name_of(url), busy_timeout_s))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - whatever the driver gives
    # The driver's own transaction handling is switched off: "begin" below decides how a transaction starts.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writing else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class _Translation:
    """Listener for ``handle_error``: replaces what the driver raised by an error of the store."""

    def __init__(self, database: str, busy_timeout_s: float) -> None:
        self.database = database
        self.busy_timeout_s = busy_timeout_s

    def __call__(self, context: ExceptionContext) -> None:
        original = context.original_exception
        if isinstance(original, sqlite3.Error):
            raise self.from_sqlite(original) from original
        if type(original).__module__.split(".")[0] == "psycopg":
            raise self.from_postgresql(original) from original

    def from_sqlite(self, error: sqlite3.Error) -> StoreError:
        """By the primary result code (sqlite.org/rescode.html)."""
        result = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        # A full disk shows as an I/O error where it meets the WAL or the shared memory file.
        if result == sqlite3.SQLITE_FULL or (result == sqlite3.SQLITE_IOERR and _is_full(Path(self.database).parent)):
            return DiskFullError(database=self.database)
        kind = _SQLITE.get(result, DatabaseError)
        return kind(database=self.database, seconds=self.busy_timeout_s, detail=error)

    def from_postgresql(self, error: BaseException) -> StoreError:
        """By SQLSTATE, then its class (PostgreSQL manual, appendix A); without one the server was not reached."""
        state = getattr(error, "sqlstate", None) or ""
        detail = str(error).strip().partition("\n")[0].rpartition(" failed: ")[2]  # after "connection to … failed: "
        kind = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2]) or DatabaseError
        return kind(database=self.database, seconds=self.busy_timeout_s, detail=detail)


_SQLITE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_BUSY: LockedError,
    sqlite3.SQLITE_LOCKED: LockedError,
    sqlite3.SQLITE_READONLY: ReadOnlyError,
    sqlite3.SQLITE_CANTOPEN: ReadOnlyError,
    sqlite3.SQLITE_PERM: ReadOnlyError,
    sqlite3.SQLITE_CORRUPT: DamagedError,
    sqlite3.SQLITE_NOTADB: DamagedError,
    sqlite3.SQLITE_CONSTRAINT: ConflictError,
}
_POSTGRESQL: dict[str, type[StoreError]] = {
    "": UnreachableError,
    "08": UnreachableError,
    "28": UnreachableError,
    "3D": UnreachableError,
    "57": UnreachableError,
    "53100": DiskFullError,
    "40001": TransactionError,
    "40P01": TransactionError,
    "55P03": LockedError,
    "25006": ReadOnlyError,
    "23": ConflictError,
}


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 1 << 20
    except OSError:
        return False
