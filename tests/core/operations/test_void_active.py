"""Voiding what a line has activated or packed: an event, a word about the pallet; and a line that is told of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import LOT, OWN_PARTY, World, make_world
from tracelib.clock import FixedClock
from tracelib.operations.capture import capture
from tracelib.operations.export import select_codes
from tracelib.operations.issuing.void import EPCS_AT_ONCE, Reason, VoidAct, VoidResult, plan_void, void_parts
from tracelib.operations.line_answer import LineScan, Outcome
from tracelib.operations.pack import PackingSession
from tracelib.operations.units import Units
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


def scanned(world: World, *texts: str, session: PackingSession | None = None) -> list[Outcome]:
    scans = [LineScan(row, "belt", "read", text.encode(), NOW, text) for row, text in enumerate(texts, 1)]
    captured, _ = capture(world.line(), session or PackingSession(2), scans, NOW)
    return [one.outcome for one in captured]


def void(world: World, name: str) -> tuple[VoidResult, VoidResult]:
    """What was planned and what was done."""
    keys = world.line().serial_keys
    with world.store.reading() as uow:
        units = Units(uow, keys, OWN_PARTY)
        parts = units.named(name)
        plan = plan_void(uow, units, parts)
    return plan, void_parts(world.store, FixedClock(LATER), parts, VoidAct(Reason.RETURNED), serial_keys=keys)


def events(store: Store) -> list[dict[str, Any]]:
    with store.reading() as uow:
        return [json.loads(event.document) for event in uow.events.events(OWN_PARTY)]


def test_one_event_says_that_the_active_codes_are_out_of_use(world: World) -> None:
    texts = world.cartons(5)
    assert scanned(world, *texts[:3]) == [Outcome.ACTIVATED] * 3
    plan, done = void(world, f"{LOT}:2-4")
    assert (plan.voided, plan.active, plan.events) == (3, 2, 0)
    assert (done.voided, done.active, done.events) == (3, 2, 1)
    event = events(world.store)[-1]
    serials = [text.rsplit("/", 1)[1] for text in texts[1:3]]
    assert sorted(event["epcList"]) == sorted(f"https://q.example.com/P/ORANGE/10/{LOT}/21/{one}" for one in serials)
    assert (event["action"], event["bizStep"], event["disposition"]) == ("DELETE", "decommissioning", "inactive")
    assert event["bizLocation"] == {"id": f"https://q.example.com/L/{OWN_PARTY}"}
    assert event["eventTime"] == "2026-11-23T15:00:00.000+08:00"
    assert "ilmd" not in event
    with world.store.reading() as uow:
        queued = sum(queue.open for queue in uow.events.outbox.queues(OWN_PARTY))
    assert queued == len(events(world.store)) == 4


def test_voiding_again_makes_no_second_event(world: World) -> None:
    scanned(world, *world.cartons(2))
    void(world, f"{LOT}:1")
    _, again = void(world, f"{LOT}:1-2")
    assert (again.before, again.active, again.events) == (1, 1, 1)
    assert [len(event["epcList"]) for event in events(world.store)] == [1, 1, 1, 1]


def test_many_active_codes_become_few_events(world: World) -> None:
    texts = world.cartons(EPCS_AT_ONCE + 3)
    scanned(world, *texts)
    _, done = void(world, f"{LOT}:1-{EPCS_AT_ONCE + 3}")
    assert (done.active, done.events) == (EPCS_AT_ONCE + 3, 2)
    voided = [event["epcList"] for event in events(world.store) if event["bizStep"] == "decommissioning"]
    assert sorted(map(len, voided)) == [3, EPCS_AT_ONCE]
    assert len({epc for epcs in voided for epc in epcs}) == EPCS_AT_ONCE + 3


def test_pallets_are_named_from_above_and_from_below(world: World) -> None:
    cartons, (pallet,) = world.cartons(3), world.pallets(1)
    assert scanned(world, *cartons[:2], pallet)[-1] is Outcome.PACKED
    pallet_id = pallet.rsplit("/", 1)[1]
    plan, done = void(world, f"{LOT}:2-3")
    assert (plan.packed, plan.pallets) == (done.packed, done.pallets) == (1, [pallet_id])
    _, of_pallet = void(world, pallet)
    assert (of_pallet.voided, of_pallet.pallets) == (1, [pallet_id])
    with world.store.reading() as uow:
        assert len(uow.containment.children_of(OWN_PARTY, pallet_id)) == 2, "the cartons are where they are"


def test_a_line_refuses_what_is_void(world: World) -> None:
    texts = world.cartons(2)
    void(world, f"{LOT}:1")
    assert scanned(world, *texts) == [Outcome.REFUSED, Outcome.ACTIVATED]


def test_positions_are_those_of_code_export(world: World) -> None:
    world.cartons(4)
    world.cartons(4)
    with world.store.reading() as uow:
        batch = uow.batches.find(LOT)[0]
        exported = select_codes(uow, batch, 3, 6).ranges
        assert Units(uow, {}, OWN_PARTY).named(f"{LOT}:3-6") == exported
