"""Print orders and the print log in the caller's transaction (``uow.prints``). Append-only."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlmodel import Session

from tracelib.batches.pieces import Piece
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.batches.prints import Kind, PrintEntry, Verb
from tracelib.store.change_repository import check_clock
from tracelib.store.tables.codes import CodeActivationRow, CodeVoidRow
from tracelib.store.tables.prints import PrintEntryRow, PrintOrderRow, PrintRollRow

_ORDER: Table = PrintOrderRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
_ROLL: Table = PrintRollRow.__table__  # type: ignore[attr-defined]
_ENTRY: Table = PrintEntryRow.__table__  # type: ignore[attr-defined]
_ACTIVATION: Table = CodeActivationRow.__table__  # type: ignore[attr-defined]
_VOID: Table = CodeVoidRow.__table__  # type: ignore[attr-defined]
AT_ONCE = 5_000
"""Units in one statement; SQLite takes 32,766 parameters."""


class PrintRepository:
    """Adds and finds orders, rolls and entries. ``operator`` is who acts.

    It remembers how far each batch's log went when it was first looked at, and new entries are numbered from there:
    what was decided on a log that has grown since collides at the table's key, also where the database shows every
    statement what others committed meanwhile (PostgreSQL, READ COMMITTED).
    """

    def __init__(self, session: Session, operator: str) -> None:
        self._session = session
        self._operator = operator
        self._seen: dict[tuple[str, str, str], int] = {}

    def last_seq(self, party_id: str, product_id: str, lot: str) -> int:
        """The number of a batch's last entry, 0 where there is none."""
        query = select(func.coalesce(func.max(_ENTRY.c.seq), 0)).where(*_batch(party_id, product_id, lot))
        found = int(self._session.execute(query).scalar_one())
        self._seen.setdefault((party_id, product_id, lot), found)
        return found

    def append(self, *entries: PrintEntry, clock_checked: bool = False) -> list[PrintEntry]:
        """Add entries of one batch behind its last one, with their numbers and the operator's name.

        Raises ConflictError where another writer added one since the log was looked at: look again and decide anew
        (``store.retry.in_turn``). Raises ClockBehindBookError, ClockAheadOfBookError as the book of changes
        does: nobody prints with a wrong day. ``clock_checked``: it was looked at when the print began.
        """
        if not entries:
            return []
        for at in set() if clock_checked else {entry.at for entry in entries}:
            check_clock(self._session, entries[0].party_id, at)
        batch = (entries[0].party_id, entries[0].product_id, entries[0].lot)
        last = self._seen[batch] if batch in self._seen else self.last_seq(*batch)
        who = self._operator
        numbered = [replace(entry, seq=last + n, operator=who) for n, entry in enumerate(entries, 1)]
        self._session.execute(insert(_ENTRY), [_entry_values(entry) for entry in numbered])
        self._seen[batch] = last + len(entries)
        return numbered

    def entries(self, party_id: str, product_id: str, lot: str) -> list[PrintEntry]:
        """The log of a batch, from its beginning."""
        query = select(_ENTRY).where(*_batch(party_id, product_id, lot)).order_by(_ENTRY.c.seq)
        found = [_entry(row) for row in self._session.execute(query).mappings()]
        self._seen.setdefault((party_id, product_id, lot), found[-1].seq if found else 0)
        return found

    def entries_of_order(self, party_id: str, number: str) -> list[PrintEntry]:
        """The log of one order."""
        table, every = _ENTRY.c, _ENTRY.alias()
        same = (every.c.party_id == table.party_id, every.c.product_id == table.product_id, every.c.lot == table.lot)
        last = select(func.max(every.c.seq)).where(*same).scalar_subquery().label("last")  # in the same statement
        query = select(_ENTRY, last).where(table.party_id == party_id, table.order == number).order_by(table.seq)
        rows = self._session.execute(query).mappings().all()
        found = [_entry({name: value for name, value in row.items() if name != "last"}) for row in rows]
        for row in rows[:1]:
            self._seen.setdefault((party_id, row["product_id"], row["lot"]), row["last"])
        return found

    def entry_of_file(self, party_id: str, sha256: str) -> PrintEntry | None:
        """The newest entry of a file with this hash, so that its codes are known without a key."""
        table = _ENTRY.c
        query = select(_ENTRY).where(table.party_id == party_id, table.sha256 == sha256)
        row = self._session.execute(query.order_by(table.at.desc()).limit(1)).mappings().one_or_none()
        return None if row is None else _entry(row)

    def add_order(self, order: PrintOrder, rolls: Sequence[PrintRoll]) -> None:
        """Store an order with its rolls. Raises ConflictError where its number was given away meanwhile."""
        self._session.execute(insert(_ORDER).values(**asdict(order)))
        self._session.execute(insert(_ROLL), [{**_values(roll), "pieces": _as_json(roll.pieces)} for roll in rolls])

    def orders(
        self, party_id: str | None = None, number: str | None = None, *, like: str | None = None, limit: int = 100
    ) -> list[PrintOrder]:
        """Orders, the newest first: of a party, with a number, or whose number begins like this."""
        table = _ORDER.c
        query = select(_ORDER).order_by(table.at.desc(), table.number.desc()).limit(limit)
        if party_id:
            query = query.where(table.party_id == party_id)
        if number is not None:
            query = query.where(table.number == number)
        if like is not None:
            query = query.where(table.number.startswith(like, autoescape=True))
        return [PrintOrder(**row) for row in self._session.execute(query).mappings()]

    def orders_of_batch(self, party_id: str, product_id: str, lot: str) -> list[PrintOrder]:
        """The orders of a batch, the oldest first."""
        table = _ORDER.c
        query = select(_ORDER).where(table.party_id == party_id, table.lot == lot, table.product_id == product_id)
        return [PrintOrder(**row) for row in self._session.execute(query.order_by(table.at)).mappings()]

    def rolls(self, order: PrintOrder) -> list[PrintRoll]:
        """The rolls of an order, in their order."""
        table = _ROLL.c
        query = select(_ROLL).where(table.party_id == order.party_id, table.number == order.number)
        return [
            PrintRoll(**{**row, "pieces": _pieces(row["pieces"])})
            for row in self._session.execute(query.order_by(table.roll)).mappings()
        ]

    def active_among(self, party_id: str, unit_ids: Sequence[str]) -> set[str]:
        """Which of these units are or were active."""
        return self._among(_ACTIVATION, party_id, unit_ids)

    def void_among(self, party_id: str, unit_ids: Sequence[str]) -> set[str]:
        """Which of these units are void."""
        return self._among(_VOID, party_id, unit_ids)

    def _among(self, table: Table, party_id: str, unit_ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(unit_ids), AT_ONCE):
            chunk = unit_ids[start : start + AT_ONCE]
            query = select(table.c.unit_id).where(table.c.party_id == party_id, table.c.unit_id.in_(chunk))
            found.update(self._session.execute(query).scalars())
        return found


def _batch(party_id: str, product_id: str, lot: str) -> tuple[Any, ...]:
    table = _ENTRY.c
    return table.party_id == party_id, table.product_id == product_id, table.lot == lot


def _as_json(pieces: Iterable[Piece]) -> list[list[object]]:
    return [[piece.prefix, piece.first, piece.count, piece.position] for piece in pieces]


def _pieces(value: Iterable[Sequence[Any]]) -> tuple[Piece, ...]:
    return tuple(Piece(*item) for item in value)


def _values(value: PrintEntry | PrintRoll) -> dict[str, object]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _entry_values(entry: PrintEntry) -> dict[str, object]:
    changed = {"verb": entry.verb.value, "kind": entry.kind.value, "pieces": _as_json(entry.pieces)}
    return {**_values(entry), **changed}


def _entry(row: Any) -> PrintEntry:  # noqa: ANN401 - a row's mapping
    return PrintEntry(**{**row, "verb": Verb(row["verb"]), "kind": Kind(row["kind"]), "pieces": _pieces(row["pieces"])})
