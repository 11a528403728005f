"""Two clerks, or a clerk and a line, at the same codes at the same moment: exactly one outcome, and nobody hangs."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import LOT, OWN_PARTY, PRODUCT, World, make_world
from tracelib.batches.manifest import SignedManifest, check_sequence, decode_manifest
from tracelib.clock import FixedClock
from tracelib.codes.verify import verify_code
from tracelib.operations.activate import check_activation, write_activations
from tracelib.operations.capture import capture
from tracelib.operations.issuing.replace import (
    Keys,
    Printed,
    Replaced,
    ReplacedMeanwhileError,
    plan_replace,
    replace_codes,
)
from tracelib.operations.issuing.void import Reason, VoidAct, VoidResult, void_parts
from tracelib.operations.line_answer import LineScan, Outcome
from tracelib.operations.line_facts import LineFacts
from tracelib.operations.pack import PackingSession
from tracelib.operations.units import Units
from tracelib.store.unit_of_work import Store

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PATIENCE_S = 60
ROUNDS = 8


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


@pytest.fixture
def second(store_url: str) -> Iterator[Store]:
    """The other clerk's connection to the same database."""
    with Store.open(store_url) as store:
        yield store


def at_once(*works: Callable[[], object]) -> list[Future[object]]:
    """Start all works at the same moment, each in a thread, and wait for them."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        gate.wait(PATIENCE_S)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(run, work) for work in works]
        for future in futures:
            future.exception(PATIENCE_S)
    return futures


def voided(world: World, store: Store, name: str) -> VoidResult:
    keys = world.line().serial_keys
    with store.reading() as uow:
        parts = Units(uow, keys, OWN_PARTY).named(name)
    return void_parts(store, FixedClock(NOW), parts, VoidAct(Reason.LOST), serial_keys=keys)


def replaced(world: World, store: Store, name: str) -> Replaced:
    keys = Keys(lambda _: world.issuer, lambda _: world.issuer, world.line().serial_keys)
    with store.reading() as uow:
        units = Units(uow, keys.serial_keys, OWN_PARTY)
        plan = plan_replace(uow, units, units.named(name))
    return replace_codes(replace(world.desk, store=store), keys, plan, VoidAct(Reason.LOST), Printed("q.example.com"))


def decommissioned(store: Store) -> list[str]:
    with store.reading() as uow:
        documents = [json.loads(event.document) for event in uow.events.events(OWN_PARTY)]
    return [epc[-15:] for one in documents if one["bizStep"] == "decommissioning" for epc in one["epcList"]]


def scan(texts: list[str], first_row: int = 1) -> list[LineScan]:
    return [LineScan(row, "belt", "read", text.encode(), NOW, text) for row, text in enumerate(texts, first_row)]


def test_both_issue_from_one_key(world: World, second: Store) -> None:
    other = replace(world, store=second, desk=replace(world.desk, store=second))
    futures = at_once(lambda: [world.cartons(3) for _ in range(5)], lambda: [other.cartons(4) for _ in range(5)])
    codes = [line[-15:] for future in futures for lines in future.result() for line in lines]  # type: ignore[attr-defined]
    assert len(set(codes)) == len(codes) == 35
    with world.store.reading() as uow:
        ranges = sorted(uow.codes.ranges_of(OWN_PARTY, PRODUCT, LOT), key=lambda range_: range_.first)
        key = world.issuer.signer.public
        chain = [decode_manifest(one.document, key) for one in uow.codes.manifests(OWN_PARTY, key.hash)]
    assert all(earlier.last < later.first for earlier, later in itertools.pairwise(ranges))
    previous: SignedManifest | None = None
    for signed in chain:
        check_sequence(previous, signed.manifest)
        previous = signed


def test_both_void_the_same_strip(world: World, second: Store) -> None:
    for number in range(ROUNDS):
        texts = world.cartons(40)
        capture(world.line(packs=False), PackingSession(2), scan(texts[:10], number * 10 + 1), NOW)
        name = f"{texts[0]}..{texts[-1]}"
        one, other = at_once(lambda: voided(world, world.store, name), lambda: voided(world, second, name))  # noqa: B023
        results = [one.result(), other.result()]
        assert sorted(result.voided for result in results) == [0, 40]  # type: ignore[attr-defined]
        assert sorted(result.events for result in results) == [0, 1]  # type: ignore[attr-defined]
    assert len(decommissioned(world.store)) == len(set(decommissioned(world.store))) == 10 * ROUNDS


def test_lists_in_opposite_orders_do_not_lock_each_other_up(world: World, second: Store) -> None:
    world.cartons(2000)
    names = [f"{LOT}:{place}" for place in range(1, 2001, 7)]
    keys = world.line().serial_keys

    def clerk(store: Store, order: list[str]) -> VoidResult:
        with store.reading() as uow:
            units = Units(uow, keys, OWN_PARTY)
            parts = [part for name in order for part in units.named(name)]
        return void_parts(store, FixedClock(NOW), parts, VoidAct(Reason.LOST), serial_keys=keys)

    futures = at_once(lambda: clerk(world.store, names), lambda: clerk(second, names[::-1]))
    assert sorted(future.result().voided for future in futures) == [0, len(names)]  # type: ignore[attr-defined]


def test_one_voids_while_the_other_replaces(world: World, second: Store) -> None:
    for _ in range(ROUNDS):
        texts = world.cartons(30)
        name = f"{texts[0]}..{texts[-1]}"
        futures = at_once(lambda: voided(world, world.store, name), lambda: replaced(world, second, name))  # noqa: B023
        assert [future.exception() for future in futures] == [None, None]
        units = [text[-15:] for text in texts]
        with world.store.reading() as uow:
            assert len(uow.voids.voided(OWN_PARTY, units)) == 30
            pairs = uow.voids.replacements(OWN_PARTY, units)
        assert len({one.replaced_by for one in pairs.values()}) == 30


def test_both_replace_the_same_codes(world: World, second: Store) -> None:
    for _ in range(ROUNDS):
        texts = world.cartons(30)
        name = f"{texts[0]}..{texts[-1]}"
        futures = at_once(lambda: replaced(world, world.store, name), lambda: replaced(world, second, name))  # noqa: B023
        errors = [future.exception() for future in futures]
        assert all(error is None or isinstance(error, ReplacedMeanwhileError) for error in errors), errors
        counts = [future.result().count for future in futures if future.exception() is None]  # type: ignore[attr-defined]
        assert sum(counts) == 30
    with world.store.reading() as uow:
        ranges = uow.codes.ranges_of(OWN_PARTY, PRODUCT, LOT)
    assert sum(range_.count for range_ in ranges if range_.replaces) == 30 * ROUNDS


def test_a_line_activates_what_a_clerk_voids(world: World, second: Store) -> None:
    """Whoever comes first: an active code that became void has its event, a void one was refused by the line."""
    line = world.line(packs=False)
    for number in range(ROUNDS):
        texts = world.cartons(20)
        name, first_row = f"{texts[0]}..{texts[-1]}", number * 20 + 1
        futures = at_once(
            lambda: capture(line, PackingSession(2), scan(texts, first_row), NOW),  # noqa: B023
            lambda: voided(world, second, name),  # noqa: B023
        )
        captured: Any = futures[0].result()
        activated = [one.unit_id for one in captured[0] if one.outcome is Outcome.ACTIVATED]
        assert len(activated) in (0, 20)
        done = futures[1].result()
        assert (done.voided, done.active) == (20, len(activated))  # type: ignore[attr-defined]
        assert set(activated) <= set(decommissioned(world.store))


def test_a_clerk_waits_for_the_line_that_has_looked(world: World, second: Store) -> None:
    """The moment between a line's look and its writing, held open: the void comes after it, and sees it."""
    (text,) = world.cartons(1)
    code = verify_code(text, world.line().keyring, registry=None, now=NOW)
    started = threading.Event()

    def clerk() -> VoidResult:
        started.set()
        return voided(world, second, text)

    with ThreadPoolExecutor(1) as pool:
        with world.store.unit_of_work() as uow:
            uow.voids.share(OWN_PARTY)
            done = check_activation(LineFacts(uow), world.line().place, code, at=NOW)
            waiting = pool.submit(clerk)
            started.wait(PATIENCE_S)
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
            uow.events.append(OWN_PARTY, done.event, recorded_at=NOW)
            write_activations(uow, [done])
        result = waiting.result(PATIENCE_S)
    assert (result.voided, result.active, result.events) == (1, 1, 1)
    assert decommissioned(world.store) == [text[-15:]]
