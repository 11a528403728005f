"""What every party of the store says of some objects, for tracing: whole levels at once, whoever spoke (``uow.trace``).

Events are found by object over all parties. What lay in what is asked of the parties given (:meth:`parties`), because
its rows are found within a party.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlmodel import Session, col

from tracelib.store.code_values import Replacement, Voided
from tracelib.store.event_repository import FlagNote, StoredEvent
from tracelib.store.listed import listed
from tracelib.store.tables.codes import CodeReplacementRow, CodeVoidRow
from tracelib.store.tables.trace import ContainmentRow, EventFlagRow, EventObjectRow, EventRow
from tracelib.trace.containment import EVERYTHING, Statement
from tracelib.trace.event import EventKey
from tracelib.trace.lifecycle import Flag
from tracelib.trace.objects import Role
from tracelib.trace.vocab import Action


class Said(NamedTuple):
    """An event names an object."""

    object_id: str
    role: Role
    event: StoredEvent


class TraceRepository:
    """Reads across parties within the caller's transaction; the number of statements depends on no number of rows."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def parties(self, most: int) -> list[str]:
        """The parties with events, sorted, at most ``most``; from row to row of the index, never through all events."""
        column = col(EventRow.party_id)
        found: list[str] = []
        while len(found) < most:
            query = select(func.min(column)).where(column > found[-1]) if found else select(func.min(column))
            after = self._session.scalar(query)
            if after is None:
                break
            found.append(after)
        return found

    def parties_naming(self, object_ids: Sequence[str]) -> set[str]:
        """The parties in whose events one of the objects stands otherwise than as packed goods."""
        (wanted,) = listed(self._session, object_ids)
        named = col(EventObjectRow.object_id)
        return set(
            self._session.scalars(select(col(EventObjectRow.party_id)).where(named.in_(select(wanted))).distinct())
        )

    def naming(self, object_ids: Sequence[str], roles: Collection[Role], most: int) -> list[Said]:
        """Every event that names one of the objects in one of the roles, by event time, the first ``most``."""
        if not object_ids:
            return []
        (wanted,) = listed(self._session, object_ids)
        index, event = EventObjectRow, EventRow
        same = and_(
            col(event.party_id) == col(index.party_id),
            col(event.event_id) == col(index.event_id),
            col(event.declaration_time) == col(index.declaration_time),
        )
        query = (
            select(
                col(index.object_id),
                col(index.role),
                *(col(c) for c in (event.party_id, event.event_id, event.declaration_time, event.event_type)),
                *(col(c) for c in (event.biz_step, event.event_time, event.recorded_at, event.document)),
            )
            .join(event, same)
            .where(col(index.object_id).in_(select(wanted)), col(index.role).in_([role.value for role in roles]))
            .order_by(col(index.event_time), col(index.event_id))
            .limit(most)
        )
        return [Said(name, Role(role), _event(row)) for name, role, *row in self._session.execute(query)]

    def documents(self, parties: Sequence[str], event_ids: Sequence[str]) -> dict[str, str]:
        """Event id to the EPCIS 2.0 JSON of the event, of whichever of the parties holds it."""
        (wanted,) = listed(self._session, event_ids)
        row = EventRow
        query = select(col(row.event_id), col(row.document)).where(
            col(row.party_id).in_(parties), col(row.event_id).in_(select(wanted)), col(row.declaration_time) == ""
        )
        return {event_id: document for event_id, document in self._session.execute(query)}

    def statements(self, parties: Sequence[str], unit_ids: Sequence[str]) -> dict[str, dict[Statement, str]]:
        """What was said of each unit's packing, with who said it; an event that two parties hold counts once.

        With what took everything out of one of its parents; without what was declared wrong.
        """
        said: dict[str, dict[Statement, str]] = defaultdict(dict)
        if not unit_ids:
            return said
        (unit,) = listed(self._session, unit_ids)
        for party_id, one in self._rows(parties, self._select().where(col(ContainmentRow.unit_id).in_(select(unit)))):
            if all(one.event_id != before.event_id for before in said[one.unit_id]):
                said[one.unit_id][one] = party_id
        parents = sorted({one.parent_id for held in said.values() for one in held if one.action is Action.ADD})
        emptied: dict[str, dict[Statement, str]] = defaultdict(dict)
        if parents:
            (parent,) = listed(self._session, parents)
            row = ContainmentRow
            query = self._select().where(col(row.parent_id).in_(select(parent)), col(row.unit_id) == EVERYTHING)
            for party_id, one in self._rows(parties, query):
                emptied[one.parent_id][one] = party_id
        for held in said.values() if emptied else ():
            for parent_id in {one.parent_id for one in held}:
                held.update(emptied.get(parent_id, {}))
        return said

    def put_into(self, parties: Sequence[str], parent_ids: Sequence[str], most: int) -> list[str]:
        """Units that were ever put into one of the parents, the first ``most`` in the order of their ids."""
        if not parent_ids:
            return []
        row = ContainmentRow
        (parent,) = listed(self._session, parent_ids)
        query = select(col(row.unit_id)).where(
            col(row.party_id).in_(parties), col(row.parent_id).in_(select(parent)), col(row.unit_id) != EVERYTHING
        )
        return list(self._session.scalars(query.distinct().order_by(col(row.unit_id)).limit(most)))

    def flags(self, parties: Sequence[str], object_ids: Sequence[str]) -> list[FlagNote]:
        """What was noted of these objects when events were recorded, in the order of noting."""
        row = EventFlagRow
        (wanted,) = listed(self._session, object_ids)
        query = (
            select(col(row.event_id), col(row.object_id), col(row.flag), col(row.other))
            .where(col(row.party_id).in_(parties), col(row.object_id).in_(select(wanted)))
            .order_by(col(row.recorded_at), col(row.event_id), col(row.object_id))
        )
        found = self._session.execute(query)
        return [FlagNote(event_id, name, Flag(flag), other) for event_id, name, flag, other in found]

    def voided(self, parties: Sequence[str], unit_ids: Sequence[str]) -> list[Voided]:
        """Those of the units that are void."""
        table = CodeVoidRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
        (unit,) = listed(self._session, unit_ids)
        query = select(table).where(table.c.party_id.in_(parties), table.c.unit_id.in_(select(unit)))
        return [Voided(**row) for row in self._session.execute(query).mappings()]

    def replaced(self, parties: Sequence[str], unit_ids: Sequence[str]) -> list[Replacement]:
        """Replacements of one of the units, or by one of them."""
        table = CodeReplacementRow.__table__  # type: ignore[attr-defined]
        (unit,) = listed(self._session, unit_ids)
        either = or_(table.c.unit_id.in_(select(unit)), table.c.replaced_by.in_(select(unit)))
        query = select(table).where(table.c.party_id.in_(parties), either)
        return [Replacement(**row) for row in self._session.execute(query).mappings()]

    @staticmethod
    def _select() -> Select[Any]:
        row, wrong = ContainmentRow, EventRow
        declared = exists(
            select(1).where(
                col(wrong.party_id) == col(row.party_id),
                col(wrong.event_id) == col(row.event_id),
                col(wrong.declaration_time) != "",
            )
        )
        fields = (row.party_id, row.unit_id, row.parent_id, row.action, row.event_time, row.recorded_at, row.event_id)
        return select(*(cast("ColumnElement[Any]", col(field)) for field in fields)).where(~declared)

    def _rows(self, parties: Sequence[str], query: Select[Any]) -> list[tuple[str, Statement]]:
        found = self._session.execute(query.where(col(ContainmentRow.party_id).in_(parties)))
        return [
            (party_id, Statement(unit, parent, Action(action), *rest))
            for party_id, unit, parent, action, *rest in found
        ]


def _event(row: Sequence[object]) -> StoredEvent:
    party_id, event_id, declaration_time, event_type, biz_step, event_time, recorded_at, document = row
    return StoredEvent(
        party_id=str(party_id),
        key=EventKey(str(event_id), str(declaration_time)),
        event_type=str(event_type),
        biz_step=str(biz_step),
        event_time=event_time,  # type: ignore[arg-type]
        recorded_at=recorded_at,  # type: ignore[arg-type]
        document=str(document),
    )
