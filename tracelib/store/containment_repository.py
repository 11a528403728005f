"""What lies in what, and when: statements of events, and what follows from them at any time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from tracelib.errors import RuleError
from tracelib.store.insert import insert_all_new
from tracelib.store.listed import gathered, listed
from tracelib.store.tables.trace import ContainmentRow, EventRow
from tracelib.trace.containment import EVERYTHING, Contradiction, Interval, Statement, fold
from tracelib.trace.record import EventRecord
from tracelib.trace.vocab import Action

_ACTIONS = {action.value: action for action in Action}
MOST_LEVELS = 64
"""Nesting beyond this is no packing; a cycle in what others say ends here at the latest."""


class AlreadyPackedError(RuleError):
    """A unit that lies in one parent is packed into another."""

    code = "containment.already_packed"
    template = "{unit} is already packed in {parent}: unpack it first."


class InsideItselfError(RuleError):
    """Packing would put a unit into itself."""

    code = "containment.inside_itself"
    template = "{unit} cannot be packed into {parent}: that unit lies in it."


class NotInsideError(RuleError):
    """A unit is taken out of something that it does not lie in."""

    code = "containment.not_inside"
    template = "{unit} does not lie in {parent}, so it cannot be taken out of it. It lies in: {where}"


class ContainmentRepository:
    """Adds statements, and answers where units lay, in the caller's transaction (``uow.containment``).

    ``at`` is an aware time; None asks for what holds after everything that was said. Unit ids are those of
    ``tracelib.trace.objects``.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, party_id: str, records: Iterable[EventRecord], recorded_at: datetime) -> None:
        """Note what new events say about containment. Nothing is refused here."""
        moving = [one for one in records if one.moves_children and not one.key.declaration_time]
        rows = [row for one in moving for row in _rows_of(party_id, one, recorded_at)]
        insert_all_new(self._session, ContainmentRow, rows)

    def lock(self, unit_ids: Iterable[str]) -> None:
        """Until the end of the transaction no other one looks where these units lie in order to move them."""
        ids = sorted(set(unit_ids))
        if ids and self._session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
            (unit,) = listed(self._session, ids)
            self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(unit, 0))))

    def intervals(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, list[Interval]]:
        """Where each unit lay, by time; units of which nothing was said are left out."""
        return {unit: fold(unit, said)[0] for unit, said in self.statements(party_id, unit_ids).items()}

    def contradictions(self, party_id: str, unit_ids: Sequence[str]) -> list[Contradiction]:
        """What does not fit in what was said of the units."""
        return [odd for unit, said in self.statements(party_id, unit_ids).items() for odd in fold(unit, said)[1]]

    def places(self, party_id: str, unit_ids: Sequence[str], at: datetime | None = None) -> dict[str, Interval]:
        """What each unit lies in directly; those that lie in nothing are left out."""
        held = self.intervals(party_id, unit_ids)
        return {unit: one for unit, found in held.items() for one in found if one.holds(at)}

    def parents_of(self, party_id: str, unit_ids: Sequence[str], at: datetime | None = None) -> dict[str, str]:
        """Unit to parent for those of ``unit_ids`` that lie in something."""
        return {unit: one.parent_id for unit, one in self.places(party_id, unit_ids, at).items()}

    def ever_in(self, party_id: str, parent_ids: Sequence[str]) -> dict[str, list[Interval]]:
        """Everything that ever lay directly in each parent, by unit and time."""
        found: dict[str, list[Interval]] = defaultdict(list)
        wanted = set(parent_ids)
        for held in self.intervals(party_id, self._named_in(party_id, parent_ids)).values():
            for one in held:
                if one.parent_id in wanted:
                    found[one.parent_id].append(one)
        return {parent: sorted(held, key=lambda one: (one.unit_id, one.packed_at)) for parent, held in found.items()}

    def contents(self, party_id: str, parent_ids: Sequence[str], at: datetime | None = None) -> dict[str, list[str]]:
        """What lies directly in each parent, sorted; empty parents are left out."""
        ever = self.ever_in(party_id, parent_ids)
        now = {parent: sorted({one.unit_id for one in held if one.holds(at)}) for parent, held in ever.items()}
        return {parent: units for parent, units in now.items() if units}

    def children_of(self, party_id: str, parent_id: str, at: datetime | None = None) -> list[str]:
        """What lies directly in ``parent_id``, sorted."""
        return self.contents(party_id, [parent_id], at).get(parent_id, [])

    def holding(self, party_id: str, unit_ids: Sequence[str]) -> set[str]:
        """Those of the units that something lies in now."""
        return set(self.contents(party_id, unit_ids))

    def above(self, party_id: str, unit_id: str, at: datetime | None = None) -> list[Interval]:
        """The unit's place, the place of that, and so on to the outermost."""
        chain: list[Interval] = []
        seen = {unit_id}
        while len(chain) < MOST_LEVELS:
            here = self.places(party_id, [unit_id], at).get(unit_id)
            if here is None or here.parent_id in seen:
                break
            chain.append(here)
            unit_id = here.parent_id
            seen.add(unit_id)
        return chain

    def require_packable(self, party_id: str, parent_id: str, unit_ids: Sequence[str]) -> None:
        """Raise AlreadyPackedError, InsideItselfError where the units cannot go into ``parent_id`` now."""
        for unit, parent in self.parents_of(party_id, unit_ids).items():
            if parent != parent_id:
                raise AlreadyPackedError(unit=unit, parent=parent)
        outer = {parent_id, *(one.parent_id for one in self.above(party_id, parent_id))}
        for unit in unit_ids:
            if unit in outer:
                raise InsideItselfError(unit=unit, parent=parent_id)

    def require_inside(self, party_id: str, parent_id: str, unit_ids: Sequence[str]) -> None:
        """Raise NotInsideError where one of the units does not lie directly in ``parent_id`` now."""
        parents = self.parents_of(party_id, unit_ids)
        for unit in unit_ids:
            if parents.get(unit) != parent_id:
                raise NotInsideError(unit=unit, parent=parent_id, where=parents.get(unit, "–"))

    def statements(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, list[Statement]]:
        """What was said of each unit, and what took everything out of one of its parents; not what was taken back."""
        said: dict[str, list[Statement]] = defaultdict(list)
        for one in self._rows(party_id, unit_ids, []):
            said[one.unit_id].append(one)
        parents = sorted({one.parent_id for held in said.values() for one in held if one.action is Action.ADD})
        emptied: dict[str, list[Statement]] = defaultdict(list)
        for one in self._rows(party_id, [EVERYTHING], parents) if parents else ():
            emptied[one.parent_id].append(one)
        if emptied:
            for held in said.values():
                held += [one for parent in {each.parent_id for each in held} for one in emptied.get(parent, ())]
        return dict(said)

    def _rows(self, party_id: str, units: Sequence[str], parents: Sequence[str]) -> list[Statement]:
        if not units:
            return []
        row, wrong = ContainmentRow, EventRow
        (unit,) = listed(self._session, units)
        declared = exists(
            select(1).where(
                col(wrong.party_id) == party_id,
                col(wrong.event_id) == col(row.event_id),
                col(wrong.declaration_time) != "",
            )
        )
        # One row an event, not one a unit: a pallet's facts are read once, however much lies on it.
        shared = (
            col(row.parent_id),
            col(row.action),
            col(row.event_time),
            col(row.recorded_at),
            col(row.event_id),
        )
        together = gathered(self._session, col(row.unit_id))
        query = select(*shared, together).group_by(*shared)
        query = query.where(col(row.party_id) == party_id, col(row.unit_id).in_(select(unit)), ~declared)
        if parents:
            (parent,) = listed(self._session, parents)
            query = query.where(col(row.parent_id).in_(select(parent)))
        return [
            Statement(unit_id, parent_id, _ACTIONS[action], at, recorded_at, event_id)
            for parent_id, action, at, recorded_at, event_id, units in self._session.execute(query)
            for unit_id in units
        ]

    def _named_in(self, party_id: str, parent_ids: Sequence[str]) -> list[str]:
        """Units that were ever put into one of the parents."""
        if not parent_ids:
            return []
        row = ContainmentRow
        (parent,) = listed(self._session, parent_ids)
        query = select(col(row.unit_id)).where(
            col(row.party_id) == party_id, col(row.parent_id).in_(select(parent)), col(row.unit_id) != EVERYTHING
        )
        return list(self._session.scalars(query.distinct()))


def _rows_of(party_id: str, one: EventRecord, recorded_at: datetime) -> list[dict[str, Any]]:
    """What one event says of each unit that it moves."""
    action = one.action or Action.ADD
    said = {
        "party_id": party_id,
        "event_id": one.key.event_id,
        "parent_id": one.parent_id,
        "action": action.value,
        "event_time": one.event_time,
        "recorded_at": recorded_at,
    }
    units = one.children or ([EVERYTHING] if action is Action.DELETE else [])
    return [{**said, "unit_id": unit} for unit in units]
