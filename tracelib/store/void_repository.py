"""Units that are void, and what replaced them (``uow.voids``). Append-only; every statement is about many units.

What the line does with a unit and what the desk does with it exclude each other: a line takes :meth:`share` before it
looks at its units, the desk takes :meth:`hold` before it makes some void. So no unit becomes active and void at the
same moment, and two desks that void the same units wait for each other instead of running into a deadlock.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, func, insert, literal, or_, select
from sqlmodel import Session

from tracelib.store.code_values import Activation, Replacement, Voided
from tracelib.store.listed import listed
from tracelib.store.tables.codes import CodeActivationRow, CodeReplacementRow, CodeVoidRow

AT_ONCE = 4096
"""Units that callers hand over at a time: a few hundred kilobytes."""

_VOID: Table = CodeVoidRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
_REPLACEMENT: Table = CodeReplacementRow.__table__  # type: ignore[attr-defined]
_ACTIVATION: Table = CodeActivationRow.__table__  # type: ignore[attr-defined]
_LOCK_ROOM = 0x766F6964
"""First number of the advisory locks of PostgreSQL that this module takes."""


class VoidRepository:
    """Set-based work on void units and replacements within one transaction. ``operator`` is who acts."""

    def __init__(self, session: Session, operator: str = "") -> None:
        self._session = session
        self._operator = operator

    # Who may work on a party's units ------------------------------------------------------------------------------

    def share(self, party_id: str) -> None:
        """Until the transaction ends nobody makes a unit of this party void. Lines do not wait for each other."""
        self._lock(func.pg_advisory_xact_lock_shared, party_id)

    def hold(self, party_ids: Iterable[str]) -> None:
        """Until the transaction ends nobody else makes a unit of these parties void or active."""
        for party_id in sorted(set(party_ids)):
            self._lock(func.pg_advisory_xact_lock, party_id)

    def _lock(self, take: Any, party_id: str) -> None:  # noqa: ANN401 - a function of the database
        if self._session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            self._session.execute(select(take(_LOCK_ROOM, func.hashtext(party_id))))

    # Void ---------------------------------------------------------------------------------------------------------

    def add(
        self,
        party_id: str,
        unit_ids: Sequence[str],
        reason: str,
        at: datetime,
        *,
        note: str = "",
        product_id: str = "",
        lot: str = "",
    ) -> None:
        """Make units void for ever, in one statement; those that are void already stay as they were recorded."""
        (unit,) = listed(self._session, unit_ids)
        row = Voided(party_id, "", reason, at, self._operator, note, product_id, lot)
        known = select(1).where(_VOID.c.party_id == party_id, _VOID.c.unit_id == unit)
        values = [
            unit if column.name == "unit_id" else literal(getattr(row, column.name), column.type)
            for column in _VOID.columns
        ]
        self._insert(_VOID, select(*values).where(~known.exists()).distinct())

    def voided(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, Voided]:
        """Those of the units that are void, by their number."""
        return {row["unit_id"]: Voided(**row) for row in self._rows(_VOID, party_id, unit_ids)}

    def activations(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, Activation]:
        """Those of the units that are or were active, by their number."""
        return {row["unit_id"]: Activation(**row) for row in self._rows(_ACTIVATION, party_id, unit_ids)}

    def count_by_reason(self, party_id: str, product_id: str, lot: str) -> dict[str, int]:
        """How many units of a batch are void, by reason; grows with what is void of this batch alone."""
        table = _VOID.c
        query = select(table.reason, func.count()).group_by(table.reason).order_by(table.reason)
        query = query.where(table.party_id == party_id, table.lot == lot, table.product_id == product_id)
        return {reason: count for reason, count in self._session.execute(query)}

    # Replacement --------------------------------------------------------------------------------------------------

    def add_replacements(
        self, party_id: str, unit_ids: Sequence[str], replaced_by: Sequence[str], prefix: str, first: int
    ) -> None:
        """Note that ``replaced_by[i]`` stands for ``unit_ids[i]``; ``prefix`` and ``first`` name its range.

        Raises ``ConflictError`` where a unit has been replaced; nothing of the transaction is then written.
        """
        old, new = listed(self._session, unit_ids, replaced_by)
        constant = {"party_id": party_id, "prefix": prefix, "first": first}
        values = {"unit_id": old, "replaced_by": new}
        self._insert(
            _REPLACEMENT,
            select(*(values.get(c.name, literal(constant.get(c.name), c.type)) for c in _REPLACEMENT.columns)),
        )

    def replacements(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, Replacement]:
        """What stands for those of the units that were replaced, by the number of the old unit."""
        return {row["unit_id"]: Replacement(**row) for row in self._rows(_REPLACEMENT, party_id, unit_ids)}

    def around(self, party_id: str, unit_id: str) -> tuple[str | None, str | None]:
        """What replaced a unit, and what it replaces itself; None where nothing does."""
        table = _REPLACEMENT.c
        query = select(table.unit_id, table.replaced_by).where(
            table.party_id == party_id, or_(table.unit_id == unit_id, table.replaced_by == unit_id)
        )
        pairs = list(self._session.execute(query))
        after = next((new for old, new in pairs if old == unit_id), None)
        return after, next((old for old, new in pairs if new == unit_id), None)

    # How ----------------------------------------------------------------------------------------------------------

    def _insert(self, table: Table, rows: Select[Any]) -> None:
        self._session.execute(insert(table).from_select([column.name for column in table.columns], rows))

    def _rows(self, table: Table, party_id: str, unit_ids: Sequence[str]) -> list[dict[str, Any]]:
        if not unit_ids:
            return []
        (unit,) = listed(self._session, unit_ids)
        # «in» leads by the index to the units asked for; a join may lead SQLite through all that a party ever made void
        query = select(table).where(table.c.party_id == party_id, table.c.unit_id.in_(select(unit)))
        return [dict(row) for row in self._session.execute(query).mappings()]


__all__ = ["AT_ONCE", "VoidRepository"]
