"""Is the database sound? What ``tracelib db check`` and ``tracelib doctor`` ask, one answer for each question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text
from sqlmodel import col

from tracelib.store import migrate
from tracelib.store.counter_guard import FILE_NAME, read_counters
from tracelib.store.errors import DamagedError
from tracelib.store.migrations import HEAD
from tracelib.store.tables.changes import ChangeRow
from tracelib.store.tables.codes import CodeRangeRow
from tracelib.store.tables.trust import TrustBundleRow
from tracelib.text import phrase

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store

QUICK_UP_TO_BYTES = 1 << 30
"""A larger SQLite file is not read through for a quick look."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about the database: its name (stable), whether all is well, and what was found.

    ``template`` is an English phrase with a translation, ``params`` fill it.
    """

    name: str
    ok: bool
    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def found(self) -> str:
        """What was found, in English."""
        return self.template.format(**self.params)


def examine(store: "Store", keys: Path) -> list[Answer]:
    """Schema, integrity of file and references, counters against the guard beside the keys, unfinished ranges.

    Nothing is changed. Errors of the store (unreachable, damaged beyond reading) are raised.
    """
    return [_schema(store), *_integrity(store), compare_counters(store, keys), _unfinished(store)]


def quick_look(store: "Store") -> list[Answer]:
    """What takes a moment: the pages of a SQLite file up to 1 GB, and whether it keeps its write-ahead log."""
    if store.dialect != "sqlite":
        return []
    with store.engine.connect() as connection:
        mode = str(connection.execute(text("PRAGMA journal_mode")).scalar())
        answers = [Answer("write-ahead log", mode == "wal", "{mode}", {"mode": mode})]
        file = Path(store.engine.url.database or "")
        if file.stat().st_size <= QUICK_UP_TO_BYTES:
            words = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(3)"))]
            answers.append(Answer("integrity", words == ["ok"], "{words}", {"words": "; ".join(words)}))
    return answers


def newest_entry(store: "Store") -> datetime | None:
    """When the last change, reservation of counters or bundle was noted: no clock that is earlier can be right."""
    columns = (ChangeRow.at, CodeRangeRow.reserved_at, TrustBundleRow.added_at)
    with store.engine.connect() as connection:
        found = [connection.execute(select(func.max(col(column)))).scalar() for column in columns]
    return max((at for at in found if at is not None), default=None)


def _schema(store: "Store") -> Answer:
    differing = migrate.differences(store.engine)
    if differing:
        found = {"count": len(differing), "first": differing[0]}
        return Answer("schema", False, phrase("differences from the program: {count}, the first: {first}"), found)
    return Answer("schema", True, phrase("revision {revision}"), {"revision": HEAD})


def _integrity(store: "Store") -> list[Answer]:
    if store.dialect != "sqlite":
        return []
    with store.engine.connect() as connection:
        words = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(5)"))]
        orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
    lost = phrase("rows that refer to nothing: {count}")
    return [
        Answer("integrity", words == ["ok"], "{words}", {"words": "; ".join(words)}),
        Answer("references", not orphans, lost if orphans else "ok", {"count": len(orphans)}),
        _values(Path(store.engine.url.database or "")),
    ]


def _values(file: Path) -> Answer:
    """Whether every row can be read back: SQLite keeps any value in any column."""
    from tracelib.store.readable import require_readable

    try:
        require_readable(file, live=True)
    except DamagedError as error:
        return Answer("values", False, "{detail}", {"detail": error.params["detail"]})
    return Answer("values", True, "ok")


def compare_counters(store: "Store", keys: Path) -> Answer:
    """The counters of the books against those of the guard beside the keys (``tracelib.store.counter_guard``)."""
    with store.reading() as uow:
        database = uow.codes.all_counters()
    guard = read_counters(keys / FILE_NAME)
    behind = sorted(name for name, counter in guard.items() if database.get(name, 0) < counter)
    if behind:
        found = {"names": ", ".join(behind)}
        return Answer("counters", False, phrase("the database is older than the codes: {names}"), found)
    if database and not (keys / FILE_NAME).is_file():
        return Answer("counters", False, phrase("{file} is missing"), {"file": keys / FILE_NAME})
    return Answer("counters", True, phrase("prefixes: {count}"), {"count": len(database)})


def _unfinished(store: "Store") -> Answer:
    """A range without a manifest is no fault: the next issue with its key finishes it."""
    with store.reading() as uow:
        ranges = uow.codes.all_pending()
    if not ranges:
        return Answer("unfinished ranges", True, phrase("none"))
    named = ", ".join(f"{r.party_id}/{r.prefix}/{r.first}" for r in ranges)
    return Answer("unfinished ranges", True, "{ranges}", {"ranges": named})
