"""Batches in the database: registered in sets, found by any part of their name."""

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, insert, update
from sqlalchemy import Row as SqlRow
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from tracelib.batches.batch import Batch, BatchState
from tracelib.store.insert import insert_new
from tracelib.store.tables.batches import BatchFileRow, BatchRow
from tracelib.store.tables.columns import Row

CHUNK = 500
"""Rows or keys in one statement: well under the 999 parameters that an old SQLite allows."""
LOOKED_AT = 5_000
"""How many of the newest lots a suggestion for a mistyped one is taken from."""

T = TypeVar("T")
BatchKey = tuple[str, str, str]
"""(party_id, product_id, lot)."""


@dataclass(frozen=True, slots=True)
class RegisteredFile:
    """A file that batches were registered from: SHA-256 of its bytes, its name, its rows, and when (UTC)."""

    sha256: bytes
    name: str
    rows: int
    registered_at: datetime


class BatchRepository:
    """Reads and writes batches in the caller's transaction (``uow.batches``)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, party_id: str, product_id: str, lot: str) -> Batch | None:
        """One batch, or None."""
        return next(iter(self.find(lot, product_id, party_id)), None)

    def find(self, lot: str, product_id: str | None = None, party_id: str | None = None) -> list[Batch]:
        """Every batch with this lot, of the product and party where they are given; in the order of their keys."""
        query = _select().where(col(BatchRow.lot) == lot, *_scope(party_id, product_id))
        query = query.order_by(col(BatchRow.party_id), col(BatchRow.product_id))
        return [_batch(row) for row in self._session.execute(query)]

    def nearest(self, lot: str, party_id: str | None = None) -> list[str]:
        """References of up to three batches whose lot looks most like ``lot``, the likest first."""
        query = select(BatchRow.party_id, BatchRow.product_id, BatchRow.lot).where(*_scope(party_id, None))
        query = query.order_by(col(BatchRow.produced_on).desc()).limit(LOOKED_AT)
        references: dict[str, str] = {}
        for party, product, known in self._session.exec(query):
            references.setdefault(known, f"{party}/{product}/{known}")
        return [references[known] for known in difflib.get_close_matches(lot, references, n=3, cutoff=0.6)]

    def hold(self, keys: Iterable[BatchKey]) -> list[Batch]:
        """The batches as they are now, in the order of their keys; other writers wait until we are done with them.

        Whoever issues codes for a batch or takes goods out of it holds it first, so that two do not spend one kilogram.
        """
        held = []
        for key in sorted(set(keys)):  # one order for everybody: no two wait for each other
            row = self._session.execute(_select().where(*_exactly(key)).with_for_update()).one_or_none()
            held += [] if row is None else [_batch(row)]
        return held

    def list(
        self,
        party_id: str | None = None,
        product_id: str | None = None,
        limit: int | None = None,
        state: BatchState | None = None,
    ) -> list[Batch]:
        """Batches, newest day of production first, then in the order of their keys."""
        query = _select().where(*_scope(party_id, product_id, state)).limit(limit)
        query = query.order_by(
            col(BatchRow.produced_on).desc(), col(BatchRow.party_id), col(BatchRow.product_id), col(BatchRow.lot)
        )
        return [_batch(row) for row in self._session.execute(query)]

    def every(self) -> Iterator[Batch]:
        """All batches in no particular order, some at a time."""
        for row in self._session.execute(_select().execution_options(yield_per=LOOKED_AT)):
            yield _batch(row)

    def count(self, party_id: str | None = None, product_id: str | None = None, state: BatchState | None = None) -> int:
        """How many batches there are."""
        query = select(func.count()).select_from(BatchRow).where(*_scope(party_id, product_id, state))
        return self._session.exec(query).one()

    def existing(self, keys: Collection[BatchKey]) -> dict[BatchKey, Batch]:
        """Those of the keys that are registered, with their batches; one query for some hundred keys."""
        lots: dict[tuple[str, str], list[str]] = defaultdict(list)
        for party_id, product_id, lot in keys:
            lots[party_id, product_id].append(lot)
        found: dict[BatchKey, Batch] = {}
        for (party_id, product_id), wanted in lots.items():
            for chunk in _chunks(wanted):
                query = _select().where(*_scope(party_id, product_id), col(BatchRow.lot).in_(chunk))
                found.update((batch.key, batch) for batch in map(_batch, self._session.execute(query)))
        return found

    def add(self, batches: Iterable[Batch], registered_at: datetime) -> int:
        """Insert new batches in bulk and return how many. A key that exists raises the store's ConflictError.

        They are inserted in the order of their keys, so that two clerks wait for each other once and not crosswise.
        """
        count = 0
        for chunk in _chunks(sorted(batches, key=lambda batch: batch.key)):
            rows = [
                {**batch.model_dump(), "state": batch.state.value, "registered_at": registered_at} for batch in chunk
            ]
            self._session.execute(insert(BatchRow), rows)
            count += len(chunk)
        return count

    def set_state(self, batch: Batch, state: BatchState) -> Batch:
        """Move a batch to another state and return it as it is now.

        Raises:
            BatchStateError: the transition is forbidden from the state that the database holds.
        """
        held = self._session.execute(_select().where(*_exactly(batch.key)).with_for_update()).one()
        moved = _batch(held).moved_to(state)
        self._session.execute(update(BatchRow).where(*_exactly(batch.key)).values(state=state.value))
        return moved

    def file(self, party_id: str, sha256: bytes) -> RegisteredFile | None:
        """The registration of a file with this hash for this party, or None."""
        row = self._session.get(BatchFileRow, (party_id, sha256))
        return RegisteredFile(row.sha256, row.name, row.rows, row.registered_at) if row else None

    def add_file(self, party_id: str, sha256: bytes, name: str, rows: int, registered_at: datetime) -> None:
        """Note that a file with ``rows`` batches of this party was registered; the first note of a file stays."""
        note = RegisteredFile(sha256, name, rows, registered_at)
        insert_new(self._session, BatchFileRow, {"party_id": party_id, **asdict(note)})


def _scope(party_id: str | None, product_id: str | None, state: BatchState | None = None) -> list[ColumnElement[bool]]:
    wanted = ((BatchRow.party_id, party_id), (BatchRow.product_id, product_id), (BatchRow.state, state and state.value))
    return [col(column) == value for column, value in wanted if value is not None]


def _exactly(key: BatchKey) -> list[ColumnElement[bool]]:
    party_id, product_id, lot = key
    return [*_scope(party_id, product_id), col(BatchRow.lot) == lot]


def _select() -> Select[Any]:
    """Plain columns: rows that become values at once need no place in the session."""
    return sa_select(*(Row.metadata.tables["batch"].c[name] for name in Batch.model_fields))


def _batch(row: SqlRow[Any]) -> Batch:
    """A row as a value, which checks it: rows check nothing."""
    values = dict(row._mapping)
    return Batch(**{**values, "state": BatchState(values["state"])})


def _chunks(items: Iterable[T]) -> Iterator[Sequence[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
