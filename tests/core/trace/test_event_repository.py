"""Events, outbox and containment in the store."""

from datetime import UTC, datetime, timedelta

import pytest

from tracelib.store.unit_of_work import Store
from tracelib.trace.build import commissioning_event
from tracelib.trace.elements import ErrorDeclaration
from tracelib.trace.event import ObjectEvent
from tracelib.trace.outbox import Delivery, Outcome

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def event(number: int, at: datetime = AT) -> ObjectEvent:
    return commissioning_event([f"https://q.example.com/U/{number}"], event_time=at)


def fill(store: Store, count: int) -> list[ObjectEvent]:
    events = [event(n) for n in range(count)]
    with store.unit_of_work() as uow:
        for one in events:
            assert uow.events.append("COOP1", one, recorded_at=AT)
    return events


def head(store: Store, state: Delivery = Delivery.PENDING, limit: int = 100) -> list[str]:
    with store.reading() as uow:
        return [r.key.event_id for r in uow.events.outbox.head("COOP1", "epcis", state, limit)]


def test_event_and_outbox_row_share_the_callers_transaction(store: Store) -> None:
    def fail_after_writing() -> None:
        with store.unit_of_work() as uow:
            uow.events.append("COOP1", event(1), recorded_at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    with store.reading() as uow:
        assert list(uow.events.events()) == []
        assert uow.events.outbox.queues() == []


def test_the_same_event_again_changes_nothing_but_new_targets(store: Store) -> None:
    (one,) = fill(store, 1)
    with store.unit_of_work() as uow:
        assert not uow.events.append("COOP1", one, ("epcis", "county"), recorded_at=AT + MINUTE)
        assert [(q.target, q.counts) for q in uow.events.outbox.queues()] == [
            ("county", {Delivery.PENDING: 1}),
            ("epcis", {Delivery.PENDING: 1}),
        ]
        assert [e.recorded_at for e in uow.events.events()] == [AT]


def test_an_error_declaration_is_no_duplicate(store: Store) -> None:
    (one,) = fill(store, 1)
    wrong = ObjectEvent(
        event_time=one.event_time, event_id=one.event_id, epc_list=one.epc_list,
        error_declaration=ErrorDeclaration(declaration_time=AT + MINUTE),
    )  # fmt: skip
    with store.unit_of_work() as uow:
        assert uow.events.append("COOP1", wrong, recorded_at=AT + MINUTE)
        assert not uow.events.append("COOP1", wrong, recorded_at=AT + MINUTE)
        assert [e.key.event_id for e in uow.events.events()] == [one.event_id] * 2


def test_queue_keeps_the_order_of_one_transaction(store: Store) -> None:
    events = fill(store, 50)
    assert head(store) == [one.event_id for one in events]


def test_another_partys_queue_is_its_own(store: Store) -> None:
    fill(store, 2)
    with store.unit_of_work() as uow:
        assert uow.events.append("COOP2", event(1), recorded_at=AT), "the same event id in another party"
        assert [(q.party_id, q.open) for q in uow.events.outbox.queues()] == [("COOP1", 2), ("COOP2", 1)]
        assert len(list(uow.events.events("COOP2"))) == 1


def test_lease_is_one_pushers_until_it_runs_out(store: Store) -> None:
    take = {"lease": MINUTE}
    with store.unit_of_work() as uow:
        outbox = uow.events.outbox
        assert outbox.take_lease("COOP1", "epcis", owner="a", now=AT, **take)
        assert not outbox.take_lease("COOP1", "epcis", owner="b", now=AT + MINUTE / 2, **take)
        assert outbox.take_lease("COOP1", "county", owner="b", now=AT, **take), "another queue"
        assert outbox.take_lease("COOP1", "epcis", owner="a", now=AT + MINUTE / 2, **take), "renewed"
        assert not outbox.take_lease("COOP1", "epcis", owner="b", now=AT + MINUTE, **take)
        assert outbox.take_lease("COOP1", "epcis", owner="b", now=AT + 2 * MINUTE, **take), "run out"
        outbox.release("COOP1", "epcis", owner="a", until=AT)
        assert not outbox.take_lease("COOP1", "epcis", owner="a", now=AT + 2 * MINUTE, **take), "not a's to release"
        outbox.release("COOP1", "epcis", owner="b", until=AT + 2 * MINUTE)
        assert outbox.take_lease("COOP1", "epcis", owner="a", now=AT + 2 * MINUTE, **take)


def test_lease_from_a_clock_that_was_ahead_blocks_nobody(store: Store) -> None:
    """Longest lease 90 s, clocks at most 60 s apart: what ends 150 s from now can be right, what ends later cannot."""
    take = {"lease": timedelta(seconds=90)}
    with store.unit_of_work() as uow:
        outbox = uow.events.outbox
        assert outbox.take_lease("COOP1", "epcis", owner="a", now=AT + timedelta(days=365), **take)
        assert outbox.take_lease("COOP1", "epcis", owner="b", now=AT, **take), "a year ahead"
        assert not outbox.take_lease("COOP1", "epcis", owner="c", now=AT - MINUTE, **take), "clocks a minute apart"
        assert outbox.take_lease("COOP1", "epcis", owner="c", now=AT - MINUTE - timedelta(seconds=1), **take)


def test_states_of_a_delivery(store: Store) -> None:
    good, bad, lost = (one.key for one in fill(store, 3))
    with store.unit_of_work() as uow:
        outbox = uow.events.outbox
        outbox.mark_sent("COOP1", "epcis", [good, bad, lost], now=AT)
        outbox.settle("COOP1", "epcis", [Outcome(good, True, receipt="r1"), Outcome(bad, False, "no")], now=AT)
        outbox.settle("COOP1", "epcis", [Outcome(good, False, "late")], now=AT)
        outbox.mark_sent("COOP1", "epcis", [good], now=AT)
        outbox.mark_pending("COOP1", "epcis", [good, lost], reason="not there", now=AT)
    with store.reading() as uow:
        (queue,) = uow.events.outbox.queues("COOP1")
        assert queue.counts == {Delivery.ACCEPTED: 1, Delivery.REJECTED: 1, Delivery.PENDING: 1}
        assert (queue.open, queue.oldest, queue.last_reason) == (1, AT + timedelta(microseconds=2), "not there")
        assert [(r.key, r.reason) for r in uow.events.outbox.rejections()] == [(bad, "no")]
        (record,) = uow.events.outbox.head("COOP1", "epcis", Delivery.PENDING, 9)
        assert (record.key, record.attempts) == (lost, 1)
