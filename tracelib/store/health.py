"""Is the database sound? What ``tracelib db check`` asks, one answer for each question."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from tracelib.store import migrate
from tracelib.store.counter_guard import FILE_NAME, read_counters
from tracelib.store.migrations import HEAD

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about the database: its name (stable), whether all is well, and what was found (English)."""

    name: str
    ok: bool
    found: str


def examine(store: "Store", keys: Path) -> list[Answer]:
    """Schema, integrity of file and references, counters against the guard beside the keys, unfinished ranges.

    Nothing is changed. Errors of the store (unreachable, damaged beyond reading) are raised.
    """
    return [_schema(store), *_integrity(store), _counters(store, keys), _unfinished(store)]


def _schema(store: "Store") -> Answer:
    differing = migrate.differences(store.engine)
    found = f"revision {HEAD}" if not differing else f"{len(differing)} differences: {differing[0]}"
    return Answer("schema", not differing, found)


def _integrity(store: "Store") -> list[Answer]:
    if store.dialect != "sqlite":
        return []
    with store.engine.connect() as connection:
        words = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(5)"))]
        orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [
        Answer("integrity", words == ["ok"], "; ".join(words)),
        Answer("references", not orphans, "ok" if not orphans else f"{len(orphans)} rows refer to nothing"),
    ]


def _counters(store: "Store", keys: Path) -> Answer:
    with store.reading() as uow:
        database = uow.codes.all_counters()
    guard = read_counters(keys / FILE_NAME)
    behind = sorted(name for name, counter in guard.items() if database.get(name, 0) < counter)
    if behind:
        return Answer("counters", False, f"the database is older than the codes: {', '.join(behind)}")
    if database and not guard:
        return Answer("counters", False, f"{keys / FILE_NAME} is missing")
    return Answer("counters", True, f"{len(database)} prefixes")


def _unfinished(store: "Store") -> Answer:
    """A range without a manifest is no fault: the next issue with its key finishes it."""
    with store.reading() as uow:
        ranges = uow.codes.all_pending()
    found = "none" if not ranges else ", ".join(f"{r.party_id}/{r.prefix}/{r.first}" for r in ranges)
    return Answer("unfinished ranges", True, found)
