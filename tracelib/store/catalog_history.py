"""The history of the catalogue: versions of entries, and the whole of it as it was on a day."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, insert, select
from sqlmodel import Session, col

from tracelib.catalog.snapshot import KINDS, Entry, Snapshot, key_of, kind_of
from tracelib.store.catalog_repository import CatalogRepository
from tracelib.store.tables.catalog_versions import CatalogVersionRow

BEGINNING = date.min
"""From when the first version of an entry counts: recording is not the beginning of what is recorded."""
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an entry: ``entry`` counts from ``effective_from`` until the next version does.

    ``recorded_at`` is None where it was recorded before there was a history.
    """

    seq: int
    effective_from: date
    recorded_at: datetime | None
    operator: str
    reason: str
    entry: Entry


class CatalogHistory:
    """Adds and reads versions in the caller's transaction (``uow.catalog_history``). ``operator`` is who acts."""

    def __init__(self, session: Session, operator: str) -> None:
        self._session = session
        self._operator = operator

    def note(
        self,
        entries: Sequence[Entry],
        now: datetime,
        day: date = BEGINNING,
        reason: str = "",
        before: Mapping[_Key, Entry] | None = None,
    ) -> None:
        """Note new contents of entries: of those that ``before`` holds, a version that counts from ``day``.

        The first version of an entry counts from ever, so that whatever an entry names is there on every day; whether
        it holds on one, its days of validity say. ``before`` has the former contents by (kind, key): where there is no
        version of one yet, it becomes the first. Call it before or after the current row is written, in the same
        transaction.
        """
        before = before or {}
        latest = self._latest_seqs() if before else {}
        rows = []
        for entry in entries:
            name = (kind_of(entry), key_of(entry))
            former = before.get(name)
            seq = latest.get(name, 0)
            if former is not None and not seq:
                rows.append(self._row(former, 1, BEGINNING, now, ""))
                seq = 1
            rows.append(self._row(entry, seq + 1, day if former is not None else BEGINNING, now, reason))
        if rows:
            self._session.execute(insert(CatalogVersionRow), rows)

    def of(self, kind: str, key: str) -> list[Version]:
        """Every version of one entry, the oldest first; empty where none was noted."""
        query = select(CatalogVersionRow).where(col(CatalogVersionRow.kind) == kind, col(CatalogVersionRow.key) == key)
        rows = self._session.execute(query.order_by(col(CatalogVersionRow.seq))).scalars()
        return [
            Version(r.seq, r.effective_from, r.recorded_at, r.operator, r.reason, _entry(kind, r.document))
            for r in rows
        ]

    @staticmethod
    def first_of(entry: Entry) -> Version:
        """What stands for the first version of an entry that has none yet."""
        return Version(1, BEGINNING, None, "", "", entry)

    def last_days(self) -> dict[_Key, date]:
        """From when the newest version of each entry counts, by (kind, key)."""
        table = CatalogVersionRow
        query = select(col(table.kind), col(table.key), func.max(col(table.effective_from)))
        return {(kind, key): day for kind, key, day in self._session.execute(query.group_by(table.kind, table.key))}

    def on(self, day: date) -> Snapshot:
        """The catalogue as it was on a day: of each entry the version that counted."""
        now = CatalogRepository(self._session).snapshot()
        later = self._changed_after(day)
        if not later:
            return now
        kept = [entry for entry in now.entries() if (kind_of(entry), key_of(entry)) not in later]
        return Snapshot.of([*kept, *self._versions_on(day, later)])

    def _changed_after(self, day: date) -> set[_Key]:
        table = CatalogVersionRow
        query = select(col(table.kind), col(table.key)).where(col(table.effective_from) > day).distinct()
        return {(kind, key) for kind, key in self._session.execute(query)}

    def _versions_on(self, day: date, names: set[_Key]) -> list[Entry]:
        table = CatalogVersionRow
        newest = (
            select(col(table.kind), col(table.key), func.max(col(table.seq)).label("seq"))
            .where(col(table.effective_from) <= day)
            .group_by(table.kind, table.key)
            .subquery()
        )
        same = and_(col(table.kind) == newest.c.kind, col(table.key) == newest.c.key, col(table.seq) == newest.c.seq)
        query = select(col(table.kind), col(table.key), col(table.document)).join(newest, same)
        found = self._session.execute(query)
        return [_entry(kind, document) for kind, key, document in found if (kind, key) in names]

    def _latest_seqs(self) -> dict[_Key, int]:
        table = CatalogVersionRow
        query = select(col(table.kind), col(table.key), func.max(col(table.seq))).group_by(table.kind, table.key)
        return {(kind, key): seq for kind, key, seq in self._session.execute(query)}

    def _row(self, entry: Entry, seq: int, begins: date, now: datetime, reason: str) -> dict[str, object]:
        return {
            "kind": kind_of(entry),
            "key": key_of(entry),
            "seq": seq,
            "effective_from": begins,
            "recorded_at": now,
            "operator": self._operator,
            "reason": reason,
            "document": entry.model_dump(mode="json"),
        }


def _entry(kind: str, document: Mapping[str, object]) -> Entry:
    """A document as a value, which checks it. JSON has no days and no tuples, hence the way through text."""
    return KINDS[kind].model_validate_json(json.dumps(document))
