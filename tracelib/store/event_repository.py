"""Events, the objects that they name, and what does not fit. The outbox is beside it: ``uow.events.outbox``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from tracelib.store.containment_repository import ContainmentRepository
from tracelib.store.insert import insert_all_new
from tracelib.store.listed import listed
from tracelib.store.outbox_repository import OutboxRepository
from tracelib.store.tables.trace import EventFlagRow, EventObjectRow, EventRow
from tracelib.trace.event import Event, EventKey
from tracelib.trace.lifecycle import BEGINS, Flag
from tracelib.trace.objects import Role
from tracelib.trace.record import EventRecord, own_record

DEFAULT_TARGET = "epcis"
"""The target that ``tracelib sync push`` serves; more come with more platforms."""


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


@dataclass(frozen=True, slots=True)
class FlagNote:
    """An event does not fit what was said of an object. ``other``: what it collides with, such as another parent."""

    event_id: str
    object_id: str
    flag: Flag
    other: str = ""


class EventRepository:
    """Appends events with all that follows from them, and finds them again, in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def outbox(self) -> OutboxRepository:
        """What still has to reach which platform."""
        return OutboxRepository(self.session)

    def append(
        self, party_id: str, event: Event, targets: Sequence[str] = (DEFAULT_TARGET,), *, recorded_at: datetime
    ) -> bool:
        """Write one event of our own, which carries its id; True if it is new. See :meth:`record`."""
        return bool(self.record(party_id, [own_record(event)], targets, recorded_at=recorded_at))

    def record(
        self,
        party_id: str,
        records: Sequence[EventRecord],
        targets: Sequence[str] = (DEFAULT_TARGET,),
        *,
        recorded_at: datetime,
    ) -> list[EventRecord]:
        """Write events with their objects, what they say of containment, and one outbox row for each target.

        Returns those that are new. Known (event id, declaration time): nothing changes but the targets that were not
        queued yet. ``recorded_at``: now, aware. Set-based: a handful of statements for any number of events.
        """
        unique = {one.key: one for one in records}
        known = self.known(party_id, list(unique))
        fresh = [one for key, one in unique.items() if key not in known]
        insert_all_new(self.session, EventRow, [_row(party_id, one, recorded_at) for one in fresh])
        insert_all_new(self.session, EventObjectRow, [row for one in fresh for row in _object_rows(party_id, one)])
        ContainmentRepository(self.session).add(party_id, fresh, recorded_at)
        self.outbox.enqueue(party_id, list(unique), targets, recorded_at)
        return fresh

    def known(self, party_id: str, keys: Sequence[EventKey]) -> set[EventKey]:
        """Those of the keys that are in the store."""
        if not keys:
            return set()
        (wanted,) = listed(self.session, [key.event_id for key in keys])
        row = EventRow
        query = select(col(row.event_id), col(row.declaration_time)).where(
            col(row.party_id) == party_id, col(row.event_id).in_(select(wanted))
        )
        return {EventKey(*found) for found in self.session.execute(query)} & set(keys)

    def flag(self, party_id: str, flags: Iterable[FlagNote], recorded_at: datetime) -> None:
        """Note what does not fit in recorded events."""
        rows = [
            {
                "party_id": party_id,
                "event_id": one.event_id,
                "object_id": one.object_id,
                "flag": one.flag.value,
                "other": one.other,
                "recorded_at": recorded_at,
            }
            for one in flags
        ]
        insert_all_new(self.session, EventFlagRow, rows)

    def naming(
        self, party_id: str, object_ids: Sequence[str], roles: Sequence[Role] = tuple(Role)
    ) -> list[tuple[str, Role, StoredEvent]]:
        """(object id, role, event) for every event that names one of the objects, by event time.

        What an AggregationEvent puts in or takes out is found in ``uow.containment``, not here.
        """
        if not object_ids:
            return []
        (wanted,) = listed(self.session, object_ids)
        index = EventObjectRow
        query = select(col(index.object_id), col(index.role), col(index.event_id), col(index.declaration_time)).where(
            col(index.party_id) == party_id,
            col(index.object_id).in_(select(wanted)),
            col(index.role).in_([role.value for role in roles]),
        )
        found = [(name, Role(role), EventKey(*key)) for name, role, *key in self.session.execute(query)]
        # each document once, however many of the objects its event names
        events = {one.key: one for one in self._stored(party_id, sorted({key.event_id for _, _, key in found}))}
        named = [(name, role, events[key]) for name, role, key in found]
        return sorted(named, key=lambda one: (one[2].event_time, one[2].recorded_at, one[2].key.event_id, one[0]))

    def documents_of(self, party_id: str, keys: Sequence[EventKey]) -> dict[EventKey, str]:
        """The EPCIS 2.0 JSON of those of the events that are in the store."""
        wanted = set(keys)
        found = self._stored(party_id, sorted({key.event_id for key in keys}))
        return {one.key: one.document for one in found if one.key in wanted}

    def declared_wrong(self, party_id: str, event_ids: Sequence[str]) -> set[str]:
        """Those of the events that an error declaration takes back."""
        if not event_ids:
            return set()
        (wanted,) = listed(self.session, event_ids)
        row = EventRow
        query = select(col(row.event_id)).where(
            col(row.party_id) == party_id, col(row.event_id).in_(select(wanted)), col(row.declaration_time) != ""
        )
        return set(self.session.scalars(query))

    def beginnings(self, object_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """(party, event id) of all events, in the books of any party, that bring each object to life.

        An event that an error declaration of the same book takes back brings nothing to life.
        """
        if not object_ids:
            return {}
        (wanted,) = listed(self.session, object_ids)
        index, event, taken_back = EventObjectRow, EventRow, aliased(EventRow)
        declared = exists().where(
            col(taken_back.party_id) == col(index.party_id),
            col(taken_back.event_id) == col(index.event_id),
            col(taken_back.declaration_time) != "",
        )
        query = (
            select(col(index.object_id), col(index.party_id), col(index.event_id))
            .join(
                event,
                and_(
                    col(event.party_id) == col(index.party_id),
                    col(event.event_id) == col(index.event_id),
                    col(event.declaration_time) == col(index.declaration_time),
                ),
            )
            .where(
                col(index.object_id).in_(select(wanted)),
                or_(
                    col(index.role) == Role.OUTPUT.value,
                    and_(col(index.role) == Role.EPC.value, col(event.biz_step).in_(sorted(BEGINS))),
                ),
                col(index.declaration_time) == "",
                ~declared,
            )
            .order_by(col(index.party_id), col(index.event_id))
        )
        found: dict[str, list[tuple[str, str]]] = {}
        for object_id, party_id, event_id in self.session.execute(query):
            found.setdefault(object_id, []).append((party_id, event_id))
        return found

    def count_flags(self, party_id: str, recorded_at: datetime) -> dict[Flag, int]:
        """How many flags of each kind were noted at that time."""
        row = EventFlagRow
        query = (
            select(col(row.flag), func.count())
            .where(col(row.party_id) == party_id, col(row.recorded_at) == recorded_at)
            .group_by(col(row.flag))
            .order_by(col(row.flag))
        )
        return {Flag(flag): count for flag, count in self.session.execute(query)}

    def flags_noted(self, party_id: str, recorded_at: datetime, limit: int) -> list[FlagNote]:
        """The flags that were noted at that time, at most ``limit``, by kind, event and object."""
        row = EventFlagRow
        query = (
            select(col(row.event_id), col(row.object_id), col(row.flag), col(row.other))
            .where(col(row.party_id) == party_id, col(row.recorded_at) == recorded_at)
            .order_by(col(row.flag), col(row.event_id), col(row.object_id))
            .limit(limit)
        )
        return [
            FlagNote(event_id, unit, Flag(flag), other) for event_id, unit, flag, other in self.session.execute(query)
        ]

    def _stored(self, party_id: str, event_ids: Sequence[str]) -> list[StoredEvent]:
        """The events with these ids, declarations among them."""
        if not event_ids:
            return []
        (wanted,) = listed(self.session, event_ids)
        query = select(EventRow).where(col(EventRow.party_id) == party_id, col(EventRow.event_id).in_(select(wanted)))
        return [stored_event(row) for row in self.session.scalars(query)]

    def parties_naming(self, object_id: str) -> list[str]:
        """The parties in whose events an object stands otherwise than as packed goods, sorted."""
        query = select(col(EventObjectRow.party_id)).where(col(EventObjectRow.object_id) == object_id).distinct()
        return sorted(self.session.scalars(query))

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

    def events(self, party_id: str = "") -> Iterator[StoredEvent]:
        """All events by event time, of one party or (empty) of all; streamed, so that an export needs no memory."""
        query = select(EventRow)
        if party_id:
            query = query.where(col(EventRow.party_id) == party_id)
        query = query.order_by(col(EventRow.event_time), col(EventRow.recorded_at), col(EventRow.event_id))
        for row in self.session.scalars(query.execution_options(yield_per=1000)):
            yield stored_event(row)
            self.session.expunge(row)


def stored_event(row: EventRow) -> StoredEvent:
    """A row as what it says."""
    return StoredEvent(
        party_id=row.party_id,
        key=EventKey(row.event_id, row.declaration_time),
        event_type=row.event_type,
        biz_step=row.biz_step,
        event_time=row.event_time.astimezone(UTC),
        recorded_at=row.recorded_at.astimezone(UTC),
        document=row.document,
    )


def _row(party_id: str, one: EventRecord, recorded_at: datetime) -> dict[str, Any]:
    return {
        "party_id": party_id,
        "event_id": one.key.event_id,
        "declaration_time": one.key.declaration_time,
        "event_type": one.event_type,
        "biz_step": one.biz_step,
        "event_time": one.event_time,
        "recorded_at": recorded_at,
        "document": one.document,
    }


def _object_rows(party_id: str, one: EventRecord) -> Iterator[dict[str, Any]]:
    for named in one.named:
        if not (one.moves_children and named.role is Role.CHILD and not named.is_class):
            yield {
                "party_id": party_id,
                "object_id": named.object_id,
                "event_id": one.key.event_id,
                "declaration_time": one.key.declaration_time,
                "role": named.role.value,
                "event_time": one.event_time,
            }
