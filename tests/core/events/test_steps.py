"""Steps of the goods' way: the events that they write, and what they refuse."""

import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from bench.farm_world import HOST, NOW, Farm, never, serial
from bench.line_world import LOT, OTHER_PARTY, OWN_PARTY
from bench.recall_world import recall
from tracelib.clock import FixedClock
from tracelib.errors import FormatError, RuleError, TraceError
from tracelib.operations.capture import capture
from tracelib.operations.events.step import StepRequest, write_step
from tracelib.operations.issuing.void import Reason, VoidAct, void_parts
from tracelib.operations.line_answer import LineScan
from tracelib.operations.pack import PackingSession
from tracelib.operations.recalls.errors import RecalledGoodsError
from tracelib.operations.units import Units
from tracelib.sheets.temperature_log import read_temperature_log
from tracelib.trace.documents.epcis import document
from tracelib.trace.farm import STEPS
from tracelib.trace.lifecycle import State


def test_shipping_and_receiving_a_pallet_moves_what_lies_in_it(farm: Farm) -> None:
    sscc = serial(farm.pallets[0])
    done = farm.step("ship", sscc, other=OTHER_PARTY, papers=[("po", "PO 88"), ("bol", "SF/1")], place="DOCK-1")
    assert (done.inside, len(done.events)) == (2, 1)
    event = farm.events()[-1]
    assert event == {
        "type": "ObjectEvent",
        "eventID": done.events[0],
        "eventTime": "2026-11-23T13:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [f"https://id.gs1.org/00/{sscc}"],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": f"https://{HOST}/L/COOP1/DOCK-1"},
        "bizTransactionList": [
            {"type": "po", "bizTransaction": f"https://{HOST}/B/po/PO%2088"},
            {"type": "bol", "bizTransaction": f"https://{HOST}/B/bol/SF%2F1"},
        ],
        "sourceList": [{"type": "possessing_party", "source": f"https://{HOST}/O/COOP1"}],
        "destinationList": [
            {"type": "possessing_party", "destination": f"https://{HOST}/O/COOP2"},
            {"type": "location", "destination": f"https://{HOST}/L/COOP2"},
        ],
    }
    carton = farm.cartons[0]
    assert (farm.state(carton), farm.state(sscc)) == (State.SHIPPED, State.SHIPPED)
    assert farm.state(carton, 0.5) is State.ACTIVE, "an hour before it stood in the yard"
    assert farm.state(farm.cartons[2]) is State.ACTIVE, "the other pallet went nowhere"
    farm.step("receive", sscc, other=OTHER_PARTY, hours=2)
    assert farm.state(carton) is State.RECEIVED
    received = farm.events()[-1]
    assert received["bizLocation"] == {"id": f"https://{HOST}/L/COOP1"}
    assert received["destinationList"] == [{"type": "possessing_party", "destination": f"https://{HOST}/O/COOP1"}]


def test_what_left_the_pallet_no_longer_travels_with_it(farm: Farm) -> None:
    sscc, (one, other) = serial(farm.pallets[0]), farm.cartons[:2]
    farm.step("unpack", one, parent=sscc, hours=1)
    farm.step("ship", sscc, hours=2)
    assert (farm.state(one), farm.state(other)) == (State.ACTIVE, State.SHIPPED)
    farm.step("receive", sscc, hours=3)
    farm.step("unpack", parent=sscc, hours=4)
    farm.step("sell", other, hours=5)
    assert (farm.state(other), farm.state(other, 3.5)) == (State.SOLD, State.RECEIVED)
    event = [one for one in farm.events() if one["bizStep"] == "unpacking"][-1]
    assert (event["action"], event["parentID"]) == ("DELETE", f"https://id.gs1.org/00/{sscc}")
    assert "childEPCs" not in event, "no children: everything that was inside (EPCIS 2.0, 7.4.3)"


def test_a_late_event_is_placed_by_its_time(farm: Farm) -> None:
    sscc = serial(farm.pallets[0])
    farm.step("receive", sscc, hours=5)
    farm.step("ship", sscc, hours=2)
    assert (farm.state(sscc, 3), farm.state(sscc)) == (State.SHIPPED, State.RECEIVED)


def test_packing_again_takes_units_out_first(farm: Farm) -> None:
    (first, second), carton = map(serial, farm.pallets), farm.cartons[0]
    with pytest.raises(RuleError) as caught:
        farm.step("pack", carton, parent=second)
    assert caught.value.code == "containment.already_packed"
    done = farm.step("pack", carton, serial(farm.cartons[4]), parent=second, unpack=True)
    assert done.taken_out == 1
    out, into = farm.events()[-2:] if farm.events()[-1]["action"] == "ADD" else farm.events()[-2:][::-1]
    assert (out["action"], out["parentID"]) == ("DELETE", f"https://id.gs1.org/00/{first}")
    assert out["childEPCs"] == [f"https://{HOST}/P/ORANGE/10/{LOT}/21/{serial(carton)}"]
    assert (into["bizStep"], len(into["childEPCs"])) == ("packing", 2)
    with farm.store.reading() as uow:
        assert uow.containment.parents_of(OWN_PARTY, [serial(carton)]) == {serial(carton): second}
        assert not uow.containment.contradictions(OWN_PARTY, [serial(carton)])


REFUSED: list[tuple[list[tuple[str, str]], tuple[str, str], str]] = [
    ([], ("ship", "carton:5"), "event.never_active"),
    ([], ("ship", "carton:0"), "event.still_inside"),
    ([], ("return", "carton:4"), "event.never_left"),
    ([("ship", "carton:4")], ("ship", "carton:4"), "event.in_transit"),
    ([("ship", "carton:4")], ("store", "carton:4"), "event.in_transit"),
    ([("receive", "carton:4")], ("receive", "carton:4"), "event.already_received"),
    ([("sell", "carton:4")], ("sell", "carton:4"), "event.sold"),
    ([("sell", "carton:4"), ("ship", "carton:4")], ("sell", "carton:4"), "event.sold"),
    ([("destroy", "carton:4")], ("inspect", "carton:4"), "event.ended_destroyed"),
    ([("destroy", "pallet:0")], ("inspect", "carton:0"), "event.ended_destroyed"),
    ([("sell", "carton:4"), ("return", "carton:4")], ("return", "carton:4"), "event.never_left"),
]


@pytest.mark.parametrize(("before", "then", "code"), REFUSED)
def test_what_cannot_be_is_refused_with_its_reason(
    farm: Farm, before: list[tuple[str, str]], then: tuple[str, str], code: str
) -> None:
    def unit(name: str) -> str:
        kind, number = name.split(":")
        return serial((farm.cartons if kind == "carton" else farm.pallets)[int(number)])

    for hours, (step, name) in enumerate(before, 1):
        farm.step(step, unit(name), hours=hours)
    count = len(farm.events())
    with pytest.raises(TraceError) as caught:
        farm.step(then[0], unit(then[1]), hours=9)
    assert caught.value.code == code
    assert len(farm.events()) == count
    with farm.store.reading() as uow:
        assert len(uow.changes.list(verb="event.")) == len(before)


def test_returned_goods_go_out_again(farm: Farm) -> None:
    carton = serial(farm.cartons[4])
    for hours, step in enumerate(("ship", "receive", "sell", "return", "ship"), 1):
        farm.step(step, carton, hours=hours)
    assert [farm.state(carton, hours) for hours in (0, 1, 2, 3, 4, 5)] == [
        State.ACTIVE,
        State.SHIPPED,
        State.RECEIVED,
        State.SOLD,
        State.RETURNED,
        State.SHIPPED,
    ]
    event = next(one for one in farm.events() if one["disposition"] == "returned")
    assert (event["bizStep"], event["action"]) == ("receiving", "OBSERVE")


def test_what_is_called_back_does_not_leave(farm: Farm) -> None:
    """Called back ten hours after packing: what left before may be told, later only with a word for it."""
    sscc, other = map(serial, farm.pallets)
    loose = serial(farm.cartons[4])
    assert isinstance(farm.world.clock, FixedClock)
    farm.world.clock.move(10 * 3600)
    number = recall(farm.world).recall.number
    farm.step("ship", sscc, hours=9, other=OTHER_PARTY)
    for step, what in (("ship", other), ("sell", loose), ("ship", f"{OWN_PARTY}/ORANGE/{LOT}=5kg")):
        with pytest.raises(RecalledGoodsError) as refused:
            farm.step(step, what, hours=11)
        assert refused.value.params["number"] == number
    with pytest.raises(RecalledGoodsError) as refused:
        farm.step("ship", other, hours=11)
    assert refused.value.params["count"] == 2
    farm.step("receive", sscc, hours=12, party=OTHER_PARTY)
    with pytest.raises(RecalledGoodsError):
        farm.step("sell", sscc, hours=13, party=OTHER_PARTY)
    assert farm.step("ship", other, hours=11, recalled=True).inside == 2
    assert farm.step("destroy", loose, hours=11).named.units[0].unit_id == loose


def test_void_units_take_no_step(farm: Farm) -> None:
    keys = farm.world.line().serial_keys
    with farm.store.reading() as uow:
        parts = Units(uow, keys, OWN_PARTY).named(serial(farm.cartons[4]))
    void_parts(farm.store, FixedClock(NOW), parts, VoidAct(Reason.DAMAGED), serial_keys=keys)
    with pytest.raises(RuleError) as caught:
        farm.step("ship", serial(farm.cartons[4]))
    assert caught.value.code == "event.ended_void"


def test_all_reasons_are_told_at_once(farm: Farm, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("code\n" + "\n".join([farm.cartons[0], serial(farm.cartons[4]), farm.cartons[5]]))
    with pytest.raises(RuleError) as caught:
        farm.step("destroy", str(listed), unpack=True)
    assert caught.value.code == "event.never_active"
    with pytest.raises(RuleError) as caught:
        farm.step("ship", farm.cartons[0], farm.cartons[1])
    assert [fault.code for fault in caught.value.faults] == ["event.still_inside"] * 2  # type: ignore[attr-defined]


def test_goods_of_others_are_received_first(farm: Farm) -> None:
    foreign = "https://id.gs1.org/00/106141412345678908"
    with pytest.raises(RuleError) as caught:
        farm.step("store", foreign, party=OWN_PARTY)
    assert caught.value.code == "event.never_received"
    farm.step("receive", foreign, party=OWN_PARTY, other="6901234567892")
    event = farm.events()[-1]
    assert event["sourceList"] == [
        {"type": "possessing_party", "source": "https://id.gs1.org/417/6901234567892"},
        {"type": "location", "source": "https://id.gs1.org/414/6901234567892"},
    ]
    farm.step("store", "urn:epc:id:sscc:0614141.1234567890", party=OWN_PARTY, hours=2)
    assert farm.state("106141412345678908", party=OWN_PARTY) is State.RECEIVED


def test_the_other_party_receives_what_the_first_shipped(farm: Farm) -> None:
    sscc = serial(farm.pallets[0])
    farm.step("ship", sscc, other=OTHER_PARTY)
    farm.step("receive", sscc, party=OTHER_PARTY, other=OWN_PARTY, hours=2)
    assert (farm.state(sscc), farm.state(sscc, party=OTHER_PARTY)) == (State.SHIPPED, State.RECEIVED)


def test_lots_are_so_much_of_a_class(farm: Farm) -> None:
    farm.step("store", f"{OWN_PARTY}/ORANGE/{LOT}=500.5kg", "GN-2=40件", party=OWN_PARTY, desk_party=OWN_PARTY)
    event = farm.events()[-1]
    assert event["quantityList"] == [
        {"epcClass": f"https://{HOST}/P/ORANGE/10/GN-1", "quantity": 500.5, "uom": "KGM"},
        {"epcClass": f"https://{HOST}/P/ORANGE/10/GN-2", "quantity": 40},
    ]
    with pytest.raises(FormatError) as caught:
        farm.step("store", f"{OWN_PARTY}/ORANGE/{LOT}=many")
    assert caught.value.code == "event.quantity"


def test_known_units_need_no_passphrase_and_positions_do(farm: Farm) -> None:
    at = NOW + timedelta(hours=1)
    desk = farm.desk(keys=never)
    what = [serial(farm.cartons[4]), serial(farm.pallets[0]), farm.pallets[1]]
    done = write_step(desk, StepRequest(step=STEPS["store"], what=what, at=at), at)
    assert len(done.named.units) == 3
    done = farm.step("inspect", f"{OWN_PARTY}/ORANGE/{LOT}:1-5", hours=2)
    assert len(done.named.units) == 5


def test_every_step_is_valid_epcis(farm: Farm, conformance_data: Path, tmp_path: Path) -> None:
    schema = json.loads((conformance_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    kind = jsonschema.validators.validator_for(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    carton, (first, second) = serial(farm.cartons[4]), map(serial, farm.pallets)
    lot = f"{OWN_PARTY}/ORANGE/{LOT}=1kg"
    words = [("grade", [carton, lot]), ("precool", [first]), ("store", [first, lot]), ("inspect", [carton])]
    words += [("ship", [first]), ("receive", [first]), ("sell", [carton]), ("return", [carton]), ("destroy", [second])]
    for hours, (name, what) in enumerate(words, 1):
        farm.step(name, *what, hours=hours)
    farm.step("unpack", parent=first, hours=20)
    farm.step("pack", farm.cartons[0], lot, parent=first, hours=21)
    farm.step("inspect", farm.cartons[1], failed=True, hours=22)
    (tmp_path / "log.csv").write_text("time,temp\n2026-11-23 12:00,2\n2026-11-23 13:00,4.5\n")
    log = read_temperature_log(tmp_path / "log.csv")
    farm.step("store", farm.cartons[1], sensors=(log.as_element(),), hours=23)
    events = farm.events()
    assert any("sensorElementList" in event and event["bizStep"] == "storing" for event in events)
    for event in events:
        validator.validate(json.loads(document([json.dumps(event)], NOW)))
    said = {(one["bizStep"], one["disposition"], one["action"]) for one in events}
    assert said == {
        ("commissioning", "active", "ADD"),
        ("packing", "in_progress", "ADD"),
        ("inspecting", "conformant", "OBSERVE"),
        ("inspecting", "non_conformant", "OBSERVE"),
        ("storing", "in_progress", "OBSERVE"),
        ("shipping", "in_transit", "OBSERVE"),
        ("receiving", "in_progress", "OBSERVE"),
        ("receiving", "returned", "OBSERVE"),
        ("retail_selling", "retail_sold", "OBSERVE"),
        ("destroying", "destroyed", "DELETE"),
        ("unpacking", "in_progress", "DELETE"),
    }


def test_a_step_of_tomorrow_is_refused(farm: Farm) -> None:
    with pytest.raises(RuleError) as caught:
        farm.step("ship", serial(farm.pallets[0]), at=NOW + timedelta(hours=101))
    assert caught.value.code == "event.future"


def test_many_units_become_few_events(farm: Farm) -> None:
    texts = farm.world.cartons(1500)
    scans = [LineScan(row, "belt", "read", text.encode(), NOW, text) for row, text in enumerate(texts, 100)]
    capture(farm.world.line(packs=False), PackingSession(2), scans, NOW)
    done = farm.step("ship", f"{OWN_PARTY}/ORANGE/{LOT}:7-1506")
    assert (len(done.named.units), len(done.events)) == (1500, 2)
    shipped = [one["epcList"] for one in farm.events() if one["bizStep"] == "shipping"]
    assert sorted(map(len, shipped)) == [500, 1000]
    assert len({epc for epcs in shipped for epc in epcs}) == 1500


def test_every_step_has_words_for_the_book_of_changes() -> None:
    po = Path(__file__).parents[3] / "tracelib/locale/zh_Hans/steps.po"
    text = po.read_text(encoding="utf-8")
    for name in set(STEPS) - {"recall"}:
        assert f'msgctxt "verb"\nmsgid "event {name}"\n' in text, name
