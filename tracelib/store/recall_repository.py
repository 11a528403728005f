"""Recalls and what was done about them, in the caller's transaction (``uow.recalls``). Append-only."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from itertools import islice

from sqlalchemy import Table, func, insert, select, tuple_
from sqlmodel import Session

from tracelib.store.change_repository import check_clock
from tracelib.store.tables.recalls import RecallEntryRow, RecallRow
from tracelib.trace.recall import Recall, RecallEntry, Verb

_RECALL: Table = RecallRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
_ENTRY: Table = RecallEntryRow.__table__  # type: ignore[attr-defined]
AT_ONCE = 250
"""Keys of two parts in one statement."""


class RecallRepository:
    """Adds and finds recalls and their entries; ``operator`` is who acts."""

    def __init__(self, session: Session, operator: str) -> None:
        self._session = session
        self._operator = operator

    def add(self, recall: Recall) -> Recall:
        """Open a recall; as it was stored, with the operator. Raises ConflictError where its number is taken."""
        check_clock(self._session, recall.party_id, recall.at)
        written = replace(recall, operator=self._operator)
        self._session.execute(insert(_RECALL).values(**asdict(written)))
        return written

    def append(self, recall: Recall, entry: RecallEntry) -> RecallEntry:
        """Add an entry behind the last one. Raises ConflictError where somebody else was quicker."""
        check_clock(self._session, recall.party_id, entry.at)
        table = _ENTRY.c
        query = select(func.coalesce(func.max(table.seq), 0))
        last = self._session.execute(query.where(table.party_id == recall.party_id, table.number == recall.number))
        written = replace(entry, seq=int(last.scalar_one()) + 1, operator=self._operator)
        values = {item.name: getattr(written, item.name) for item in fields(written)}
        values |= {"verb": written.verb.value, "detail": dict(written.detail)}
        self._session.execute(insert(_ENTRY).values(party_id=recall.party_id, number=recall.number, **values))
        return written

    def entries(self, recall: Recall) -> list[RecallEntry]:
        """What was done, from the beginning."""
        table = _ENTRY.c
        query = select(_ENTRY).where(table.party_id == recall.party_id, table.number == recall.number)
        rows = self._session.execute(query.order_by(table.seq)).mappings()
        return [
            RecallEntry(**{item.name: row[item.name] for item in fields(RecallEntry)} | {"verb": Verb(row["verb"])})
            for row in rows
        ]

    def find(
        self,
        party_id: str | None = None,
        number: str | None = None,
        *,
        like: str | None = None,
        batch: tuple[str, str] | None = None,
        limit: int = 100,
    ) -> list[Recall]:
        """Recalls, the newest first: of a party, with a number, whose number begins like this, of a (product, lot)."""
        table = _RECALL.c
        query = select(_RECALL).order_by(table.at.desc(), table.number.desc()).limit(limit)
        if party_id:
            query = query.where(table.party_id == party_id)
        if number is not None:
            query = query.where(table.number == number)
        if like is not None:
            query = query.where(table.number.startswith(like, autoescape=True))
        if batch is not None:
            query = query.where(table.product_id == batch[0], table.lot == batch[1])
        return [Recall(**row) for row in self._session.execute(query).mappings()]

    def closed(self, recalls: Sequence[Recall]) -> set[tuple[str, str]]:
        """(party, number) of those that are closed."""
        table = _ENTRY.c
        found: set[tuple[str, str]] = set()
        keys = iter([(one.party_id, one.number) for one in recalls])
        while some := list(islice(keys, AT_ONCE)):
            query = select(table.party_id, table.number).where(
                tuple_(table.party_id, table.number).in_(some), table.verb == Verb.CLOSED.value
            )
            found.update((party, number) for party, number in self._session.execute(query))
        return found
