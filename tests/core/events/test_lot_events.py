"""Books of batches write events: registering, splitting, merging, re-packing; and the harvest that is told later."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bench.line_world import OWN_PARTY, World, make_world
from tracelib.batches.transformation import TransformationKind
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.clock import FixedClock
from tracelib.errors import TraceError
from tracelib.operations.batches.lot_events import HomesOf, no_homes
from tracelib.operations.batches.register import RegisterOptions, register_batches
from tracelib.operations.batches.transform import TransformRequest, transform_batches
from tracelib.operations.events.harvest import tell_harvests
from tracelib.operations.events.home import Homes, workspace_homes
from tracelib.operations.events.step import StepDesk
from tracelib.store.unit_of_work import Store
from tracelib.trace.documents.epcis import document
from tracelib.trace.objects import Role
from tracelib.trust.bundle import open_bundle
from tracelib.trust.keyring import KeyRing

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HEADER = "主体编号,产品编号,批号,采收日期,重量(kg),产地区划代码\n"
CLASS = "https://q.example.com/P/ORANGE/10/"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    made = make_world(store, tmp_path / "keys", FixedClock(NOW))
    with store.unit_of_work() as uow:
        uow.catalog.add(Product(party_id=OWN_PARTY, id="BOX", name_zh="脐橙礼盒"))
        uow.catalog.add(Party(id="LILY", name_zh="示例百合合作社", gln="6901234567892"))
        uow.catalog.add(
            Product(party_id="LILY", id="BULB", name_zh="龙牙百合", gtin="06901234567892", gtin_licensed=True)
        )
        uow.catalog.add(Product(party_id="LILY", id="LOOSE", name_zh="散百合"))
    return made


def homes(world: World) -> HomesOf:
    ring = KeyRing.build(open_bundle(world.bundle, world.root), world.root)
    return lambda _: Homes(ring)


def register(world: World, folder: Path, *rows: str, known: HomesOf | None = None) -> int:
    file = folder / "batches.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return register_batches(world.store, file, NOW, RegisterOptions(homes=known or homes(world))).events


def events(store: Store, party: str = OWN_PARTY) -> list[dict[str, Any]]:
    with store.reading() as uow:
        return [json.loads(event.document) for event in uow.events.events(party)]


def transform(world: World, kind: TransformationKind, **more: Any) -> Any:  # noqa: ANN401 - of a request
    request = TransformRequest(kind=kind, **more)
    return transform_batches(world.store, request, NOW, party_default=OWN_PARTY, homes=homes(world))


def test_batches_of_one_day_stand_in_one_event(world: World, tmp_path: Path) -> None:
    rows = [f"{OWN_PARTY},ORANGE,A{n},2026-11-20,{n}.5,360733" for n in range(1, 4)]
    count = register(world, tmp_path, *rows, f"{OWN_PARTY},ORANGE,B1,2026-11-21,1000,")
    assert count == 2
    first, second = events(world.store)
    assert first == {
        "type": "ObjectEvent",
        "eventID": first["eventID"],
        "eventTime": "2026-11-20T00:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "quantityList": [
            {"epcClass": CLASS + "A1", "quantity": 1.5, "uom": "KGM"},
            {"epcClass": CLASS + "A2", "quantity": 2.5, "uom": "KGM"},
            {"epcClass": CLASS + "A3", "quantity": 3.5, "uom": "KGM"},
        ],
        "action": "ADD",
        "ilmd": {"cbvmda:countryOfOrigin": "CN"},
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": {"id": "https://q.example.com/L/COOP1"},
        "bizLocation": {"id": "https://q.example.com/L/COOP1"},
    }
    assert second["quantityList"] == [{"epcClass": CLASS + "B1", "quantity": 1000, "uom": "KGM"}]
    assert "ilmd" not in second, "the country of an origin that nobody told is not known"
    with world.store.reading() as uow:
        (change,) = uow.changes.list(verb="batch.register")
        assert change.detail["events"] == [first["eventID"], second["eventID"]]


def test_many_batches_become_few_events(world: World, tmp_path: Path) -> None:
    rows = [f"{OWN_PARTY},ORANGE,N{n},2026-11-20,1," for n in range(2500)]
    assert register(world, tmp_path, *rows) == 3
    listed = [one["epcClass"] for event in events(world.store) for one in event["quantityList"]]
    assert sorted(listed) == sorted(f"{CLASS}N{n}" for n in range(2500))


def test_what_is_registered_tomorrow_is_not_told_from_the_future(world: World, tmp_path: Path) -> None:
    register(world, tmp_path, f"{OWN_PARTY},ORANGE,T1,2026-11-24,1,")
    (event,) = events(world.store)
    assert event["eventTime"] == "2026-11-23T12:00:00.000+08:00"


def test_without_a_home_only_licensed_gtins_have_names(world: World, tmp_path: Path) -> None:
    rows = ("LILY,BULB,W1,2026-11-20,10,", "LILY,LOOSE,W2,2026-11-20,10,", f"{OWN_PARTY},ORANGE,C1,2026-11-20,1,")
    assert register(world, tmp_path, *rows, known=no_homes) == 1
    (event,) = events(world.store, "LILY")
    assert event["quantityList"] == [
        {"epcClass": "https://id.gs1.org/01/06901234567892/10/W1", "quantity": 10, "uom": "KGM"}
    ]
    assert event["bizLocation"] == {"id": "https://id.gs1.org/414/6901234567892"}
    assert events(world.store) == []
    with world.store.reading() as uow:
        assert {batch.lot for batch in uow.batches.find("W2")} == {"W2"}, "the book is kept all the same"


def test_registering_twice_tells_once(world: World, tmp_path: Path) -> None:
    row = f"{OWN_PARTY},ORANGE,A1,2026-11-20,1,"
    assert (register(world, tmp_path, row), register(world, tmp_path, row)) == (1, 0)
    assert len(events(world.store)) == 1


def test_split_merge_and_repack_are_transformations(world: World, tmp_path: Path) -> None:
    register(world, tmp_path, f"{OWN_PARTY},ORANGE,L1,2026-11-20,1000,")
    kind = TransformationKind
    split = transform(world, kind.SPLIT, takes=[("L1", 900_000)], makes=[("L1-A", 500_500), ("L1-B", None)])
    merge = transform(world, kind.MERGE, takes=[("L1", None), ("L1-A", 100_000)], makes=[("M1", None)])
    repack = transform(
        world, kind.REPACK, takes=[("M1", 50_000)], makes=[("M1", None)], product_id="BOX", loss_g=2_000, reason="烂果"
    )
    told = {event["eventID"]: event for event in events(world.store)}
    one, two, three = (told[done.events[0]] for done in (split, merge, repack))
    kg = "KGM"
    assert one["inputQuantityList"] == [{"epcClass": CLASS + "L1", "quantity": 900, "uom": kg}]
    assert one["outputQuantityList"] == [
        {"epcClass": CLASS + "L1-A", "quantity": 500.5, "uom": kg},
        {"epcClass": CLASS + "L1-B", "quantity": 399.5, "uom": kg},
    ]
    assert (one["type"], one["bizStep"]) == ("TransformationEvent", "commissioning")
    assert [lot["quantity"] for lot in two["inputQuantityList"]] == [100, 100]
    assert two["outputQuantityList"] == [{"epcClass": CLASS + "M1", "quantity": 200, "uom": kg}]
    assert three["inputQuantityList"] == [{"epcClass": CLASS + "M1", "quantity": 50, "uom": kg}]
    box = "https://q.example.com/P/BOX/10/M1"
    assert three["outputQuantityList"] == [{"epcClass": box, "quantity": 48, "uom": kg}]
    assert three["bizStep"] == "repackaging"
    with world.store.reading() as uow:
        found = uow.events.naming(OWN_PARTY, [CLASS + "L1"], [Role.INPUT])
        assert {event.key.event_id for _, _, event in found} == {one["eventID"], two["eventID"]}
        noted = uow.changes.list(verb="batch.split")
        assert [change.detail.get("events") for change in noted if "events" in change.detail] == [[one["eventID"]]]


def test_a_transformation_that_fails_leaves_no_event(world: World, tmp_path: Path) -> None:
    register(world, tmp_path, f"{OWN_PARTY},ORANGE,L1,2026-11-20,1000,")
    with pytest.raises(TraceError):
        transform(world, TransformationKind.SPLIT, takes=[("L1", 900_000)], makes=[("L1-A", 1), ("L1-B", 2)])
    assert len(events(world.store)) == 1


def test_the_harvest_is_told_later_and_once(world: World, tmp_path: Path) -> None:
    register(world, tmp_path, f"{OWN_PARTY},ORANGE,L1,2026-11-20,1000,360733", known=no_homes)
    transform(world, TransformationKind.SPLIT, takes=[("L1", 500_000)], makes=[("L1-A", None)])
    desk = StepDesk(world.store, homes(world), dict, OWN_PARTY)
    at = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    batches, ids = tell_harvests(desk, ["L1"], NOW, at=at)
    assert [batch.lot for batch in batches] == ["L1"]
    event = next(one for one in events(world.store) if one["eventID"] == ids[0])
    assert event["eventTime"] == "2026-11-20T15:30:00.000+08:00"
    assert event["quantityList"] == [{"epcClass": CLASS + "L1", "quantity": 1000, "uom": "KGM"}]
    assert event["ilmd"] == {
        "cbvmda:countryOfOrigin": "CN",
        "cbvmda:harvestStartDate": "2026-11-20",
        "cbvmda:harvestEndDate": "2026-11-20",
    }
    for text, code in (("L1", "harvest_told"), ("L1-A", "not_harvested"), ("GN-1=5kg", "whole_lots")):
        with pytest.raises(TraceError) as caught:
            tell_harvests(desk, [text], NOW)
        assert caught.value.code == f"event.{code}"
    with pytest.raises(TraceError) as caught:
        tell_harvests(desk, ["L1", "L1-A"], NOW)
    assert [fault.code for fault in caught.value.faults] == ["event.harvest_told", "event.not_harvested"]  # type: ignore[attr-defined]


def test_all_of_it_is_valid_epcis(world: World, tmp_path: Path, conformance_data: Path) -> None:
    schema = json.loads((conformance_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    kind = jsonschema.validators.validator_for(schema)
    register(world, tmp_path, f"{OWN_PARTY},ORANGE,L1,2026-11-20,1000.001,360733")
    transform(world, TransformationKind.SPLIT, takes=[("L1", 500_001)], makes=[("L1-A", None)])
    tell_harvests(StepDesk(world.store, homes(world), dict, OWN_PARTY), ["GN-1", "GN-2"], NOW)
    texts = [json.dumps(event) for event in events(world.store)]
    kind(schema, format_checker=kind.FORMAT_CHECKER).validate(json.loads(document(texts, NOW)))


def test_homes_come_from_the_party_or_from_above(world: World, store: Store) -> None:
    ring = KeyRing.build(open_bundle(world.bundle, world.root), world.root)
    assert (Homes(ring).of_party(OWN_PARTY), Homes(ring).of_party("LILY")) == ("q.example.com", None)
    with store.reading() as uow:
        assert workspace_homes(uow, "0" * 64, Path("nothing.here")).of_party(OWN_PARTY) is None
