"""Push what waits in the outbox to a platform: nothing is lost, nothing arrives twice.

The rule that carries it: before a request leaves, its rows are marked ``sent`` in a transaction of their own; a row in
that state is never sent again before the platform was asked whether it has the event. So a kill at any moment, a lost
reply or a cut connection costs a question, not a record. Refused deliveries are halved until the event that is the
reason stands alone; it is kept as rejected with the platform's words, and the rest goes through.
"""

import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from tracelib.clock import Clock
from tracelib.errors import SyncError
from tracelib.store.outbox_repository import LONGEST_LEASE
from tracelib.store.unit_of_work import Store, UnitOfWork
from tracelib.sync.errors import BusyError, ReplyLostError, UnreachableError
from tracelib.sync.platform import Platform, Reply, Verdict
from tracelib.sync.retry import RetryPolicy
from tracelib.trace.event import EventKey
from tracelib.trace.outbox import Delivery, OutboxRecord, Outcome

HEAD = 1000
"""Rows taken from the queue at a time."""

LEASE_S = LONGEST_LEASE.total_seconds()
"""How long a pusher that went silent (killed, cut off) holds its queue: longer than any request can take."""

Progress = Callable[[int, int], None]
"""(rows settled so far, rows that were waiting at the start)."""


class LeaseLostError(SyncError):
    """Another pusher took over; this one stops without having sent."""

    code = "sync.lease_lost"
    retryable = True
    template = "Another push took over the queue of {party} to {target}; this one stops. Nothing is lost or sent twice."


class StillRunningError(ReplyLostError):
    """A capture job did not finish in time."""

    code = "sync.still_running"
    template = "{platform} has not finished a delivery after {seconds} s: its outcome will be asked for later."


@dataclass(frozen=True, slots=True)
class PushSettings:
    """How a push behaves. Seconds. ``lease_s`` must exceed the client's time limit for one request."""

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    lease_s: float = LEASE_S
    job_wait_s: float = 60.0
    job_unknown_s: float = 5.0
    job_poll_s: float = 0.05
    longest_poll_s: float = 5.0
    head: int = HEAD


@dataclass(slots=True)
class PushReport:
    """What a push did. ``stopped_by``: why it ended before the queue was empty."""

    party_id: str
    target: str
    accepted: int = 0
    rejected: list[Outcome] = field(default_factory=list)
    requests: int = 0
    waiting: int = 0
    busy_elsewhere: bool = False
    stopped_by: SyncError | None = None


def push_pending(
    store: Store,
    platform: Platform,
    party_id: str,
    target: str,
    *,
    clock: Clock,
    settings: PushSettings | None = None,
    sleep: Callable[[float], None] = time.sleep,
    progress: Progress | None = None,
) -> PushReport:
    """Deliver the queue of a party to a platform, oldest first, until it is empty or the platform gives no way on.

    Never raises for what the platform does: that is in the report. Only one push at a time works on a queue; where
    another one is at it, the answer says ``busy_elsewhere``.
    """
    settings = settings or PushSettings()
    pusher = _Pusher(
        store=store,
        platform=platform,
        party_id=party_id,
        target=target,
        clock=clock,
        settings=settings,
        sleep=sleep,
        progress=progress,
        report=PushReport(party_id, target),
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        most_events=settings.head,
    )
    if not pusher.take_lease():
        pusher.report.busy_elsewhere = True
        pusher.report.waiting = pusher.count_open()
        return pusher.report
    try:
        pusher.run()
    except SyncError as error:
        pusher.report.stopped_by = error
    finally:
        pusher.finish()
    return pusher.report


@dataclass(slots=True, kw_only=True)
class _Pusher:
    """One push: remembers its lease, its report, how large deliveries may be and how often it failed in a row."""

    store: Store
    platform: Platform
    party_id: str
    target: str
    clock: Clock
    settings: PushSettings
    sleep: Callable[[float], None]
    progress: Progress | None
    report: PushReport
    owner: str
    most_events: int
    failures: int = 0
    at_start: int = 0

    def run(self) -> None:
        """Until the queue is empty. Raises what makes going on senseless."""
        self.at_start = self.count_open()
        while True:
            records = self.head(Delivery.SENT) or self.head(Delivery.PENDING)
            if not records:
                return
            try:
                if records[0].state is Delivery.SENT:
                    self.clear_up(records)
                else:
                    self.deliver(records)
            except SyncError as error:
                self.recover(error)

    def recover(self, error: SyncError) -> None:
        """Wait and let the loop go on; raise where that makes no sense."""
        self.failures += 1
        if not error.retryable or isinstance(error, LeaseLostError) or self.settings.retry.gives_up(self.failures):
            raise error
        asked = error.params.get("retry_after_s")
        self.sleep_leased(
            self.settings.retry.delay_s(
                self.failures,
                random.random(),  # noqa: S311 - spreads senders, keeps no secret
                asked_s=asked if isinstance(asked, float) else None,
                lost=not isinstance(error, UnreachableError | BusyError),
            )
        )

    # --- deliveries ---------------------------------------------------------------------------------------------

    def deliver(self, records: Sequence[OutboxRecord]) -> None:
        """Send pending rows in batches; halve what is refused until the reason stands alone."""
        capacity = self.platform.capacity()
        self.most_events = min(self.most_events, capacity.events)
        for batch in _batches(records, self.most_events, capacity.bytes):
            self.deliver_batch(batch)

    def deliver_batch(self, batch: list[OutboxRecord]) -> None:
        """One batch to its end. The stack holds what is still to be sent, first in order on top."""
        stack = [batch]
        while stack:
            part = stack.pop()
            try:
                stack.extend(reversed(self.send(part)))
            except SyncError as error:
                # What lies on the stack was refused together with others or never sent: it is not there.
                self.back_to_pending([r for rest in stack for r in rest], str(error))
                raise

    def send(self, part: list[OutboxRecord]) -> list[list[OutboxRecord]]:
        """One request, settled as far as its reply allows. Answers the parts to be sent instead."""
        keys = [record.key for record in part]
        with self.leased() as uow:
            uow.events.outbox.mark_sent(self.party_id, self.target, keys, now=self.clock.now())
        self.report.requests += 1
        try:
            reply = self.platform.send([record.document for record in part])
            if reply.verdict is Verdict.UNDERWAY:
                reply = self.wait_for(reply.receipt, keys)
        except SyncError as error:
            if isinstance(error, UnreachableError | BusyError) or not error.retryable:
                self.back_to_pending(part, str(error))
            else:
                self.note_trouble(keys, str(error))
            raise
        return self.act_on(reply, part)

    def act_on(self, reply: Reply, part: list[OutboxRecord]) -> list[list[OutboxRecord]]:
        """Settle what a reply decides; answer what has to be sent in smaller parts."""
        if reply.verdict is Verdict.STORED:
            self.settle([Outcome(record.key, accepted=True, receipt=reply.receipt) for record in part])
            return []
        if reply.verdict is Verdict.REFUSED and reply.unsure:
            part = self.without_known(part)
        if not part:
            return []
        if len(part) == 1:
            # A duplicate is there already: that is what was wanted.
            self.settle([Outcome(part[0].key, reply.duplicate, "" if reply.duplicate else reply.reason, reply.receipt)])
            return []
        half = len(part) // 2
        if reply.verdict is Verdict.TOO_LARGE:
            self.most_events = max(1, min(self.most_events, half))
        return [part[:half], part[half:]]

    def without_known(self, part: list[OutboxRecord]) -> list[OutboxRecord]:
        """Ask what is there, settle that, and answer the rest."""
        keys = [record.key for record in part]
        try:
            known = self.platform.known(keys)
        except SyncError as error:
            self.note_trouble(keys, str(error))
            raise
        self.settle([Outcome(key, accepted=True) for key in keys if key in known])
        return [record for record in part if record.key not in known]

    # --- what an earlier delivery left open ---------------------------------------------------------------------

    def clear_up(self, records: Sequence[OutboxRecord]) -> None:
        """Find out what became of rows whose outcome is not known; what is not there waits to be sent again."""
        receipts = {record.receipt for record in records if record.receipt}
        for receipt in sorted(receipts):
            part = [record for record in records if record.receipt == receipt]
            reply = self.wait_for(receipt, [record.key for record in part])
            if reply.verdict is Verdict.STORED:
                self.settle([Outcome(record.key, accepted=True, receipt=receipt) for record in part])
                continue
            self.back_to_pending(self.without_known(part), reply.reason)
        unknown = [record for record in records if not record.receipt]
        if unknown:
            self.renew()
            self.back_to_pending(self.without_known(unknown), "the platform has not got it")

    def wait_for(self, receipt: str, keys: Sequence[EventKey]) -> Reply:
        """Ask for a delivery's outcome until there is one. A job that nobody knows counts as refused, unsure."""
        now = self.clock.now()
        with self.leased() as uow:
            uow.events.outbox.note_receipt(self.party_id, self.target, keys, receipt, now)
        started, delay = self.clock.monotonic(), self.settings.job_poll_s
        while True:
            reply = self.platform.outcome(receipt)
            waited = self.clock.monotonic() - started
            if reply is not None and reply.verdict is not Verdict.UNDERWAY:
                return reply
            if reply is None and waited >= self.settings.job_unknown_s:
                return Reply(Verdict.REFUSED, reason="the platform does not know the delivery any more", unsure=True)
            if waited >= self.settings.job_wait_s:
                raise StillRunningError(platform=self.platform.name, seconds=round(waited))
            self.sleep_leased(delay)
            delay = min(delay * 2, self.settings.longest_poll_s)

    # --- the store ----------------------------------------------------------------------------------------------

    def take_lease(self) -> bool:
        """Take or renew the lease of the queue."""
        with self.store.unit_of_work() as uow:
            return self._take(uow)

    @contextmanager
    def leased(self) -> Iterator[UnitOfWork]:
        """A unit of work that renews the lease first. Raises LeaseLostError, nothing written."""
        with self.store.unit_of_work() as uow:
            if not self._take(uow):
                raise LeaseLostError(party=self.party_id, target=self.target)
            yield uow

    def renew(self) -> None:
        """Renew the lease, or raise LeaseLostError."""
        with self.leased():
            pass

    def sleep_leased(self, seconds: float) -> None:
        """Wait without losing the lease."""
        while seconds > 0:
            self.renew()
            step = min(seconds, self.settings.lease_s / 3)
            self.sleep(step)
            seconds -= step
        self.renew()

    def finish(self) -> None:
        """Give the lease back; after a lost reply only once the platform has had time to finish what it is at."""
        lost = self.head(Delivery.SENT, limit=1)
        quiet = timedelta(seconds=self.settings.retry.settle_s if lost else 0)
        with self.store.unit_of_work() as uow:
            until = self.clock.now() + quiet
            uow.events.outbox.release(self.party_id, self.target, owner=self.owner, until=until)
        self.report.waiting = self.count_open()

    def head(self, state: Delivery, limit: int = 0) -> list[OutboxRecord]:
        """The oldest rows in a state."""
        with self.store.reading() as uow:
            return uow.events.outbox.head(self.party_id, self.target, state, limit or self.settings.head)

    def count_open(self) -> int:
        """Rows that still have to be delivered."""
        with self.store.reading() as uow:
            return uow.events.outbox.count_open(self.party_id, self.target)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write final outcomes and count them. Facts: written also where the lease was lost meanwhile."""
        if not outcomes:
            return
        with self.store.unit_of_work() as uow:
            uow.events.outbox.settle(self.party_id, self.target, outcomes, now=self.clock.now())
        self.failures = 0
        self.report.accepted += sum(outcome.accepted for outcome in outcomes)
        self.report.rejected.extend(outcome for outcome in outcomes if not outcome.accepted)
        if self.progress:
            self.progress(self.report.accepted + len(self.report.rejected), self.at_start)

    def back_to_pending(self, records: Sequence[OutboxRecord], reason: str) -> None:
        """The platform certainly has not got these."""
        if records:
            keys = [record.key for record in records]
            with self.store.unit_of_work() as uow:
                uow.events.outbox.mark_pending(self.party_id, self.target, keys, reason=reason, now=self.clock.now())

    def note_trouble(self, keys: Sequence[EventKey], reason: str) -> None:
        """Keep why an outcome is not known, for the status."""
        with self.store.unit_of_work() as uow:
            uow.events.outbox.note_trouble(self.party_id, self.target, keys, reason=reason, now=self.clock.now())

    def _take(self, uow: UnitOfWork) -> bool:
        lease = timedelta(seconds=self.settings.lease_s)
        return uow.events.outbox.take_lease(
            self.party_id, self.target, owner=self.owner, now=self.clock.now(), lease=lease
        )


def _batches(records: Sequence[OutboxRecord], events: int, size: int) -> Iterator[list[OutboxRecord]]:
    """Consecutive records in batches of at most ``events`` and about ``size`` bytes; each holds at least one."""
    batch: list[OutboxRecord] = []
    weight = 0
    for record in records:
        length = len(record.document.encode()) + 1
        if batch and (len(batch) >= events or weight + length > size):
            yield batch
            batch, weight = [], 0
        batch.append(record)
        weight += length
    if batch:
        yield batch
