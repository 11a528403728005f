"""What a batch became and where it went, in the caller's transaction (``uow.reach``). Reads only, set-based."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select, tuple_
from sqlmodel import Session, col

from tracelib.store.listed import listed
from tracelib.store.tables.codes import CodeActivationRow, CodeRangeRow, CodeVoidRow
from tracelib.store.tables.trace import EventObjectRow, EventRow
from tracelib.trace.event import EventKey
from tracelib.trace.objects import Role

T = TypeVar("T")
_ACTIVATION: Table = CodeActivationRow.__table__  # type: ignore[attr-defined]
_RANGE: Table = CodeRangeRow.__table__  # type: ignore[attr-defined]
_VOID: Table = CodeVoidRow.__table__  # type: ignore[attr-defined]
_EVENT: Table = EventRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
_ROLES = {role.value: role for role in Role}
AT_ONCE = 250
"""Keys of two parts in one statement."""


class ActiveUnit(NamedTuple):
    """A unit that was activated. ``weight_g`` was measured, or None; ``void`` is why it is void now, or empty."""

    unit_id: str
    product_key: str
    lot: str
    weight_g: int | None
    void: str
    event_id: str


@dataclass(frozen=True, slots=True)
class IssuedLot:
    """What was issued for a lot under one key: ``count`` codes of ``weight_g`` grams together."""

    product_id: str
    lot: str
    product_key: str
    issuer_key: bytes
    count: int
    weight_g: int


class Naming(NamedTuple):
    """An event names an object in a role."""

    object_id: str
    role: Role
    event_id: str


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """An event that names something that was asked for, with its document."""

    key: EventKey
    biz_step: str
    event_time: datetime
    recorded_at: datetime
    document: str


class ReachRepository:
    """Answers about many lots, units and events at once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def issued(self, party_id: str, lots: Sequence[tuple[str, str]]) -> list[IssuedLot]:
        """What was issued for these (product, lot), for each key and name of the product in codes."""
        row = CodeRangeRow
        keys = (col(row.product_id), col(row.lot), col(row.product_key), col(row.issuer_key))
        found = []
        for some in _chunks(lots):
            query = select(*keys, func.sum(col(row.count)), func.sum(col(row.weight_g))).group_by(*keys)
            query = query.where(col(row.party_id) == party_id, tuple_(col(row.product_id), col(row.lot)).in_(some))
            found += [
                IssuedLot(product_id, lot, key, issuer, int(count), int(grams))
                for product_id, lot, key, issuer, count, grams in self._session.execute(query)
            ]
        return found

    def active_units(self, party_id: str, lots: Sequence[tuple[str, str]]) -> Iterator[ActiveUnit]:
        """Every activated unit of these (product key, lot), void ones too."""
        unit, void = _ACTIVATION.c, _VOID.c
        same = and_(void.party_id == unit.party_id, void.unit_id == unit.unit_id)
        for some in _chunks(lots):
            query = select(
                unit.unit_id,
                unit.product_key,
                unit.lot,
                unit.weight_g,
                func.coalesce(void.reason, ""),
                func.coalesce(unit.event_id, ""),
            ).join_from(_ACTIVATION, _VOID, same, isouter=True)
            query = query.where(unit.party_id == party_id, tuple_(unit.product_key, unit.lot).in_(some))
            yield from map(ActiveUnit._make, self._session.execute(query.execution_options(yield_per=10_000)))

    def lots_of(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """(product id, lot) of those of a party's units that were activated."""
        if not unit_ids:
            return {}
        (wanted,) = listed(self._session, unit_ids)
        unit, issued = _ACTIVATION.c, _RANGE.c
        products = (
            select(issued.product_key, issued.lot, issued.product_id).where(issued.party_id == party_id).distinct()
        ).subquery()
        same = and_(products.c.product_key == unit.product_key, products.c.lot == unit.lot)
        query = select(unit.unit_id, products.c.product_id, unit.lot).join_from(_ACTIVATION, products, same)
        query = query.where(unit.party_id == party_id, unit.unit_id.in_(select(wanted)))
        return {name: (product_id, lot) for name, product_id, lot in self._session.execute(query)}

    def namings(
        self, party_id: str, object_ids: Sequence[str], biz_steps: Sequence[str], roles: Sequence[Role]
    ) -> list[Naming]:
        """Who names these objects: events with one of the business steps, and those that name them in one of the roles.

        What was declared wrong says nothing.
        """
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
            select(col(index.object_id), col(index.role), col(index.event_id))
            .join_from(index, event, same)
            .where(
                col(index.party_id) == party_id,
                col(index.object_id).in_(select(wanted)),
                or_(
                    col(event.biz_step).in_(biz_steps),
                    col(index.role).in_([role.value for role in roles]),
                ),
                # By the event's own key: SQLite then asks this last, of the few that are left.
                ~_declared_wrong(party_id, col(event.event_id)),
            )
        )
        return [Naming(name, _ROLES[role], event_id) for name, role, event_id in self._session.execute(query)]

    def objects_of(self, party_id: str, event_ids: Sequence[str], role: Role) -> list[tuple[str, str]]:
        """(event id, object id) of what these events name in a role."""
        if not event_ids:
            return []
        (wanted,) = listed(self._session, event_ids)
        index = EventObjectRow
        query = select(col(index.event_id), col(index.object_id)).where(
            col(index.party_id) == party_id, col(index.event_id).in_(select(wanted)), col(index.role) == role.value
        )
        return [(event_id, name) for event_id, name in self._session.execute(query)]

    def events(self, party_id: str, event_ids: Sequence[str]) -> list[NamedEvent]:
        """These events, as they were recorded first."""
        if not event_ids:
            return []
        (wanted,) = listed(self._session, event_ids)
        row = EventRow
        query = select(
            col(row.event_id), col(row.biz_step), col(row.event_time), col(row.recorded_at), col(row.document)
        ).where(
            col(row.party_id) == party_id,
            col(row.event_id).in_(select(wanted)),
            col(row.declaration_time) == "",
        )
        return [
            NamedEvent(EventKey(event_id, ""), step, at.astimezone(UTC), recorded.astimezone(UTC), document)
            for event_id, step, at, recorded, document in self._session.execute(query)
        ]

    def events_of_steps(self, party_id: str, biz_steps: Sequence[str], limit: int) -> list[NamedEvent]:
        """Events of a party with one of these business steps, by time; what was declared wrong is left out."""
        row = EventRow
        query = select(
            col(row.event_id), col(row.biz_step), col(row.event_time), col(row.recorded_at), col(row.document)
        ).where(
            col(row.party_id) == party_id,
            col(row.biz_step).in_(biz_steps),
            col(row.declaration_time) == "",
            ~_declared_wrong(party_id, _EVENT.c.event_id),
        )
        query = query.order_by(col(row.event_time), col(row.event_id)).limit(limit)
        return [
            NamedEvent(EventKey(event_id, ""), step, at.astimezone(UTC), recorded.astimezone(UTC), document)
            for event_id, step, at, recorded, document in self._session.execute(query)
        ]


def _declared_wrong(party_id: str, event_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    wrong = _EVENT.alias("wrong")
    said = (wrong.c.party_id == party_id, wrong.c.event_id == event_id, wrong.c.declaration_time != "")
    return exists(select(1).where(*said))


def _chunks(items: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, AT_ONCE)):
        yield some
