"""The national view of a small season, record by record by hand, and its dictionary in the documentation."""

import json
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bench.line_world import OTHER_PARTY, OWN_PARTY, World, make_world
from bench.recall_world import HOME, NOW, activated, epc, happened, packed, ring_of
from tracelib.batches.batch import Batch
from tracelib.batches.transformation import TransformationKind
from tracelib.clock import FixedClock
from tracelib.operations.batches.transform import TransformRequest, transform_batches
from tracelib.operations.events import national
from tracelib.operations.events.home import Homes
from tracelib.operations.events.national import NationalTooLargeError, NationalView, national_view
from tracelib.sheets.plain_workbook import workbook_of
from tracelib.store.unit_of_work import Store
from tracelib.trace.elements import QuantityElement
from tracelib.trace.national import RECORD, SUBJECT, dictionary
from tracelib.trace.vocab import BizStep, Disposition

PALLET = "https://id.gs1.org/00/369012300000000017"
THERE = f"{HOME}/O/{OTHER_PARTY}"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


def season(world: World) -> None:
    """H is 100 kg; 60 kg of it become H1 (50, 10 lost). Three cartons of H1, two on a pallet that goes to COOP2."""
    day = date(2026, 11, 1)
    batch = Batch(party_id=OWN_PARTY, product_id="ORANGE", lot="H", produced_on=day, weight_g=100_000, origin="360726")
    with world.store.unit_of_work() as uow:
        uow.batches.add([batch], NOW)
    sort = TransformRequest(
        kind=TransformationKind.SPLIT,
        takes=[(f"{OWN_PARTY}/ORANGE/H", 60_000)],
        makes=[("H1", None)],
        loss_g=10_000,
        reason="示例：次果",
    )
    transform_batches(world.store, sort, NOW)
    a, b, _ = activated(world, 3, "H1")
    packed(world, PALLET, [epc(a, "H1"), epc(b, "H1")], hours=1)
    happened(world, BizStep.SHIPPING, [PALLET], hours=2, to=THERE)
    happened(world, BizStep.RECEIVING, [PALLET], hours=5, to=THERE, book=OTHER_PARTY, disposition=Disposition.ACTIVE)
    lot = [QuantityElement(f"{HOME}/P/ORANGE/10/H", 12.5, "KGM")]
    happened(world, BizStep.STORING, [], hours=6, lots=lot, at=f"{HOME}/L/{OWN_PARTY}")


def view_of(world: World, *parties: str) -> NationalView:
    with world.store.reading() as uow:
        return national_view(uow, Homes(ring_of(world)), parties, NOW)


def test_every_stage_with_one_step_back_and_forward(world: World) -> None:
    season(world)
    view = view_of(world, OWN_PARTY, OTHER_PARTY)
    told = [
        tuple(row.get(name) for name in ("stage", "party", "inbound_batch", "outbound_batch", "quantity_kg", "units",
                                         "source", "destination", "day"))
        for row in view.records if "H" in str(row.get("inbound_batch", row.get("outbound_batch"))).rpartition("/")[2]
    ]  # fmt: skip
    h, h1 = f"{OWN_PARTY}/ORANGE/H", f"{OWN_PARTY}/ORANGE/H1"
    assert sorted(told, key=str) == sorted(
        [
            ("生产", OWN_PARTY, None, h, "100", None, None, None, "20261101"),
            ("加工", OWN_PARTY, h, h1, "50", None, OWN_PARTY, None, "20261123"),
            ("运输", OWN_PARTY, h1, h1, "10", 2, OWN_PARTY, OTHER_PARTY, "20261123"),
            ("收购", OTHER_PARTY, h1, None, "10", 2, None, None, "20261123"),
            ("储存", OWN_PARTY, h, None, "12.5", None, OWN_PARTY, None, "20261123"),
        ],
        key=str,
    )
    shipped = next(row for row in view.records if row["stage"] == "运输")
    assert (shipped["product_name"], shipped["destination_name"]) == ("赣南脐橙", f"示例合作社 {OTHER_PARTY}")
    assert {row["party"] for row in view.subjects} == {OWN_PARTY, OTHER_PARTY}


def test_every_record_keeps_to_the_dictionary(world: World) -> None:
    season(world)
    view = view_of(world, OWN_PARTY, OTHER_PARTY)
    for fields, rows in ((SUBJECT, view.subjects), (RECORD, view.records)):
        known = {field.name: field for field in fields}
        for row in rows:
            assert set(row) <= set(known)
            assert {field.name for field in fields if field.constraint == "M"} <= set(row)
            assert all(len(str(value)) <= known[name].length for name, value in row.items())


def test_workbook_and_json_say_the_same(world: World) -> None:
    season(world)
    view = view_of(world, OWN_PARTY)
    document = json.loads(json.dumps(view.as_json()))
    book = load_workbook(BytesIO(workbook_of(view.sheets())))
    assert book.sheetnames == ["主体 subjects", "业务 records", "数据字典 dictionary"]
    rows = list(book["业务 records"].iter_rows(values_only=True))
    heads = [str(head).rpartition(" ")[2] for head in rows[0]]
    read = [{name: value for name, value in zip(heads, row, strict=True) if value} for row in rows[1:]]
    assert read == [{name: str(value) for name, value in row.items()} for row in document["records"]]
    assert len(document["dictionary"]) == len(SUBJECT) + len(RECORD)


def test_too_much_for_one_view_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    season(world)
    monkeypatch.setattr(national, "MOST", 1)
    with pytest.raises(NationalTooLargeError):
        view_of(world, OWN_PARTY)


def test_the_documentation_has_the_dictionary() -> None:
    page = (Path(__file__).parents[3] / "docs" / "national-view.md").read_text("utf-8")
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in page.splitlines() if "|" in line]
    assert set(dictionary()) <= set(rows)
