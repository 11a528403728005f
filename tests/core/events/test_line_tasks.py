"""Stations that do something else than activate: check, ship, receive, take back, make void; one unit at a time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.farm_world import NOW, Farm, serial
from bench.line_world import OTHER_PARTY, OWN_PARTY, make_world
from bench.recall_world import activated, recall, ring_of
from tracelib.clock import FixedClock
from tracelib.operations.activate import Place
from tracelib.operations.capture import capture
from tracelib.operations.issuing.void import Reason
from tracelib.operations.line_answer import Captured, LineScan, Outcome
from tracelib.operations.line_task import LineTask, TaskKind
from tracelib.operations.pack import PackingSession
from tracelib.store.unit_of_work import Store
from tracelib.trace.lifecycle import State

SHIP = LineTask(TaskKind.SHIP, OTHER_PARTY)
RECEIVE = LineTask(TaskKind.RECEIVE, OWN_PARTY)
RETURN = LineTask(TaskKind.RETURN)
VOID = LineTask(TaskKind.VOID, reason=Reason.DAMAGED)
_rows = iter(range(1, 1000))


def scan(
    farm: Farm, task: LineTask, *texts: str, hours: float = 1, party: str = OWN_PARTY, keys: bool = True
) -> list[Captured]:
    """What a station of its own answers to these codes, all in one transaction."""
    line = farm.world.line(trusts_serial_keys=keys)
    line = replace(
        line,
        keyring=ring_of(farm.world),
        place=Place(party, f"{task.kind.value.upper()}-{party}"),
        packs=False,
        task=task,
    )
    at = NOW + timedelta(hours=hours)
    scans = [LineScan(next(_rows), "hand", "read", text.encode(), at, text) for text in texts]
    answers, session = capture(line, PackingSession(2), scans, at)
    assert session.waiting == ()
    return answers


def told(answers: list[Captured]) -> list[tuple[str, str]]:
    return [(one.outcome.value, one.reason) for one in answers]


def test_a_pallet_is_shipped_received_sent_on_and_comes_back(farm: Farm) -> None:
    (shipped,) = scan(farm, SHIP, farm.pallets[0])
    assert (shipped.outcome, shipped.cartons, shipped.accepted) == (Outcome.SHIPPED, 2, True)
    assert farm.state(farm.cartons[0]) is State.SHIPPED
    event = farm.events()[-1]
    assert (event["eventID"], event["bizStep"], event["disposition"]) == (shipped.event_id, "shipping", "in_transit")
    assert event["readPoint"]["id"] == f"https://q.example.com/L/{OWN_PARTY}/SHIP-{OWN_PARTY}"
    assert event["destinationList"][0]["destination"].endswith(f"/{OTHER_PARTY}")
    (received,) = scan(farm, RECEIVE, farm.pallets[0], hours=2, party=OTHER_PARTY)
    assert (received.outcome, received.cartons) == (Outcome.RECEIVED, 2)
    assert farm.state(farm.cartons[0], party=OTHER_PARTY) is State.RECEIVED
    back = LineTask(TaskKind.SHIP, OWN_PARTY)
    assert told(scan(farm, back, farm.pallets[0], hours=3, party=OTHER_PARTY)) == [("shipped", "")]
    assert told(scan(farm, RETURN, farm.pallets[0], hours=4)) == [("returned", "")]
    assert farm.state(farm.cartons[0]) is State.RETURNED


def test_refusals_leave_nothing_and_the_others_go_through(farm: Farm) -> None:
    before = len(farm.events())
    loose, printed = farm.cartons[4], farm.cartons[5]
    answers = scan(farm, SHIP, farm.cartons[0], loose, printed, "https://q.example.com/nothing", loose)
    assert told(answers) == [
        ("refused", "event.still_inside"),
        ("shipped", ""),
        ("refused", "event.never_active"),
        ("refused", "not_ours"),
        ("refused", "event.in_transit"),
    ]
    assert len(farm.events()) == before + 1
    assert told(scan(farm, RETURN, farm.cartons[2])) == [("refused", "event.never_left")]
    assert told(scan(farm, SHIP, farm.world.foreign()[0])) == [("refused", "event.never_received")]
    nobody = LineTask(TaskKind.SHIP, "NOBODY")
    assert told(scan(farm, nobody, farm.pallets[1])) == [("refused", "event.party_unknown")]
    assert len(farm.events()) == before + 1


def test_check_tells_good_codes_from_those_that_no_line_has_seen(farm: Farm) -> None:
    before = len(farm.events())
    check = LineTask(TaskKind.CHECK)
    answers = scan(farm, check, farm.cartons[0], farm.cartons[5], farm.pallets[0], farm.cartons[0][:-3] + "AAA")
    assert told(answers)[:3] == [("checked", ""), ("refused", "line.never_activated"), ("checked", "")]
    assert told(answers)[3][0] == "refused"
    assert len(farm.events()) == before, "a check changes nothing"


def test_a_void_at_the_line_is_final_and_says_why(farm: Farm) -> None:
    active, printed = farm.cartons[4], farm.cartons[5]
    assert told(scan(farm, VOID, active, printed, active)) == [("voided", ""), ("voided", ""), ("refused", "voided")]
    with farm.store.reading() as uow:
        states = uow.codes.states(OWN_PARTY, [serial(active), serial(printed)])
        (change,) = uow.changes.list(verb="code.void", limit=1)
    assert [one.voided and one.voided.reason for one in states.values()] == ["damaged", "damaged"]
    assert change.detail["note"] == "line VOID-COOP1"
    assert farm.events()[-1]["bizStep"] == "decommissioning"
    assert told(scan(farm, VOID, farm.world.foreign()[0])) == [("refused", "activation.other_party")]
    assert told(scan(farm, VOID, farm.cartons[2], keys=False)) == [("refused", "line.no_serial_key")]


def test_goods_that_are_called_back_do_not_leave_and_come_back(tmp_path: Path, store: Store) -> None:
    world = make_world(store, tmp_path / "keys", FixedClock(NOW))
    gone, here = activated(world, 2)
    farm = Farm(world, [gone, here], [])
    assert told(scan(farm, SHIP, gone)) == [("shipped", "")]
    recall(world)
    assert told(scan(farm, SHIP, here, hours=2)) == [("refused", "recalled")]
    (back,) = scan(farm, RETURN, gone, hours=2)
    assert (back.outcome, back.verdict) == (Outcome.RETURNED, "recalled")
    assert farm.state(gone) is State.RETURNED
    assert told(scan(farm, RETURN, gone, hours=3)) == [("refused", "event.never_left")]


@pytest.mark.parametrize("task", [SHIP, RECEIVE, RETURN, VOID, LineTask(TaskKind.CHECK)])
def test_a_task_answers_again_after_a_restart_as_before(farm: Farm, task: LineTask) -> None:
    """A scan is answered once: what is in the store is not done again (see ``Station``), and no-reads are recorded."""
    line = replace(farm.world.line(), place=Place(OWN_PARTY, "T"), packs=False, task=task)
    answers, _ = capture(line, PackingSession(2), [LineScan(1, "hand", "no_read", b"NR", NOW, None)], NOW)
    assert told(answers) == [("nothing", "no_read")]
