"""The outbox: the way of each event to each target.

States and their meaning: ``tracelib.trace.outbox``.

One pusher at a time delivers a queue (party and target): it holds the queue's lease. So the order is kept and nothing
is sent twice. A lease outlives the longest time for which a request may be under way: when it has run out without a
word, the target can be asked, and its answer is final. A lease that ends later than any lease can was taken while a
clock was ahead; it holds nobody up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, tuple_, update
from sqlmodel import Session, col

from tracelib.store.insert import insert_all_new, insert_new
from tracelib.store.tables.trace import EventRow, OutboxLeaseRow, OutboxRow
from tracelib.trace.event import EventKey
from tracelib.trace.outbox import Delivery, OutboxRecord, Outcome

_CHUNK = 400

LONGEST_LEASE = timedelta(seconds=90)
"""How long a queue is held at most without a word from its pusher."""

CLOCKS_APART = timedelta(seconds=60)
"""How far the clocks of two pushers may lie apart. Without it the one behind would break every lease of the other."""

OPEN = (Delivery.PENDING.value, Delivery.SENT.value)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused event as status and reports show it."""

    party_id: str
    target: str
    key: EventKey
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """The queue of one party and target: rows by state, and since when the oldest open row waits."""

    party_id: str
    target: str
    counts: dict[Delivery, int]
    oldest: datetime | None
    last_reason: str

    @property
    def open(self) -> int:
        """Rows that still have to be delivered."""
        return self.counts.get(Delivery.PENDING, 0) + self.counts.get(Delivery.SENT, 0)

    @property
    def refused(self) -> int:
        """Rows that the platform refused."""
        return self.counts.get(Delivery.REJECTED, 0)


class OutboxRepository:
    """Queue operations, each within the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._last_us = 0

    def enqueue(self, party_id: str, keys: Sequence[EventKey], targets: Sequence[str], at: datetime) -> None:
        """Put events in their order at the end of each target's queue, unless they are there already."""
        # Events of one transaction keep their order even where the clock shows the same microsecond.
        first_us = max(self._last_us + 1, int(at.timestamp() * 1_000_000))
        self._last_us = first_us + len(keys) - 1
        rows = [
            {
                "party_id": party_id,
                "target": target,
                "event_id": key.event_id,
                "declaration_time": key.declaration_time,
                "queued_us": queued_us,
                "state": Delivery.PENDING.value,
                "attempts": 0,
                "receipt": "",
                "reason": "",
                "changed_at": at,
            }
            for queued_us, key in enumerate(keys, first_us)
            for target in targets
        ]
        insert_all_new(self.session, OutboxRow, rows)

    def take_lease(self, party_id: str, target: str, *, owner: str, now: datetime, lease: timedelta) -> bool:
        """Become the one who delivers this queue until ``now + lease``, or stay so; False while somebody else is.

        A lease that ends after ``now`` by more than ``LONGEST_LEASE`` (or ``lease``, if longer) and ``CLOCKS_APART``
        cannot be right and counts as free.
        """
        row = {"party_id": party_id, "target": target, "owner": owner, "until": now}
        latest = now + max(lease, LONGEST_LEASE) + CLOCKS_APART
        insert_new(self.session, OutboxLeaseRow, row)
        result = self.session.execute(
            update(OutboxLeaseRow)
            .where(
                col(OutboxLeaseRow.party_id) == party_id,
                col(OutboxLeaseRow.target) == target,
                or_(
                    col(OutboxLeaseRow.owner) == owner,
                    col(OutboxLeaseRow.until) <= now,
                    col(OutboxLeaseRow.until) > latest,
                ),
            )
            .values(owner=owner, until=now + lease)
            .execution_options(synchronize_session=False)
        )
        return isinstance(result, CursorResult) and result.rowcount == 1

    def release(self, party_id: str, target: str, *, owner: str, until: datetime) -> None:
        """Let the queue's lease end at ``until``: now, or when nothing can be under way any more."""
        self.session.execute(
            update(OutboxLeaseRow)
            .where(
                col(OutboxLeaseRow.party_id) == party_id,
                col(OutboxLeaseRow.target) == target,
                col(OutboxLeaseRow.owner) == owner,
            )
            .values(until=until)
            .execution_options(synchronize_session=False)
        )

    def head(self, party_id: str, target: str, state: Delivery, limit: int) -> list[OutboxRecord]:
        """The oldest rows of a queue in one state, with their events."""
        query = (
            select(OutboxRow, col(EventRow.document))
            .join(
                EventRow,
                and_(
                    col(EventRow.party_id) == col(OutboxRow.party_id),
                    col(EventRow.event_id) == col(OutboxRow.event_id),
                    col(EventRow.declaration_time) == col(OutboxRow.declaration_time),
                ),
            )
            .where(*self._queue(party_id, target), col(OutboxRow.state) == state.value)
            .order_by(col(OutboxRow.queued_us))
            .limit(limit)
        )
        return [
            OutboxRecord(_key(row), Delivery(row.state), row.attempts, row.receipt, document)
            for row, document in self.session.execute(query)
        ]

    def mark_sent(self, party_id: str, target: str, keys: Sequence[EventKey], *, now: datetime) -> None:
        """Just before a request leaves: from here on the outcome is unknown until it is settled."""
        self._update(
            party_id,
            target,
            keys,
            col(OutboxRow.state).in_(OPEN),
            state=Delivery.SENT.value,
            attempts=col(OutboxRow.attempts) + 1,
            receipt="",
            changed_at=now,
        )

    def mark_pending(self, party_id: str, target: str, keys: Sequence[EventKey], *, reason: str, now: datetime) -> None:
        """The target certainly has not got these; they wait for their next turn. ``reason``: why, in English."""
        self._update(
            party_id,
            target,
            keys,
            col(OutboxRow.state).in_(OPEN),
            state=Delivery.PENDING.value,
            receipt="",
            reason=reason,
            changed_at=now,
        )

    def note_trouble(self, party_id: str, target: str, keys: Sequence[EventKey], *, reason: str, now: datetime) -> None:
        """Keep why the outcome of these is still open."""
        self._update(party_id, target, keys, col(OutboxRow.state).in_(OPEN), reason=reason, changed_at=now)

    def note_receipt(self, party_id: str, target: str, keys: Sequence[EventKey], receipt: str, now: datetime) -> None:
        """Keep the platform's name for a delivery whose outcome is still to come."""
        self._update(party_id, target, keys, receipt=receipt, changed_at=now)

    def settle(self, party_id: str, target: str, outcomes: Iterable[Outcome], *, now: datetime) -> None:
        """Write final outcomes. An accepted row stays accepted."""
        groups: dict[tuple[bool, str, str], list[EventKey]] = {}
        for outcome in outcomes:
            groups.setdefault((outcome.accepted, outcome.reason, outcome.receipt), []).append(outcome.key)
        for (accepted, reason, receipt), keys in groups.items():
            self._update(
                party_id,
                target,
                keys,
                col(OutboxRow.state) != Delivery.ACCEPTED.value,
                state=(Delivery.ACCEPTED if accepted else Delivery.REJECTED).value,
                reason=reason,
                receipt=receipt,
                changed_at=now,
            )

    def count_open(self, party_id: str, target: str) -> int:
        """Rows of a queue that still have to be delivered."""
        query = select(func.count()).where(*self._queue(party_id, target), col(OutboxRow.state).in_(OPEN))
        return self.session.scalar(query) or 0

    def queues(self, party_id: str = "") -> list[QueueStatus]:
        """Every queue, or those of one party, by party and target."""
        query = select(
            col(OutboxRow.party_id),
            col(OutboxRow.target),
            col(OutboxRow.state),
            func.count(),
            func.min(OutboxRow.queued_us),
        ).group_by(col(OutboxRow.party_id), col(OutboxRow.target), col(OutboxRow.state))
        if party_id:
            query = query.where(col(OutboxRow.party_id) == party_id)
        counts: dict[tuple[str, str], dict[Delivery, int]] = {}
        oldest: dict[tuple[str, str], int] = {}
        for party, target, state, count, queued_us in self.session.execute(query):
            queue = (party, target)
            counts.setdefault(queue, {})[Delivery(state)] = count
            if state in OPEN:
                oldest[queue] = min(queued_us, oldest.get(queue, queued_us))
        return [
            QueueStatus(*queue, counts[queue], _instant(oldest.get(queue)), self._last_reason(*queue))
            for queue in sorted(counts)
        ]

    def rejections(self, party_id: str = "", *, limit: int = 100) -> list[Rejection]:
        """Refused events, newest first."""
        query = select(OutboxRow).where(col(OutboxRow.state) == Delivery.REJECTED.value)
        if party_id:
            query = query.where(col(OutboxRow.party_id) == party_id)
        query = query.order_by(col(OutboxRow.changed_at).desc(), col(OutboxRow.event_id)).limit(limit)
        return [
            Rejection(row.party_id, row.target, _key(row), row.reason, row.changed_at)
            for row in self.session.scalars(query)
        ]

    def _last_reason(self, party_id: str, target: str) -> str:
        query = (
            select(col(OutboxRow.reason))
            .where(*self._queue(party_id, target), col(OutboxRow.state).in_(OPEN), col(OutboxRow.reason) != "")
            .order_by(col(OutboxRow.changed_at).desc())
            .limit(1)
        )
        return self.session.scalar(query) or ""

    @staticmethod
    def _queue(party_id: str, target: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return col(OutboxRow.party_id) == party_id, col(OutboxRow.target) == target

    def _update(
        self,
        party_id: str,
        target: str,
        keys: Sequence[EventKey],
        condition: ColumnElement[bool] | None = None,
        **values: object,
    ) -> int:
        count = 0
        for start in range(0, len(keys), _CHUNK):
            pairs = [(key.event_id, key.declaration_time) for key in keys[start : start + _CHUNK]]
            named = tuple_(col(OutboxRow.event_id), col(OutboxRow.declaration_time)).in_(pairs)
            where = [*self._queue(party_id, target), named] + ([condition] if condition is not None else [])
            result = self.session.execute(
                update(OutboxRow).where(*where).values(**values).execution_options(synchronize_session=False)
            )
            count += result.rowcount if isinstance(result, CursorResult) else 0
        return count


def _key(row: OutboxRow) -> EventKey:
    return EventKey(row.event_id, row.declaration_time)


def _instant(us: int | None) -> datetime | None:
    return None if us is None else datetime.fromtimestamp(us / 1_000_000, UTC)
