"""What the simulated platform remembers, in a SQLite file of its own: events, jobs, refusals, counters."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
  row INTEGER PRIMARY KEY, key TEXT NOT NULL, event_id TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_key ON event (key);
CREATE INDEX IF NOT EXISTS event_id ON event (event_id);
CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, ordinal INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, body TEXT NOT NULL, polls INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Incoming:
    """An event as it came: its identity (id and declaration time), id, and JSON text."""

    key: str
    event_id: str
    body: str

    @classmethod
    def of(cls, event: dict[str, Any]) -> "Incoming":
        """From a validated event."""
        declared = event.get("errorDeclaration") or {}
        key = f"{event['eventID']} {declared.get('declarationTime', '')}".strip()
        return cls(key, event["eventID"], json.dumps(event, ensure_ascii=False))


class State:
    """All of it behind one lock: a simulated platform need not be fast, only right."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def count(self, name: str) -> int:
        """Add one to a counter and answer it."""
        with self._transaction() as db:
            db.execute("INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", (name,))
            row: tuple[int] = db.execute("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()
            return row[0]

    def ordinals(self, events: Sequence[Incoming]) -> dict[str, int]:
        """Each event's number in the order of first arrival, from 1; the same event keeps its number for ever."""
        with self._transaction() as db:
            for event in events:
                db.execute("INSERT OR IGNORE INTO seen SELECT ?, COALESCE(MAX(ordinal), 0) + 1 FROM seen", (event.key,))
            return {
                event.key: db.execute("SELECT ordinal FROM seen WHERE key = ?", (event.key,)).fetchone()[0]
                for event in events
            }

    def store(self, events: Sequence[Incoming], *, keep_duplicates: bool) -> list[str]:
        """Store all events or none; answers the keys that were there already (then nothing was stored).

        ``keep_duplicates``: a platform that looks at nothing and stores everything again.
        """
        with self._transaction() as db:
            known = [
                event.key
                for event in events
                if db.execute("SELECT 1 FROM event WHERE key = ? LIMIT 1", (event.key,)).fetchone()
            ]
            if known and not keep_duplicates:
                return known
            db.executemany(
                "INSERT INTO event (key, event_id, body) VALUES (?, ?, ?)",
                [(event.key, event.event_id, event.body) for event in events],
            )
            return []

    def add_job(self, job: dict[str, Any]) -> str:
        """Keep a capture job; answers its id."""
        with self._transaction() as db:
            cursor = db.execute("INSERT INTO job (body) VALUES (?)", (json.dumps(job),))
            return str(cursor.lastrowid)

    def job(self, job_id: str) -> tuple[dict[str, Any], int] | None:
        """A job and how often it was asked for, this time included."""
        with self._transaction() as db:
            db.execute("UPDATE job SET polls = polls + 1 WHERE id = ?", (job_id,))
            row = db.execute("SELECT body, polls FROM job WHERE id = ?", (job_id,)).fetchone()
            return (json.loads(row[0]), row[1]) if row else None

    def events(self, ids: Sequence[str]) -> list[str]:
        """JSON texts of the events with these ids."""
        marks = ",".join("?" * len(ids))
        with self._lock:
            query = f"SELECT body FROM event WHERE event_id IN ({marks}) ORDER BY row"  # noqa: S608 - only marks
            return [body for (body,) in self._db.execute(query, list(ids))]

    def stats(self, *, listed: bool = False) -> dict[str, Any]:
        """Counts; with ``listed`` also every key and how often it is stored."""
        with self._lock:
            stored = dict(self._db.execute("SELECT key, COUNT(*) FROM event GROUP BY key"))
            counters = dict(self._db.execute("SELECT name, value FROM counter"))
        answer: dict[str, Any] = {
            "events": len(stored),
            "stored": sum(stored.values()),
            "doubled": sum(1 for count in stored.values() if count > 1),
            "counters": counters,
        }
        return {**answer, "keys": stored} if listed else answer
