"""Serials of other systems that look like ours stay what they are: one product's unit is not another's."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.farm_world import HOST, NOW, Farm, serial
from bench.line_world import OWN_PARTY
from tracelib.codes.serial import is_serial
from tracelib.operations.events.capture_document import capture_document
from tracelib.operations.known_serials import KnownSerials
from tracelib.operations.trace.chain import trace
from tracelib.trace.lifecycle import Flag

LOOKS_LIKE_OURS = "000000000000048"
ONE, TWO = (f"https://id.gs1.org/01/{gtin}/21/{LOOKS_LIKE_OURS}" for gtin in ("06901234567892", "06901234567908"))


def event(step: str, hour: int, epc: str) -> dict[str, Any]:
    return {"type": "ObjectEvent", "eventTime": f"2026-11-23T{hour:02}:00:00+08:00", "eventTimeZoneOffset": "+08:00",
            "action": "ADD" if step == "commissioning" else "OBSERVE", "bizStep": step, "epcList": [epc]}  # fmt: skip


def take(farm: Farm, folder: Path, *events: dict[str, Any]) -> dict[Flag, int]:
    file = folder / "delivery.json"
    head = {"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-23T00:00:00Z"}
    file.write_text(json.dumps({**head, "epcisBody": {"eventList": list(events)}}))
    return capture_document(farm.store, file, OWN_PARTY, NOW.replace(month=12)).flags


def test_two_products_with_one_serial_are_two_units(farm: Farm, tmp_path: Path) -> None:
    assert is_serial(LOOKS_LIKE_OURS), "its last character is right by our rule"
    flags = take(
        farm, tmp_path, event("commissioning", 9, ONE), event("commissioning", 10, TWO), event("shipping", 11, ONE)
    )
    assert flags == {}, "nothing was brought to life twice"
    with farm.store.reading() as uow:
        named = {unit: [one.biz_step for _, _, one in uow.events.naming(OWN_PARTY, [unit])] for unit in (ONE, TWO)}
        assert named == {ONE: ["commissioning", "shipping"], TWO: ["commissioning"]}
        assert uow.events.naming(OWN_PARTY, [LOOKS_LIKE_OURS]) == []


@pytest.mark.parametrize("written", [ONE, "urn:epc:id:sgtin:6901234.056789.000000000000048"])
def test_a_foreign_unit_is_found_by_any_spelling(farm: Farm, tmp_path: Path, written: str) -> None:
    take(farm, tmp_path, event("commissioning", 9, ONE), event("shipping", 11, ONE))
    with farm.store.reading() as uow:
        history = trace(uow, written)
    assert [one.stop.step for one in history.journey] == ["commissioning", "shipping"]


def test_our_own_serials_are_one_unit_in_every_spelling(farm: Farm, tmp_path: Path) -> None:
    mine = serial(farm.cartons[4])
    spelled = [f"https://id.gs1.org/01/06901234567892/21/{mine}", f"https://{HOST}/P/ORANGE/10/GN-1/21/{mine}"]
    take(farm, tmp_path, *(event("inspecting", 14, uri) for uri in spelled))
    with farm.store.reading() as uow:
        steps = [one.biz_step for _, _, one in uow.events.naming(OWN_PARTY, [mine])]
        assert steps.count("inspecting") == 2
        assert (KnownSerials(uow)(mine), KnownSerials(uow)(LOOKS_LIKE_OURS)) == (True, False)
