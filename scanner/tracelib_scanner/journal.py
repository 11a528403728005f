"""The journal: a small SQLite database of its own per station, written before a device is acknowledged.

One append-only table, write-ahead log, ``synchronous=FULL``: what :meth:`Journal.append` returned from survives a
power cut. Threads that append at the same time share one commit (group commit). Row ids only grow and are never used
twice; (party, station, row id) is the unique key of the scan row in the store. The journal is also the queue: the
station reads on from the last key in the store, so nothing is lost when it was killed between the two.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

from tracelib_scanner.errors import JournalBusyError, JournalError, JournalForeignError
from tracelib_scanner.scan import Scan, ScanKind

APPLICATION_ID = 0x79706E6A  # "ypnj"
VERSION = 2
KEPT = timedelta(days=30)
_SCHEMA = """CREATE TABLE scan (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL,
  kind TEXT NOT NULL,
  data BLOB NOT NULL,
  at_us INTEGER NOT NULL,
  monotonic_s REAL NOT NULL,
  source TEXT NOT NULL,
  weight_g INTEGER
) STRICT"""
_FROM_1 = "ALTER TABLE scan ADD COLUMN weight_g INTEGER"
"""What a journal of before there were scales lacks."""
_INDEX = "CREATE INDEX scan_source ON scan (device, source) WHERE source <> ''"
_INSERT = "INSERT INTO scan (device, kind, data, at_us, monotonic_s, source, weight_g) VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT row_id, device, kind, data, at_us, monotonic_s, source, weight_g FROM scan"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A journalled scan. ``row_id`` counts from 1 and is unique for its station for ever."""

    row_id: int
    scan: Scan


@dataclass(slots=True)
class _Ticket:
    scans: Sequence[Scan]
    done: bool = False
    error: sqlite3.Error | None = None


@dataclass
class _Pending:
    lock: threading.Lock = field(default_factory=threading.Lock)
    tickets: list[_Ticket] = field(default_factory=list)


class Journal:
    """An open journal. Safe to use from several threads; only one process holds a journal at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pending = _Pending()
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(file=path, detail=error) from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise _opening_error(path, error) from None
        except JournalForeignError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        db = self._db
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("BEGIN EXCLUSIVE")
        application = db.execute("PRAGMA application_id").fetchone()[0]
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if application == 0 and db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            db.execute(_SCHEMA)
            db.execute(_INDEX)
            db.execute(f"PRAGMA application_id={APPLICATION_ID}")
            db.execute(f"PRAGMA user_version={VERSION}")
        elif (application, version) == (APPLICATION_ID, 1):
            db.execute(_FROM_1)
            db.execute(f"PRAGMA user_version={VERSION}")
        elif (application, version) != (APPLICATION_ID, VERSION):
            db.execute("ROLLBACK")
            raise JournalForeignError(file=self.path, detail=f"application id {application}, version {version}")
        db.execute("COMMIT")

    def append(self, scans: Sequence[Scan]) -> None:
        """Write scans, all or none, and return when they are on the disk; raises ``JournalError``."""
        ticket = _Ticket(scans)
        with self._pending.lock:
            self._pending.tickets.append(ticket)
        with self._lock:
            if not ticket.done:
                with self._pending.lock:
                    group, self._pending.tickets = self._pending.tickets, []
                self._commit(group)
        if ticket.error is not None:
            raise JournalError(file=self.path, detail=ticket.error) from ticket.error

    def _commit(self, group: Sequence[_Ticket]) -> None:
        """One transaction for everybody who waits; whoever gets the lock first does it for all."""
        error: sqlite3.Error | None = None
        try:
            self._db.execute("BEGIN")
            self._db.executemany(_INSERT, [_row(scan) for ticket in group for scan in ticket.scans])
            self._db.execute("COMMIT")
        except sqlite3.Error as failure:
            error = failure
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        for ticket in group:
            ticket.done, ticket.error = True, error

    def after(self, row_id: int, limit: int) -> list[Entry]:
        """The next entries after ``row_id`` in order, at most ``limit``."""
        with self._reading() as db:
            return [
                _entry(row)
                for row in db.execute(f"{_SELECT} WHERE row_id > ? ORDER BY row_id LIMIT ?", (row_id, limit))
            ]

    def before(self, row_id: int, count: int) -> list[Entry]:
        """The last ``count`` entries up to and with ``row_id``, oldest first: what a debouncer must remember."""
        with self._reading() as db:
            rows = db.execute(f"{_SELECT} WHERE row_id <= ? ORDER BY row_id DESC LIMIT ?", (row_id, count)).fetchall()
        return [_entry(row) for row in reversed(rows)]

    def sources(self, device: str) -> set[str]:
        """The image files that a camera's entries came from."""
        with self._reading() as db:
            rows = db.execute("SELECT source FROM scan WHERE device = ? AND source <> ''", (device,))
            return {str(row[0]) for row in rows}

    def last_row_id(self) -> int:
        """The highest row id that was ever given, 0 for none."""
        with self._reading() as db:
            row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'scan'").fetchone()
        return int(row[0]) if row else 0

    def certain_time(self) -> datetime | None:
        """The time of the last entry before which the clock never jumped ahead by more than 24 h, None for none.

        No clock can be earlier than this. Looks at the last 256 entries: a line that went on so long after a jump has
        been seen by people.
        """
        with self._reading() as db:
            rows = db.execute("SELECT at_us FROM scan ORDER BY row_id DESC LIMIT 256").fetchall()
        certain: int | None = None
        for (at_us,) in reversed(rows):
            if certain is not None and at_us - certain > _DAY_US:
                break
            certain = at_us if certain is None else max(certain, at_us)
        return None if certain is None else _EPOCH + certain * _MICROSECOND

    def continue_after(self, row_id: int) -> bool:
        """Make sure that the next id is above ``row_id``; True if the journal was behind (lost, or an old copy)."""
        if self.last_row_id() >= row_id:
            return False
        with self._writing() as db:
            changed = db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'scan'", (row_id,)).rowcount
            if not changed:
                db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('scan', ?)", (row_id,))
        return True

    def prune(self, in_store: int, now: datetime, limit: int = 10_000) -> int:
        """Delete entries older than 30 days, oldest first and at most ``limit``; returns how many.

        Nothing is deleted while any entry is not yet in the store (``in_store`` is the last key there). Entries that
        came from an image or a replay file stay: they are few, and by them the device knows what it has read.
        """
        if self.last_row_id() > in_store:
            return 0
        with self._writing() as db:
            old = db.execute(
                "SELECT row_id, at_us FROM scan WHERE source = '' ORDER BY row_id LIMIT ?", (limit,)
            ).fetchall()
            horizon = _microseconds(now - KEPT)
            gone = [(row_id,) for row_id, at_us in takewhile(lambda row: row[1] < horizon, old)]
            db.executemany("DELETE FROM scan WHERE row_id = ?", gone)
        return len(gone)

    def close(self) -> None:
        """Close the file; another process may take it."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as error:
                raise JournalError(file=self.path, detail=error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as db:
            db.execute("BEGIN")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")


def _opening_error(path: Path, error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return JournalBusyError(file=path)
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
        return JournalForeignError(file=path, detail=error)
    return JournalError(file=path, detail=error)


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _row(scan: Scan) -> tuple[str, str, bytes, int, float, str, int | None]:
    at_us = _microseconds(scan.at)
    return (scan.device, scan.kind.value, scan.data, at_us, scan.monotonic_s, scan.source, scan.weight_g)


def _entry(row: tuple[int, str, str, bytes, int, float, str, int | None]) -> Entry:
    row_id, device, kind, data, at_us, monotonic_s, source, weight_g = row
    at = _EPOCH + at_us * _MICROSECOND
    return Entry(row_id, Scan(data, device, at, monotonic_s, ScanKind(kind), source, weight_g))
