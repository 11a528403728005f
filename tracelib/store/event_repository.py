"""Events and containment. The outbox is beside it: ``uow.events.outbox``."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import select
from sqlmodel import Session, col

from tracelib.errors import RuleError
from tracelib.store.insert import insert_all_new, insert_new
from tracelib.store.listed import listed
from tracelib.store.outbox_repository import OutboxRepository
from tracelib.store.tables.trace import ContainmentRow, EventRow
from tracelib.trace.event import AggregationEvent, EventKey, ObjectEvent

DEFAULT_TARGET = "epcis"
"""The target that ``tracelib sync push`` serves; more come with more platforms."""

_CHUNK = 500


class AlreadyPackedError(RuleError):
    """A unit that lies in one parent is packed into another."""

    code = "containment.already_packed"
    template = "{unit} is already packed in {parent}: unpack it first."


class InsideItselfError(RuleError):
    """Packing would put a unit into itself."""

    code = "containment.inside_itself"
    template = "{unit} cannot be packed into {parent}: that unit lies in it."


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the store keeps it. ``document`` is its EPCIS 2.0 JSON text."""

    party_id: str
    key: EventKey
    event_type: str
    biz_step: str
    event_time: datetime
    recorded_at: datetime
    document: str


class EventRepository:
    """Appends events with their outbox rows, and keeps what lies in what, in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def outbox(self) -> OutboxRepository:
        """What still has to reach which platform."""
        return OutboxRepository(self.session)

    def append(
        self,
        party_id: str,
        event: ObjectEvent | AggregationEvent,
        targets: Sequence[str] = (DEFAULT_TARGET,),
        *,
        recorded_at: datetime,
    ) -> bool:
        """Write an event and one outbox row for each target; True if the event is new.

        Known (event id, declaration time): nothing changes but the targets that were not queued yet. ``event`` comes
        from ``tracelib.trace.build`` and carries its id. ``recorded_at``: now, aware.
        """
        document = json.dumps(event.as_json(), ensure_ascii=False, separators=(",", ":"))
        key = event.key
        new = insert_new(
            self.session,
            EventRow,
            {
                "party_id": party_id,
                "event_id": key.event_id,
                "declaration_time": key.declaration_time,
                "event_type": event.TYPE,
                "biz_step": str(event.biz_step),
                "event_time": event.event_time,
                "recorded_at": recorded_at,
                "document": document,
            },
        )
        self.outbox.enqueue(party_id, key, targets, recorded_at)
        return new

    def pack(
        self, party_id: str, parent_id: str, unit_ids: Sequence[str], *, packed_at: datetime, event_id: str
    ) -> None:
        """Note that the units lie in ``parent_id`` from ``packed_at`` on, as ``event_id`` says.

        Unit ids: 15-character serial or 18-digit SSCC, children and parent of one party. Repeating the same packing
        changes nothing. Raises AlreadyPackedError, InsideItselfError.
        """
        self._refuse_cycle(party_id, parent_id, unit_ids)
        parents = self.parents_of(party_id, unit_ids)
        for unit, parent in parents.items():
            if parent != parent_id:
                raise AlreadyPackedError(unit=unit, parent=parent)
        rows = [
            {
                "party_id": party_id,
                "unit_id": unit,
                "event_id": event_id,
                "parent_id": parent_id,
                "packed_at": packed_at,
                "unpacked_at": None,
            }
            for unit in unit_ids
            if unit not in parents
        ]
        insert_all_new(self.session, ContainmentRow, rows)

    def parent_of(self, party_id: str, unit_id: str) -> str | None:
        """The unit that ``unit_id`` lies in now, or None."""
        return self.parents_of(party_id, [unit_id]).get(unit_id)

    def parents_of(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, str]:
        """Unit to parent for those of ``unit_ids`` that lie in something now."""
        found: dict[str, str] = {}
        for start in range(0, len(unit_ids), _CHUNK):
            some = unit_ids[start : start + _CHUNK]
            query = select(col(ContainmentRow.unit_id), col(ContainmentRow.parent_id)).where(
                col(ContainmentRow.party_id) == party_id,
                col(ContainmentRow.unit_id).in_(some),
                col(ContainmentRow.unpacked_at).is_(None),
            )
            found.update({unit: parent for unit, parent in self.session.execute(query)})
        return found

    def holding(self, party_id: str, unit_ids: Sequence[str]) -> set[str]:
        """Those of the units that something lies in now."""
        if not unit_ids:
            return set()
        (unit,) = listed(self.session, unit_ids)
        query = select(col(ContainmentRow.parent_id)).where(
            col(ContainmentRow.party_id) == party_id,
            col(ContainmentRow.parent_id).in_(select(unit)),
            col(ContainmentRow.unpacked_at).is_(None),
        )
        return set(self.session.scalars(query.distinct()))

    def documents(self, party_id: str, event_ids: Sequence[str]) -> list[str]:
        """The EPCIS 2.0 JSON of these events, in the order of their ids; ids that are not there are left out."""
        if not event_ids:
            return []
        (wanted,) = listed(self.session, event_ids)
        query = select(col(EventRow.document)).where(
            col(EventRow.party_id) == party_id,
            col(EventRow.event_id).in_(select(wanted)),
            col(EventRow.declaration_time) == "",
        )
        return list(self.session.scalars(query.order_by(col(EventRow.event_id))))

    def children_of(self, party_id: str, parent_id: str) -> list[str]:
        """What lies directly in ``parent_id`` now, sorted."""
        query = (
            select(col(ContainmentRow.unit_id))
            .where(
                col(ContainmentRow.party_id) == party_id,
                col(ContainmentRow.parent_id) == parent_id,
                col(ContainmentRow.unpacked_at).is_(None),
            )
            .order_by(col(ContainmentRow.unit_id))
        )
        return list(self.session.scalars(query))

    def events(
        self, party_id: str = "", *, limit: int | None = None, newest_first: bool = False
    ) -> Iterator[StoredEvent]:
        """Events by event time, of one party or (empty) of all; streamed, so that a full export needs no memory."""
        query = select(EventRow)
        if party_id:
            query = query.where(col(EventRow.party_id) == party_id)
        time = col(EventRow.event_time)
        query = query.order_by(time.desc() if newest_first else time, col(EventRow.recorded_at), col(EventRow.event_id))
        if limit is not None:
            query = query.limit(limit)
        for row in self.session.scalars(query.execution_options(yield_per=1000)):
            yield _stored(row)
            self.session.expunge(row)

    def _refuse_cycle(self, party_id: str, parent_id: str, unit_ids: Sequence[str]) -> None:
        inside = set(unit_ids)
        above: str | None = parent_id
        while above is not None:
            if above in inside:
                raise InsideItselfError(unit=above, parent=parent_id)
            above = self.parent_of(party_id, above)


def _stored(row: EventRow) -> StoredEvent:
    return StoredEvent(
        party_id=row.party_id,
        key=EventKey(row.event_id, row.declaration_time),
        event_type=row.event_type,
        biz_step=row.biz_step,
        event_time=row.event_time.astimezone(UTC),
        recorded_at=row.recorded_at.astimezone(UTC),
        document=row.document,
    )
