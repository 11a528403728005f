"""Activation, packing and capture: what a verified code may do, once; what every other code may not."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import LOT, OWN_PARTY, World, make_world
from tracelib.clock import FixedClock
from tracelib.codes.record import Level
from tracelib.codes.verify import VerifiedCode, verify_code
from tracelib.errors import TraceError
from tracelib.operations.activate import (
    ActivatedMeanwhileError,
    AlreadyActiveError,
    BatchUnknownError,
    NotAnItemError,
    OtherPartyError,
    Place,
    UnitVoidError,
    activate,
)
from tracelib.operations.capture import Line, capture, last_row_id, resume
from tracelib.operations.export import code_lines
from tracelib.operations.issuing.issue_units import UnitRequest, issue_units
from tracelib.operations.line_answer import Captured, LineScan, Outcome
from tracelib.operations.line_facts import LineFacts
from tracelib.operations.pack import (
    NothingToPackError,
    PackingSession,
    PalletNotFullError,
    Waiting,
)
from tracelib.store.code_values import IssuedRange, UnitHistory
from tracelib.store.errors import ConflictError
from tracelib.store.unit_of_work import Store
from tracelib.trace.build import packing_event

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PLACE = Place(OWN_PARTY, "LINE-1")


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


def verified(world: World, text: str) -> VerifiedCode:
    return verify_code(text, world.line().keyring, registry=None, now=NOW)


def scan(row_id: int, text: str | None, *, repeat: bool = False, kind: str = "read") -> LineScan:
    at = NOW + timedelta(seconds=row_id)
    return LineScan(row_id, "belt", kind, (text or "\x00").encode(), at, text, repeat=repeat)


def captured(line: Line, session: PackingSession, *scans: LineScan) -> tuple[list[Captured], PackingSession]:
    return capture(line, session, scans, NOW + timedelta(hours=1))


def documents(store: Store) -> list[dict[str, Any]]:
    with store.reading() as uow:
        return [json.loads(event.document) for event in uow.events.events(OWN_PARTY)]


def test_activation_leaves_state_event_and_outbox(world: World) -> None:
    text = world.cartons(1, grade=0)[0]
    code = verified(world, text)
    with world.store.unit_of_work() as uow:
        done = activate(uow, PLACE, code, at=NOW, recorded_at=NOW, weight_g=4980)
    serial = text.rsplit("/", 1)[1]
    with world.store.reading() as uow:
        history = uow.codes.states(OWN_PARTY, [serial])[serial]
        assert uow.codes.active_count(OWN_PARTY, "P/ORANGE", LOT) == 1
    assert history.activation is not None
    assert (history.activation.station, history.activation.weight_g, history.activation.lot) == ("LINE-1", 4980, LOT)
    (event,) = documents(world.store)
    assert event["eventID"] == history.activation.event_id == done.event.event_id
    assert event["eventTime"] == "2026-11-23T12:00:00.000+08:00"
    assert event["epcList"] == [f"https://q.example.com/P/ORANGE/10/{LOT}/21/{serial}"]
    assert (event["bizStep"], event["action"], event["disposition"]) == ("commissioning", "ADD", "active")
    assert event["readPoint"] == {"id": f"https://q.example.com/L/{OWN_PARTY}/LINE-1"}


def test_second_activation_is_refused_with_time_and_line(world: World) -> None:
    code = verified(world, world.cartons(1)[0])
    with world.store.unit_of_work() as uow:
        activate(uow, PLACE, code, at=NOW, recorded_at=NOW)
    later = NOW + timedelta(days=3)
    with pytest.raises(AlreadyActiveError, match=r"since 2026-11-23T12:00:00\+08:00 \(line LINE-1\)"):  # noqa: SIM117
        with world.store.unit_of_work() as uow:
            activate(uow, Place(OWN_PARTY, "LINE-2"), code, at=later, recorded_at=later)
    assert len(documents(world.store)) == 1


def test_what_activation_refuses(world: World) -> None:
    void, unit = world.cartons(1)[0], world.pallets(1)[0]
    serial = void.rsplit("/", 1)[1]
    with world.store.unit_of_work() as uow:
        uow.voids.add(OWN_PARTY, [serial], "damaged", NOW)
    cases: list[tuple[str, type[TraceError]]] = [
        (void, UnitVoidError),
        (unit, NotAnItemError),
        (world.foreign()[0], OtherPartyError),
    ]
    for text, error in cases:
        with pytest.raises(error), world.store.unit_of_work() as uow:
            activate(uow, PLACE, verified(world, text), at=NOW, recorded_at=NOW)
    assert documents(world.store) == []


def test_unregistered_batch(world: World, tmp_path: Path) -> None:
    elsewhere = Store.create_or_upgrade(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    with pytest.raises(BatchUnknownError, match=rf"{LOT} of P/ORANGE"), elsewhere.unit_of_work() as uow:
        activate(uow, PLACE, verified(world, world.cartons(1)[0]), at=NOW, recorded_at=NOW)
    elsewhere.close()


def test_session_takes_the_first_n_in_order() -> None:
    session = PackingSession(2)
    with pytest.raises(NothingToPackError):
        session.close("P")
    one, two, three = (Waiting(f"S{n}", f"urn:{n}", n) for n in (1, 2, 3))
    with pytest.raises(PalletNotFullError, match="gets 2 cartons and only 1 wait"):
        session.with_carton(one).close("P")
    full = session.with_carton(one).with_carton(two).with_carton(three)
    assert full.close("P") == ((one, two), session.with_carton(three))
    assert full.without(["S1"]).close("P") == ((two, three), session)
    assert PackingSession(2, partial=True).with_carton(one).close("P") == ((one,), PackingSession(2, partial=True))


@pytest.mark.parametrize("sscc", [False, True])
def test_line_activates_and_packs(world: World, sscc: bool) -> None:
    cartons, (pallet,) = world.cartons(3), world.pallets(1, sscc=sscc)
    line = world.line()
    texts = [cartons[0], cartons[1], pallet, cartons[2], pallet]
    answers, session = captured(line, PackingSession(2), *(scan(n, text) for n, text in enumerate(texts, 1)))
    assert [(answer.outcome.value, answer.reason) for answer in answers] == [
        ("activated", ""),
        ("activated", ""),
        ("packed", ""),
        ("activated", ""),
        ("refused", "packing.pallet_used"),
    ]
    assert answers[2].cartons == 2
    assert [carton.unit_id for carton in session.waiting] == [cartons[2].rsplit("/", 1)[1]]
    unit = pallet.rsplit("/", 1)[1]
    events = documents(world.store)
    assert [event["bizStep"] for event in events] == ["commissioning", "commissioning", "packing", "commissioning"]
    home = f"https://id.gs1.org/00/{unit}" if sscc else f"https://q.example.com/U/{unit}"
    assert events[2]["parentID"] == home
    assert events[2]["childEPCs"] == [events[0]["epcList"][0], events[1]["epcList"][0]]
    with world.store.reading() as uow:
        assert sorted(uow.containment.children_of(OWN_PARTY, unit)) == sorted(c.rsplit("/", 1)[1] for c in cartons[:2])
        assert uow.scans.last_row_id(OWN_PARTY, "LINE-1") == 5


def test_reasons_of_refused_codes(world: World, tmp_path: Path) -> None:
    good, voided, copied = world.cartons(3)
    with world.store.unit_of_work() as uow:
        uow.voids.add(OWN_PARTY, [voided.rsplit("/", 1)[1]], "damaged", NOW)
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'foreign.db'}") as store:
        stranger = make_world(store, tmp_path / "foreign", FixedClock(NOW), seed=9).cartons(1)[0]
    serial = good.rsplit("/", 1)[1]
    readings = {
        copied: ("activated", ""),
        copied + "?again": ("refused", "activation.already_active"),
        good.replace("GN-1", "GN-2"): ("refused", "bad_signature"),
        stranger: ("refused", "key_unknown"),
        world.foreign()[0]: ("refused", "activation.other_party"),
        good[:-5]: ("refused", "malformed"),
        good[:60]: ("refused", "not_ours"),
        "6901234567892": ("refused", "not_ours"),
        serial: ("refused", "identified"),
    }
    scans = [scan(number, text) for number, text in enumerate(readings, 1)]
    answers, session = captured(world.line(), PackingSession(5), *scans)
    found = {answer.scan.text: (answer.outcome.value, answer.reason) for answer in answers}
    assert found == readings
    assert len(session.waiting) == 1
    assert len(documents(world.store)) == 1
    answers, _ = captured(world.line(), session, scan(99, voided))
    assert answers[0].outcome is Outcome.REFUSED
    assert answers[0].reason in ("voided", "activation.void")


def test_repeats_and_failures_are_recorded_without_effect(world: World) -> None:
    text = world.cartons(1)[0]
    scans = [scan(1, text), scan(2, text, repeat=True), scan(3, None, kind="torn"), scan(4, None, kind="no_read")]
    answers, _ = captured(world.line(), PackingSession(1), *scans)
    assert [(answer.outcome.value, answer.reason) for answer in answers] == [
        ("activated", ""),
        ("repeat", ""),
        ("nothing", "torn"),
        ("nothing", "no_read"),
    ]
    with world.store.reading() as uow:
        assert dict(uow.scans.counts(OWN_PARTY, "LINE-1")) == {
            ("activated", ""): 1,
            ("repeat", ""): 1,
            ("nothing", "torn"): 1,
            ("nothing", "no_read"): 1,
        }


def test_a_journal_row_enters_the_store_once(world: World) -> None:
    one, two = world.cartons(2)
    line = world.line()
    captured(line, PackingSession(9), scan(1, one))
    with pytest.raises(ConflictError):
        captured(line, PackingSession(9), scan(2, two), scan(1, one))
    assert len(documents(world.store)) == 1  # the whole transaction was rolled back
    assert last_row_id(line) == 1
    captured(world.line("LINE-2"), PackingSession(9), scan(1, two))


def test_session_is_the_same_after_a_restart(world: World) -> None:
    cartons, (pallet,) = world.cartons(5), world.pallets(1)
    line = world.line()
    texts = [cartons[0], cartons[1], cartons[2], pallet, cartons[3]]
    _, session = captured(line, PackingSession(2), *(scan(n, text) for n, text in enumerate(texts, 1)))
    assert resume(line, PackingSession(2)) == session
    assert [carton.row_id for carton in session.waiting] == [3, 5]


def test_void_and_elsewhere_packed_cartons_do_not_go_on_the_pallet(world: World) -> None:
    cartons, (pallet, other) = world.cartons(4), world.pallets(2)
    units = [text.rsplit("/", 1)[1] for text in cartons]
    line = world.line()
    _, session = captured(line, PackingSession(2), *(scan(n, text) for n, text in enumerate(cartons[:3], 1)))
    with world.store.unit_of_work() as uow:
        uow.voids.add(OWN_PARTY, [units[0]], "damaged", NOW)
        parent = "/".join(other.rsplit("/", 2)[1:])
        elsewhere = packing_event(
            f"https://q.example.com/{parent}", [f"https://q.example.com/U/{units[1]}"], event_time=NOW
        )
        uow.events.append(OWN_PARTY, elsewhere, recorded_at=NOW)
    answers, session = captured(line, session, scan(4, pallet))
    assert answers[0].reason == "packing.not_full"
    answers, session = captured(line, session, scan(5, cartons[3]), scan(6, pallet), scan(7, other))
    assert [(answer.outcome.value, answer.cartons) for answer in answers[:2]] == [("activated", 0), ("packed", 2)]
    assert answers[2].reason == "packing.pallet_used"
    with world.store.reading() as uow:
        assert sorted(uow.containment.children_of(OWN_PARTY, pallet.rsplit("/", 1)[1])) == sorted(units[2:])
    assert session.waiting == ()


def test_items_are_activated_but_do_not_wait_for_a_pallet(world: World) -> None:
    (item,) = world.cartons(1, Level.ITEM)
    answers, session = captured(world.line(), PackingSession(1), scan(1, item))
    assert (answers[0].outcome, session.waiting) == (Outcome.ACTIVATED, ())


def test_line_that_only_activates_refuses_pallets(world: World) -> None:
    answers, _ = captured(world.line(packs=False), PackingSession(1), scan(1, world.pallets(1)[0]))
    assert answers[0].reason == "line.no_packing"


def off_the_books(world: World, range_: IssuedRange) -> str:
    """A code that says what a manifest says, really signed, with a number that was never issued."""
    line = code_lines(world.issuer, replace(range_, first=range_.last + 10, count=1))
    return b"".join(line).decode().strip()


@pytest.mark.parametrize("trusts_serial_keys", [True, False])
def test_code_that_was_issued_off_the_books(world: World, trusts_serial_keys: bool) -> None:
    """Refused where the line can tell; without the serial key it can't, and says in the steps that it could not."""
    world.cartons(2)
    with world.store.reading() as uow:
        forged = off_the_books(world, uow.codes.ranges_of(OWN_PARTY, "ORANGE", LOT)[0])
    line = world.line(trusts_serial_keys=trusts_serial_keys)
    answers, session = captured(line, PackingSession(9), scan(1, forged))
    assert answers[0].inspection is not None
    assert answers[0].verdict == "signature_valid"
    if trusts_serial_keys:
        assert (answers[0].outcome, answers[0].reason) == (Outcome.REFUSED, "activation.not_registered")
        assert "COOP1" in str(answers[0].error)
        assert (documents(world.store), session.waiting) == ([], ())
    else:
        assert answers[0].outcome is Outcome.ACTIVATED
        assert answers[0].inspection.registration is None


@pytest.mark.parametrize("sscc", [False, True])
def test_pallet_label_that_was_issued_off_the_books(world: World, sscc: bool) -> None:
    """An SSCC shows it even without the serial key."""
    request = UnitRequest(count=1, host="q.example.com", sscc=sscc)
    forged = off_the_books(world, issue_units(world.desk, world.issuer, request).range)
    line = world.line(trusts_serial_keys=not sscc)
    answers, session = captured(line, PackingSession(1), scan(1, world.cartons(1)[0]), scan(2, forged))
    assert answers[1].reason == "activation.not_registered"
    assert len(session.waiting) == 1


def test_without_serial_keys_the_line_works_too(world: World) -> None:
    line = world.line(trusts_serial_keys=False)
    answers, _ = captured(line, PackingSession(1), scan(1, world.cartons(1)[0]))
    assert answers[0].outcome is Outcome.ACTIVATED


def test_remembered_facts_hold_for_every_range_and_batch(world: World) -> None:
    """Two ranges of one batch, another batch, and a range issued while the line runs: each is seen as registered."""
    line = world.line()
    first = [world.cartons(2), world.cartons(2), world.cartons(1, lot="GN-2")]
    answers, session = captured(line, PackingSession(99), *(scan(n, t) for n, t in enumerate(chain(*first), 1)))
    later = world.cartons(2)
    more, _ = captured(line, session, scan(10, later[0]), scan(11, first[0][0]), scan(12, later[1]))
    assert [answer.verdict for answer in [*answers, *more]] == ["registered"] * 6 + ["active", "registered"]
    assert [answer.lot for answer in answers] == ["GN-1"] * 4 + ["GN-2"]
    inspections = [answer.inspection for answer in [*answers, *more]]
    seqs = [one.registration.seq for one in inspections if one and one.registration]
    assert seqs == [1, 1, 2, 2, 3, 4, 1, 4]


def test_two_lines_at_once_activate_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another line is faster between our look and our writing: nothing of ours is written, and the next try sees it."""
    (text,) = world.cartons(1)
    code, line = verified(world, text), world.line("LINE-2")

    class Blind(LineFacts):
        def read_histories(self, party_id: str, unit_ids: Iterable[str]) -> None:
            for unit in unit_ids:
                self._histories[party_id, unit] = UnitHistory(None, None)

    with world.store.unit_of_work() as uow:
        activate(uow, PLACE, code, at=NOW, recorded_at=NOW)
    with monkeypatch.context() as patch:
        patch.setattr("tracelib.operations.capture.LineFacts", Blind)
        with pytest.raises(ActivatedMeanwhileError) as caught:
            captured(line, PackingSession(1), scan(1, text))
    assert caught.value.retryable
    assert last_row_id(line) == 0
    answers, _ = captured(line, PackingSession(1), scan(1, text))
    assert answers[0].reason == "activation.already_active"
